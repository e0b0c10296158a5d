"""Public classes say the module from which users import them, not the file in which they happen to be written.

So a repr, a pickle and an editor name `astra.Astra`, and a pickle outlives a file that moves.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Iterable
from typing import TypeVar

K = TypeVar("K", bound=type)


def public(room: str) -> Callable[[K], K]:
    """Returns a class decorator for rooms that load their classes one by one; see `publish` for the others.

    Args:
        room: the module that exports the class.
    """

    def mark(kind: K) -> K:
        if "__annotations__" in vars(kind):
            # Annotations that are text are looked up in `__module__` by `typing.get_type_hints` and who uses it.
            kind.__annotations__ = inspect.get_annotations(kind, eval_str=True)
        kind.__module__ = room
        return kind

    return mark


def publish(room: str, names: Iterable[str]) -> None:
    """Marks the classes of a room that loads them all at once. One that another room has marked keeps its mark.

    Args:
        room: `__name__` of the room.
        names: its `__all__`.
    """
    mark = public(room)
    for name in names:
        value: object = getattr(sys.modules[room], name)
        if isinstance(value, type) and value.__module__.startswith(f"{room}."):
            mark(value)
