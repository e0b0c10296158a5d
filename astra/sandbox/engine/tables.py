"""Records by id and by owner. An owner's records stay in creation order, so a newest-first page costs its own size."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from operator import attrgetter
from typing import Generic, Protocol, TypeVar


class Record(Protocol):
    """What a table needs to know of a record: its id, whose it is, and its place in time."""

    id: str
    owner: str
    seq: int


T = TypeVar("T", bound=Record)

by_seq = attrgetter("seq")


class Table(Generic[T]):
    """Records of one kind."""

    def __init__(self) -> None:
        self.rows: dict[str, T] = {}
        self.owned: dict[str, list[T]] = {}

    def __len__(self) -> int:
        return len(self.rows)

    def __iter__(self) -> Iterator[T]:
        return iter(self.rows.values())

    def add(self, record: T) -> T:
        """Stores a new record; its seq must be the highest so far."""
        self.rows[record.id] = record
        held = self.owned.get(record.owner)
        if held is None:
            self.owned[record.owner] = [record]
        else:
            held.append(record)
        return record

    def remove(self, record: T) -> None:
        """Forgets a record."""
        del self.rows[record.id]
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
