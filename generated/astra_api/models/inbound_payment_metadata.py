# Generated from spec/astra.yaml by scripts/generate.py. Do not edit.
from __future__ import annotations

from decimal import Decimal
from typing import Any

from ..models.inbound_payment_type import InboundPaymentType
from ..types import (
    UNSET,
    Model,
    Unset,
    read_decimal,
    read_enum,
    to_json,
)


class InboundPaymentMetadata(Model):
    """The incoming payment."""

    __slots__ = ()
    _fields = frozenset(
        (
            "amount",
            "type",
        )
    )

    def __init__(
        self,
        *,
        amount: Decimal | int | Unset = UNSET,
        type_: InboundPaymentType | Unset = UNSET,
    ) -> None:
        data: dict[str, Any] = {}
        if not isinstance(amount, Unset):
            data["amount"] = to_json(amount)
        if not isinstance(type_, Unset):
            data["type"] = to_json(type_)
        self._data = data
        self._context = None

    @property
    def amount(self) -> Decimal | None:
        """US dollars."""
        value: Decimal | None = read_decimal(self, "amount")
        return value

    @property
    def type_(self) -> InboundPaymentType | None:
        """Rail of an incoming payment."""
        value: InboundPaymentType | None = read_enum(self, "type", InboundPaymentType)
        return value
