# Generated from spec/astra.yaml by scripts/generate.py. Do not edit.
from __future__ import annotations

from decimal import Decimal

from attrs import frozen

from ..base import Model
from ..models.inbound_payment_type import InboundPaymentType


@frozen(kw_only=True, eq=False, repr=False)
class InboundPaymentMetadata(Model):
    """The incoming payment."""

    amount: Decimal | None = None
    """ US dollars. """
    type: InboundPaymentType | None = None
    """ Rail of an incoming payment. """
