# Generated from spec/astra.yaml by scripts/generate.py. Do not edit.
from __future__ import annotations

from collections.abc import Iterator

from attrs import field, frozen

from ..base import Model


@frozen(kw_only=True, eq=False, repr=False)
class TransferList(Model):
    """One page of transfers."""

    count: int | None = None
    """ Seen before lists were paginated. Of the page or of all is not known. """
    cursor: str | None = None
    """ Send it to get the next page. Null, empty or absent at the end. """
    more: bool | None = None
    """ Whether there is another page. """
    transfers: list[Transfer] = field(factory=list)
    """ Iterating the object gives these. """

    _items_name = "transfers"

    def __iter__(self) -> Iterator[Transfer]:
        return iter(self.transfers)

    def __len__(self) -> int:
        return len(self.transfers)


from ..models.transfer import Transfer
