"""The workers of keep-alive: claim, refresh, save, report."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from functools import partial
from uuid import uuid4

import attrs

from astra._flavours import async_run_many, async_sleep
from astra.errors import AstraError, ClientClosedError, ConfigurationError, OAuthError
from astra.tokens import policy
from astra.tokens._async.renewal import AsyncRenewal
from astra.tokens.grant import Grant
from astra.tokens.keep_alive import Job, KeepAliveReport, NoJob, Progress, Scheduler, read_keys
from astra.tokens.stop_rules import asked_pause, is_provisional, pause_after
from astra.tokens.stores.base import FAR_AHEAD, Batch, ClaimQuery, trusted

SLICE = 0.2
"""Seconds after which a pause asks whether the run has been told to stop."""
GRACE = 0.5
"""Seconds that refreshes under way get to finish when the run has been told to stop. One that is cut off is harmless:
its refresh token stays usable."""
KEYS_PER_CLAIM = 1000
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
        self._longest_ask = renewal.settings.max_retry_after
        self._concurrency = concurrency
        self._keys = None if keys is None else read_keys(keys)
        self._progress = progress
        self._stop = stop
        self._owner = uuid4().hex
        self._taken: list[Grant] = []
        self._locked = 0
        self._started = renewal.clock()
        self._refreshed_before = self._started - older_than
        self._scheduler = Scheduler(
            concurrency=concurrency,
            rate=rate,
            lease_ttl=self._ttl,
            stop=stop,
            max_retry_after=self._longest_ask,
        )

    async def run(self) -> KeepAliveReport:
        """Works until nothing is due any more, and returns what was done."""
        try:
            await self._work_together()
            while self._keys is None and await self._claim_late():
                await self._work_together()
        finally:
            await self._tidy()
        if self._scheduler.error is not None:
            raise self._scheduler.error
        report = self._scheduler.report()
        if self._keys is None and report.is_empty:
            # A run with another client's credentials would report success until all users are lost.
            others = await self._runtime.call(self._store, self._store.of_others_only)
            if others is not None:
                logger.error("keep-alive has nothing to do: %s", others)
                report = attrs.evolve(report, ended_early=others)
        self._tell(report)
        return report

    async def _work_together(self) -> None:
        await async_run_many(self._concurrency, self._work, self._scheduler.stop, leave=self._stop, grace=GRACE)

    async def _claim_late(self) -> bool:
        """Waits for grants that others hold: a run that was killed leaves leases, which end after a while."""
        give_up = time.monotonic() + self._ttl * 1.2
        while time.monotonic() < give_up and not self._scheduler.is_over():
            await self._save(self._scheduler.unsaved(soon=False))
            due = await self._runtime.call(
                self._store,
                lambda: self._store.count_due(refreshed_before=self._refreshed_before, now=self._renewal.clock()),
            )
            if due <= self._scheduler.held + self._locked:
                return False
            late = await self._claim()
            if late:
                self._scheduler.reopen(late)
                return True
            await async_sleep(min(SLICE, self._ttl / 10))
        return False

    async def _tidy(self) -> None:
        """Saves what is refreshed, decides on refusals, and gives back what is claimed, also after an interrupt."""
        try:
            await self._save(self._scheduler.unsaved(soon=False))
            believed, doubted = self._scheduler.refusals()
            for job in believed:
                await self._bury(job)
            for job in doubted:
                await self._doubt(job)
            for grant in (*self._taken, *self._scheduler.leftovers()):
                await self._renewal.release(grant.key, self._owner)
        except AstraError as error:
            self._scheduler.abort(error)

    async def _work(self) -> None:
        scheduler = self._scheduler
        while True:
            job = scheduler.next()
            try:
                if isinstance(job, Job):
                    done = False
                    try:
                        done = await self._do(job)
                    finally:
                        if not done:
                            scheduler.give_back(job)
                        scheduler.finish(job)
                    await self._save(scheduler.unsaved(soon=True))
                elif job is NoJob.CLAIM:
                    scheduler.add(await self._claim())
                elif job is NoJob.WAIT:
                    await self._save(scheduler.unsaved(soon=True))
                    await async_sleep(0.005)
                else:
                    await self._save(scheduler.unsaved(soon=False))
                    return
            except AstraError as error:
                scheduler.abort(error)

    async def _claim(self) -> list[Grant]:
        while True:
            keys = None if self._keys is None else self._keys[:KEYS_PER_CLAIM]
            query = ClaimQuery(
                refreshed_before=self._refreshed_before,
                attempted_before=self._started,
                now=self._renewal.clock(),
                limit=self._scheduler.batch,
                owner=self._owner,
                ttl=self._ttl,
                keys=keys,
            )
            claimed = await self._runtime.call(self._store, partial(self._take, query), to_its_end=True)
            self._taken.clear()
            self._locked += claimed.locked
            for error in claimed.unreadable:
                logger.error("%s", error)
                self._scheduler.unreadable(error)
            if claimed.grants or (not claimed.unreadable and not self._has_more_keys()):
                return list(claimed.grants)

    def _take(self, query: ClaimQuery) -> Batch:
        claimed = self._store.claim_due(query)
        self._taken.extend(claimed.grants)  # whoever is cancelled in the midst of it does not hear of them
        return claimed

    def _has_more_keys(self) -> bool:
        if self._keys:
            del self._keys[:KEYS_PER_CLAIM]
        return bool(self._keys)

    async def _do(self, job: Job) -> bool:
        """Does a job; returns False when the run ended before its turn came."""
        if is_provisional(job.grant.key):
            await self._leave_provisional(job)
            return True
        turn, left = self._scheduler.turn()
        while left > 0:
            await self._save(self._scheduler.unsaved(soon=left < 0.05))
            await async_sleep(min(left, SLICE))
            if self._scheduler.is_over():
                return False
            turn, left = self._scheduler.turn(turn)
        current = await self._claim_again(job) if self._scheduler.is_stale(job) else job
        if current is None:
            self._scheduler.count("skipped", len(job.grants))
            return True
        started = self._scheduler.now()
        try:
            fresh = await self._renewal.exchange(current.grant)
        except AstraError as error:
            await self._failed(current, error, started)
            return True
        pairs = [(grant, policy.share(fresh, former=grant)) for grant in current.grants]
        for believed in self._scheduler.refreshed(pairs, started=started):
            await self._bury(believed)
        return True

    async def _claim_again(self, job: Job) -> Job | None:
        """A claim that has waited too long may be somebody else's by now."""
        mine: list[Grant] = []
        for grant in job.grants:
            key = grant.key
            if not await self._runtime.call(
                self._store,
                lambda key=key: self._store.acquire_lease(key, owner=self._owner, ttl=self._ttl),  # type: ignore[misc]
            ):
                continue
            stored = await self._renewal.read(key)
            if stored is None or stored.state == "dead" or not self._is_old(stored):
                await self._renewal.release(key, self._owner)
            else:
                mine.append(stored)
        return self._scheduler.renewed(job, mine) if mine else None

    def _is_old(self, grant: Grant) -> bool:
        return trusted(grant.refreshed_at, now=self._renewal.clock()) < self._refreshed_before

    async def _failed(self, job: Job, error: AstraError, started: float) -> None:
        if policy.is_refusal(error):
            self._scheduler.refused(job)
        elif isinstance(error, ConfigurationError | ClientClosedError):
            await self._release(job)
            raise error
        elif not self._scheduler.failed(job, error, started=started):
            about_us = isinstance(error, OAuthError) and error.code == "invalid_client"
            if about_us or asked_pause(error, longest=self._longest_ask) is not None:
                await self._release(job)
            else:
                await self._postpone(job)

    async def _bury(self, job: Job) -> None:
        """Marks the grants whose refresh token was refused, and tells."""
        if job.grant.identity != self._store.identity:
            await self._doubt(job)
            return
        for grant in job.grants:
            refused = attrs.evolve(grant, refresh_token=job.grant.refresh_token)
            died = await self._renewal.invalidate(refused, access_rejected=False)
            await self._renewal.release(grant.key, self._owner)
            if died is None or not died.first:
                self._scheduler.count("skipped")
                continue
            self._scheduler.count("needs_reauthorization")
            await self._renewal.announce(died.error)

    async def _doubt(self, job: Job) -> None:
        """Leaves grants as they are whose refusal is not believed."""
        logger.warning("the refresh token of %r was refused, which is not believed; it stays as it was", job.grant.key)
        self._scheduler.count("doubted", len(job.grants))
        await self._postpone(job)

    async def _postpone(self, job: Job) -> None:
        for grant in job.grants:
            failures = grant.failures + 1
            until = self._renewal.clock() + pause_after(failures)
            await self._leave_alone(grant, failures, until)

    async def _leave_alone(self, grant: Grant, failures: int, until: float) -> None:
        await self._runtime.call(
            self._store, lambda: self._store.postpone(grant.key, failures=failures, until=until, owner=self._owner)
        )

    async def _release(self, job: Job) -> None:
        for grant in job.grants:
            await self._renewal.release(grant.key, self._owner)

    async def _leave_provisional(self, job: Job) -> None:
        """Renews no grant that nobody uses: each renewal would end the access token of the same user's real grant."""
        for grant in job.grants:
            now, end = self._renewal.clock(), grant.refresh_expires_at + self._renewal.settings.skew
            if end > now:
                await self._leave_alone(grant, 0, min(end, now + FAR_AHEAD / 2))
                self._scheduler.count("skipped")
                continue
            key = grant.key
            await self._runtime.call(self._store, lambda key=key: self._store.delete(key))  # type: ignore[misc]
            logger.warning("the grant under the made-up key %r is past its lifetime and was deleted", key)
            self._scheduler.count("forgotten")

    async def _save(self, batch: list[tuple[Grant, Grant]]) -> None:
        if not batch:
            return
        saves = [(fresh, former.version) for former, fresh in batch]
        try:
            saved = await self._runtime.call(self._store, lambda: self._store.save_many(saves, release=self._owner))
        except AstraError:
            raise
        except BaseException:
            self._scheduler.save_later(batch)  # it may not have begun
            raise
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
