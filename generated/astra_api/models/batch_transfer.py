# Generated from spec/astra.yaml by scripts/generate.py. Do not edit.
from __future__ import annotations

import datetime
from decimal import Decimal
from typing import Any

from ..models.transfer_status import TransferStatus
from ..types import (
    UNSET,
    Model,
    Unset,
    read_datetime,
    read_decimal,
    read_enum,
    to_json,
)


class BatchTransfer(Model):
    """A daily settlement. No source shows its fields."""

    __slots__ = ()
    _fields = frozenset(
        (
            "id",
            "amount",
            "status",
            "created",
            "updated",
        )
    )

    def __init__(
        self,
        *,
        id: None | str | Unset = UNSET,
        amount: Decimal | int | None | Unset = UNSET,
        status: None | TransferStatus | Unset = UNSET,
        created: datetime.datetime | None | Unset = UNSET,
        updated: datetime.datetime | None | Unset = UNSET,
    ) -> None:
        data: dict[str, Any] = {}
        if not isinstance(id, Unset):
            data["id"] = to_json(id)
        if not isinstance(amount, Unset):
            data["amount"] = to_json(amount)
        if not isinstance(status, Unset):
            data["status"] = to_json(status)
        if not isinstance(created, Unset):
            data["created"] = to_json(created)
        if not isinstance(updated, Unset):
            data["updated"] = to_json(updated)
        self._data = data
        self._context = None

    @property
    def id(self) -> None | str:
        value: None | str = self._data.get("id")
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
    def created(self) -> datetime.datetime | None:
        """May come without an offset; read as UTC."""
        value: datetime.datetime | None = read_datetime(self, "created")
        return value

    @property
    def updated(self) -> datetime.datetime | None:
        """May come without an offset; read as UTC."""
        value: datetime.datetime | None = read_datetime(self, "updated")
        return value
