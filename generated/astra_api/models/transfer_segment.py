# Generated from spec/astra.yaml by scripts/generate.py. Do not edit.
from __future__ import annotations

from decimal import Decimal

from attrs import frozen

from ..base import Model
from ..models.payment_type import PaymentType
from ..models.transfer_status import TransferStatus


@frozen(kw_only=True, eq=False, repr=False)
class TransferSegment(Model):
    """One leg of a transfer. No source shows its fields."""

    id: str | None = None
    source_id: str | None = None
    destination_id: str | None = None
    payment_type: PaymentType | None = None
    amount: Decimal | None = None
    """ US dollars. """
    status: TransferStatus | None = None
    return_code: str | None = None
    """ ACH return code, such as `R01`. """
