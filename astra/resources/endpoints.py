"""The seam to the generated client. Nothing else of the facade uses its private names.

The generated functions that send are not used: they parse before they hand anything back, so a surprise in a body
would lose the status and the request id of a payment that did happen.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import ModuleType, SimpleNamespace
from typing import Any, TypeVar
from urllib.parse import urlencode

import attrs
from astra_api.operations import OPERATIONS, Operation
from astra_api.types import Model

from astra._json import is_array, is_object
from astra.errors import ResponseDecodeError
from astra.http.answers import TOKEN_OPERATIONS
from astra.http.calls import Answer, CallContext
from astra.http.decode import encode_form, encode_json

M = TypeVar("M", bound=Model)

# The generated parsers take the generated client only to ask this one question.
_PARSER_CLIENT = SimpleNamespace(raise_on_unexpected_status=False)


@attrs.define
class Prepared:
    """A request as the generated module describes it, encoded."""

    operation: Operation
    path: str
    content: bytes | None = attrs.field(repr=False)
    content_type: str | None


def operation_of(endpoint: ModuleType) -> Operation:
    """Returns the row of the operation table that belongs to a generated module."""
    return OPERATIONS[endpoint.__name__.rpartition(".")[2]]


def prepare(
    endpoint: ModuleType, *path: str, body: Model | None = None, query: Mapping[str, Any] | None = None
) -> Prepared:
    """Builds the request of a generated module.

    Args:
        endpoint: module of `astra_api.api`.
        path: path parameters in order.
        body: request model, if the operation takes one.
        query: query parameters; None values are left out.
    """
    given: dict[str, Any] = {name: value for name, value in (query or {}).items() if value is not None}
    if body is not None:
        given["body"] = body
    request: dict[str, Any] = endpoint._get_kwargs(*path, **given)
    url: str = request["url"]
    params = request.get("params")
    if params:
        url = f"{url}?{urlencode(params, doseq=True)}"
    if "json" in request:
        return Prepared(operation_of(endpoint), url, encode_json(request["json"]), "application/json")
    if "data" in request:
        return Prepared(operation_of(endpoint), url, encode_form(request["data"]), "application/x-www-form-urlencoded")
    return Prepared(operation_of(endpoint), url, None, None)


def parse(endpoint: ModuleType, answer: Answer, returns: type[M]) -> M:
    """Reads an answer into its model, with the call attached to it.

    Raises:
        ResponseDecodeError: the body is not the JSON object that the operation answers.
    """
    data = decode_object(answer)
    reply = SimpleNamespace(
        status_code=answer.status_code, headers=answer.headers, content=answer.content, json=lambda: data
    )
    parsed = endpoint._parse_response(client=_PARSER_CLIENT, response=reply)
    if not isinstance(parsed, returns):
        raise _unreadable(answer.context, answer.content, f"it is not a {returns.__name__}")
    parsed.attach(answer.context)
    return parsed


def decode_object(answer: Answer) -> dict[str, Any]:
    """Decodes a body that has to be an object.

    Raises:
        ResponseDecodeError: it is empty, not JSON, or not an object.
    """
    if not answer.content.strip():
        raise _unreadable(answer.context, b"", "it is empty")
    try:
        data = answer.json()
    except (ValueError, RecursionError):
        raise _unreadable(answer.context, answer.content, "it is not JSON") from None
    if is_array(data) and len(data) == 1:
        # The oldest documents wrap every sample in a one-element list.
        data = data[0]
    if not is_object(data):
        raise _unreadable(answer.context, answer.content, f"it is a JSON {type(data).__name__}, not an object")
    return data


def _unreadable(context: CallContext, content: bytes, why: str) -> ResponseDecodeError:
    withheld = context.operation.id in TOKEN_OPERATIONS
    return ResponseDecodeError(
        f"The call was answered with status {context.status_code} and its body cannot be used: {why}. "
        f"The operation itself may well have happened. {context.describe()}",
        status_code=context.status_code,
        body=None if withheld or not content else content[:2000].decode("utf-8", "replace"),
        **context.error_context(),
    )
