"""Reads the JSON of a webhook strictly: one meaning only, exact numbers, bounded size."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any, Final, NoReturn

from astra._json import is_object

BODY_LIMIT: Final = 1_048_576
"""Bytes above which a body cannot be a webhook. Real ones have about 300."""


class PayloadError(ValueError):
    """The body is not a JSON object that can be read in one way only. Internal; users see `WebhookPayloadError`."""


def load_payload(body: bytes, *, exact: bool = False) -> dict[str, Any]:
    """Reads a JSON object.

    Args:
        body: UTF-8 JSON text.
        exact: True reads fractions as `Decimal`; False as `float`, which is what the re-serialisation prints.

    Returns:
        The object, with its keys in the order of the text.

    Raises:
        PayloadError: no UTF-8, no JSON, no object, a key given twice, NaN or infinity, or nested too deep.
    """
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise PayloadError(f"The body is not UTF-8 (byte {error.start}).") from None
    try:
        payload: object = (_EXACT if exact else _PLAIN).decode(text)
    except PayloadError:
        raise
    except RecursionError:
        raise PayloadError("The body is nested too deep.") from None
    except ArithmeticError:
        raise PayloadError("The body is not JSON: a number is out of range.") from None
    except ValueError as error:
        # Also the guard of int() against numbers of thousands of digits.
        raise PayloadError(f"The body is not JSON: {getattr(error, 'msg', error)}.") from None
    if not is_object(payload):
        raise PayloadError("The body is JSON, but not an object.")
    return payload


def reserialize(payload: dict[str, Any]) -> bytes:
    """Writes a payload as Astra's reference does before signing: `", "` and `": "`, ASCII only, keys in their order.

    Args:
        payload: what `load_payload` read without `exact`.

    Raises:
        PayloadError: the payload is nested too deep.
    """
    try:
        return json.dumps(payload).encode("ascii")
    except RecursionError:
        raise PayloadError("The body is nested too deep.") from None


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    # Two parsers may choose differently between two values of one key: the body would mean one thing to a proxy and
    # another to us.
    result = dict(pairs)
    if len(result) != len(pairs):
        raise PayloadError("The body gives a key twice.")
    return result


def _no_constant(name: str) -> NoReturn:
    raise PayloadError(f"The body holds {name}, which is not JSON.")


_PLAIN: Final = json.JSONDecoder(object_pairs_hook=_unique, parse_constant=_no_constant)
_EXACT: Final = json.JSONDecoder(object_pairs_hook=_unique, parse_constant=_no_constant, parse_float=Decimal)
