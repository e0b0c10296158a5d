"""What a response means: the error for any status and any body whatever. No I/O, and nothing here may fail."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import attrs

from astra._json import is_array, is_object
from astra._status import status_name
from astra.errors import STATUS_ERRORS, APIError, InternalServerError, OAuthError
from astra.http.calls import CallContext
from astra.http.hints import hint_for
from astra.http.masking import Mask
from astra.http.retry import retry_after_seconds

_TEXT_LIMIT = 2_000
_JSON_LIMIT = 256 * 1024
_HIDDEN_HEADERS = frozenset({"set-cookie", "authorization", "proxy-authenticate", "www-authenticate"})
TOKEN_OPERATIONS = frozenset({"exchange_token", "exchange_identity_token", "create_identity_verification"})


@attrs.frozen
class ErrorDetails:
    """What the body of a failed response says, as far as it says anything."""

    code: str | None = None
    name: str | None = None
    description: str | None = None
    field_errors: Mapping[str, tuple[str, ...]] = attrs.field(factory=dict[str, tuple[str, ...]])
    raw: Any = None
    is_oauth: bool = False


def error_from_response(
    context: CallContext, *, content: bytes, environment: str, now: float, sent: bytes | None = None
) -> APIError:
    """Returns the error for a response that is not a success.

    Args:
        context: the call, with the status and headers of its last response.
        content: the body, of any kind.
        environment: "sandbox" or "production", for the hint.
        now: current time as epoch seconds, to read a `Retry-After` date.
        sent: the body of the request, of which a refusal may echo secrets; they are hidden.
    """
    status = context.status_code or 0
    operation = context.operation.id
    body = read_error_body(content, mask=Mask(sent), withhold_text=operation in TOKEN_OPERATIONS)
    hint = hint_for(
        status=status,
        code=body.code,
        description=body.description,
        operation=operation,
        auth=context.operation.auth,
        environment=environment,
    )
    kind = error_class(status, is_token_endpoint=operation in TOKEN_OPERATIONS and body.is_oauth)
    return kind(
        _message(status, body, context, hint),
        status_code=status,
        code=body.code,
        name=body.name,
        description=body.description,
        field_errors=body.field_errors,
        body=body.raw,
        headers=visible_headers(context.headers),
        retry_after=retry_after_seconds(context.headers, now=now),
        hint=hint,
        **context.error_context(),
    )


def visible_headers(headers: Mapping[str, str]) -> dict[str, str]:
    """Returns the headers of an answer that an error may show, each cut to what helps."""
    return {name: value[:_TEXT_LIMIT] for name, value in headers.items() if name not in _HIDDEN_HEADERS}


def error_class(status: int, *, is_token_endpoint: bool = False) -> type[APIError]:
    """Returns the exception class for a status."""
    if is_token_endpoint and status < 500 and status != 429:
        return OAuthError
    found = STATUS_ERRORS.get(status)
    if found is not None:
        return found
    return InternalServerError if status >= 500 else APIError


def read_error_body(content: bytes, *, mask: Mask | None = None, withhold_text: bool = False) -> ErrorDetails:
    """Reads any of Astra's envelopes and `application/problem+json`, and survives everything else.

    Args:
        content: the body.
        mask: hides what is secret in all that is read; None knows nothing of what was sent.
        withhold_text: True for token endpoints, whose broken bodies may hold tokens.
    """
    mask = mask or Mask()
    decoded = _try_json(content)
    if is_array(decoded) and len(decoded) == 1:
        # The oldest documents wrap every sample in a one-element list.
        decoded = decoded[0]
    if not is_object(decoded):
        if decoded is not None and not withhold_text:
            return ErrorDetails(raw=mask.json(decoded))
        return ErrorDetails(raw=_as_text(content, mask, withhold=withhold_text))
    fields = mask.json(decoded)
    oauth = fields.get("error")
    code = oauth if isinstance(oauth, str) else fields.get("code", fields.get("status_code"))
    # `title` and `detail` are those of RFC 9457, application/problem+json.
    described = _first(fields, "error_description", "description", "message", "detail")
    name = _first(fields, "name", "title")
    return ErrorDetails(
        code=None if code is None or isinstance(code, (dict, list)) else str(code),
        name=name if isinstance(name, str) else None,
        description=_description(described),
        field_errors=_field_errors(described),
        raw=fields,
        is_oauth=isinstance(oauth, str),
    )


def _first(fields: Mapping[str, Any], *names: str) -> Any:
    return next((fields[name] for name in names if fields.get(name) is not None), None)


def _try_json(content: bytes) -> Any:
    if not content or len(content) > _JSON_LIMIT:
        return None
    try:
        return json.loads(content)
    except (ValueError, RecursionError):
        pass
    try:
        return json.loads(content.decode("latin-1"))
    except (ValueError, RecursionError):
        return None


def _as_text(content: bytes, mask: Mask, *, withhold: bool) -> str | None:
    if not content:
        return None
    if withhold:
        return f"[{len(content)} bytes that are not a known error body, withheld because they may hold a token]"
    head = content[: _TEXT_LIMIT * 4]
    try:
        text = head.decode("utf-8")
    except UnicodeDecodeError:
        text = head.decode("latin-1")
    # What the cut goes through is not known again: it is hidden first.
    return mask.text(text)[:_TEXT_LIMIT]


def _description(value: Any) -> str | None:
    if isinstance(value, str):
        return value[:_TEXT_LIMIT]
    if is_object(value):
        parts = [f"{field}: {'; '.join(texts)}" for field, texts in _field_errors(value).items()]
        return ", ".join(parts)[:_TEXT_LIMIT] or None
    return None


def _field_errors(value: Any, prefix: str = "") -> dict[str, tuple[str, ...]]:
    """Flattens an object keyed by field; nested objects become dotted names."""
    found: dict[str, tuple[str, ...]] = {}
    if not is_object(value):
        return found
    for key, item in value.items():
        name = f"{prefix}{key}"
        if is_object(item) and prefix.count(".") < 8:
            found.update(_field_errors(item, f"{name}."))
        elif is_array(item):
            found[name] = tuple(str(text) for text in item)
        elif item is not None:
            found[name] = (str(item),)
    return found


def _message(status: int, body: ErrorDetails, context: CallContext, hint: str | None) -> str:
    title = body.name or status_name(status, unknown="")
    said = ": ".join(part for part in (body.code if body.is_oauth else None, body.description) if part)
    head = f"{status} {title}".strip()
    sentence = f"{head}: {said}" if said else head
    return f"{sentence} {context.describe()}" + (f" Hint: {hint}" if hint else "")
