"""Many small connection pools instead of a big one.

httpcore looks at every connection of a pool at the start and at the end of every request: at 50 requests in flight that
costs more CPU than all the rest of the call. A lane is a pool of a few connections. A request takes the first lane that
has room, so that a quiet client uses one lane, and a lane that nobody has needed for a while is closed.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Final, Generic, TypeVar

from astra._flavours import AsyncClosable

S = TypeVar("S", bound=AsyncClosable)

WIDTH: Final = 4
"""Connections of a lane."""

MOST: Final = 25
"""Lanes of a client: a hundred connections in all, as httpx has by default."""

IDLE: Final = 30.0
"""Seconds after which a lane that nobody uses is closed, except the first."""


class Lane(Generic[S]):
    """One small pool, and how many requests use it."""

    __slots__ = ("busy", "idle_since", "transport")

    def __init__(self, transport: S) -> None:
        self.transport = transport
        self.busy = 0
        self.idle_since = 0.0


class AsyncLanes(Generic[S]):
    """The lanes of one client.

    Args:
        make: makes the transport of a lane.
        clock: monotonic seconds.
    """

    __slots__ = ("_clock", "_lanes", "_lock", "_make")

    def __init__(self, make: Callable[[], S], *, clock: Callable[[], float] = time.monotonic) -> None:
        self._make = make
        self._clock = clock
        self._lock = threading.Lock()
        self._lanes: list[Lane[S]] = [Lane(make())]

    def __len__(self) -> int:
        return len(self._lanes)

    def take(self) -> Lane[S]:
        """Returns the first lane with room; when all are full, the one with the shortest queue. Give it back."""
        with self._lock:
            for lane in self._lanes:
                if lane.busy < WIDTH:
                    break
            else:
                if len(self._lanes) < MOST:
                    lane = Lane(self._make())
                    self._lanes.append(lane)
                else:
                    lane = min(self._lanes, key=lambda lane: lane.busy)
            lane.busy += 1
            return lane

    async def give_back(self, lane: Lane[S]) -> None:
        """Ends the use of a lane, and closes the last one if nobody has needed it for a while."""
        stale = None
        with self._lock:
            lane.busy -= 1
            if lane.busy == 0:
                now = self._clock()
                lane.idle_since = now
                last = self._lanes[-1]
                if len(self._lanes) > 1 and last.busy == 0 and now - last.idle_since > IDLE:
                    stale = self._lanes.pop()
        if stale is not None:
            await stale.transport.aclose()

    async def aclose(self) -> None:
        """Closes all lanes."""
        with self._lock:
            lanes, self._lanes = self._lanes, []
        for lane in lanes:
            await lane.transport.aclose()
