"""Encoding of request bodies: money stays exact. Responses are decoded by `astra_api.origin.loads`."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from enum import Enum
from typing import Any, Final, cast
from urllib.parse import urlencode

from astra._json import is_object
from astra.errors import InvalidRequestError

_LARGEST_EXPONENT: Final = 100


def encode_json(body: object) -> bytes:
    """Encodes a request body; a `Decimal` becomes the same number in JSON.

    Raises:
        InvalidRequestError: a `Decimal` that a JSON number cannot carry exactly, or a value that JSON has no form for.
    """
    try:
        return _dump(body)
    except (TypeError, ValueError, RecursionError) as error:
        if isinstance(error, InvalidRequestError):
            raise
        name = _culprit(body)
        where = f"{name} in the body" if name else "The body"
        raise InvalidRequestError(f"{where} cannot be written as JSON: {error}.", argument=name) from None


def _dump(value: object) -> bytes:
    return json.dumps(value, default=_encode_value, separators=(",", ":"), allow_nan=False).encode()


def _culprit(body: object) -> str | None:
    """Returns the name of the first field that cannot be written, or None."""
    for name, value in body.items() if is_object(body) else ():
        try:
            _dump({name: value})
        except (TypeError, ValueError, RecursionError):
            return str(name)
    return None


def encode_query(params: Mapping[str, Any]) -> str:
    """Encodes a query; a list gives its parameter once for each item, and what is None is left out.

    Raises:
        InvalidRequestError: a value that has no form in a query. It is not shown.
    """
    pairs = [(name, _query_values(name, value)) for name, value in params.items() if value is not None]
    try:
        return urlencode(pairs, doseq=True)
    except UnicodeError:
        raise InvalidRequestError("The query holds text that cannot be encoded.") from None


def _query_values(name: str, value: object) -> list[str]:
    found: list[str] = []
    items = cast("Sequence[object]", value) if isinstance(value, list | tuple) else (value,)
    for item in items:
        if isinstance(item, bool):
            found.append("true" if item else "false")
        elif isinstance(item, Enum):
            found.append(str(item.value))
        elif isinstance(item, str):
            found.append(str.__str__(item))
        elif isinstance(item, int | float | Decimal) and _is_sane(item):
            found.append(str(item))
        elif isinstance(item, date):
            found.append(item.isoformat())
        else:
            raise InvalidRequestError(
                f"{name} in the query must be text, a number, a date, or a list of these, not {type(item).__name__}.",
                argument=name,
            )
    return found


def _is_sane(number: float | Decimal) -> bool:
    # Python refuses to print an int of thousands of digits; NaN and infinity mean nothing to a server.
    return abs(number) < 10**_LARGEST_EXPONENT if isinstance(number, int) else math.isfinite(number)


def encode_form(fields: Mapping[str, Any]) -> bytes:
    """Encodes a form body; fields that are None are left out."""
    return urlencode({name: value for name, value in fields.items() if value is not None}).encode()


def _encode_value(value: object) -> float | int:
    if not isinstance(value, Decimal):
        raise TypeError(f"a value of type {type(value).__name__}")
    # int() of 1e1000000 takes minutes.
    if not value.is_finite() or value.adjusted() > _LARGEST_EXPONENT:
        raise InvalidRequestError(f"{value} is not an amount.")
    if value == value.to_integral_value():
        return int(value)
    number = float(value)
    if Decimal(repr(number)) != value:
        raise InvalidRequestError(f"{value} has more digits than a JSON number can carry exactly.")
    return number
