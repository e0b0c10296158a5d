# Generated from spec/astra.yaml by scripts/generate.py. Do not edit.
from __future__ import annotations

from collections.abc import Iterator

from attrs import field, frozen

from ..base import Model


@frozen(kw_only=True, eq=False, repr=False)
class PhoneNumberChangeRequestList(Model):
    """The changes that were asked for."""

    count: int | None = None
    phone_number_change_requests: list[PhoneNumberChangeRequest] = field(factory=list)
    """ Iterating the object gives these. """

    _items_name = "phone_number_change_requests"

    def __iter__(self) -> Iterator[PhoneNumberChangeRequest]:
        return iter(self.phone_number_change_requests)

    def __len__(self) -> int:
        return len(self.phone_number_change_requests)


from ..models.phone_number_change_request import PhoneNumberChangeRequest
