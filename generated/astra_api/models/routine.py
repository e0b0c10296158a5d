# Generated from spec/astra.yaml by scripts/generate.py. Do not edit.
from __future__ import annotations

import datetime
from decimal import Decimal

from attrs import frozen

from ..base import Model
from ..models.frequency import Frequency
from ..models.payment_type import PaymentType
from ..models.routine_status import RoutineStatus
from ..models.routine_type import RoutineType
from ..models.settlement_speed import SettlementSpeed


@frozen(kw_only=True, eq=False, repr=False)
class Routine(Model):
    """An instruction to move money. The classic endpoints have been seen to answer with `source_id`,
    `destination_id` and the payment type, the two card endpoints with `source`, `destination` and
    the payment route; this schema holds both."""

    id: str
    type: RoutineType | None = None
    name: str | None = None
    status: RoutineStatus | None = None
    active: bool | None = None
    """ A boolean, or the text `True` or `False`, as classic endpoints have been seen to send. """
    blocked: bool | None = None
    payment_type: PaymentType | None = None
    payment_route: str | None = None
    """ Values not known. """
    source_id: str | None = None
    source: RoutineParty | None = None
    destination_id: str | None = None
    destination: RoutineParty | None = None
    destination_user_id: str | None = None
    amount: Decimal | None = None
    """ US dollars. """
    start_date: datetime.date | None = None
    """ A date in what has been seen; the newest reference says date-time. """
    preferred_settlement_speed: SettlementSpeed | None = None
    frequency: Frequency | None = None
    client_correlation_id: str | None = None
    debit_fee_percent: Decimal | None = None
    """ Percent: 1.25 is 1.25 %. """
    transfer_id: str | None = None
    """ Of a book routine. """
    created: datetime.datetime | None = None
    """ May come without an offset; read as UTC. """


from ..models.routine_party import RoutineParty
