# Generated from spec/astra.yaml by scripts/generate.py. Do not edit.
from __future__ import annotations

import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from ..models.frequency import Frequency
from ..models.payment_type import PaymentType
from ..models.routine_status import RoutineStatus
from ..models.routine_type import RoutineType
from ..models.settlement_speed import SettlementSpeed
from ..types import (
    UNSET,
    Model,
    Unset,
    read_bool,
    read_date,
    read_datetime,
    read_decimal,
    read_enum,
    read_model,
    to_json,
)

if TYPE_CHECKING:
    from ..models.routine_party import RoutineParty


class Routine(Model):
    """An instruction to move money. The classic endpoints have been seen to answer with `source_id`,
    `destination_id` and the payment type, the two card endpoints with `source`, `destination` and
    the payment
    route; this schema holds both."""

    __slots__ = ()
    _fields = frozenset(
        (
            "id",
            "type",
            "name",
            "status",
            "active",
            "blocked",
            "payment_type",
            "payment_route",
            "source_id",
            "source",
            "destination_id",
            "destination",
            "destination_user_id",
            "amount",
            "start_date",
            "preferred_settlement_speed",
            "frequency",
            "client_correlation_id",
            "debit_fee_percent",
            "transfer_id",
            "created",
        )
    )

    def __init__(
        self,
        *,
        id: str,
        type_: None | RoutineType | Unset = UNSET,
        name: None | str | Unset = UNSET,
        status: None | RoutineStatus | Unset = UNSET,
        active: bool | None | str | Unset = UNSET,
        blocked: bool | None | Unset = UNSET,
        payment_type: None | PaymentType | Unset = UNSET,
        payment_route: None | str | Unset = UNSET,
        source_id: None | str | Unset = UNSET,
        source: None | RoutineParty | Unset = UNSET,
        destination_id: None | str | Unset = UNSET,
        destination: None | RoutineParty | Unset = UNSET,
        destination_user_id: None | str | Unset = UNSET,
        amount: Decimal | int | None | Unset = UNSET,
        start_date: datetime.date | datetime.datetime | None | Unset = UNSET,
        preferred_settlement_speed: None | SettlementSpeed | Unset = UNSET,
        frequency: Frequency | None | Unset = UNSET,
        client_correlation_id: None | str | Unset = UNSET,
        debit_fee_percent: Decimal | int | None | Unset = UNSET,
        transfer_id: None | str | Unset = UNSET,
        created: datetime.datetime | None | Unset = UNSET,
    ) -> None:
        data: dict[str, Any] = {}
        data["id"] = to_json(id)
        if not isinstance(type_, Unset):
            data["type"] = to_json(type_)
        if not isinstance(name, Unset):
            data["name"] = to_json(name)
        if not isinstance(status, Unset):
            data["status"] = to_json(status)
        if not isinstance(active, Unset):
            data["active"] = to_json(active)
        if not isinstance(blocked, Unset):
            data["blocked"] = to_json(blocked)
        if not isinstance(payment_type, Unset):
            data["payment_type"] = to_json(payment_type)
        if not isinstance(payment_route, Unset):
            data["payment_route"] = to_json(payment_route)
        if not isinstance(source_id, Unset):
            data["source_id"] = to_json(source_id)
        if not isinstance(source, Unset):
            data["source"] = to_json(source)
        if not isinstance(destination_id, Unset):
            data["destination_id"] = to_json(destination_id)
        if not isinstance(destination, Unset):
            data["destination"] = to_json(destination)
        if not isinstance(destination_user_id, Unset):
            data["destination_user_id"] = to_json(destination_user_id)
        if not isinstance(amount, Unset):
            data["amount"] = to_json(amount)
        if not isinstance(start_date, Unset):
            data["start_date"] = to_json(start_date)
        if not isinstance(preferred_settlement_speed, Unset):
            data["preferred_settlement_speed"] = to_json(preferred_settlement_speed)
        if not isinstance(frequency, Unset):
            data["frequency"] = to_json(frequency)
        if not isinstance(client_correlation_id, Unset):
            data["client_correlation_id"] = to_json(client_correlation_id)
        if not isinstance(debit_fee_percent, Unset):
            data["debit_fee_percent"] = to_json(debit_fee_percent)
        if not isinstance(transfer_id, Unset):
            data["transfer_id"] = to_json(transfer_id)
        if not isinstance(created, Unset):
            data["created"] = to_json(created)
        self._data = data
        self._context = None

    @property
    def id(self) -> str:
        value: str = self._data.get("id")
        return value

    @property
    def type_(self) -> None | RoutineType:
        value: None | RoutineType = read_enum(self, "type", RoutineType)
        return value

    @property
    def name(self) -> None | str:
        value: None | str = self._data.get("name")
        return value

    @property
    def status(self) -> None | RoutineStatus:
        value: None | RoutineStatus = read_enum(self, "status", RoutineStatus)
        return value

    @property
    def active(self) -> bool | None:
        """A boolean, or the text `True` or `False`, as classic endpoints have been seen to send."""
        value: bool | None = read_bool(self, "active")
        return value

    @property
    def blocked(self) -> bool | None:
        value: bool | None = read_bool(self, "blocked")
        return value

    @property
    def payment_type(self) -> None | PaymentType:
        value: None | PaymentType = read_enum(self, "payment_type", PaymentType)
        return value

    @property
    def payment_route(self) -> None | str:
        """Values not known."""
        value: None | str = self._data.get("payment_route")
        return value

    @property
    def source_id(self) -> None | str:
        value: None | str = self._data.get("source_id")
        return value

    @property
    def source(self) -> None | RoutineParty:
        from ..models.routine_party import RoutineParty  # noqa: PLC0415

        value: None | RoutineParty = read_model(self, "source", RoutineParty)
        return value

    @property
    def destination_id(self) -> None | str:
        value: None | str = self._data.get("destination_id")
        return value

    @property
    def destination(self) -> None | RoutineParty:
        from ..models.routine_party import RoutineParty  # noqa: PLC0415

        value: None | RoutineParty = read_model(self, "destination", RoutineParty)
        return value

    @property
    def destination_user_id(self) -> None | str:
        value: None | str = self._data.get("destination_user_id")
        return value

    @property
    def amount(self) -> Decimal | None:
        """US dollars."""
        value: Decimal | None = read_decimal(self, "amount")
        return value

    @property
    def start_date(self) -> datetime.date | None:
        """A date in what has been seen; the newest reference says date-time."""
        value: datetime.date | None = read_date(self, "start_date")
        return value

    @property
    def preferred_settlement_speed(self) -> None | SettlementSpeed:
        value: None | SettlementSpeed = read_enum(
            self, "preferred_settlement_speed", SettlementSpeed
        )
        return value

    @property
    def frequency(self) -> Frequency | None:
        value: Frequency | None = read_enum(self, "frequency", Frequency)
        return value

    @property
    def client_correlation_id(self) -> None | str:
        value: None | str = self._data.get("client_correlation_id")
        return value

    @property
    def debit_fee_percent(self) -> Decimal | None:
        """Percent: 1.25 is 1.25 %."""
        value: Decimal | None = read_decimal(self, "debit_fee_percent")
        return value

    @property
    def transfer_id(self) -> None | str:
        """Of a book routine."""
        value: None | str = self._data.get("transfer_id")
        return value

    @property
    def created(self) -> datetime.datetime | None:
        """May come without an offset; read as UTC."""
        value: datetime.datetime | None = read_datetime(self, "created")
        return value
