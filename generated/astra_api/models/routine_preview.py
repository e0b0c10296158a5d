# Generated from spec/astra.yaml by scripts/generate.py. Do not edit.
from __future__ import annotations

from decimal import Decimal

from attrs import frozen

from ..base import Model


@frozen(kw_only=True, eq=False, repr=False)
class RoutinePreview(Model):
    """Fees of a routine. No source shows its fields."""

    amount: Decimal | None = None
    """ US dollars. """
    fee_amount: Decimal | None = None
    """ US dollars. """
    total_amount: Decimal | None = None
    """ US dollars. """
    debit_fee_percent: Decimal | None = None
