# Generated from spec/astra.yaml by scripts/generate.py. Do not edit.
from __future__ import annotations

import datetime
from decimal import Decimal

from attrs import frozen

from ..base import Model


@frozen(kw_only=True, eq=False, repr=False)
class CardToAccountRoutineCreate(Model):
    """Funding of an account from a card. Only sent, never received."""

    name: str
    amount: Decimal | int
    """ US dollars. """
    client_correlation_id: str
    """ Exactly 8 characters. """
    source: RoutineParty
    """ One end of a routine. """
    destination: RoutineParty
    """ One end of a routine. """
    start_date: datetime.date | str | None = None
    """ A day in America/Los_Angeles (documented-old), today when left out; not in the future for
    debit. A date in what has been seen; the newest reference says date-time. """
    debit_fee_percent: Decimal | int | None = None
    ultimate_receiver_user_id: str | None = None
    ultimate_sender_user_id: str | None = None


from ..models.routine_party import RoutineParty
