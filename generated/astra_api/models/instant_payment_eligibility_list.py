# Generated from spec/astra.yaml by scripts/generate.py. Do not edit.
from __future__ import annotations

from collections.abc import Iterator

from attrs import field, frozen

from ..base import Model


@frozen(kw_only=True, eq=False, repr=False)
class InstantPaymentEligibilityList(Model):
    """One page of banks."""

    count: int | None = None
    """ Seen before lists were paginated. Of the page or of all is not known. """
    cursor: str | None = None
    """ Send it to get the next page. Null, empty or absent at the end. """
    more: bool | None = None
    """ Whether there is another page. """
    instant_payment_eligibility: list[InstantPaymentEligibility] = field(factory=list)
    """ Iterating the object gives these. """

    _items_name = "instant_payment_eligibility"

    def __iter__(self) -> Iterator[InstantPaymentEligibility]:
        return iter(self.instant_payment_eligibility)

    def __len__(self) -> int:
        return len(self.instant_payment_eligibility)


from ..models.instant_payment_eligibility import InstantPaymentEligibility
