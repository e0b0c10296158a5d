"""When the next refresh of a keep-alive run may start. Times are seconds of a monotonic clock, given by the caller."""

from __future__ import annotations

SLOWER = 2.0
FASTER = 0.97
QUICKEST_GUESS = 0.005
"""Seconds between the refreshes of a run that is asked to wait before any was done."""


class Pace:
    """Hands out turns: as fast as allowed, and slower than that after the server has asked to wait.

    When a server asks to wait, all workers wait, and after the pause the turns are twice as far apart: else all would
    start at once and be refused again. Each success brings the turns a little closer together.

    Args:
        rate: refreshes per second at most, or None for no limit.
        now: when the run starts.
    """

    def __init__(self, *, rate: float | None, now: float) -> None:
        self._shortest = 0.0 if rate is None else 1.0 / rate
        self.interval = self._shortest
        self._next = now
        self._paused_until = now
        self._slowed_at = now
        self._successes = 0

    def take(self, now: float) -> float:
        """Takes a turn; returns when it is."""
        turn = max(self._next, self._paused_until, now)
        self._next = turn + self.interval
        return turn

    def confirm(self, turn: float, now: float) -> tuple[float, float]:
        """Returns the turn, or a later one if a pause has come in between, and the seconds until it."""
        if turn < self._paused_until:
            turn = self.take(now)
        return turn, max(turn - now, 0.0)

    def succeeded(self) -> None:
        """Takes in a refresh that was done."""
        self._successes += 1
        self.interval = max(self._shortest, self.interval * FASTER)

    def asked_to_wait(self, seconds: float, *, started: float, now: float) -> None:
        """Takes in a refresh that was refused for now.

        Args:
            seconds: how long the server asks to wait.
            started: when the refresh began. One from before the turns were last spaced says nothing new.
            now: the time.
        """
        self._paused_until = max(self._paused_until, now + seconds)
        if started >= self._slowed_at:
            seen = (now - self._slowed_at) / self._successes if self._successes else QUICKEST_GUESS
            self.interval = max(self.interval, min(seen, 1.0)) * SLOWER
            self._next = self._paused_until
            self._slowed_at, self._successes = self._paused_until, 0
