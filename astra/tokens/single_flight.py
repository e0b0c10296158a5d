"""Single flight: of all threads and tasks of a process that need the same user's token, one works and the others wait.

The registry hangs on the store object, so that any number of clients over one store share it: a lock per client would
be no lock at all when a framework makes a client per request. The lock here guards dictionary operations only; it is
never held while anyone sleeps, reads, sends or calls a hook.
"""

from __future__ import annotations

import copy
import threading
import time
from concurrent.futures import Future
from typing import Any

import attrs

from astra.errors import AstraError
from astra.storage.forks import FORK_GUARD
from astra.tokens.grant import Grant
from astra.tokens.policy import Failure


@attrs.frozen(kw_only=True)
class Outcome:
    """How a shared call ended: with a grant, with an error, or with neither, when its leader went away.

    Attributes:
        grant: the grant to use.
        error: what to raise.
        invalidated: set by the one call, over all processes, that marked the grant dead: its leader calls the hook.
    """

    grant: Grant | None = None
    error: BaseException | None = None
    invalidated: AstraError | None = None


NO_RESULT = Outcome()


class DeadlineExceeded(Exception):
    """The time allowed for a shared call is over. Its waiters, who may have more time, start another."""


def fresh_copy(error: BaseException) -> BaseException:
    """A copy of an error for one more waiter, so that threads do not write into each other's traceback."""
    if isinstance(error, AstraError):
        return copy.copy(error).with_traceback(None)
    return error


@attrs.define(eq=False)
class SharedCall:
    """One search for a usable token of one user."""

    key: str
    result: Future[Outcome] = attrs.field(factory=lambda: Future[Outcome]())
    started: float = attrs.field(factory=time.monotonic)
    task: Any = None

    def __attrs_post_init__(self) -> None:
        # A running future cannot be cancelled: a waiter that goes away must not take the call with it.
        self.result.set_running_or_notify_cancel()


@attrs.frozen
class Cached:
    """A grant in memory and the moment (seconds since the epoch) up to which it is used without a look at the store."""

    grant: Grant
    trusted_until: float


class LocalState:
    """What the threads and tasks of one process share about one store object: calls, cached grants, failures."""

    def __init__(self) -> None:
        self.cache: dict[str, Cached] = {}
        self.failures: dict[str, Failure] = {}
        self.cache_size = 20_000
        self._calls: dict[str, SharedCall] = {}
        self._lock = threading.Lock()
        FORK_GUARD.add(self)

    def after_fork(self) -> None:
        """See `ForkAware.after_fork`: the threads that would complete the calls and release the lock are not here."""
        self._lock, self._calls = threading.Lock(), {}

    def start_or_join(self, key: str, *, max_age: float) -> tuple[SharedCall, bool]:
        """Joins the user's shared call, or starts one.

        Args:
            key: your key of the user.
            max_age: seconds after which a call counts as lost (its event loop was stopped) and is replaced.

        Returns:
            The call, and whether the caller leads it.
        """
        with self._lock:
            call = self._calls.get(key)
            if call is not None and time.monotonic() - call.started < max_age:
                return call, False
            call = self._calls[key] = SharedCall(key)
            return call, True

    def complete(self, call: SharedCall, outcome: Outcome) -> None:
        """Ends a shared call and wakes those who wait for it."""
        with self._lock:
            if self._calls.get(call.key) is call:
                del self._calls[call.key]
        if not call.result.done():
            call.result.set_result(outcome)

    def put(self, grant: Grant, *, trusted_until: float) -> None:
        """Caches a grant, unless a newer one is there already."""
        with self._lock:
            held = self.cache.pop(grant.key, None)
            if held is not None and held.grant.version > grant.version:
                self.cache[grant.key] = held
                return
            self.cache[grant.key] = Cached(grant, trusted_until)
            while len(self.cache) > self.cache_size:
                del self.cache[next(iter(self.cache))]

    def evict(self, key: str) -> None:
        """Forgets what is known in memory about one user."""
        with self._lock:
            self.cache.pop(key, None)
            self.failures.pop(key, None)

    def record_failure(self, key: str, failure: Failure) -> None:
        """Remembers a failed refresh, and forgets those whose time is over when there are too many."""
        with self._lock:
            if len(self.failures) >= self.cache_size:
                self.failures.clear()
            self.failures[key] = failure
