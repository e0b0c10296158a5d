"""The seam to the generated client. Nothing else of the facade uses its private names.

The generated functions that send are not used: they parse before they hand anything back, so a surprise in a body
would lose the status and the request id of a payment that did happen.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from types import ModuleType
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

import attrs
from astra_api.operations import OPERATIONS, Operation
from astra_api.plans import members_of, plan_of
from astra_api.reading import decode
from astra_api.types import Model

from astra._json import is_array, is_object
from astra._names import request_in_our_names
from astra._secret import SecretBytes, SecretDict
from astra.errors import InvalidRequestError, ResponseDecodeError
from astra.http.calls import RESPONSE_UNREADABLE, Call, CallContext
from astra.http.encode import encode_form, encode_json, encode_query
from astra.http.error_mapping import TOKEN_OPERATIONS
from astra.http.header_fields import RESERVED_HEADERS
from astra.http.masking import Mask
from astra.http.options import CheckedOptions
from astra.http.payment_match import facts_of
from astra.http.responses import Response

if TYPE_CHECKING:
    from astra_api.responses import ErrorBody

M = TypeVar("M", bound=Model)
S = TypeVar("S", bound=Model, covariant=True)


class Endpoint(Protocol[S]):
    """A module of `astra_api.api`. `S` is the model of its success, so that type checkers refuse any other."""

    __name__: str

    def _get_kwargs(self, *args: Any, **kwargs: Any) -> dict[str, Any]: ...

    def _parse_response(self, *, client: Any, response: Any) -> S | ErrorBody | None: ...


# Headers of a generated request that the pipeline sets by itself.
_OWN_HEADERS = {*RESERVED_HEADERS, "content-type"}
# What the answer to a change has to confirm: Astra has no reason to write it in another way, as it has for times.
CONFIRMED = frozenset({"name", "amount", "client_correlation_id"})
# The parts of a generated request that `build_call` sends; the method is that of the operation table.
_SENT = frozenset({"method", "url", "params", "json", "data", "headers"})


def operation_of(endpoint: Endpoint[Any]) -> Operation:
    """Returns the row of the operation table that belongs to a generated module."""
    return OPERATIONS[endpoint.__name__.rpartition(".")[2]]


@cache
def success_model(module: ModuleType) -> type[Model] | None:
    """Returns the model of an operation's successful answer, or None when that has no body.

    Args:
        module: generated module of the operation.
    """
    # Its parser's annotation names what it returns; failures go by one alias, which is no class.
    for name in re.findall(r"\w+", str(module._parse_response.__annotations__["return"])):
        found = vars(module).get(name)
        if isinstance(found, type) and issubclass(found, Model):
            return found
    return None


def build_call(
    endpoint: Endpoint[Any],
    *path: str,
    body: Model | None = None,
    query: Mapping[str, Any] | None = None,
    options: CheckedOptions | None = None,
    repeatable: bool = False,
    bearer: str | None = None,
) -> Call:
    """Builds the call that a generated module describes, with its body encoded.

    Args:
        endpoint: module of `astra_api.api`.
        path: path parameters in order.
        body: request model, if the operation takes one.
        query: query parameters; None values are left out.
        options: what the caller asked for, checked.
        repeatable: True when sending it twice does no harm.
        bearer: an explicit access token instead of the stored one.

    Raises:
        InvalidRequestError: the body cannot be written as JSON, the request has a part that is not known here, an
            object stands where its id should, or an extra body is given to an operation without one.
    """
    given: dict[str, Any] = {name: value for name, value in (query or {}).items() if value is not None}
    if body is not None:
        refuse_objects(body)
        given["body"] = body
    request: dict[str, Any] = SecretDict(endpoint._get_kwargs(*path, **given))  # pyright: ignore[reportPrivateUsage]
    if unknown := request.keys() - _SENT:
        raise InvalidRequestError(
            f"{operation_of(endpoint).id}: the generated request has {', '.join(sorted(unknown))}, which the SDK does "
            "not know how to send. Nothing was sent. The spec has outgrown the SDK: build_call() has to learn it."
        )
    operation = operation_of(endpoint)
    if options:
        add_extras(request, operation, options)
    url: str = request["url"]
    if (params := request.get("params")) and (query_string := encode_query(params)):
        url = f"{url}?{query_string}"
    content: bytes | None = None
    content_type: str | None = None
    if "json" in request:
        content, content_type = SecretBytes(encode_json(request["json"])), "application/json"
    elif "data" in request:
        content, content_type = SecretBytes(encode_form(request["data"])), "application/x-www-form-urlencoded"
    headers: dict[str, str] = request.get("headers", {})
    facts = facts_of(request_in_our_names(operation.id, request.get("json", {}))) if operation.money else {}
    return Call(
        operation=operation,
        path=url,
        content=content,
        content_type=content_type,
        bearer=bearer,
        repeatable=repeatable,
        options=options or {},
        headers={name: value for name, value in headers.items() if name.lower() not in _OWN_HEADERS},
        # A path parameter names what is changed or stopped; without one, something new is made.
        match_fields={} if path else facts,
        resource_id=path[-1] if path and "{id}" in operation.path else None,
        has_id=operation.money and answers_with_id(endpoint),
        changes={name: value for name, value in facts.items() if name in CONFIRMED} if path else {},
    )


def answers_with_id(endpoint: Any) -> bool:
    """Tells whether the answer of an operation is an object with an id."""
    model = success_model(endpoint)
    field = None if model is None else attrs.fields_dict(model).get("id")
    return field is not None and field.default is attrs.NOTHING


def refuse_objects(body: Model) -> None:
    """Refuses an object of the SDK where the field takes none, which would be sent as JSON in place of its id.

    Raises:
        InvalidRequestError: it names the field.
    """
    for field in plan_of(type(body)).fields:
        value = getattr(body, field.name)
        if isinstance(value, Model):
            if type(value) not in members_of(field.hint):
                raise InvalidRequestError(
                    f"{field.name} must be an id, not the {type(value).__name__}: pass its .id.", argument=field.name
                )
            refuse_objects(value)


def add_extras(request: dict[str, Any], operation: Operation, options: CheckedOptions) -> None:
    """Adds `extra_query` and `extra_body` to a generated request, where they win over what the method set.

    Raises:
        InvalidRequestError: the operation has no body to add to.
    """
    query, body = options.get("extra_query"), options.get("extra_body")
    if query:
        request["params"] = {**request.get("params", {}), **query}
    if body is None:
        return
    part = next((part for part in ("json", "data") if is_object(request.get(part))), None)
    if part is None:
        raise InvalidRequestError(f"{operation.id} has no body, so extra_body cannot be sent.", argument="extra_body")
    request[part] = {**request[part], **body}


def parse(response: Response, returns: type[M]) -> M:
    """Reads a response into its model, with the call attached to it: at once when all of it is as the spec says, else
    field by field, so that a surprise spoils one field.

    Raises:
        ResponseDecodeError: the body is not the JSON object that the operation responds with, or nested too deeply.
    """
    found = decode(returns, response.content, response.context)
    if found is not None:
        return found
    body = decode_object(response)
    try:
        return returns.from_dict(body, context=response.context)
    except ValueError as error:
        raise _unreadable(response.context, response.content, str(error)) from None


def decode_object(response: Response) -> dict[str, Any]:
    """Decodes a body that has to be an object.

    Raises:
        ResponseDecodeError: it is empty, not JSON, or not an object.
    """
    if not response.content.strip():
        raise _unreadable(response.context, b"", "it is empty")
    try:
        data = response.json()
    except (ValueError, RecursionError):
        raise _unreadable(response.context, response.content, "it is not JSON") from None
    if is_array(data) and len(data) == 1:
        # The oldest documents wrap every sample in a one-element list.
        data = data[0]
    if not is_object(data):
        kind = type(data).__name__
        del data  # this frame may be printed with its locals, and these may be tokens
        raise _unreadable(response.context, response.content, f"it is a JSON {kind}, not an object")
    return data


def _unreadable(context: CallContext, content: bytes, why: str) -> ResponseDecodeError:
    withheld = context.operation.id in TOKEN_OPERATIONS
    return ResponseDecodeError(
        f"The response has status {context.status_code} and its body cannot be used: {why}. "
        f"{RESPONSE_UNREADABLE} {context.describe()}",
        status_code=context.status_code,
        body=None if withheld or not content else Mask().text(content[:4000].decode("utf-8", "replace"))[:2000],
        **context.error_context(),
    )
