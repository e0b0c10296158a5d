# Derived from astra/tokens/_async/keep_alive_worker.py by scripts/unasync.py: edit that file.
"""The workers of keep-alive: claim, refresh, save, report."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from uuid import uuid4

from astra._flavours import run_many, sleep
from astra.errors import AstraError
from astra.tokens import policy
from astra.tokens._sync.renewal import Renewal
from astra.tokens.grant import Grant
from astra.tokens.keep_alive import Job, KeepAliveReport, NoJob, Progress, Scheduler
from astra.tokens.stores.base import ClaimQuery

logger = logging.getLogger("astra.tokens")


class KeepAliveWorker:
    """One keep-alive run. Made by `Tokens.keep_alive`."""

    def __init__(
        self,
        renewal: Renewal,
        *,
        older_than: float,
        rate: float | None,
        concurrency: int,
        keys: Sequence[str] | None,
        progress: Progress | None,
        stop: Callable[[], bool],
    ) -> None:
        self._renewal = renewal
        self._store = renewal.store
        self._runtime = renewal.runtime
        self._ttl = renewal.settings.lease_ttl
        self._concurrency = concurrency
        self._keys = keys
        self._progress = progress
        self._owner = uuid4().hex
        self._started = renewal.clock()
        self._refreshed_before = self._started - older_than
        self._scheduler = Scheduler(concurrency=concurrency, rate=rate, lease_ttl=self._ttl, stop=stop)

    def run(self) -> KeepAliveReport:
        """Works until nothing is due any more, and returns what was done."""
        try:
            run_many(self._concurrency, self._work, self._scheduler.stop)
            while self._keys is None and self._claim_late():
                run_many(self._concurrency, self._work, self._scheduler.stop)
        finally:
            self._tidy()
        if self._scheduler.error is not None:
            raise self._scheduler.error
        report = self._scheduler.report()
        self._tell(report)
        return report

    def _claim_late(self) -> bool:
        """Waits for grants that others hold: a run that was killed leaves leases, which end after a while."""
        give_up = time.monotonic() + self._ttl * 1.2
        while time.monotonic() < give_up:
            self._save(self._scheduler.unsaved(soon=False))
            report = self._scheduler.report()
            due = self._runtime.call(
                self._store,
                lambda: self._store.count_due(refreshed_before=self._refreshed_before, now=self._renewal.clock()),
            )
            if due + self._scheduler.left_alone <= report.failed or report.ended_early is not None:
                return False
            late = self._claim()
            if late:
                self._scheduler.reopen(late)
                return True
            sleep(min(0.5, self._ttl / 10))
        return False

    def _tidy(self) -> None:
        """Saves what is refreshed and gives back what is claimed, also after an interrupt."""
        try:
            self._save(self._scheduler.unsaved(soon=False))
            for grant in self._scheduler.leftovers():
                self._renewal.release(grant.key, self._owner)
        except AstraError as error:
            self._scheduler.abort(error)

    def _work(self) -> None:
        scheduler = self._scheduler
        while True:
            job = scheduler.next()
            try:
                if isinstance(job, Job):
                    try:
                        self._do(job)
                    except BaseException:
                        scheduler.give_back(job)
                        raise
                    finally:
                        scheduler.finish()
                    self._save(scheduler.unsaved(soon=True))
                elif job is NoJob.CLAIM:
                    scheduler.add(self._claim())
                elif job is NoJob.WAIT:
                    self._save(scheduler.unsaved(soon=True))
                    sleep(0.005)
                else:
                    return
            except AstraError as error:
                scheduler.abort(error)

    def _claim(self) -> list[Grant]:
        query = ClaimQuery(
            refreshed_before=self._refreshed_before,
            attempted_before=self._started,
            now=self._renewal.clock(),
            limit=self._scheduler.batch,
            owner=self._owner,
            ttl=self._ttl,
            keys=self._keys,
        )
        while True:
            claimed = self._runtime.call(self._store, lambda: self._store.claim_due(query))
            for error in claimed.unreadable:
                logger.error("%s", error)
                self._scheduler.unreadable(error)
            if claimed.grants or not claimed.unreadable:
                return list(claimed.grants)

    def _do(self, job: Job) -> None:
        pause = self._scheduler.pause()
        if pause > 0:
            self._save(self._scheduler.unsaved(soon=pause < 0.05))
            sleep(pause)
        current = self._claim_again(job) if self._scheduler.is_stale(job) else job
        if current is None:
            self._scheduler.count("skipped")
            return
        try:
            fresh = self._renewal.exchange(current.grant)
        except AstraError as error:
            self._failed(current, error)
        else:
            self._scheduler.refreshed(current.grant, fresh)

    def _claim_again(self, job: Job) -> Job | None:
        """A claim that has waited too long may be somebody else's by now."""
        key = job.grant.key
        if not self._runtime.call(
            self._store, lambda: self._store.acquire_lease(key, owner=self._owner, ttl=self._ttl)
        ):
            return None
        stored = self._renewal.read(key)
        if stored is None or stored.state == "dead" or stored.refreshed_at >= self._refreshed_before:
            self._renewal.release(key, self._owner)
            return None
        return self._scheduler.renewed(job, stored)

    def _failed(self, job: Job, error: AstraError) -> None:
        grant = job.grant
        # A grant of nobody may be another client's, whose tokens are refused to this one.
        if not policy.is_refusal(error) or grant.identity != self._store.identity:
            if not self._scheduler.failed(job, error):
                self._renewal.release(grant.key, self._owner)
            return
        outcome = self._renewal.invalidate(grant, access_rejected=False)
        self._renewal.release(grant.key, self._owner)
        if outcome is None or outcome.invalidated is None:
            self._scheduler.count("skipped")
            return
        self._scheduler.count("needs_reauthorization")
        self._renewal.announce(outcome.invalidated)

    def _save(self, batch: list[tuple[Grant, Grant]]) -> None:
        if not batch:
            return
        saves = [(fresh, former.version) for former, fresh in batch]
        saved = self._runtime.call(self._store, lambda: self._store.save_many(saves, release=self._owner))
        for (former, fresh), done in zip(batch, saved, strict=True):
            stored = fresh if done else self._save_again(former, fresh)
            self._scheduler.count("refreshed" if stored is not None else "skipped")
            if stored is not None and stored.key in self._renewal.local.cache:
                self._renewal.cache(stored)
        self._tell(self._scheduler.report())

    def _save_again(self, former: Grant, fresh: Grant) -> Grant | None:
        """Somebody changed the grant meanwhile: re-encrypted it, authorized again, or forgot it."""
        stored = self._renewal.read(former.key)
        if stored is None or policy.resolve_conflict(fresh, former=former, stored=stored) is None:
            return None
        return self._renewal.save_after_refresh(
            stored, policy.resolve_conflict(fresh, former=former, stored=stored) or fresh
        )

    def _tell(self, report: KeepAliveReport) -> None:
        if self._progress is not None:
            self._progress(report)
