"""Keep-alive: what to do next, without doing it. The workers are in `_async/keep_alive_worker.py` and its sync twin.

When the next refresh may start is in `pacing`, what is saved together in `batching`, which refusals are believed in
`refusals`, what ends a run in `stop_rules`.

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
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import cast

import attrs

from astra.config import is_number
from astra.errors import AstraError, InvalidRequestError
from astra.tokens.batching import Unsaved
from astra.tokens.grant import Grant
from astra.tokens.pacing import Pace
from astra.tokens.refusals import FIRST, PROOFS, Refusals
from astra.tokens.stop_rules import StopRules, asked_pause
from astra.tokens.user_keys import check_user_key

OLDER_THAN = 5 * 24 * 3600.0
BATCH = 200
MAX_TRIES = 3
"""How often a run tries one grant when the server asks to wait."""


def check_arguments(*, older_than: object, rate: object, concurrency: object, progress: object, stop: object) -> None:
    """Refuses arguments of a run that cannot be right.

    Raises:
        InvalidRequestError: it names the argument.
    """
    check_older_than(older_than)
    if rate is not None and not (is_number(rate) and 0 < rate < float("inf")):
        raise InvalidRequestError(f"rate must be a positive number, or None, not {rate!r}.", argument="rate")
    if not (is_number(concurrency) and concurrency >= 1 and concurrency % 1 == 0):
        raise InvalidRequestError(
            f"concurrency must be a whole number from 1 up, not {concurrency!r}.", argument="concurrency"
        )
    for name, function in (("progress", progress), ("stop", stop)):
        if not callable(function) and not (name == "progress" and function is None):
            raise InvalidRequestError(f"{name} must be a function, not {function!r}.", argument=name)


def read_keys(keys: object) -> list[str]:
    """Lists the keys that a run is for, each once.

    Raises:
        InvalidRequestError: it is no list, or one is no text: nobody would be found under 42 who is kept under "42".
    """
    if isinstance(keys, str | bytes):
        raise InvalidRequestError("keys must be a list of your user keys, not one of them.", argument="keys")
    if not isinstance(keys, Iterable):
        raise InvalidRequestError(f"keys must be a list of your user keys, not {keys!r}.", argument="keys")
    listed = list(cast("Iterable[object]", keys))
    for key in listed:
        if not isinstance(key, str):
            check_user_key(key, argument="keys")
    return list(dict.fromkeys(cast("list[str]", listed)))


def check_older_than(older_than: object) -> None:
    """Refuses an age that is none.

    Raises:
        InvalidRequestError: it is no timedelta, or a negative one.
    """
    if not isinstance(older_than, timedelta) or older_than < timedelta():
        raise InvalidRequestError(
            f"older_than must be a timedelta such as timedelta(days=5), not {older_than!r}.", argument="older_than"
        )


def check_state(state: object) -> None:
    """Refuses a state that no grant has: nothing would be found, which looks like good news.

    Raises:
        InvalidRequestError: it is neither "active", "dead" nor None.
    """
    if state not in (None, "active", "dead"):
        raise InvalidRequestError(f'state must be "active", "dead" or None, not {state!r}.', argument="state")


def check_chunk(chunk: object) -> None:
    """Refuses a size of chunks that cannot be right.

    Raises:
        InvalidRequestError: it names the argument.
    """
    if not (is_number(chunk) and chunk >= 1 and chunk % 1 == 0):
        raise InvalidRequestError(f"chunk must be a whole number from 1 up, not {chunk!r}.", argument="chunk")


def check_since(key: str | None, since: object, *, now: float) -> float:
    """Reads since when grants are revived, in seconds since the epoch.

    Raises:
        InvalidRequestError: not exactly one of key and since was given, or the latter is no time.
    """
    if (key is None) == (since is None):
        raise InvalidRequestError("Name the grants by exactly one of key and since.", argument="since")
    if since is None:
        return 0.0
    if isinstance(since, timedelta):
        earliest = now - since.total_seconds()
    elif isinstance(since, datetime) and since.tzinfo is not None:
        earliest = since.timestamp()
    else:
        raise InvalidRequestError(
            f"since must be a timedelta, or a datetime with a time zone, not {since!r}.", argument="since"
        )
    if earliest > now:
        raise InvalidRequestError(f"since is in the future: {since!r}.", argument="since")
    return earliest


@attrs.frozen(kw_only=True)
class KeepAliveReport:
    """What a keep-alive run has done, so far or in the end.

    Attributes:
        refreshed: grants with new tokens, which are saved.
        skipped: grants that somebody else refreshed, re-authorized or forgot meanwhile.
        failed: grants whose refresh failed; they are tried again later, after those that did not fail.
        needs_reauthorization: grants whose refresh token was found dead; the hook was called for each.
        doubted: grants whose refresh token was refused, which was not believed: see `ended_early`, or no other refresh
            succeeded after it. They were not marked, and are tried again later.
        forgotten: grants that were deleted: kept under a made-up key ("pending-...") by an earlier release, used by
            nobody, and past their lifetime.
        seconds: how long the run took.
        ended_early: why the run ended before all was done, or could not do anything: all grants in the store are those
            of other clients. None if it came to its end.
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
    doubted: int = 0
    forgotten: int = 0
    seconds: float = 0.0
    ended_early: str | None = None
    errors: Mapping[str, int] = attrs.field(factory=dict[str, int])

    @property
    def ok(self) -> bool:
        """Whether nothing failed and the run came to its end. A dead grant is news, not a failure."""
        return not (self.failed or self.doubted or self.ended_early)

    @property
    def is_empty(self) -> bool:
        """Whether no grant was due."""
        done = self.refreshed, self.skipped, self.failed, self.needs_reauthorization, self.doubted, self.forgotten
        return not any(done) and self.ended_early is None

    @property
    def exit_code(self) -> int:
        """What a program that ran it exits with: 0 if all is well, 1 if something failed or people are needed."""
        return 0 if self.ok and not self.needs_reauthorization else 1

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
    """One person to refresh.

    Attributes:
        grant: the grant.
        until: when its claim has to be made again.
        others: claimed grants of the same person under other keys, which get the same tokens.
        tries: how often it was tried.
        is_proof: whether it comes from the other end of the queue, to prove that not everybody is refused.
    """

    grant: Grant
    until: float
    others: tuple[Grant, ...] = ()
    tries: int = 0
    is_proof: bool = False

    @property
    def grants(self) -> tuple[Grant, ...]:
        """All grants of the person that are claimed."""
        return (self.grant, *self.others)


def group(grants: Sequence[Grant], *, until: float) -> list[Job]:
    """Makes one job for each person; one that is known under several keys has one valid access token for all."""
    people: dict[str, list[Grant]] = {}
    for grant in grants:
        people.setdefault(f"id {grant.astra_user_id}" if grant.astra_user_id else f"key {grant.key}", []).append(grant)
    jobs: list[Job] = []
    for same in people.values():
        newest = max(same, key=lambda grant: grant.refreshed_at)
        jobs.append(Job(newest, until, tuple(grant for grant in same if grant is not newest)))
    return jobs


class Scheduler:
    """The state of one run, shared by its workers. Its lock guards bookkeeping only.

    Args:
        concurrency: number of workers.
        rate: refreshes per second at most, or None for no limit.
        lease_ttl: seconds that a claim is valid.
        max_retry_after: the longest `Retry-After`, in seconds, that is believed.
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
        max_retry_after: float = 3600.0,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.batch = BATCH if rate is None else max(1, min(BATCH, int(rate)))
        self.error: AstraError | None = None
        self._low_water = min(concurrency, self.batch) if rate is None else 0
        # A claim must outlive the refresh that starts just before it ends.
        self._usable = lease_ttl / 4
        self._max_retry_after = max_retry_after
        self._stop = stop
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._queue: deque[Job] = deque()
        self._claiming = self._exhausted = self._ended = False
        self._busy = self._proofs = 0
        self._started = monotonic()
        self._pace = Pace(rate=rate, now=self._started)
        self._unsaved = Unsaved()
        self._refusals = Refusals[Job]()
        self._rules = StopRules()
        self._counts: Counter[str] = Counter()
        self._errors: Counter[str] = Counter()
        self._ended_early: str | None = None

    # -- what a worker does next -------------------------------------------------------------------------------------

    def is_over(self) -> bool:
        """Whether the run has ended, or has to because it was told to stop."""
        stopped = self._stop()
        with self._lock:
            if stopped and not self._ended:
                self._end("stopped")
            return self._ended

    def next(self) -> Job | NoJob:
        """What a worker does next: a job, which counts as under way until `finish`, or a step."""
        if self.is_over():
            return NoJob.END
        with self._lock:
            if not self._claiming and not self._exhausted and len(self._queue) <= self._low_water:
                self._claiming = True
                return NoJob.CLAIM
            if self._queue:
                return self._next_in_queue()
            if self._exhausted and not self._busy:
                return NoJob.END
            return NoJob.WAIT

    def _next_in_queue(self) -> Job | NoJob:
        # Grants that fail for reasons of their own may stand together at the head.
        is_proof = self._rules.needs_proof or self._refusals.needs_proof
        if not self._refusals.is_proven and (self._proofs >= PROOFS if is_proof else self._busy >= FIRST):
            return NoJob.WAIT  # if all is wrong, few tokens go out before it shows
        self._busy += 1
        self._proofs += is_proof
        return attrs.evolve(self._queue.pop() if is_proof else self._queue.popleft(), is_proof=is_proof)

    def add(self, grants: Sequence[Grant]) -> None:
        """Takes in a batch of claims. An empty one means that nothing is due any more."""
        until = self._monotonic() + self._usable
        with self._lock:
            self._claiming = False
            self._exhausted = self._exhausted or not grants
            self._queue.extend(group(grants, until=until))

    def reopen(self, grants: Sequence[Grant]) -> None:
        """Goes on with grants that came free after all seemed done."""
        with self._lock:
            self._exhausted = False
        self.add(grants)

    def is_stale(self, job: Job) -> bool:
        """Whether a claim waited so long that it has to be made again."""
        return self._monotonic() > job.until

    def renewed(self, job: Job, grants: Sequence[Grant]) -> Job:
        """The same claim, made again."""
        return attrs.evolve(job, grant=grants[0], others=tuple(grants[1:]), until=self._monotonic() + self._usable)

    def give_back(self, job: Job) -> None:
        """Puts a job back that was not done; its leases end with the run."""
        with self._lock:
            self._queue.appendleft(job)

    def finish(self, job: Job) -> None:
        """A job is no longer under way."""
        with self._lock:
            self._busy -= 1
            self._proofs -= job.is_proof

    # -- pacing and batching -----------------------------------------------------------------------------------------

    def turn(self, turn: float | None = None) -> tuple[float, float]:
        """Takes a turn, or confirms one that was taken; returns it, and the seconds until it comes."""
        with self._lock:
            now = self._monotonic()
            return self._pace.confirm(self._pace.take(now) if turn is None else turn, now)

    def now(self) -> float:
        """The time of this run's clock."""
        return self._monotonic()

    def unsaved(self, *, soon: bool) -> list[tuple[Grant, Grant]]:
        """Hands out what has to be saved now; see `Unsaved.take`."""
        with self._lock:
            return self._unsaved.take(now=self._monotonic(), soon=soon)

    def save_later(self, batch: Sequence[tuple[Grant, Grant]]) -> None:
        """Takes back what may not have been saved."""
        with self._lock:
            for former, fresh in batch:
                self._unsaved.add(former, fresh, now=self._monotonic())

    # -- what came of a job ------------------------------------------------------------------------------------------

    def refreshed(self, pairs: Sequence[tuple[Grant, Grant]], *, started: float) -> list[Job]:
        """Takes in a job that was done, with its grants before and after; returns the refusals that are proven now."""
        with self._lock:
            for former, fresh in pairs:
                self._unsaved.add(former, fresh, now=self._monotonic())
            self._pace.succeeded()
            self._rules.succeeded()
            return self._refusals.succeeded(started=started)

    def refused(self, job: Job) -> None:
        """Takes in a job whose refresh token was refused. What it comes to is decided later."""
        with self._lock:
            self._rules.succeeded()
            self._refusals.refused(job, now=self._monotonic(), is_proof=job.is_proof)
            reason = self._refusals.reason
            if reason is not None:
                self._end(reason)

    def refusals(self) -> tuple[list[Job], list[Job]]:
        """At the end: the refusals that are believed, and those that are doubted."""
        with self._lock:
            return self._refusals.end()

    def failed(self, job: Job, error: AstraError, *, started: float) -> bool:
        """Takes in a failed refresh. Returns whether the job is back in the queue, to be tried again in this run."""
        asked = asked_pause(error, longest=self._max_retry_after)
        with self._lock:
            if asked is not None:
                self._pace.asked_to_wait(asked, started=started, now=self._monotonic())
                if job.tries + 1 < MAX_TRIES:
                    self._queue.appendleft(attrs.evolve(job, tries=job.tries + 1))
                    return True
            self._counts["failed"] += len(job.grants)
            self._errors[type(error).__name__] += 1
            reason = self._rules.failed(job.grant.key, error)
            if reason is not None:
                self._end(reason)
            return False

    def unreadable(self, error: AstraError) -> None:
        """Takes in a row of the store that is no grant, and that the store leaves alone for a while."""
        with self._lock:
            self._counts["failed"] += 1
            self._errors[type(error).__name__] += 1

    def count(self, what: str, number: int = 1) -> None:
        """Counts for the report."""
        with self._lock:
            self._counts[what] += number

    # -- the end -----------------------------------------------------------------------------------------------------

    def abort(self, error: AstraError) -> None:
        """Ends the run because it cannot go on."""
        with self._lock:
            self.error = self.error or error
            self._end(f"the run failed: {type(error).__name__}")

    def stop(self) -> None:
        """Ends the run after what is under way."""
        with self._lock:
            self._end("stopped")

    def _end(self, reason: str) -> None:
        self._ended = True
        self._ended_early = self._ended_early or reason

    def leftovers(self) -> list[Grant]:
        """Claimed grants that were not done."""
        with self._lock:
            left, self._queue = [grant for job in self._queue for grant in job.grants], deque()
            return left

    @property
    def held(self) -> int:
        """Number of refusals that are not decided yet."""
        with self._lock:
            return self._refusals.held

    def report(self) -> KeepAliveReport:
        """What was done so far."""
        with self._lock:
            return KeepAliveReport(
                **self._counts,
                seconds=self._monotonic() - self._started,
                ended_early=self._ended_early,
                errors=dict(self._errors),
            )
