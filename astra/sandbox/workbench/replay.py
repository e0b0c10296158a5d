"""Sends a request that came in once more, over the network, as its program did."""

from __future__ import annotations

import base64
import http.client
from typing import Final
from urllib.parse import urlsplit

from astra_api.operations import OPERATIONS

from astra.errors import InvalidRequestError
from astra.sandbox.backend import Backend
from astra.sandbox.journal import ReceivedRequest

PASSED_ON: Final = ("content-type", "accept", "user-agent")
TIMEOUT: Final = 30.0


def authorization(backend: Backend, request: ReceivedRequest) -> str | None:
    """Returns the credentials of whoever sent a request, as they are now: the journal keeps none.

    Args:
        backend: the sandbox.
        request: the request.

    Raises:
        InvalidRequestError: the person has no access token at the moment.
    """
    operation = OPERATIONS.get(request.operation or "")
    if operation is None:
        return None
    with backend.engine.lock:
        state = backend.engine.state
        if operation.auth == "basic":
            pair = f"{backend.client_id}:{state.clients[backend.client_id].secret}"
            return f"Basic {base64.b64encode(pair.encode()).decode()}"
        user = state.users.get(request.user_id or "")
        grant = None if user is None else state.access_tokens.get(user.access_token)
        if request.user_id is None:
            return None  # it came without a token that counts, and so it does again
        if user is None or grant is None or grant.expires <= backend.engine.now():
            raise InvalidRequestError(
                "Nobody can send this now: the person's access token has ended. Let the program refresh it, or "
                "authorize again."
            )
        return f"Bearer {user.access_token}"


def replay(backend: Backend, request: ReceivedRequest) -> str | None:
    """Sends a request once more.

    Args:
        backend: the sandbox.
        request: the request.

    Returns:
        The `Request-Id` of the new answer; None when there was no answer.

    Raises:
        InvalidRequestError: it was not kept whole, or nobody can send it now.
    """
    if request.size > len(request.body):
        raise InvalidRequestError("Its body was too long to be kept whole, so it cannot be sent again.")
    operation = OPERATIONS.get(request.operation or "")
    secure = operation is not None and operation.host == "secure"
    parts = urlsplit(backend.secure_url if secure else backend.url)
    headers: dict[str, str] = {name: request.headers[name] for name in PASSED_ON if name in request.headers}
    if (shown := authorization(backend, request)) is not None:
        headers["Authorization"] = shown
    target = request.path + (f"?{request.query}" if request.query else "")
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=TIMEOUT)
    try:
        connection.request(request.method, target, request.body or None, headers)
        with connection.getresponse() as answer:
            answer.read(1 << 20)
            return answer.getheader("Request-Id")
    except (OSError, http.client.HTTPException, ValueError):
        return None
    finally:
        connection.close()
