"""One connection pool for each event loop, because a connection belongs to the loop that opened it."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncGenerator
from typing import Generic, Protocol, TypeVar


class AsyncClosable(Protocol):
    """What holds connections."""

    async def aclose(self) -> None:
        """Closes them."""
        ...


class Closable(Protocol):
    """The blocking twin."""

    def close(self) -> None:
        """Closes the connections."""
        ...


C = TypeVar("C", bound=AsyncClosable)
T = TypeVar("T")


class AsyncLoopSlots(Generic[C]):
    """Keeps one value for each running event loop, and one for code without a loop.

    A client may live through several `asyncio.run` calls, or serve loops in several threads. A value is closed when
    its loop shuts down.
    """

    __slots__ = ("_by_loop", "_keepers", "_without_loop")

    def __init__(self) -> None:
        self._by_loop: dict[asyncio.AbstractEventLoop, C] = {}
        self._keepers: dict[asyncio.AbstractEventLoop, AsyncGenerator[None]] = {}
        self._without_loop: C | None = None

    def get(self) -> C | None:
        """Returns the value of the loop that runs in this thread, or None."""
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            return self._without_loop
        return self._by_loop.get(loop)

    async def put(self, value: C) -> C:
        """Keeps `value` for the loop that runs this task; returns the one that is kept, should another be there."""
        loop = asyncio.get_running_loop()
        for other in [other for other in self._by_loop if other.is_closed()]:
            self._by_loop.pop(other, None)
            self._keepers.pop(other, None)
        kept = self._by_loop.setdefault(loop, value)
        if kept is value:
            # A loop closes its unfinished async generators when it shuts down. That is the one moment at which
            # connections can still be closed properly, and the one hook that asyncio offers for it.
            keeper = self._keepers[loop] = _close_at_shutdown(value)
            await anext(keeper)
        return kept

    def take_all(self) -> list[C]:
        """Removes and returns the values that can still be closed from here."""
        values = [value for loop, value in self._by_loop.items() if not loop.is_closed()]
        self._keepers.clear()
        if self._without_loop is not None:
            values.append(self._without_loop)
        self._by_loop.clear()
        self._without_loop = None
        return values


async def _close_at_shutdown(value: AsyncClosable) -> AsyncGenerator[None]:
    try:
        yield
    finally:
        await value.aclose()


class LoopSlots(Generic[T]):
    """The blocking twin: one value, whatever loop the calling thread happens to run."""

    __slots__ = ("_lock", "_value")

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._value: T | None = None

    def get(self) -> T | None:
        """Returns the value, or None."""
        return self._value

    def put(self, value: T) -> T:
        """Keeps `value`, unless another thread was first; returns the one that is kept."""
        with self._lock:
            if self._value is None:
                self._value = value
            return self._value

    def take_all(self) -> list[T]:
        """Removes and returns the value."""
        values = [] if self._value is None else [self._value]
        self._value = None
        return values
