"""Amounts and percentages as `Decimal`, never as a binary fraction, and never larger than anybody means."""

from __future__ import annotations

import re
from decimal import Context, Decimal, InvalidOperation
from typing import Final, SupportsIndex

from astra.errors import InvalidRequestError

Amount = Decimal | int | str
Percent = Decimal | int | str

LARGEST_AMOUNT: Final = Decimal("999999999.99")
"""The largest amount that is sent, in US dollars. Astra's own limits are far below it."""

# Digits and one point: no blank, underscore, exponent, thousands separator, nor digits of another script.
_NUMBER: Final = re.compile(r"-?[0-9]{1,32}(?:\.[0-9]{1,32})?")
_SHOWN: Final = 40


def to_amount(value: Amount, *, argument: str = "amount") -> Decimal:
    """Reads an amount in US dollars to send.

    Args:
        value: a `Decimal`, an int, or a decimal string such as "20.00"; at most two decimals that are not zero.
        argument: name to use in errors.

    Returns:
        The amount with exactly two decimals.

    Raises:
        InvalidRequestError: a float, a bool, not a number, a fraction of a cent, not more than 0, or more than
            999,999,999.99.

    Example:
        to_amount("20")  # Decimal("20.00")
    """
    amount = _number(value, argument=argument, example="20.00", whole="dollars")
    if amount <= 0:
        raise InvalidRequestError(f"{argument} must be more than 0, not {_shown(amount)}.", argument=argument)
    if amount > LARGEST_AMOUNT:
        raise InvalidRequestError(
            f"{argument} must be at most {LARGEST_AMOUNT:,}, not {_shown(amount)}.", argument=argument
        )
    return _rounded(amount, Decimal("0.01"), argument=argument, wanted="two decimals: dollars and cents")


def to_percent(value: Percent, *, argument: str) -> Decimal:
    """Reads a percentage to send: 1.25 means 1.25 %.

    Args:
        value: a `Decimal`, an int, or a decimal string, from 0 to 100, with at most four decimals.
        argument: name to use in errors.

    Raises:
        InvalidRequestError: a float, a bool, not a number, not from 0 to 100, or more than four decimals.

    Example:
        to_percent("1.25", argument="debit_fee_percent")
    """
    percent = _number(value, argument=argument, example="1.25", whole="percent")
    if not 0 <= percent <= 100:
        raise InvalidRequestError(f"{argument} must be from 0 to 100, not {_shown(percent)}.", argument=argument)
    _rounded(percent, Decimal("0.0001"), argument=argument, wanted="four decimals")
    return percent


def _number(value: object, *, argument: str, example: str, whole: str) -> Decimal:
    if isinstance(value, bool):
        raise InvalidRequestError(f"{argument} must be a number of {whole}, not {value}.", argument=argument)
    if isinstance(value, float):
        raise InvalidRequestError(
            f"{argument} must not be a float, which cannot hold a decimal fraction exactly; "
            f'pass Decimal("{example}") or "{example}".',
            argument=argument,
        )
    found: Decimal | None = None
    if isinstance(value, Decimal):
        found = Decimal(value)
    elif isinstance(value, str):
        # str() would ask the class: an enum's member prints as it likes.
        text = str.__str__(value)
        found = Decimal(text) if _NUMBER.fullmatch(text) else None
    elif isinstance(value, SupportsIndex):
        found = _whole(value)
    if found is None or not found.is_finite():
        shown = type(value).__name__ if not isinstance(value, (str, Decimal)) else _shown(value)
        raise InvalidRequestError(
            f'{argument} must be a Decimal, an int or text such as "{example}", not {shown}.', argument=argument
        )
    return found


def _whole(value: SupportsIndex) -> Decimal | None:
    """Reads whatever Python takes for a whole number. Of one with more than 128 bits the size is all that counts, and
    turning it into decimal digits would take long."""
    try:
        number = int.__index__(value.__index__())
    except TypeError:
        return None
    if number.bit_length() > 128:
        return Decimal("-1E+40") if number < 0 else Decimal("1E+40")
    return Decimal(number)


def _rounded(number: Decimal, unit: Decimal, *, argument: str, wanted: str) -> Decimal:
    """Returns the number in multiples of a unit. A context of our own: the caller's may trap or round as it likes."""
    rounded = Context(prec=40, traps=[InvalidOperation]).quantize(number, unit)
    if rounded != number:
        raise InvalidRequestError(f"{argument} may have {wanted}, not {_shown(number)}.", argument=argument)
    return rounded


def _shown(value: Decimal | str) -> str:
    text = str(value) if isinstance(value, Decimal) else repr(str.__str__(value[: _SHOWN + 1]))
    return text if len(text) <= _SHOWN + 2 else f"{text[:_SHOWN]}..."
