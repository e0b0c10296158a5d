# Generated from spec/astra.yaml by scripts/generate.py. Do not edit.
from __future__ import annotations

import datetime
from decimal import Decimal
from typing import Any

from ..models.frequency import Frequency
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


class RoutineUpdate(Model):
    """The fields of a routine that change. The full list is not visible."""

    __slots__ = ()
    _fields = frozenset(
        (
            "name",
            "amount",
            "start_date",
            "frequency",
            "preferred_settlement_speed",
            "destination_user_id",
            "client_correlation_id",
            "active",
        )
    )

    def __init__(
        self,
        *,
        name: str | Unset = UNSET,
        amount: Decimal | int | Unset = UNSET,
        start_date: datetime.date | datetime.datetime | Unset = UNSET,
        frequency: Frequency | Unset = UNSET,
        preferred_settlement_speed: SettlementSpeed | Unset = UNSET,
        destination_user_id: str | Unset = UNSET,
        client_correlation_id: str | Unset = UNSET,
        active: bool | Unset = UNSET,
    ) -> None:
        data: dict[str, Any] = {}
        if not isinstance(name, Unset):
            data["name"] = to_json(name)
        if not isinstance(amount, Unset):
            data["amount"] = to_json(amount)
        if not isinstance(start_date, Unset):
            data["start_date"] = to_json(start_date)
        if not isinstance(frequency, Unset):
            data["frequency"] = to_json(frequency)
        if not isinstance(preferred_settlement_speed, Unset):
            data["preferred_settlement_speed"] = to_json(preferred_settlement_speed)
        if not isinstance(destination_user_id, Unset):
            data["destination_user_id"] = to_json(destination_user_id)
        if not isinstance(client_correlation_id, Unset):
            data["client_correlation_id"] = to_json(client_correlation_id)
        if not isinstance(active, Unset):
            data["active"] = to_json(active)
        self._data = data
        self._context = None

    @property
    def name(self) -> str | None:
        value: str | None = self._data.get("name")
        return value

    @property
    def amount(self) -> Decimal | None:
        """US dollars."""
        value: Decimal | None = read_decimal(self, "amount")
        return value

    @property
    def start_date(self) -> datetime.date | None:
        """Today in Pacific time when left out; not in the future for debit. A date in what has been
        seen; the newest reference says date-time."""
        value: datetime.date | None = read_date(self, "start_date")
        return value

    @property
    def frequency(self) -> Frequency | None:
        """How often a recurring routine runs. Values from an integration of 2021."""
        value: Frequency | None = read_enum(self, "frequency", Frequency)
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
    def destination_user_id(self) -> str | None:
        value: str | None = self._data.get("destination_user_id")
        return value

    @property
    def client_correlation_id(self) -> str | None:
        value: str | None = self._data.get("client_correlation_id")
        return value

    @property
    def active(self) -> bool | None:
        """Seen in 2021."""
        value: bool | None = read_bool(self, "active")
        return value
