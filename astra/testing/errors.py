"""The errors that the SDK would raise, made without a call."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from astra._status import status_name
from astra.errors import APIError, ConfigurationError


def construct_error(
    status: int,
    *,
    body: Any = None,
    operation: str = "get_user",
    headers: Mapping[str, str] | None = None,
    request_id: str | None = "req_test",
    environment: str = "sandbox",
    path: str | None = None,
) -> APIError:
    """Returns the very error that the SDK raises when an operation is answered like this.

    Args:
        status: the HTTP status, 400 or higher.
        body: the body, as JSON values, text or bytes; None is Astra's usual envelope for the status.
        operation: the operation's id, as in `astra_api.operations`.
        headers: headers of the answer, such as `{"Retry-After": "3"}`.
        request_id: Astra's id of the request; None for an answer without one.
        environment: "sandbox" or "production"; some hints depend on it.
        path: the path that was called; None is the operation's template.

    Returns:
        The error: its class, message, fields and hint are made by the same code as in a real call.

    Raises:
        ConfigurationError: there is no such operation, or the status is no failure.

    Example:
        from unittest.mock import patch

        from astra.testing import construct_error

        error = construct_error(400, body={"status_code": 400, "name": "Bad Request",
                                           "description": {"amount": ["Must be positive."]}},
                                operation="create_routine")
        assert error.field_errors == {"amount": ("Must be positive.",)}
    """
    from astra_api.operations import OPERATIONS

    from astra.http.calls import CallContext
    from astra.http.error_mapping import error_from_response

    known = OPERATIONS.get(operation)
    if known is None:
        raise ConfigurationError(f"There is no operation {operation!r}; see astra_api.operations.OPERATIONS.")
    if status < 400:
        raise ConfigurationError(f"{status} is no failure; the SDK raises nothing for it.")
    context = CallContext(known, path if path is not None else known.path, None)
    context.attempts = 1
    context.status_code = status
    context.headers = {name.lower(): value for name, value in (headers or {}).items()}
    if request_id is not None:
        context.headers = {**context.headers, "request-id": request_id}
        context.request_ids = (request_id,)
    return error_from_response(context, content=encode(body, status=status), environment=environment, now=0.0)


def encode(body: Any, *, status: int) -> bytes:
    """A body as bytes; None becomes Astra's usual envelope."""
    if isinstance(body, bytes):
        return body
    if isinstance(body, str):
        return body.encode()
    if body is None:
        name = status_name(status)
        body = {"code": status, "name": name, "description": name}
    return json.dumps(body, default=str).encode()
