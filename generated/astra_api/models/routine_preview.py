# Generated from spec/astra.yaml by scripts/generate.py. Do not edit.
from __future__ import annotations

from decimal import Decimal
from typing import Any

from ..types import (
    UNSET,
    Model,
    Unset,
    read_decimal,
    to_json,
)


class RoutinePreview(Model):
    """Fees of a routine. No source shows its fields."""

    __slots__ = ()
    _fields = frozenset(
        (
            "amount",
            "fee_amount",
            "total_amount",
            "debit_fee_percent",
        )
    )

    def __init__(
        self,
        *,
        amount: Decimal | int | None | Unset = UNSET,
        fee_amount: Decimal | int | None | Unset = UNSET,
        total_amount: Decimal | int | None | Unset = UNSET,
        debit_fee_percent: Decimal | int | None | Unset = UNSET,
    ) -> None:
        data: dict[str, Any] = {}
        if not isinstance(amount, Unset):
            data["amount"] = to_json(amount)
        if not isinstance(fee_amount, Unset):
            data["fee_amount"] = to_json(fee_amount)
        if not isinstance(total_amount, Unset):
            data["total_amount"] = to_json(total_amount)
        if not isinstance(debit_fee_percent, Unset):
            data["debit_fee_percent"] = to_json(debit_fee_percent)
        self._data = data
        self._context = None

    @property
    def amount(self) -> Decimal | None:
        """US dollars."""
        value: Decimal | None = read_decimal(self, "amount")
        return value

    @property
    def fee_amount(self) -> Decimal | None:
        """US dollars."""
        value: Decimal | None = read_decimal(self, "fee_amount")
        return value

    @property
    def total_amount(self) -> Decimal | None:
        """US dollars."""
        value: Decimal | None = read_decimal(self, "total_amount")
        return value

    @property
    def debit_fee_percent(self) -> Decimal | None:
        value: Decimal | None = read_decimal(self, "debit_fee_percent")
        return value
