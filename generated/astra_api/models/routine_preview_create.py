# Generated from spec/astra.yaml by scripts/generate.py. Do not edit.
from __future__ import annotations

import datetime
from decimal import Decimal

from attrs import frozen

from ..base import Model
from ..models.payment_type import PaymentType
from ..models.routine_type import RoutineType


@frozen(kw_only=True, eq=False, repr=False)
class RoutinePreviewCreate(Model):
    """A debit routine to be priced. Only sent, never received."""

    type: RoutineType | str
    """ Kind of routine. Current documents describe `one-time` and `recurring`; the rest comes from
    older ones. """
    name: str
    payment_type: PaymentType | str
    """ Rail of a payment. Values from integrations; `ledger` is old. The newest reference hides its
    list. """
    source_id: str
    destination_id: str
    amount: Decimal | int
    """ US dollars. """
    destination_user_id: str | None = None
    start_date: datetime.date | str | None = None
    """ A day in America/Los_Angeles (documented-old), today when left out; not in the future for
    debit. A date in what has been seen; the newest reference says date-time. """
    debit_fee_percent: Decimal | int | None = None
