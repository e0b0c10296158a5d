"""Sends a request that came in once more, over the network, as its program did."""

from __future__ import annotations

import base64
import http.client
from contextlib import closing
from typing import Final
from urllib.parse import quote, urlsplit

import attrs
from astra_api.operations import OPERATIONS

from astra.errors import InvalidRequestError
from astra.sandbox.answers import SentAnswer
from astra.sandbox.backend import Backend
from astra.sandbox.journal import ReceivedRequest
from astra.sandbox.workbench.requests import PLAIN

PASSED_ON: Final = ("content-type", "accept", "user-agent")
TIMEOUT: Final = 30.0


@attrs.frozen
class Sent:
    """What became of a copy.

    Attributes:
        request_id: its own id; None when it is not known.
        answered: whether there was an answer.
    """

    request_id: str | None
    answered: bool


def authorization(backend: Backend, request: ReceivedRequest, answer: SentAnswer | None) -> str | None:
    """Returns the credentials of whoever sent a request, as they are now: the journal keeps none.

    Args:
        backend: the sandbox.
        request: the request.
        answer: what was kept of the answer.

    Raises:
        InvalidRequestError: those that it came with were refused, or the person has no access token at the moment.
    """
    operation = OPERATIONS.get(request.operation or "")
    if operation is None or "authorization" not in request.headers:
        return None
    # Without the answer, as after a restart, the status alone tells: what was done had the right ones.
    done = request.status is not None and request.status < 400
    client_id = answer.client_id if answer is not None else backend.client_id if done else None
    if client_id is None and request.user_id is None:
        raise InvalidRequestError(
            "Its credentials were refused, or something came before they were looked at. No credentials are kept, so "
            "it cannot be sent again as it was: let the program do that."
        )
    with backend.engine.lock:
        state = backend.engine.state
        if operation.auth == "basic":
            client = state.clients[client_id or backend.client_id]
            return f"Basic {base64.b64encode(f'{client.id}:{client.secret}'.encode()).decode()}"
        user = state.users.get(request.user_id or "")
        grant = None if user is None else state.access_tokens.get(user.access_token)
        if user is None or grant is None or grant.expires <= backend.engine.now():
            raise InvalidRequestError(
                "Nobody can send this now: the person's access token has ended. Let the program refresh it, or "
                "authorize again."
            )
        return f"Bearer {user.access_token}"


def target_of(request: ReceivedRequest, answer: SentAnswer | None) -> str:
    """Returns the path and the query of a request as they came.

    Args:
        request: the request.
        answer: what was kept of the answer.

    Raises:
        InvalidRequestError: they are not known any more.
    """
    if answer is not None and answer.target:
        return answer.target
    if quote(request.path, safe=PLAIN) != request.path:
        raise InvalidRequestError("Its address is not kept as it came, so it cannot be sent again.")
    return request.path + (f"?{request.query}" if request.query else "")


def replay(backend: Backend, request: ReceivedRequest) -> Sent:
    """Sends a request once more.

    Args:
        backend: the sandbox.
        request: the request.

    Raises:
        InvalidRequestError: it was not kept whole, or nobody can send it now; nothing was sent.
    """
    if request.size > len(request.body):
        raise InvalidRequestError("Its body was too long to be kept whole, so it cannot be sent again.")
    answers = backend.journal.answers
    kept = answers.get(request.request_id)
    operation = OPERATIONS.get(request.operation or "")
    secure = operation is not None and operation.host == "secure"
    parts = urlsplit(backend.secure_url if secure else backend.url)
    headers: dict[str, str] = {name: request.headers[name] for name in PASSED_ON if name in request.headers}
    if (shown := authorization(backend, request, kept)) is not None:
        headers["Authorization"] = shown
    target = target_of(request, kept)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=TIMEOUT)
    with closing(connection):
        try:
            connection.connect()
            address, port, *_ = connection.sock.getsockname()
            connection.request(request.method, target, request.body or None, headers)
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise InvalidRequestError(f"It could not be sent: {error}"[:300]) from error
        try:
            with connection.getresponse() as answer:
                answer.read(1 << 20)
                return Sent(answer.getheader("Request-Id"), answered=True)
        except (OSError, http.client.HTTPException):
            # A fault may have cut the connection: the request is noted all the same.
            noted = answers.latest_of((address, port))
            return Sent(None if noted is None else noted.request_id, answered=False)
