"""Keep-alive: what to do next, without doing it. The workers are in `_async/keep_alive_worker.py` and its sync twin.

A refresh token that nobody uses for ten days is lost, and with it the user. So every few days each grant is refreshed
once. A run claims due grants in batches, each with a lease, so that any number of runs on any number of hosts share the
work; it saves them in batches, too. A run that is killed leaves nothing behind but leases, which end by themselves: the
next run finds what is still due and goes on.
"""

from __future__ import annotations

import enum
import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Mapping
from datetime import timedelta

import attrs

from astra.config import is_number
from astra.errors import AstraError, InvalidRequestError, OAuthError, RateLimitError, ServiceUnavailableError
from astra.tokens.grant import Grant

OLDER_THAN = 5 * 24 * 3600.0
BATCH = 200
FLUSH_SIZE = 64
FLUSH_AGE = 0.25
MAX_TRIES = 3
"""How often a run tries one grant when the server asks to wait."""
MAX_CONSECUTIVE_FAILURES = 25
"""Failures in a row after which a run ends: the server is down, and the next run will find what is still due."""


def check_arguments(*, older_than: object, rate: object, concurrency: object, keys: object) -> None:
    """Refuses arguments of a run that cannot be right.

    Raises:
        InvalidRequestError: it names the argument.
    """
    if not isinstance(older_than, timedelta) or older_than < timedelta():
        raise InvalidRequestError(
            f"older_than must be a timedelta such as timedelta(days=5), not {older_than!r}.", argument="older_than"
        )
    if rate is not None and not (is_number(rate) and 0 < rate < float("inf")):
        raise InvalidRequestError(f"rate must be a positive number, or None, not {rate!r}.", argument="rate")
    if not (is_number(concurrency) and concurrency >= 1 and concurrency % 1 == 0):
        raise InvalidRequestError(
            f"concurrency must be a whole number from 1 up, not {concurrency!r}.", argument="concurrency"
        )
    if isinstance(keys, str | bytes):
        raise InvalidRequestError("keys must be a list of your user keys, not one of them.", argument="keys")


@attrs.frozen(kw_only=True)
class KeepAliveReport:
    """What a keep-alive run has done, so far or in the end.

    Attributes:
        refreshed: grants with new tokens, which are saved.
        skipped: grants that somebody else refreshed, re-authorized or forgot meanwhile.
        failed: grants whose refresh failed; they stay due for the next run.
        needs_reauthorization: grants whose refresh token was found dead; the hook was called for each.
        seconds: how long the run took.
        ended_early: why the run ended before all was done, or None.
        errors: number of failures by name of the error class.

    Example:
        report = astra.tokens.keep_alive(older_than=timedelta(days=5))
        if not report.ok:
            log.error("keep-alive: %s", report)
    """

    refreshed: int = 0
    skipped: int = 0
    failed: int = 0
    needs_reauthorization: int = 0
    seconds: float = 0.0
    ended_early: str | None = None
    errors: Mapping[str, int] = attrs.field(factory=dict[str, int])

    @property
    def ok(self) -> bool:
        """Whether nothing failed and the run came to its end. A dead grant is news, not a failure."""
        return self.failed == 0 and self.ended_early is None

    @property
    def rate(self) -> float:
        """Refreshed grants per second."""
        return self.refreshed / self.seconds if self.seconds > 0 else 0.0


Progress = Callable[[KeepAliveReport], None]


def never() -> bool:
    """Stops nothing."""
    return False


class NoJob(enum.Enum):
    """What a worker does when there is no grant for it."""

    CLAIM = "claim"
    WAIT = "wait"
    END = "end"


@attrs.frozen
class Job:
    """A grant to refresh, the time by which it has to be under way, and how often it was tried."""

    grant: Grant
    until: float
    tries: int = 0


class Scheduler:
    """The state of one run, shared by its workers. Its lock guards bookkeeping only.

    Args:
        concurrency: number of workers.
        rate: refreshes per second at most, or None for no limit.
        lease_ttl: seconds that a claim is valid.
        stop: asked before each grant; True ends the run after what is under way.
        monotonic: clock for pacing, in seconds.
    """

    def __init__(
        self,
        *,
        concurrency: int,
        rate: float | None,
        lease_ttl: float,
        stop: Callable[[], bool],
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.batch = BATCH if rate is None else max(1, min(BATCH, int(rate)))
        self.error: AstraError | None = None
        self._interval = 0.0 if rate is None else 1.0 / rate
        self._low_water = min(concurrency, self.batch) if rate is None else 0
        # A claim must outlive the refresh that starts just before it ends.
        self._usable = lease_ttl / 4
        self._stop = stop
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._queue: deque[Job] = deque()
        self._claiming = self._exhausted = self._ended = False
        self._busy = 0
        self._started = monotonic()
        self._next_slot = self._started
        self._unsaved: list[tuple[Grant, Grant]] = []
        self._oldest_unsaved = 0.0
        self._counts: Counter[str] = Counter()
        self._errors: Counter[str] = Counter()
        self._failures_in_a_row = 0
        self._ended_early: str | None = None

    def next(self) -> Job | NoJob:
        """What a worker does next: a grant, which counts as under way until `finish`, or a step."""
        stopped = self._stop()
        with self._lock:
            if stopped and not self._ended:
                self._end("stopped")
            if self._ended:
                return NoJob.END
            if not self._claiming and not self._exhausted and len(self._queue) <= self._low_water:
                self._claiming = True
                return NoJob.CLAIM
            if self._queue:
                self._busy += 1
                return self._queue.popleft()
            if self._exhausted and not self._busy:
                return NoJob.END
            return NoJob.WAIT

    def add(self, grants: list[Grant]) -> None:
        """Takes in a batch of claims. An empty one means that nothing is due any more."""
        until = self._monotonic() + self._usable
        with self._lock:
            self._claiming = False
            self._exhausted = self._exhausted or not grants
            self._queue.extend(Job(grant, until) for grant in grants)

    def reopen(self, grants: list[Grant]) -> None:
        """Goes on with grants that came free after all seemed done."""
        with self._lock:
            self._exhausted = False
        self.add(grants)

    def is_stale(self, job: Job) -> bool:
        """Whether a claim waited so long that it has to be made again."""
        return self._monotonic() > job.until

    def renewed(self, job: Job, grant: Grant) -> Job:
        """The same claim, made again."""
        return attrs.evolve(job, grant=grant, until=self._monotonic() + self._usable)

    def pause(self) -> float:
        """Takes a place in the line of refreshes and returns the seconds until its turn."""
        with self._lock:
            now = self._monotonic()
            slot = max(self._next_slot, now)
            self._next_slot = slot + self._interval
            return slot - now

    def refreshed(self, former: Grant, fresh: Grant) -> None:
        """Takes in a refreshed grant that has to be saved."""
        with self._lock:
            if not self._unsaved:
                self._oldest_unsaved = self._monotonic()
            self._unsaved.append((former, fresh))
            self._failures_in_a_row = 0

    def unsaved(self, *, soon: bool) -> list[tuple[Grant, Grant]]:
        """Hands out what has to be saved now: a full batch, an old one, or, if nothing will happen soon, all of it.

        A grant must not wait: the calls of its user have lost their token and look for this one.
        """
        with self._lock:
            if not self._unsaved:
                return []
            age = self._monotonic() - self._oldest_unsaved
            if soon and len(self._unsaved) < FLUSH_SIZE and age < FLUSH_AGE:
                return []
            batch, self._unsaved = self._unsaved, []
            return batch

    def give_back(self, job: Job) -> None:
        """Puts a grant back whose refresh was interrupted; its lease ends with the run."""
        with self._lock:
            self._queue.appendleft(job)

    def finish(self) -> None:
        """A grant is no longer under way."""
        with self._lock:
            self._busy -= 1

    def count(self, what: str, number: int = 1) -> None:
        """Counts for the report."""
        with self._lock:
            self._counts[what] += number

    def failed(self, job: Job, error: AstraError) -> bool:
        """Takes in a failed refresh. Returns whether the grant is back in the queue, to be tried again in this run."""
        asked = error.retry_after if isinstance(error, RateLimitError | ServiceUnavailableError) else None
        with self._lock:
            self._failures_in_a_row += 1
            if asked is not None and job.tries + 1 < MAX_TRIES:
                self._next_slot = max(self._next_slot, self._monotonic() + asked)
                self._queue.appendleft(attrs.evolve(job, tries=job.tries + 1))
                return True
            self._counts["failed"] += 1
            self._errors[type(error).__name__] += 1
            if isinstance(error, OAuthError) and error.code in {"invalid_client", "unauthorized_client"}:
                self._end(f"the client's credentials were refused ({error.code})")
            elif self._failures_in_a_row >= MAX_CONSECUTIVE_FAILURES:
                self._end(f"{MAX_CONSECUTIVE_FAILURES} failures in a row, the last one {type(error).__name__}")
            return False

    def abort(self, error: AstraError) -> None:
        """Ends the run because its store failed."""
        with self._lock:
            self.error = self.error or error
            self._end(f"the store failed: {type(error).__name__}")

    def stop(self) -> None:
        """Ends the run after what is under way."""
        with self._lock:
            self._end("stopped")

    def _end(self, reason: str) -> None:
        self._ended = True
        self._ended_early = self._ended_early or reason

    def leftovers(self) -> list[Grant]:
        """Claimed grants that were not begun."""
        with self._lock:
            left, self._queue = [job.grant for job in self._queue], deque()
            return left

    def report(self) -> KeepAliveReport:
        """What was done so far."""
        with self._lock:
            return KeepAliveReport(
                **self._counts,
                seconds=self._monotonic() - self._started,
                ended_early=self._ended_early,
                errors=dict(self._errors),
            )
