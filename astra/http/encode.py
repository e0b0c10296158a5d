"""Encoding of request bodies: money stays exact. Responses are decoded by `astra_api.origin.loads`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final
from urllib.parse import urlencode

from astra.errors import InvalidRequestError

_LARGEST_EXPONENT: Final = 100


def encode_json(body: object) -> bytes:
    """Encodes a request body; a `Decimal` becomes the same number in JSON.

    Raises:
        InvalidRequestError: a `Decimal` that a JSON number cannot carry exactly, or a value that JSON has no form for.
    """
    try:
        return json.dumps(body, default=_encode_value, separators=(",", ":"), allow_nan=False).encode()
    except (TypeError, ValueError) as error:
        if isinstance(error, InvalidRequestError):
            raise
        raise InvalidRequestError(f"The body cannot be written as JSON: {error}.") from None


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
