"""Notes what changes in a state, so that saving it costs what has changed, and not what there is."""

from __future__ import annotations

from typing import Any, Protocol, TypeVar

V = TypeVar("V")


class Noted:
    """A record that says which of its fields were set. Its values are never changed in place, so that none is missed.

    Attributes:
        unsaved: the notes of the table that holds the record; unset while no table does.
    """

    __slots__ = ("unsaved",)

    id: str
    unsaved: set[str]


def note(record: Any, _: Any, value: V) -> V:
    """Hook of every record, called before a field is set."""
    unsaved: set[str] | None = getattr(record, "unsaved", None)
    if unsaved is not None:
        unsaved.add(record.id)
    return value


class Kept(Protocol):
    """A part of a state that can be saved bit by bit.

    Attributes:
        rows: what there is, by its key.
        unsaved: keys of what was added, changed or removed since it was saved.
    """

    @property
    def rows(self) -> dict[Any, Any]:
        """See above."""
        ...

    @property
    def unsaved(self) -> set[Any]:
        """See above."""
        ...
