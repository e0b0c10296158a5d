# Generated from spec/astra.yaml by scripts/generate.py. Do not edit.
from __future__ import annotations

from decimal import Decimal
from typing import Any

from ..models.payment_type import PaymentType
from ..models.transfer_status import TransferStatus
from ..types import (
    UNSET,
    Model,
    Unset,
    read_decimal,
    read_enum,
    to_json,
)


class TransferSegment(Model):
    """One leg of a transfer. No source shows its fields."""

    __slots__ = ()
    _fields = frozenset(
        (
            "id",
            "source_id",
            "destination_id",
            "payment_type",
            "amount",
            "status",
            "return_code",
        )
    )

    def __init__(
        self,
        *,
        id: None | str | Unset = UNSET,
        source_id: None | str | Unset = UNSET,
        destination_id: None | str | Unset = UNSET,
        payment_type: None | PaymentType | Unset = UNSET,
        amount: Decimal | int | None | Unset = UNSET,
        status: None | TransferStatus | Unset = UNSET,
        return_code: None | str | Unset = UNSET,
    ) -> None:
        data: dict[str, Any] = {}
        if not isinstance(id, Unset):
            data["id"] = to_json(id)
        if not isinstance(source_id, Unset):
            data["source_id"] = to_json(source_id)
        if not isinstance(destination_id, Unset):
            data["destination_id"] = to_json(destination_id)
        if not isinstance(payment_type, Unset):
            data["payment_type"] = to_json(payment_type)
        if not isinstance(amount, Unset):
            data["amount"] = to_json(amount)
        if not isinstance(status, Unset):
            data["status"] = to_json(status)
        if not isinstance(return_code, Unset):
            data["return_code"] = to_json(return_code)
        self._data = data
        self._context = None

    @property
    def id(self) -> None | str:
        value: None | str = self._data.get("id")
        return value

    @property
    def source_id(self) -> None | str:
        value: None | str = self._data.get("source_id")
        return value

    @property
    def destination_id(self) -> None | str:
        value: None | str = self._data.get("destination_id")
        return value

    @property
    def payment_type(self) -> None | PaymentType:
        value: None | PaymentType = read_enum(self, "payment_type", PaymentType)
        return value

    @property
    def amount(self) -> Decimal | None:
        """US dollars."""
        value: Decimal | None = read_decimal(self, "amount")
        return value

    @property
    def status(self) -> None | TransferStatus:
        value: None | TransferStatus = read_enum(self, "status", TransferStatus)
        return value

    @property
    def return_code(self) -> None | str:
        """ACH return code, such as `R01`."""
        value: None | str = self._data.get("return_code")
        return value
