"""The sandbox's clock: real time that can be moved forward, or time that stands still until it is moved."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta

from astra.errors import InvalidRequestError


class SandboxClock:
    """Time as the sandbox sees it. Calling it gives epoch seconds, so it fits every `clock=` argument of the SDK.

    Args:
        frozen_at: when given, time stands still at this moment (aware datetime, or epoch seconds) until `advance`.
        source: where real time comes from, in epoch seconds.

    Example:
        >>> clock = SandboxClock(frozen_at=1_000.0)
        >>> clock.advance(hours=2)
        >>> clock()
        8200.0
    """

    def __init__(self, *, frozen_at: datetime | float | None = None, source: Callable[[], float] = time.time) -> None:
        self._source = source
        self._offset = 0.0
        self._frozen: float | None = None
        self._guard = threading.Lock()
        if frozen_at is not None:
            self._frozen = frozen_at.timestamp() if isinstance(frozen_at, datetime) else float(frozen_at)

    def __call__(self) -> float:
        """Returns the time in epoch seconds."""
        frozen = self._frozen
        return frozen if frozen is not None else self._source() + self._offset

    def advance(self, *, seconds: float = 0, minutes: float = 0, hours: float = 0, days: float = 0) -> None:
        """Moves time forward. `sandbox.advance` does more: it also lets happen what becomes due.

        Args:
            seconds: seconds to add.
            minutes: minutes to add.
            hours: hours to add.
            days: days of 24 hours to add.

        Raises:
            InvalidRequestError: the move would go back in time.

        Example:
            clock.advance(minutes=5)
        """
        step = timedelta(seconds=seconds, minutes=minutes, hours=hours, days=days).total_seconds()
        if step < 0:
            raise InvalidRequestError("The sandbox's clock only moves forward.")
        with self._guard:
            if self._frozen is not None:
                self._frozen += step
            else:
                self._offset += step

    def freeze(self) -> None:
        """Stops time where it is, until `advance` or `thaw`.

        Example:
            clock.freeze()
        """
        with self._guard:
            self._frozen = self()

    def thaw(self) -> None:
        """Lets time run again, from where it stood.

        Example:
            clock.thaw()
        """
        with self._guard:
            if self._frozen is not None:
                self._offset = self._frozen - self._source()
                self._frozen = None
