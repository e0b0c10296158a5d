# Generated from spec/astra.yaml by scripts/generate.py. Do not edit.
from __future__ import annotations

import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from ..models.payment_type import PaymentType
from ..models.routine_type import RoutineType
from ..models.transfer_status import TransferStatus
from ..types import (
    UNSET,
    Model,
    Unset,
    read_datetime,
    read_decimal,
    read_enum,
    read_model,
    to_json,
)

if TYPE_CHECKING:
    from ..models.chargeback import Chargeback


class Transfer(Model):
    """One movement of money, made by a routine. The source of truth for a payment."""

    __slots__ = ()
    _fields = frozenset(
        (
            "id",
            "amount",
            "status",
            "routine_id",
            "routine_name",
            "routine_type",
            "client_correlation_id",
            "source_id",
            "destination_id",
            "destination_user_id",
            "payment_type",
            "initiated",
            "updated",
            "estimated_clearing_date",
            "astra_settlement_reason",
            "failure_reason",
            "chargeback",
        )
    )

    def __init__(
        self,
        *,
        id: str,
        amount: Decimal | int,
        status: TransferStatus,
        routine_id: None | str | Unset = UNSET,
        routine_name: None | str | Unset = UNSET,
        routine_type: None | RoutineType | Unset = UNSET,
        client_correlation_id: None | str | Unset = UNSET,
        source_id: None | str | Unset = UNSET,
        destination_id: None | str | Unset = UNSET,
        destination_user_id: None | str | Unset = UNSET,
        payment_type: None | PaymentType | Unset = UNSET,
        initiated: datetime.datetime | None | Unset = UNSET,
        updated: datetime.datetime | None | Unset = UNSET,
        estimated_clearing_date: datetime.datetime | None | Unset = UNSET,
        astra_settlement_reason: None | str | Unset = UNSET,
        failure_reason: None | str | Unset = UNSET,
        chargeback: Chargeback | None | Unset = UNSET,
    ) -> None:
        data: dict[str, Any] = {}
        data["id"] = to_json(id)
        data["amount"] = to_json(amount)
        data["status"] = to_json(status)
        if not isinstance(routine_id, Unset):
            data["routine_id"] = to_json(routine_id)
        if not isinstance(routine_name, Unset):
            data["routine_name"] = to_json(routine_name)
        if not isinstance(routine_type, Unset):
            data["routine_type"] = to_json(routine_type)
        if not isinstance(client_correlation_id, Unset):
            data["client_correlation_id"] = to_json(client_correlation_id)
        if not isinstance(source_id, Unset):
            data["source_id"] = to_json(source_id)
        if not isinstance(destination_id, Unset):
            data["destination_id"] = to_json(destination_id)
        if not isinstance(destination_user_id, Unset):
            data["destination_user_id"] = to_json(destination_user_id)
        if not isinstance(payment_type, Unset):
            data["payment_type"] = to_json(payment_type)
        if not isinstance(initiated, Unset):
            data["initiated"] = to_json(initiated)
        if not isinstance(updated, Unset):
            data["updated"] = to_json(updated)
        if not isinstance(estimated_clearing_date, Unset):
            data["estimated_clearing_date"] = to_json(estimated_clearing_date)
        if not isinstance(astra_settlement_reason, Unset):
            data["astra_settlement_reason"] = to_json(astra_settlement_reason)
        if not isinstance(failure_reason, Unset):
            data["failure_reason"] = to_json(failure_reason)
        if not isinstance(chargeback, Unset):
            data["chargeback"] = to_json(chargeback)
        self._data = data
        self._context = None

    @property
    def id(self) -> str:
        value: str = self._data.get("id")
        return value

    @property
    def amount(self) -> Decimal:
        """US dollars."""
        value: Decimal = read_decimal(self, "amount")
        return value

    @property
    def status(self) -> TransferStatus:
        """Status of a transfer. The page of the cancellation writes `canceled`, integrations
        `cancelled`."""
        value: TransferStatus = read_enum(self, "status", TransferStatus)
        return value

    @property
    def routine_id(self) -> None | str:
        value: None | str = self._data.get("routine_id")
        return value

    @property
    def routine_name(self) -> None | str:
        value: None | str = self._data.get("routine_name")
        return value

    @property
    def routine_type(self) -> None | RoutineType:
        value: None | RoutineType = read_enum(self, "routine_type", RoutineType)
        return value

    @property
    def client_correlation_id(self) -> None | str:
        value: None | str = self._data.get("client_correlation_id")
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
    def destination_user_id(self) -> None | str:
        value: None | str = self._data.get("destination_user_id")
        return value

    @property
    def payment_type(self) -> None | PaymentType:
        value: None | PaymentType = read_enum(self, "payment_type", PaymentType)
        return value

    @property
    def initiated(self) -> datetime.datetime | None:
        """May come without an offset; read as UTC."""
        value: datetime.datetime | None = read_datetime(self, "initiated")
        return value

    @property
    def updated(self) -> datetime.datetime | None:
        """May come without an offset; read as UTC."""
        value: datetime.datetime | None = read_datetime(self, "updated")
        return value

    @property
    def estimated_clearing_date(self) -> datetime.datetime | None:
        """May come without an offset; read as UTC."""
        value: datetime.datetime | None = read_datetime(self, "estimated_clearing_date")
        return value

    @property
    def astra_settlement_reason(self) -> None | str:
        """Values not known."""
        value: None | str = self._data.get("astra_settlement_reason")
        return value

    @property
    def failure_reason(self) -> None | str:
        """Values not known."""
        value: None | str = self._data.get("failure_reason")
        return value

    @property
    def chargeback(self) -> Chargeback | None:
        from ..models.chargeback import Chargeback  # noqa: PLC0415

        value: Chargeback | None = read_model(self, "chargeback", Chargeback)
        return value
