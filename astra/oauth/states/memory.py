"""States inside one process."""

from __future__ import annotations

import threading

from astra.oauth.states.store import LEFTOVER, StateStore
from astra.oauth.states.tickets import Ticket
from astra.storage.forks import FORK_GUARD


class MemoryStates(StateStore):
    """Keeps tickets in a dict: for tests, and for a web app that is one process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._tickets: dict[str, Ticket] = {}
        FORK_GUARD.add(self)

    def after_fork(self) -> None:
        """See `ForkAware.after_fork`: another thread may have held the lock when the process forked."""
        self._lock = threading.Lock()

    def put(self, id: str, ticket: Ticket, *, now: float) -> None:
        """See `StateStore.put`."""
        with self._lock:
            for old in [known for known, kept in self._tickets.items() if kept.expires_at <= now - LEFTOVER]:
                del self._tickets[old]
            self._tickets[id] = ticket

    def take(self, id: str) -> Ticket | None:
        """See `StateStore.take`."""
        with self._lock:
            return self._tickets.pop(id, None)
