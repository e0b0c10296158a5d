# Generated from spec/astra.yaml by scripts/generate.py. Do not edit.
from __future__ import annotations

import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from ..types import (
    UNSET,
    Model,
    Unset,
    read_date,
    read_decimal,
    read_model,
    to_json,
)

if TYPE_CHECKING:
    from ..models.routine_party import RoutineParty


class CardToAccountRoutineCreate(Model):
    """Funding of an account from a card."""

    __slots__ = ()
    _fields = frozenset(
        (
            "name",
            "amount",
            "client_correlation_id",
            "source",
            "destination",
            "start_date",
            "debit_fee_percent",
            "ultimate_receiver_user_id",
            "ultimate_sender_user_id",
        )
    )

    def __init__(
        self,
        *,
        name: str,
        amount: Decimal | int,
        client_correlation_id: str,
        source: RoutineParty,
        destination: RoutineParty,
        start_date: datetime.date | datetime.datetime | Unset = UNSET,
        debit_fee_percent: Decimal | int | Unset = UNSET,
        ultimate_receiver_user_id: str | Unset = UNSET,
        ultimate_sender_user_id: str | Unset = UNSET,
    ) -> None:
        data: dict[str, Any] = {}
        data["name"] = to_json(name)
        data["amount"] = to_json(amount)
        data["client_correlation_id"] = to_json(client_correlation_id)
        data["source"] = to_json(source)
        data["destination"] = to_json(destination)
        if not isinstance(start_date, Unset):
            data["start_date"] = to_json(start_date)
        if not isinstance(debit_fee_percent, Unset):
            data["debit_fee_percent"] = to_json(debit_fee_percent)
        if not isinstance(ultimate_receiver_user_id, Unset):
            data["ultimate_receiver_user_id"] = to_json(ultimate_receiver_user_id)
        if not isinstance(ultimate_sender_user_id, Unset):
            data["ultimate_sender_user_id"] = to_json(ultimate_sender_user_id)
        self._data = data
        self._context = None

    @property
    def name(self) -> str:
        value: str = self._data.get("name")
        return value

    @property
    def amount(self) -> Decimal:
        """US dollars."""
        value: Decimal = read_decimal(self, "amount")
        return value

    @property
    def client_correlation_id(self) -> str:
        """Exactly 8 characters."""
        value: str = self._data.get("client_correlation_id")
        return value

    @property
    def source(self) -> RoutineParty:
        """One end of a routine."""
        from ..models.routine_party import RoutineParty  # noqa: PLC0415

        value: RoutineParty = read_model(self, "source", RoutineParty)
        return value

    @property
    def destination(self) -> RoutineParty:
        """One end of a routine."""
        from ..models.routine_party import RoutineParty  # noqa: PLC0415

        value: RoutineParty = read_model(self, "destination", RoutineParty)
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

    @property
    def ultimate_receiver_user_id(self) -> str | None:
        value: str | None = self._data.get("ultimate_receiver_user_id")
        return value

    @property
    def ultimate_sender_user_id(self) -> str | None:
        value: str | None = self._data.get("ultimate_sender_user_id")
        return value
