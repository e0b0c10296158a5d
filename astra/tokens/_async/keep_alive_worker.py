"""The workers of keep-alive: claim, refresh, save, report."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from uuid import uuid4

from astra._flavours import async_run_many, async_sleep
from astra.errors import AstraError
from astra.tokens import policy
from astra.tokens._async.renewal import AsyncRenewal
from astra.tokens.grant import Grant
from astra.tokens.keep_alive import Job, KeepAliveReport, NoJob, Progress, Scheduler
from astra.tokens.stores.base import ClaimQuery

logger = logging.getLogger("astra.tokens")


class AsyncKeepAliveWorker:
    """One keep-alive run. Made by `AsyncTokens.keep_alive`."""

    def __init__(
        self,
        renewal: AsyncRenewal,
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

    async def run(self) -> KeepAliveReport:
        """Works until nothing is due any more, and returns what was done."""
        try:
            await async_run_many(self._concurrency, self._work, self._scheduler.stop)
            while self._keys is None and await self._claim_late():
                await async_run_many(self._concurrency, self._work, self._scheduler.stop)
        finally:
            await self._tidy()
        if self._scheduler.error is not None:
            raise self._scheduler.error
        report = self._scheduler.report()
        self._tell(report)
        return report

    async def _claim_late(self) -> bool:
        """Waits for grants that others hold: a run that was killed leaves leases, which end after a while."""
        give_up = time.monotonic() + self._ttl * 1.2
        while time.monotonic() < give_up:
            await self._save(self._scheduler.unsaved(soon=False))
            report = self._scheduler.report()
            due = await self._runtime.call(
                self._store,
                lambda: self._store.count_due(refreshed_before=self._refreshed_before, now=self._renewal.clock()),
            )
            if due + self._scheduler.left_alone <= report.failed or report.ended_early is not None:
                return False
            late = await self._claim()
            if late:
                self._scheduler.reopen(late)
                return True
            await async_sleep(min(0.5, self._ttl / 10))
        return False

    async def _tidy(self) -> None:
        """Saves what is refreshed and gives back what is claimed, also after an interrupt."""
        try:
            await self._save(self._scheduler.unsaved(soon=False))
            for grant in self._scheduler.leftovers():
                await self._renewal.release(grant.key, self._owner)
        except AstraError as error:
            self._scheduler.abort(error)

    async def _work(self) -> None:
        scheduler = self._scheduler
        while True:
            job = scheduler.next()
            try:
                if isinstance(job, Job):
                    try:
                        await self._do(job)
                    except BaseException:
                        scheduler.give_back(job)
                        raise
                    finally:
                        scheduler.finish()
                    await self._save(scheduler.unsaved(soon=True))
                elif job is NoJob.CLAIM:
                    scheduler.add(await self._claim())
                elif job is NoJob.WAIT:
                    await self._save(scheduler.unsaved(soon=True))
                    await async_sleep(0.005)
                else:
                    return
            except AstraError as error:
                scheduler.abort(error)

    async def _claim(self) -> list[Grant]:
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
            claimed = await self._runtime.call(self._store, lambda: self._store.claim_due(query))
            for error in claimed.unreadable:
                logger.error("%s", error)
                self._scheduler.unreadable(error)
            if claimed.grants or not claimed.unreadable:
                return list(claimed.grants)

    async def _do(self, job: Job) -> None:
        pause = self._scheduler.pause()
        if pause > 0:
            await self._save(self._scheduler.unsaved(soon=pause < 0.05))
            await async_sleep(pause)
        current = await self._claim_again(job) if self._scheduler.is_stale(job) else job
        if current is None:
            self._scheduler.count("skipped")
            return
        try:
            fresh = await self._renewal.exchange(current.grant)
        except AstraError as error:
            await self._failed(current, error)
        else:
            self._scheduler.refreshed(current.grant, fresh)

    async def _claim_again(self, job: Job) -> Job | None:
        """A claim that has waited too long may be somebody else's by now."""
        key = job.grant.key
        if not await self._runtime.call(
            self._store, lambda: self._store.acquire_lease(key, owner=self._owner, ttl=self._ttl)
        ):
            return None
        stored = await self._renewal.read(key)
        if stored is None or stored.state == "dead" or stored.refreshed_at >= self._refreshed_before:
            await self._renewal.release(key, self._owner)
            return None
        return self._scheduler.renewed(job, stored)

    async def _failed(self, job: Job, error: AstraError) -> None:
        grant = job.grant
        # A grant of nobody may be another client's, whose tokens are refused to this one.
        if not policy.is_refusal(error) or grant.identity != self._store.identity:
            if not self._scheduler.failed(job, error):
                await self._renewal.release(grant.key, self._owner)
            return
        outcome = await self._renewal.invalidate(grant, access_rejected=False)
        await self._renewal.release(grant.key, self._owner)
        if outcome is None or outcome.invalidated is None:
            self._scheduler.count("skipped")
            return
        self._scheduler.count("needs_reauthorization")
        await self._renewal.announce(outcome.invalidated)

    async def _save(self, batch: list[tuple[Grant, Grant]]) -> None:
        if not batch:
            return
        saves = [(fresh, former.version) for former, fresh in batch]
        saved = await self._runtime.call(self._store, lambda: self._store.save_many(saves, release=self._owner))
        for (former, fresh), done in zip(batch, saved, strict=True):
            stored = fresh if done else await self._save_again(former, fresh)
            self._scheduler.count("refreshed" if stored is not None else "skipped")
            if stored is not None and stored.key in self._renewal.local.cache:
                self._renewal.cache(stored)
        self._tell(self._scheduler.report())

    async def _save_again(self, former: Grant, fresh: Grant) -> Grant | None:
        """Somebody changed the grant meanwhile: re-encrypted it, authorized again, or forgot it."""
        stored = await self._renewal.read(former.key)
        if stored is None or policy.resolve_conflict(fresh, former=former, stored=stored) is None:
            return None
        return await self._renewal.save_after_refresh(
            stored, policy.resolve_conflict(fresh, former=former, stored=stored) or fresh
        )

    def _tell(self, report: KeepAliveReport) -> None:
        if self._progress is not None:
            self._progress(report)
