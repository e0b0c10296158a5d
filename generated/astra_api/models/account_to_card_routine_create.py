# Generated from spec/astra.yaml by scripts/generate.py. Do not edit.
from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from ..models.settlement_mode import SettlementMode
from ..types import (
    UNSET,
    Model,
    Unset,
    read_decimal,
    read_enum,
    read_model,
    to_json,
)

if TYPE_CHECKING:
    from ..models.ach_credit_reference import AchCreditReference
    from ..models.routine_party import RoutineParty


class AccountToCardRoutineCreate(Model):
    """A payout to a card. Gross debit needs `client_correlation_id`; net debit has been sent without
    it and without a fee."""

    __slots__ = ()
    _fields = frozenset(
        (
            "name",
            "amount",
            "source",
            "destination",
            "settlement_mode",
            "debit_fee_percent",
            "client_correlation_id",
            "ultimate_receiver_user_id",
            "ultimate_sender_user_id",
            "transfer",
        )
    )

    def __init__(
        self,
        *,
        name: str,
        amount: Decimal | int,
        source: RoutineParty,
        destination: RoutineParty,
        settlement_mode: SettlementMode | Unset = UNSET,
        debit_fee_percent: Decimal | int | Unset = UNSET,
        client_correlation_id: str | Unset = UNSET,
        ultimate_receiver_user_id: str | Unset = UNSET,
        ultimate_sender_user_id: str | Unset = UNSET,
        transfer: AchCreditReference | Unset = UNSET,
    ) -> None:
        data: dict[str, Any] = {}
        data["name"] = to_json(name)
        data["amount"] = to_json(amount)
        data["source"] = to_json(source)
        data["destination"] = to_json(destination)
        if not isinstance(settlement_mode, Unset):
            data["settlement_mode"] = to_json(settlement_mode)
        if not isinstance(debit_fee_percent, Unset):
            data["debit_fee_percent"] = to_json(debit_fee_percent)
        if not isinstance(client_correlation_id, Unset):
            data["client_correlation_id"] = to_json(client_correlation_id)
        if not isinstance(ultimate_receiver_user_id, Unset):
            data["ultimate_receiver_user_id"] = to_json(ultimate_receiver_user_id)
        if not isinstance(ultimate_sender_user_id, Unset):
            data["ultimate_sender_user_id"] = to_json(ultimate_sender_user_id)
        if not isinstance(transfer, Unset):
            data["transfer"] = to_json(transfer)
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
    def settlement_mode(self) -> SettlementMode | None:
        """How a payout to a card is funded."""
        value: SettlementMode | None = read_enum(self, "settlement_mode", SettlementMode)
        return value

    @property
    def debit_fee_percent(self) -> Decimal | None:
        """Percent, gross debit only, taken from the push."""
        value: Decimal | None = read_decimal(self, "debit_fee_percent")
        return value

    @property
    def client_correlation_id(self) -> str | None:
        """Exactly 8 characters. Required for gross debit."""
        value: str | None = self._data.get("client_correlation_id")
        return value

    @property
    def ultimate_receiver_user_id(self) -> str | None:
        value: str | None = self._data.get("ultimate_receiver_user_id")
        return value

    @property
    def ultimate_sender_user_id(self) -> str | None:
        value: str | None = self._data.get("ultimate_sender_user_id")
        return value

    @property
    def transfer(self) -> AchCreditReference | None:
        """The ACH credit that funds a payout, as earlier integrations named it."""
        from ..models.ach_credit_reference import AchCreditReference  # noqa: PLC0415

        value: AchCreditReference | None = read_model(self, "transfer", AchCreditReference)
        return value
