# Generated from spec/astra.yaml by scripts/generate.py. Do not edit.
from __future__ import annotations

from decimal import Decimal

from attrs import frozen

from ..base import Model
from ..models.settlement_mode import SettlementMode


@frozen(kw_only=True, eq=False, repr=False)
class AccountToCardRoutineCreate(Model):
    """A payout to a card. Gross debit needs `client_correlation_id`; net debit has been sent without
    it and without a fee. Only sent, never received."""

    name: str
    amount: Decimal | int
    """ US dollars. """
    source: RoutineParty
    """ One end of a routine. """
    destination: RoutineParty
    """ One end of a routine. """
    settlement_mode: SettlementMode | str | None = None
    """ How a payout to a card is funded. """
    debit_fee_percent: Decimal | int | None = None
    """ Percent, gross debit only, taken from the push. """
    client_correlation_id: str | None = None
    """ Exactly 8 characters. Required for gross debit. """
    ultimate_receiver_user_id: str | None = None
    ultimate_sender_user_id: str | None = None
    transfer: AchCreditReference | None = None
    """ The ACH credit that funds a payout, as earlier integrations named it. Only sent, never
    received. """


from ..models.ach_credit_reference import AchCreditReference
from ..models.routine_party import RoutineParty
