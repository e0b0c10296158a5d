"""What is new since the last look. Decisions only, in memory that does not grow."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from datetime import datetime, timedelta
from typing import Final, Generic, TypeVar

T = TypeVar("T")

LATE: Final = timedelta(seconds=30)
"""Records are written in batches, by several processes: one may come so long after others that are younger."""


class Follower(Generic[T]):
    """Tells the new ones of what was found from those that were seen.

    Args:
        start: nothing older is new.
    """

    def __init__(self, start: datetime) -> None:
        self._newest = start
        self._seen: dict[Hashable, datetime] = {}

    @property
    def since(self) -> datetime:
        """From when on to look the next time."""
        return self._newest - LATE

    def new(self, found: Iterable[tuple[Hashable, datetime, T]]) -> list[T]:
        """Returns the new ones, the oldest first; what is too old to be found again is forgotten.

        Args:
            found: the key, the time and the thing, in any order.
        """
        fresh = {key: (time, thing) for key, time, thing in found if key not in self._seen}
        self._seen |= {key: time for key, (time, _) in fresh.items()}
        self._newest = max([self._newest, *self._seen.values()])
        self._seen = {key: time for key, time in self._seen.items() if time >= self.since}
        return [thing for _, thing in sorted(fresh.values(), key=lambda one: one[0])]
