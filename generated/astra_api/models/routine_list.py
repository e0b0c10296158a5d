# Generated from spec/astra.yaml by scripts/generate.py. Do not edit.
from __future__ import annotations

from collections.abc import Iterator

from attrs import field, frozen

from ..base import Model


@frozen(kw_only=True, eq=False, repr=False)
class RoutineList(Model):
    """One page of routines."""

    count: int | None = None
    """ Seen before lists were paginated. Of the page or of all is not known. """
    cursor: str | None = None
    """ Send it to get the next page. Null, empty or absent at the end. """
    more: bool | None = None
    """ Whether there is another page. """
    routines: list[Routine] = field(factory=list)
    """ Iterating the object gives these. """

    _items_name = "routines"

    def __iter__(self) -> Iterator[Routine]:
        return iter(self.routines)

    def __len__(self) -> int:
        return len(self.routines)


from ..models.routine import Routine
