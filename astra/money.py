"""Amounts: US dollars as `Decimal`, never as a binary fraction."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

from astra.errors import InvalidRequestError

Amount = Decimal | int | str


def to_amount(value: Amount, *, argument: str = "amount") -> Decimal:
    """Reads an amount in US dollars.

    Args:
        value: a `Decimal`, an int, or a decimal string such as "20.00".
        argument: name to use in errors.

    Raises:
        InvalidRequestError: a float, not a number, not finite, or not positive.

    Example:
        to_amount("20.00")
    """
    if isinstance(value, (float, bool)):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise InvalidRequestError(
            f'{argument} must not be a float, which cannot hold cents exactly; pass Decimal("20.00") or "20.00".',
            argument=argument,
        )
    try:
        amount = Decimal(value)
    except (InvalidOperation, TypeError, ValueError):
        raise InvalidRequestError(f"{argument} is not a number: {value!r}.", argument=argument) from None
    if not amount.is_finite() or amount <= 0:
        raise InvalidRequestError(f"{argument} must be more than 0, not {amount}.", argument=argument)
    return amount
