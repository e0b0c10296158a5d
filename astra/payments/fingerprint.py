"""What makes two requests the same payment: a hash of what is asked for."""

from __future__ import annotations

import hashlib
import json
from decimal import MAX_PREC, Context, Decimal
from typing import Any, Final

from astra._json import is_array, is_object
from astra._names import request_in_our_names

CORRELATION: Final = "client_correlation_id"
_EXACT: Final = Context(prec=MAX_PREC)


def fingerprint(operation: str, path: str, content: bytes | None) -> str:
    """Hashes a request. Neither the order of its fields, nor 20 for 20.00, nor its correlation id makes it another one.

    Args:
        operation: name of the operation.
        path: path with its parameters, and the query.
        content: encoded body, or None.

    Returns:
        "1:" and 64 hexadecimal digits; the number is that of these rules.
    """
    try:
        body: Any = None if content is None else json.loads(content, parse_float=Decimal, parse_int=Decimal)
    except ValueError:
        body = content.decode("latin-1") if content is not None else None
    if is_object(body):
        # With our names, so that a key stays that of the same payment when a new release has learned Astra's names.
        known = request_in_our_names(operation, body)
        body = {name: value for name, value in known.items() if name != CORRELATION}
    text = json.dumps([operation, path, _canonical(body)], sort_keys=True, separators=(",", ":"))
    return f"1:{hashlib.sha256(text.encode('utf-8', 'surrogatepass')).hexdigest()}"


def _canonical(value: Any) -> Any:
    if isinstance(value, Decimal):
        return {"number": f"{value.normalize(_EXACT):f}"} if value.is_finite() else {"number": str(value)}
    if is_object(value):
        return {name: _canonical(item) for name, item in value.items()}
    return [_canonical(item) for item in value] if is_array(value) else value
