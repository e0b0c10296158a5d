"""The sandbox's clock: real time that can be moved forward, or time that stands still until it is moved."""

import datetime as dt
import threading
import time
from collections.abc import Callable


class SandboxClock:
    """Time as the sandbox sees it. Calling it gives epoch seconds, so it fits every `clock=` argument of the SDK.

    Args:
        frozen_at: When given, time stands still at this moment (aware datetime, or epoch seconds) until `advance`.
        source: Where real time comes from, in epoch seconds.

    Example:
        >>> clock = SandboxClock(frozen_at=1_000.0)
        >>> clock.advance(hours=2)
        >>> clock()
        8200.0
    """

    def __init__(
        self, *, frozen_at: dt.datetime | float | None = None, source: Callable[[], float] = time.time
    ) -> None:
        self.source = source
        self.offset = 0.0
        self.frozen: float | None = None
        self.guard = threading.Lock()
        if frozen_at is not None:
            self.frozen = frozen_at.timestamp() if isinstance(frozen_at, dt.datetime) else float(frozen_at)

    def __call__(self) -> float:
        """The time in epoch seconds."""
        frozen = self.frozen
        return frozen if frozen is not None else self.source() + self.offset

    def advance(self, *, seconds: float = 0, minutes: float = 0, hours: float = 0, days: float = 0) -> None:
        """Moves time forward.

        Raises:
            ValueError: The move would go back in time.
        """
        step = dt.timedelta(seconds=seconds, minutes=minutes, hours=hours, days=days).total_seconds()
        if step < 0:
            raise ValueError("the sandbox's clock only moves forward")
        with self.guard:
            if self.frozen is not None:
                self.frozen += step
            else:
                self.offset += step

    def freeze(self) -> None:
        """Stops time where it is, until `advance` or `thaw`."""
        with self.guard:
            self.frozen = self()

    def thaw(self) -> None:
        """Lets time run again, from where it stood."""
        with self.guard:
            if self.frozen is not None:
                self.offset = self.frozen - self.source()
                self.frozen = None

    def jump_to(self, moment: float) -> None:
        """Sets the clock to `moment` (epoch seconds) when that is ahead; used when a saved state is loaded."""
        self.advance(seconds=max(0.0, moment - self()))
