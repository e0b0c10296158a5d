"""Records by id and by owner. An owner's records stay in creation order, so a newest-first page costs its own size."""

from __future__ import annotations

import heapq
from bisect import bisect_left
from collections.abc import Iterator, MutableMapping
from operator import attrgetter
from typing import Generic, Protocol, TypeVar

from astra.sandbox.engine.unsaved import Noted

Due = tuple[float, int, str, str]
"""When something is due (epoch seconds), its place in line, what is done then, and to which record."""


class Record(Protocol):
    """What a page needs to know of a record: its id, whose it is, and its place in time."""

    id: str
    owner: str
    seq: int


class SavedRecord(Record, Protocol):
    """What a table needs to know of a record: where to note that it has changed, too."""

    unsaved: set[str]


T = TypeVar("T", bound=SavedRecord)
V = TypeVar("V")

by_seq = attrgetter("seq")


class Table(Generic[T]):
    """Records of one kind."""

    def __init__(self) -> None:
        self.rows: dict[str, T] = {}
        self.owned: dict[str, list[T]] = {}
        self.unsaved: set[str] = set()

    def __len__(self) -> int:
        return len(self.rows)

    def __iter__(self) -> Iterator[T]:
        return iter(self.rows.values())

    def add(self, record: T) -> T:
        """Stores a new record; its seq must be the highest so far."""
        self.rows[record.id] = record
        record.unsaved = self.unsaved
        self.unsaved.add(record.id)
        held = self.owned.get(record.owner)
        if held is None:
            self.owned[record.owner] = [record]
        else:
            held.append(record)
        return record

    def remove(self, record: T) -> None:
        """Forgets a record."""
        del self.rows[record.id]
        self.unsaved.add(record.id)
        self.hide(record)

    def hide(self, record: T) -> None:
        """Takes a record out of its owner's list; it can still be had by id."""
        held = self.owned[record.owner]
        del held[bisect_left(held, record.seq, key=by_seq)]

    def get(self, id: str) -> T | None:
        """Returns a record by id."""
        return self.rows.get(id)

    def of(self, owner: str) -> list[T]:
        """Returns an owner's records, oldest first."""
        return self.owned.get(owner, [])

    def owned_by(self, owner: str, id: str) -> T | None:
        """Returns a record by id, when it is this owner's."""
        record = self.rows.get(id)
        return record if record is not None and record.owner == owner else None


class Named(MutableMapping[str, V]):
    """What is found by a name alone: clients, and what codes and tokens stand for."""

    def __init__(self) -> None:
        self.rows: dict[str, V] = {}
        self.unsaved: set[str] = set()

    def __getitem__(self, name: str) -> V:
        return self.rows[name]

    def __setitem__(self, name: str, value: V) -> None:
        self.rows[name] = value
        self.unsaved.add(name)
        if isinstance(value, Noted):
            value.unsaved = self.unsaved

    def __delitem__(self, name: str) -> None:
        del self.rows[name]
        self.unsaved.add(name)

    def __iter__(self) -> Iterator[str]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)


class Schedule:
    """What happens when."""

    def __init__(self) -> None:
        self.rows: dict[int, Due] = {}
        self.unsaved: set[int] = set()
        self._waiting: list[Due] = []

    def __len__(self) -> int:
        return len(self._waiting)

    def add(self, due: Due) -> None:
        """Plans something."""
        heapq.heappush(self._waiting, due)
        self.rows[due[1]] = due
        self.unsaved.add(due[1])

    def due(self) -> float | None:
        """Returns when the next is due (epoch seconds), or None."""
        return self._waiting[0][0] if self._waiting else None

    def is_due(self, now: float) -> bool:
        """Whether something is due."""
        return bool(self._waiting) and self._waiting[0][0] <= now

    def first(self, count: int) -> list[Due]:
        """Returns the next ones in order. It goes down the heap, and looks at no more than it has to."""
        waiting, found = self._waiting, list[Due]()
        front = [(waiting[0], 0)] if waiting else []
        while front and len(found) < count:
            due, place = heapq.heappop(front)
            found.append(due)
            for child in (2 * place + 1, 2 * place + 2):
                if child < len(waiting):
                    heapq.heappush(front, (waiting[child], child))
        return found

    def take(self) -> Due:
        """Takes the next."""
        due = heapq.heappop(self._waiting)
        del self.rows[due[1]]
        self.unsaved.add(due[1])
        return due
