# Generated from spec/astra.yaml by scripts/generate.py. Do not edit.
from __future__ import annotations

import datetime
from decimal import Decimal

from attrs import frozen

from ..base import Model
from ..models.frequency import Frequency
from ..models.settlement_speed import SettlementSpeed


@frozen(kw_only=True, eq=False, repr=False)
class RoutineUpdate(Model):
    """The fields of a routine that change. The full list is not visible. Only sent, never received."""

    name: str | None = None
    amount: Decimal | int | None = None
    """ US dollars. """
    start_date: datetime.date | str | None = None
    """ A day in America/Los_Angeles (documented-old), today when left out; not in the future for
    debit. A date in what has been seen; the newest reference says date-time. """
    frequency: Frequency | str | None = None
    """ How often a recurring routine runs. Values from an integration of 2021. """
    preferred_settlement_speed: SettlementSpeed | str | None = None
    """ Wanted speed. `real-time` is RTP or FedNow, `T+0` same-day ACH, the rest ACH in banking
    days. """
    destination_user_id: str | None = None
    client_correlation_id: str | None = None
    active: bool | None = None
    """ Seen in 2021; by 2022 an integrator had it in answers alone. """
