"""JSON with exact numbers: a number with a fraction is a `Decimal` on the way in and the same digits on the way out."""

from __future__ import annotations

import json
import secrets
from decimal import Decimal, InvalidOperation
from typing import Any, NoReturn


def loads(text: bytes | str) -> Any:
    """Decodes JSON; numbers with a fraction become `Decimal`.

    Raises:
        ValueError: not JSON, or a number that JSON does not know (NaN, Infinity) or that `Decimal` cannot hold.
        RecursionError: nested too deeply.
    """
    try:
        return json.loads(text, parse_float=Decimal, parse_constant=_refuse_constant)
    except InvalidOperation:
        raise ValueError("a number is out of range") from None


def dumps(value: object) -> str:
    """Encodes JSON in the spelling of Python's `json`; a `Decimal` becomes a number with its digits.

    Trailing zeros are left out (`20.10` is `20.1`, and `20.00` is `20.0`), as the numbers of Astra's answers are.
    """
    literals: list[str] = []
    # What `json` writes for a value of ours is a string; the mark, which nobody can guess, tells it from all others.
    mark = secrets.token_hex(8)

    def encode(item: object) -> object:
        if not isinstance(item, Decimal):
            raise TypeError(f"{type(item).__name__} has no form in JSON")
        number = float(item)
        if Decimal(repr(number)) == item:
            return number
        literals.append(str(item))
        return f"{mark}{len(literals) - 1}"

    text = json.dumps(value, default=encode)
    for index, literal in enumerate(literals):
        text = text.replace(f'"{mark}{index}"', literal, 1)
    return text


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")
