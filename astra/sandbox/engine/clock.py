"""The sandbox's clock: real time that can be moved forward, or time that stands still until it is moved."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final

from astra.errors import InvalidRequestError

DAY: Final = 24 * 3600.0
FURTHEST: Final = 3653 * DAY
"""The longest jump, in seconds: ten years, in which a weekly routine runs 520 times."""

LATEST: Final = datetime(2200, 1, 1, tzinfo=UTC)
SIZES: Final = {"seconds": 1.0, "minutes": 60.0, "hours": 3600.0, "days": DAY}


def step_of(**parts: object) -> float:
    """Returns a step in seconds.

    Args:
        **parts: `seconds`, `minutes`, `hours`, `days`.

    Raises:
        InvalidRequestError: a part is no number, or the step goes back or too far.
    """
    step = 0.0
    for name, value in parts.items():
        if isinstance(value, bool) or not isinstance(value, int | float) or value != value:
            raise InvalidRequestError(f"{name} must be a number, not {value!r}.", argument=name)
        # An int may be too large for a float.
        step += min(max(value, -2 * FURTHEST), 2 * FURTHEST) * SIZES[name]
    if step < 0:
        raise InvalidRequestError("The sandbox's clock only moves forward.")
    if step > FURTHEST:
        raise InvalidRequestError(
            f"The sandbox's clock moves by {FURTHEST / DAY:.0f} days at once at most, and this is further. "
            "All that becomes due on the way happens, so move in smaller steps."
        )
    return step


def epoch_of(moment: object, *, name: str) -> float:
    """Returns a moment in epoch seconds.

    Args:
        moment: an aware datetime, or epoch seconds.
        name: of the argument.

    Raises:
        InvalidRequestError: it is neither, has no time zone, or is before 1970 or after 2199.
    """
    if isinstance(moment, datetime):
        if moment.tzinfo is None:
            raise InvalidRequestError(
                f"{name} needs a time zone: tzinfo=timezone.utc, or an offset such as +00:00.", argument=name
            )
        moment = moment.timestamp()
    if isinstance(moment, bool) or not isinstance(moment, int | float):
        raise InvalidRequestError(f"{name} must be an aware datetime, not {type(moment).__name__}.", argument=name)
    if not 0 <= moment < LATEST.timestamp():
        raise InvalidRequestError(f"{name} must lie from 1970 to {LATEST.year - 1}.", argument=name)
    return float(moment)


class SandboxClock:
    """Time as the sandbox sees it. Calling it gives epoch seconds, so it fits every `clock=` argument of the SDK.

    Args:
        frozen_at: when given, time stands still at this moment (aware datetime, or epoch seconds) until `advance`.
        start_at: when given, time runs from this moment on (aware datetime, or epoch seconds).
        source: where real time comes from, in epoch seconds.

    Raises:
        InvalidRequestError: a moment has no time zone, or both are given.

    Example:
        >>> clock = SandboxClock(frozen_at=1_000.0)
        >>> clock.advance(hours=2)
        >>> clock()
        8200.0
    """

    def __init__(
        self,
        *,
        frozen_at: datetime | float | None = None,
        start_at: datetime | float | None = None,
        source: Callable[[], float] = time.time,
    ) -> None:
        self._source = source
        self._offset = 0.0
        self._frozen: float | None = None
        self._guard = threading.Lock()
        if frozen_at is not None and start_at is not None:
            raise InvalidRequestError("Give frozen_at or start_at, not both.", argument="start_at")
        if frozen_at is not None:
            self._frozen = epoch_of(frozen_at, name="frozen_at")
        if start_at is not None:
            self._offset = epoch_of(start_at, name="start_at") - source()

    def __call__(self) -> float:
        """Returns the time in epoch seconds."""
        frozen = self._frozen
        return frozen if frozen is not None else self._source() + self._offset

    @property
    def setting(self) -> tuple[float, float | None]:
        """How it was set: another value after each move, freeze and thaw."""
        return self._offset, self._frozen

    @property
    def is_frozen(self) -> bool:
        """Whether time stands still."""
        return self._frozen is not None

    def advance(self, *, seconds: float = 0, minutes: float = 0, hours: float = 0, days: float = 0) -> None:
        """Moves time forward. `sandbox.advance` does more: it also lets happen what becomes due.

        Args:
            seconds: seconds to add.
            minutes: minutes to add.
            hours: hours to add.
            days: days of 24 hours to add.

        Raises:
            InvalidRequestError: the move would go back in time, or further than ten years.

        Example:
            clock.advance(minutes=5)
        """
        step = step_of(seconds=seconds, minutes=minutes, hours=hours, days=days)
        with self._guard:
            if self() + step >= LATEST.timestamp():
                raise InvalidRequestError(f"The sandbox's clock ends with the year {LATEST.year - 1}.")
            if self._frozen is not None:
                self._frozen += step
            else:
                self._offset += step

    def advance_to(self, moment: datetime | float) -> None:
        """Moves time forward to a moment. `sandbox.advance_to` does more: it also lets happen what becomes due.

        Args:
            moment: an aware datetime, or epoch seconds.

        Raises:
            InvalidRequestError: the moment is past, or no aware datetime.

        Example:
            clock.advance_to(datetime(2026, 12, 1, tzinfo=timezone.utc))
        """
        if not self.catch_up(epoch_of(moment, name="moment")):
            now = datetime.fromtimestamp(self(), UTC)
            raise InvalidRequestError(f"The sandbox's clock only moves forward, and it is {now:%Y-%m-%d %H:%M:%S} UTC.")

    def catch_up(self, epoch: float) -> bool:
        """Moves time forward to a moment, unless that is past.

        Args:
            epoch: the moment, in epoch seconds.

        Returns:
            Whether it was not past.

        Example:
            clock.catch_up(1_800_000_000.0)
        """
        with self._guard:
            if epoch < self():
                return False
            if self._frozen is not None:
                self._frozen = epoch
            else:
                # A microsecond more, so that the sum is not rounded to a moment before.
                self._offset = epoch - self._source() + 1e-6
            return True

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

    def _set(self, epoch: float) -> None:
        with self._guard:
            if self._frozen is not None:
                self._frozen = epoch
            else:
                self._offset = epoch - self._source()

    def _way_back(self) -> Callable[[], None]:
        with self._guard:
            frozen, start = self._frozen, self() if self._offset else None

        def turn_back() -> None:
            with self._guard:
                self._frozen = frozen
                self._offset = 0.0 if start is None else start - self._source()

        return turn_back


def way_back(clock: SandboxClock) -> Callable[[], None]:
    """Returns what turns a clock back to how it stands now: to the same moment, and running or not. Only a reset, which
    forgets all that happened since, may do that.
    """
    return clock._way_back()  # pyright: ignore[reportPrivateUsage]


def set_back(clock: SandboxClock, epoch: float) -> None:
    """Sets a clock to a moment that may be past, as only loading a state may do, which forgets what happened since."""
    clock._set(epoch)  # pyright: ignore[reportPrivateUsage]
