"""Single flight: of all threads and tasks of a process that need the same user's token, one works and the others wait.

The registry hangs on the store object, so that any number of clients over one store share it: a lock per client would
be no lock at all when a framework makes a client per request. The lock here guards dictionary operations only; it is
never held while anyone sleeps, reads, sends or calls a hook.
"""

from __future__ import annotations

import copy
import random
import threading
import time
from concurrent.futures import Future
from typing import Any
from uuid import uuid4

import attrs

from astra.errors import AstraError
from astra.storage.forks import FORK_GUARD
from astra.tokens.grant import Grant
from astra.tokens.outcomes import Outcome
from astra.tokens.policy import Failure


def fresh_copy(error: BaseException) -> BaseException:
    """A copy of an error for one more waiter, so that threads do not write into each other's traceback."""
    if isinstance(error, AstraError):
        return copy.copy(error).with_traceback(None)
    return error


@attrs.define(eq=False)
class Flight:
    """One search for a usable token of one user. Its work is a task or thread of its own, whoever waits for it.

    Attributes:
        key: your key of the user.
        found: the grant in the store, as soon as it is known that its token lives although a newer one is looked for;
            None at the end, when there was none. Who has no token in memory goes out with that one when time is short.
        result: how it ended.
        started: when, by the monotonic clock.
        work: the task or thread.
    """

    key: str
    found: Future[Grant | None] = attrs.field(factory=lambda: Future[Grant | None]())
    result: Future[Outcome] = attrs.field(factory=lambda: Future[Outcome]())
    started: float = attrs.field(factory=time.monotonic)
    work: Any = None

    def __attrs_post_init__(self) -> None:
        # A running future cannot be cancelled: a waiter that goes away must not take the flight with it.
        self.found.set_running_or_notify_cancel()
        self.result.set_running_or_notify_cancel()

    def show(self, grant: Grant | None) -> None:
        """Tells those who wait what was found in the store."""
        if not self.found.done():
            self.found.set_result(grant)


@attrs.frozen
class Cached:
    """A grant in memory, and how long it is used without a look at the store.

    Attributes:
        grant: the grant.
        fresh_until: in seconds since the epoch; what expires goes by the wall clock.
        trusted_until: by the monotonic clock; a clock that is set changes nothing.
    """

    grant: Grant
    fresh_until: float
    trusted_until: float


class Lease:
    """The attempts of one flight to get the right to refresh.

    Attributes:
        owner: its name in the store.
        key: under which it was tried last.
        may_be_held: whether the store may know it as the holder, so that it has to be given back.
    """

    def __init__(self) -> None:
        self.owner = self.key = ""
        self.may_be_held = False
        self._pause = 0.01
        self._random = random.Random()  # noqa: S311 - jitter; the program's own random numbers stay as it seeded them

    def pause(self) -> float:
        """Seconds to the next attempt, with jitter."""
        pause, self._pause = self._pause, min(self._pause * 1.5, 0.25)
        return pause * self._random.uniform(0.5, 1.0)


class LocalState:
    """What the threads and tasks of one process share about one store object: flights, cached grants, failures."""

    def __init__(self) -> None:
        self.cache: dict[str, Cached] = {}
        self.failures: dict[str, Failure] = {}
        self.owed: dict[str, str] = {}
        self.cache_size = 20_000
        self._flights: dict[str, Flight] = {}
        self._lock = threading.Lock()
        FORK_GUARD.add(self)

    def after_fork(self) -> None:
        """See `ForkAware.after_fork`: the threads that would land the flights and release the lock are not here."""
        self._lock, self._flights = threading.Lock(), {}

    def start_or_join(self, key: str, *, max_age: float) -> tuple[Flight, bool]:
        """Joins the user's flight, or starts one.

        Args:
            key: your key of the user.
            max_age: seconds after which a flight counts as lost (its event loop was stopped) and is replaced.

        Returns:
            The flight, and whether the caller has to start its work.
        """
        with self._lock:
            flight = self._flights.get(key)
            if flight is not None and time.monotonic() - flight.started < max_age:
                return flight, False
            flight = self._flights[key] = Flight(key)
            return flight, True

    def land(self, flight: Flight, outcome: Outcome) -> None:
        """Ends a flight and wakes those who wait for it."""
        with self._lock:
            if self._flights.get(flight.key) is flight:
                del self._flights[flight.key]
        flight.show(None)
        if not flight.result.done():
            flight.result.set_result(outcome)

    def owner_of(self, key: str) -> str:
        """The name under which to take a lease: a new one, or that of a lease which could not be given back.

        While a store hangs, it may be told to take a lease and do so when nobody listens any more. Who takes it under
        the same name then need not wait for its end.
        """
        return self.owed.pop(key, None) or uuid4().hex

    def owe(self, key: str, owner: str) -> None:
        """Remembers a lease that could not be given back."""
        with self._lock:
            if len(self.owed) >= self.cache_size:
                self.owed.clear()
            self.owed[key] = owner

    def put(self, cached: Cached, *, instead_of: str | None = None) -> None:
        """Caches a grant, unless a newer one is there already.

        Args:
            cached: the grant.
            instead_of: an access token that was rejected: the grant with it gives way, whatever its version says. A
                store may have gone back to an older copy, and its version with it.
        """
        with self._lock:
            key = cached.grant.key
            held = self.cache.pop(key, None)
            if held is not None and held.grant.version > cached.grant.version and held.grant.access_token != instead_of:
                self.cache[key] = held
                return
            self.cache[key] = cached
            while len(self.cache) > self.cache_size:
                del self.cache[next(iter(self.cache))]

    def evict(self, key: str) -> None:
        """Forgets what is known in memory about one user."""
        with self._lock:
            self.cache.pop(key, None)
            self.failures.pop(key, None)

    def record_failure(self, key: str, failure: Failure) -> None:
        """Remembers a failed refresh, and forgets all when there are too many."""
        with self._lock:
            if len(self.failures) >= self.cache_size:
                self.failures.clear()
            self.failures[key] = failure
