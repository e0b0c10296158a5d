"""Which refreshed grants a keep-alive run saves together, and when. Times are given by the caller."""

from __future__ import annotations

from astra.tokens.grant import Grant

FLUSH_SIZE = 64
FLUSH_AGE = 0.25
"""Seconds that a refreshed grant waits for others at most."""


class Unsaved:
    """Refreshed grants that have to be saved: pairs of the former grant and the fresh one.

    A grant must not wait long: the calls of its user have lost their token and look for this one.
    """

    def __init__(self) -> None:
        self._pairs: list[tuple[Grant, Grant]] = []
        self._since: list[float] = []

    def add(self, former: Grant, fresh: Grant, *, now: float) -> None:
        """Takes in a refreshed grant."""
        self._since.append(now)
        self._pairs.append((former, fresh))

    def take(self, *, now: float, soon: bool) -> list[tuple[Grant, Grant]]:
        """Hands out what has to be saved now: a full batch, an old one, or, if nothing will happen soon, all of it."""
        oldest = self._since[0] if self._since else now
        if soon and len(self._pairs) < FLUSH_SIZE and now - oldest < FLUSH_AGE:
            return []
        pairs, self._pairs, self._since = self._pairs, [], []
        return pairs
