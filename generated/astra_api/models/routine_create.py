# Generated from spec/astra.yaml by scripts/generate.py. Do not edit.
from __future__ import annotations

import datetime
from decimal import Decimal

from attrs import frozen

from ..base import Model
from ..models.frequency import Frequency
from ..models.payment_type import PaymentType
from ..models.routine_type import RoutineType
from ..models.settlement_speed import SettlementSpeed


@frozen(kw_only=True, eq=False, repr=False)
class RoutineCreate(Model):
    """A routine between accounts, or between cards. Only sent, never received."""

    type: RoutineType | str
    """ Kind of routine. Current documents describe `one-time` and `recurring`; the rest comes from
    older ones. """
    name: str
    payment_type: PaymentType | str
    """ Rail of a payment. Values from integrations; `ledger` is old. The newest reference hides its
    list. """
    source_id: str
    """ Account, card or payment instrument. """
    destination_id: str
    amount: Decimal | int
    """ US dollars. """
    destination_user_id: str | None = None
    """ For peer-to-peer. """
    start_date: datetime.date | str | None = None
    """ A day in America/Los_Angeles (documented-old), today when left out; not in the future for
    debit. A date in what has been seen; the newest reference says date-time. """
    preferred_settlement_speed: SettlementSpeed | str | None = None
    """ Wanted speed. `real-time` is RTP or FedNow, `T+0` same-day ACH, the rest ACH in banking
    days. """
    frequency: Frequency | str | None = None
    """ How often a recurring routine runs. Values from an integration of 2021. """
    client_correlation_id: str | None = None
    """ Alphanumeric; up to 8 characters on debit rails, 80 on ACH, 140 on RTP and FedNow. Does not
    deduplicate. """
    debit_fee_percent: Decimal | int | None = None
    """ Percent, debit only: 1.25 is 1.25 %. """
    ultimate_receiver_user_id: str | None = None
    """ User who receives in the end. """
    ultimate_sender_user_id: str | None = None
    """ User who sends at first. """
    disable_alternative_routing: bool | None = None
    """ Fail rather than fall back from RTP or FedNow to same-day ACH. """
