"""De-duplication inside one process."""

from __future__ import annotations

import threading
from datetime import timedelta

from astra.storage.forks import FORK_GUARD
from astra.webhooks.dedupe.store import (
    DONE,
    IN_PROGRESS,
    Claim,
    DedupeStore,
    PurgeSchedule,
    new_token,
)


class MemoryDedupe(DedupeStore):
    """Remembers events in a dict: for tests, and for a receiver that is one process and may forget on restart.

    Args:
        retention: how long a done event is remembered, at least a day; None forever. A copy of a delivery that comes
            after it is handled once more: Astra signs no time.
    """

    def __init__(self, *, retention: timedelta | None = None) -> None:
        self._lock = threading.Lock()
        self._claims: dict[str, tuple[str, float]] = {}
        self._done: dict[str, float] = {}
        self._purge = PurgeSchedule(retention)
        FORK_GUARD.add(self)

    def after_fork(self) -> None:
        """See `ForkAware.after_fork`: another thread may have held the lock when the process forked."""
        self._lock = threading.Lock()

    def claim(self, event_id: str, *, lease: float, now: float) -> Claim:
        """See `DedupeStore.claim`."""
        with self._lock:
            if event_id in self._done:
                return DONE
            held = self._claims.get(event_id)
            if held is not None and now < held[1]:
                return IN_PROGRESS
            token = new_token()
            self._claims[event_id] = (token, now + lease)
            return Claim("claimed", token)

    def done(self, event_id: str, *, now: float) -> None:
        """See `DedupeStore.done`."""
        with self._lock:
            self._claims.pop(event_id, None)
            self._done[event_id] = now
            cutoff = self._purge.cutoff(now)
            if cutoff is not None:
                self._done = {key: when for key, when in self._done.items() if when >= cutoff}
                self._claims = {key: claim for key, claim in self._claims.items() if claim[1] >= cutoff}

    def release(self, event_id: str, *, token: str) -> None:
        """See `DedupeStore.release`."""
        with self._lock:
            held = self._claims.get(event_id)
            if held is not None and held[0] == token:
                del self._claims[event_id]
