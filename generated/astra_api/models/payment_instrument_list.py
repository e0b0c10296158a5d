# Generated from spec/astra.yaml by scripts/generate.py. Do not edit.
from __future__ import annotations

from attrs import field, frozen

from ..base import Model


@frozen(kw_only=True, eq=False, repr=False)
class PaymentInstrumentList(Model):
    """The client's payment instruments. Not said to be paginated."""

    count: int | None = None
    payment_instruments: list[PaymentInstrument] = field(factory=list)


from ..models.payment_instrument import PaymentInstrument
