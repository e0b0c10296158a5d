"""Decoding and encoding of bodies: exact money in both directions."""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final, NoReturn
from urllib.parse import urlencode

import msgspec

from astra.errors import InvalidRequestError


def decode_json(content: bytes) -> Any:
    """Decodes JSON; numbers with a fraction become `Decimal`, digit for digit.

    What msgspec refuses is given to the standard library, which also takes a byte order mark, UTF-16 and half a
    surrogate pair: the body of a payment that happened is better read than not.

    Raises:
        ValueError: not JSON, or a number that JSON does not know (NaN, Infinity) or that `Decimal` cannot hold.
        RecursionError: nested too deeply.
    """
    try:
        return _DECODER.decode(content)
    except (ValueError, ArithmeticError, RecursionError):
        pass
    try:
        return _SLOW_DECODER.decode(content.decode(json.detect_encoding(content), "surrogatepass"))
    except ArithmeticError:
        raise ValueError("a number is out of range") from None


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


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


_LARGEST_EXPONENT: Final = 100
_DECODER: Final = msgspec.json.Decoder(float_hook=Decimal)
# `json.loads` makes a decoder for each call that wants something of its own.
_SLOW_DECODER: Final = json.JSONDecoder(parse_float=Decimal, parse_constant=_refuse_constant)
