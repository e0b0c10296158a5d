# Generated from spec/astra.yaml by scripts/generate.py. Do not edit.
from __future__ import annotations

import datetime
from decimal import Decimal
from typing import Any

from ..models.frequency import Frequency
from ..models.payment_type import PaymentType
from ..models.routine_type import RoutineType
from ..models.settlement_speed import SettlementSpeed
from ..types import (
    UNSET,
    Model,
    Unset,
    read_bool,
    read_date,
    read_decimal,
    read_enum,
    to_json,
)


class RoutineCreate(Model):
    """A routine between accounts, or between cards."""

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
            "preferred_settlement_speed",
            "frequency",
            "client_correlation_id",
            "debit_fee_percent",
            "ultimate_receiver_user_id",
            "ultimate_sender_user_id",
            "disable_alternative_routing",
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
        preferred_settlement_speed: SettlementSpeed | Unset = UNSET,
        frequency: Frequency | Unset = UNSET,
        client_correlation_id: str | Unset = UNSET,
        debit_fee_percent: Decimal | int | Unset = UNSET,
        ultimate_receiver_user_id: str | Unset = UNSET,
        ultimate_sender_user_id: str | Unset = UNSET,
        disable_alternative_routing: bool | Unset = UNSET,
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
        if not isinstance(preferred_settlement_speed, Unset):
            data["preferred_settlement_speed"] = to_json(preferred_settlement_speed)
        if not isinstance(frequency, Unset):
            data["frequency"] = to_json(frequency)
        if not isinstance(client_correlation_id, Unset):
            data["client_correlation_id"] = to_json(client_correlation_id)
        if not isinstance(debit_fee_percent, Unset):
            data["debit_fee_percent"] = to_json(debit_fee_percent)
        if not isinstance(ultimate_receiver_user_id, Unset):
            data["ultimate_receiver_user_id"] = to_json(ultimate_receiver_user_id)
        if not isinstance(ultimate_sender_user_id, Unset):
            data["ultimate_sender_user_id"] = to_json(ultimate_sender_user_id)
        if not isinstance(disable_alternative_routing, Unset):
            data["disable_alternative_routing"] = to_json(disable_alternative_routing)
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
        """Account, card or payment instrument."""
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
        """For peer-to-peer."""
        value: str | None = self._data.get("destination_user_id")
        return value

    @property
    def start_date(self) -> datetime.date | None:
        """Today in Pacific time when left out; not in the future for debit. A date in what has been
        seen; the newest reference says date-time."""
        value: datetime.date | None = read_date(self, "start_date")
        return value

    @property
    def preferred_settlement_speed(self) -> SettlementSpeed | None:
        """Wanted speed. `real-time` is RTP or FedNow, `T+0` same-day ACH, the rest ACH in banking
        days."""
        value: SettlementSpeed | None = read_enum(
            self, "preferred_settlement_speed", SettlementSpeed
        )
        return value

    @property
    def frequency(self) -> Frequency | None:
        """How often a recurring routine runs. Values from an integration of 2021."""
        value: Frequency | None = read_enum(self, "frequency", Frequency)
        return value

    @property
    def client_correlation_id(self) -> str | None:
        """Alphanumeric; up to 8 characters on debit rails, 80 on ACH, 140 on RTP and FedNow. Does not
        deduplicate."""
        value: str | None = self._data.get("client_correlation_id")
        return value

    @property
    def debit_fee_percent(self) -> Decimal | None:
        """Percent, debit only: 1.25 is 1.25 %."""
        value: Decimal | None = read_decimal(self, "debit_fee_percent")
        return value

    @property
    def ultimate_receiver_user_id(self) -> str | None:
        """User who receives in the end."""
        value: str | None = self._data.get("ultimate_receiver_user_id")
        return value

    @property
    def ultimate_sender_user_id(self) -> str | None:
        """User who sends at first."""
        value: str | None = self._data.get("ultimate_sender_user_id")
        return value

    @property
    def disable_alternative_routing(self) -> bool | None:
        """Fail rather than fall back from RTP or FedNow to same-day ACH."""
        value: bool | None = read_bool(self, "disable_alternative_routing")
        return value
