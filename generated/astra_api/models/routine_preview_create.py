# Generated from spec/astra.yaml by scripts/generate.py. Do not edit.
from __future__ import annotations

import datetime
from decimal import Decimal
from typing import Any

from ..models.payment_type import PaymentType
from ..models.routine_type import RoutineType
from ..types import (
    UNSET,
    Model,
    Unset,
    read_date,
    read_decimal,
    read_enum,
    to_json,
)


class RoutinePreviewCreate(Model):
    """A debit routine to be priced."""

    __slots__ = ()
    _fields = frozenset(
        (
            "type",
            "name",
            "payment_type",
            "source_id",
            "destination_id",
            "amount",
            "destination_user_id",
            "start_date",
            "debit_fee_percent",
        )
    )

    def __init__(
        self,
        *,
        type_: RoutineType,
        name: str,
        payment_type: PaymentType,
        source_id: str,
        destination_id: str,
        amount: Decimal | int,
        destination_user_id: str | Unset = UNSET,
        start_date: datetime.date | datetime.datetime | Unset = UNSET,
        debit_fee_percent: Decimal | int | Unset = UNSET,
    ) -> None:
        data: dict[str, Any] = {}
        data["type"] = to_json(type_)
        data["name"] = to_json(name)
        data["payment_type"] = to_json(payment_type)
        data["source_id"] = to_json(source_id)
        data["destination_id"] = to_json(destination_id)
        data["amount"] = to_json(amount)
        if not isinstance(destination_user_id, Unset):
            data["destination_user_id"] = to_json(destination_user_id)
        if not isinstance(start_date, Unset):
            data["start_date"] = to_json(start_date)
        if not isinstance(debit_fee_percent, Unset):
            data["debit_fee_percent"] = to_json(debit_fee_percent)
        self._data = data
        self._context = None

    @property
    def type_(self) -> RoutineType:
        """Kind of routine. Current documents describe `one-time` and `recurring`; the rest comes from
        older ones."""
        value: RoutineType = read_enum(self, "type", RoutineType)
        return value

    @property
    def name(self) -> str:
        value: str = self._data.get("name")
        return value

    @property
    def payment_type(self) -> PaymentType:
        """Rail of a payment. Values from integrations; `ledger` is old. The newest reference hides its
        list."""
        value: PaymentType = read_enum(self, "payment_type", PaymentType)
        return value

    @property
    def source_id(self) -> str:
        value: str = self._data.get("source_id")
        return value

    @property
    def destination_id(self) -> str:
        value: str = self._data.get("destination_id")
        return value

    @property
    def amount(self) -> Decimal:
        """US dollars."""
        value: Decimal = read_decimal(self, "amount")
        return value

    @property
    def destination_user_id(self) -> str | None:
        value: str | None = self._data.get("destination_user_id")
        return value

    @property
    def start_date(self) -> datetime.date | None:
        """Today in Pacific time when left out; not in the future for debit. A date in what has been
        seen; the newest reference says date-time."""
        value: datetime.date | None = read_date(self, "start_date")
        return value

    @property
    def debit_fee_percent(self) -> Decimal | None:
        value: Decimal | None = read_decimal(self, "debit_fee_percent")
        return value
