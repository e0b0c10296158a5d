# Generated from spec/astra.yaml by scripts/generate.py. Do not edit.
from __future__ import annotations

from decimal import Decimal

from attrs import field, frozen

from ..base import Model


@frozen(kw_only=True, eq=False, repr=False)
class PaymentInstrument(Model):
    """A settlement account of the client."""

    id: str | None = None
    name: str | None = None
    account_id: str | None = None
    account_number: str | None = field(default=None, repr=False)
    routing_number: str | None = None
    available_balance: Decimal | None = None
    """ May lag by up to five minutes. """
