# Generated from spec/astra.yaml by scripts/generate.py. Do not edit.
from __future__ import annotations

from collections.abc import Iterator

from attrs import field, frozen

from ..base import Model


@frozen(kw_only=True, eq=False, repr=False)
class CardList(Model):
    """One page of cards."""

    count: int | None = None
    """ Seen before lists were paginated. Of the page or of all is not known. """
    cursor: str | None = None
    """ Send it to get the next page. Null, empty or absent at the end. """
    more: bool | None = None
    """ Whether there is another page. """
    cards: list[Card] = field(factory=list)
    """ Iterating the object gives these. """

    _items_name = "cards"

    def __iter__(self) -> Iterator[Card]:
        return iter(self.cards)

    def __len__(self) -> int:
        return len(self.cards)


from ..models.card import Card
