# Generated from spec/astra.yaml by scripts/generate.py. Do not edit.
from __future__ import annotations

from collections.abc import Iterator

from attrs import field, frozen

from ..base import Model


@frozen(kw_only=True, eq=False, repr=False)
class PaymentInstrumentList(Model):
    """The client's payment instruments. Not said to be paginated."""

    count: int | None = None
    payment_instruments: list[PaymentInstrument] = field(factory=list)
    """ Iterating the object gives these. """

    _items_name = "payment_instruments"

    def __iter__(self) -> Iterator[PaymentInstrument]:
        return iter(self.payment_instruments)

    def __len__(self) -> int:
        return len(self.payment_instruments)


from ..models.payment_instrument import PaymentInstrument
