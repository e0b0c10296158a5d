"""One connection pool for each event loop, because a connection belongs to the loop that opened it."""

from __future__ import annotations

import asyncio
from typing import Generic, TypeVar

T = TypeVar("T")


class AsyncLoopSlots(Generic[T]):
    """Keeps one value for each running event loop, and one for code without a loop.

    A client may live through several `asyncio.run` calls, or serve loops in several threads; values of loops that
    are closed are dropped.
    """

    __slots__ = ("_by_loop", "_without_loop")

    def __init__(self) -> None:
        self._by_loop: dict[asyncio.AbstractEventLoop, T] = {}
        self._without_loop: T | None = None

    def get(self) -> T | None:
        """Returns the value of the loop that runs in this thread, or None."""
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            return self._without_loop
        return self._by_loop.get(loop)

    def put(self, value: T) -> None:
        """Keeps `value` for the loop that runs in this thread."""
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            self._without_loop = value
            return
        for other in [other for other in self._by_loop if other.is_closed()]:
            del self._by_loop[other]
        self._by_loop[loop] = value

    def take_all(self) -> list[T]:
        """Removes and returns the values that can still be closed from here."""
        values = [value for loop, value in self._by_loop.items() if not loop.is_closed()]
        if self._without_loop is not None:
            values.append(self._without_loop)
        self._by_loop.clear()
        self._without_loop = None
        return values


class LoopSlots(Generic[T]):
    """The blocking twin: one value, whatever loop the calling thread happens to run."""

    __slots__ = ("_value",)

    def __init__(self) -> None:
        self._value: T | None = None

    def get(self) -> T | None:
        """Returns the value, or None."""
        return self._value

    def put(self, value: T) -> None:
        """Keeps `value`."""
        self._value = value

    def take_all(self) -> list[T]:
        """Removes and returns the value."""
        values = [] if self._value is None else [self._value]
        self._value = None
        return values
