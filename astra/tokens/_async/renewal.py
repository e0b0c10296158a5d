"""The way to a new token past this process: the store, the lease, the refresh, the save, and the end of a grant."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence

from astra._flavours import async_resolve, async_sleep
from astra.errors import (
    AstraError,
    RateLimitError,
    ReauthorizationRequired,
    ServiceUnavailableError,
    TokenStoreError,
    TokenUnavailableError,
    UnknownUserError,
    UnreadableGrantError,
)
from astra.tokens import policy
from astra.tokens._async.runtime import AsyncHook, AsyncRefresh, AsyncRuntime, AuthorizeUrl, refreshing
from astra.tokens.grant import Grant
from astra.tokens.outcomes import Abandoned, Died, Failed, Outcome, Ready
from astra.tokens.policy import Need, TokenSettings
from astra.tokens.single_flight import Cached, Flight, Lease, fresh_copy
from astra.tokens.stores.base import trusted
from astra.tokens.stores.bound import BoundStore

ATTEMPTS = 8
logger = logging.getLogger("astra.tokens")


class AsyncRenewal:
    """The work of a flight, and what keep-alive shares with it. Made by `AsyncTokens`."""

    def __init__(
        self,
        store: BoundStore,
        *,
        refresh: AsyncRefresh,
        authorize_url: AuthorizeUrl,
        hook: AsyncHook | None,
        clock: Callable[[], float],
        monotonic: Callable[[], float],
        settings: TokenSettings,
    ) -> None:
        self.store = store
        self.settings = settings
        self.clock = clock
        self.monotonic = monotonic
        self.runtime = AsyncRuntime()
        self.local = store.local
        self._refresh = refresh
        self._authorize_url = authorize_url
        self._hook = hook

    def need(self, grant: Grant) -> Need:
        """What the grant needs right now."""
        return policy.need(grant, now=self.clock(), settings=self.settings)

    def cache(self, grant: Grant, *, rejected: str | None = None) -> Grant:
        """Caches a grant. One that is dead is looked up each time: the user may have authorized again elsewhere."""
        if grant.state == "dead":
            self.local.cache.pop(grant.key, None)
        else:
            fresh_until = policy.fresh_until(grant, settings=self.settings)
            trusted_until = self.monotonic() + self.settings.recheck
            self.local.put(Cached(grant, fresh_until, trusted_until), instead_of=rejected)
        return grant

    def make_do(self, grant: Grant, *, seconds: float) -> Grant:
        """Caches a grant that should be newer: for so many seconds nobody looks for another while its token lives."""
        self.local.put(Cached(grant, grant.access_expires_at, self.monotonic() + seconds))
        return grant

    async def renew(self, flight: Flight, rejected: str | None) -> Outcome:
        """The work of a flight: look into the store, and refresh under a lease if nobody else did."""
        key = flight.key
        until = time.monotonic() + self.settings.wait
        seen = await self.load(key)
        if self._needs_no_refresh(seen, rejected):
            return Ready(self.cache(seen, rejected=rejected))
        if seen.state == "dead":
            return Failed(self._reauthorization_required(seen))
        alive = policy.is_usable(seen, now=self.clock(), rejected=rejected)
        if alive:
            flight.show(seen)
        advisory = alive and self.need(seen) is Need.SHOULD_REFRESH
        failure, now = self.local.failures.get(key), self.monotonic()
        if failure is not None and now < (failure.until if alive else failure.barred_until):
            return self._fall_back(seen, _with_rest(failure.error, failure.barred_until - now), rejected)
        if advisory:
            until = min(until, time.monotonic() + self.settings.advisory_wait)
        lease = Lease()
        try:
            while not await self._take(lease, await self._lease_key(seen)):
                pause = lease.pause()
                if time.monotonic() + pause >= until:
                    break
                await async_sleep(pause)
                seen = await self.load(key)
                if self._needs_no_refresh(seen, rejected):
                    return Ready(self.cache(seen, rejected=rejected))
            else:
                return await self._renew_under_lease(key, rejected)
        finally:
            if lease.may_be_held:
                await self.release(lease.key, lease.owner)
        if advisory:
            return Ready(self.make_do(seen, seconds=self.settings.advisory_backoff))
        return Abandoned()

    async def _lease_key(self, grant: Grant) -> str:
        """Under which key the lease is: the first of all keys of this person, so that one refresh is sent for all."""
        if grant.astra_user_id is None:
            return grant.key
        user_id = grant.astra_user_id
        return min([grant.key, *await self.runtime.call(self.store, lambda: self.store.find_keys(user_id))])

    async def others(self, grant: Grant) -> list[Grant]:
        """The grants of the same person under other keys."""
        user_id = grant.astra_user_id
        if user_id is None:
            return []
        found: list[Grant] = []
        for key in await self.runtime.call(self.store, lambda: self.store.find_keys(user_id)):
            other = await self._read_other(key) if key != grant.key else None
            if other is not None and other.astra_user_id == user_id and other.identity == self.store.identity:
                found.append(other)
        return found

    async def _read_other(self, key: str) -> Grant | None:
        try:
            return await self.read(key)
        except UnreadableGrantError as error:
            logger.error("%s", error)
            return None

    async def authorized(self, grant: Grant, *, former: Grant | None) -> None:
        """Lets all who hold tokens of this key, or of this person, follow after the person has authorized.

        Args:
            grant: as it was saved.
            former: what it took the place of.
        """
        others = await self.others(grant)
        if others:
            await self.save_shared(grant, others)
        if former is not None and former.astra_user_id not in (None, grant.astra_user_id):
            await self.end_access(former)

    async def identified(self, grant: Grant) -> None:
        """Lets all keys of a person share the tokens issued last, now that it is known whose a grant is."""
        everyone = [grant, *await self.others(grant)]
        now = self.clock()
        newest = max(everyone, key=lambda one: trusted(one.refreshed_at, now=now))
        older = [one for one in everyone if one.access_token != newest.access_token]
        if older:
            await self.save_shared(newest, older)

    async def save_shared(self, fresh: Grant, others: Sequence[Grant]) -> None:
        """Gives the other keys of a person the tokens that the person has now."""
        shared = [policy.share(fresh, former=other) for other in others]
        saves = [(one, other.version) for one, other in zip(shared, others, strict=True)]
        done = await self.runtime.call(self.store, lambda: self.store.save_many(saves))
        for one, other, saved in zip(shared, others, done, strict=True):
            self.local.evict(other.key)
            if saved:
                self.cache(one)

    async def end_access(self, former: Grant) -> None:
        """Ends the access token of a grant that is not under its key any more, wherever it is in memory.

        Astra has no call to revoke a token, but a refresh ends the one before it. So the next call of every other
        process gets a 401, looks into the store, and acts as whoever is under the key now, or finds nobody there.
        """
        if former.access_expires_at <= self.clock() or not policy.can_refresh(
            former, now=self.clock(), settings=self.settings
        ):
            return
        others = await self.others(former)
        try:
            fresh = await self.exchange(former)
        except AstraError as error:
            logger.warning(
                "the former access token of %r could not be ended (%s): other processes may use it for %.0f s more",
                former.key,
                type(error).__name__,
                self.settings.recheck,
            )
            return
        if others:
            await self.save_shared(fresh, others)

    async def _take(self, lease: Lease, key: str) -> bool:
        if lease.key != key:
            lease.key, lease.owner = key, self.local.owner_of(key)
        lease.may_be_held = True  # whoever is cancelled in the midst of it does not know
        lease.may_be_held = await self.runtime.call(
            self.store,
            lambda: self.store.acquire_lease(key, owner=lease.owner, ttl=self.settings.lease_ttl),
            to_its_end=True,
        )
        return lease.may_be_held

    async def _renew_under_lease(self, key: str, rejected: str | None) -> Outcome:
        for _ in range(ATTEMPTS):
            seen = await self.load(key)
            if self._needs_no_refresh(seen, rejected):
                return Ready(self.cache(seen, rejected=rejected))
            in_time = policy.can_refresh(seen, now=self.clock(), settings=self.settings)
            if seen.state == "active" and seen.refresh_token:
                # Also past its lifetime: a host whose clock is days ahead would bury everybody without a question.
                try:
                    fresh = await self.exchange(seen)
                    return Ready(self.cache(await self.save_after_refresh(seen, fresh), rejected=rejected))
                except AstraError as error:
                    if not self.may_kill(error, seen) and (in_time or not policy.is_refusal(error)):
                        return self._fall_back(seen, error, rejected)
            reason = "invalid_grant" if in_time else "expired"
            died = await self.invalidate(seen, access_rejected=seen.access_token == rejected, reason=reason)
            if died is not None:
                return died
        raise TokenUnavailableError(f"The grant of {key!r} keeps changing under its refresh.", user_key=key)

    async def exchange(self, seen: Grant) -> Grant:
        """Sends the grant's refresh token and returns the grant that follows, unsaved.

        Raises:
            AstraError: what the token endpoint's failure was; it is remembered, so that calls leave the endpoint alone.
        """
        asked_at = self.clock()
        former = refreshing.set(seen.key)
        try:
            answer = await self._refresh(seen.refresh_token)
        except AstraError as error:
            if not self.may_kill(error, seen):
                self._remember(seen, error)
            raise
        finally:
            refreshing.reset(former)
        self.local.failures.pop(seen.key, None)
        lifetime = self.settings.refresh_lifetime
        return Grant.issued(seen.key, answer=answer, now=asked_at, former=seen, refresh_lifetime=lifetime)

    def may_kill(self, error: AstraError, seen: Grant) -> bool:
        """Whether a failure is a refusal of tokens that are known to be this client's.

        Those of a grant that belongs to nobody yet may be another client's: Astra refuses them to this one.
        """
        return policy.is_refusal(error) and seen.identity == self.store.identity

    def _remember(self, seen: Grant, error: AstraError) -> None:
        self.local.record_failure(
            seen.key,
            policy.failed(
                error,
                now=self.monotonic(),
                former=self.local.failures.get(seen.key),
                advisory=self.need(seen) is Need.SHOULD_REFRESH,
                settings=self.settings,
            ),
        )

    def _fall_back(self, seen: Grant, error: AstraError, rejected: str | None) -> Outcome:
        """A failed refresh costs nothing while the token lives."""
        if not policy.is_usable(seen, now=self.clock(), rejected=rejected):
            raise error
        logger.warning("refresh of %r failed, its token lives on: %s", seen.key, type(error).__name__)
        failure = self.local.failures.get(seen.key)
        pause = failure.until - self.monotonic() if failure else self.settings.advisory_backoff
        return Ready(self.make_do(seen, seconds=pause))

    async def invalidate(self, seen: Grant, *, access_rejected: bool, reason: str = "invalid_grant") -> Died | None:
        """Marks a grant dead whose refresh token was refused, unless the store has another refresh token by now.

        A grant of nobody is not marked; see `may_kill`.

        Returns:
            None when the store has another refresh token, which is worth a try. Otherwise the outcome for the callers.
        """
        for _ in range(ATTEMPTS):
            stored = await self.load(seen.key)
            if stored.state == "active" and not policy.refusal_is_final(sent=seen, stored=stored):
                return None
            first = False
            if stored.state == "active" and stored.identity == self.store.identity:
                dead = stored.invalidated(now=self.clock(), access_rejected=access_rejected, reason=reason)
                if not await self.save(dead, stored.version):
                    continue
                first, stored = True, dead
            self.cache(stored)
            return Died(error=self._reauthorization_required(stored), grant=stored, first=first)
        return None

    async def revive(self, key: str) -> bool:
        """Takes the mark of a dead grant back, if its refresh token may still live. Returns whether it did."""
        for _ in range(ATTEMPTS):
            stored = await self.load(key)
            revived = stored.revived()
            if stored.state != "dead" or not policy.can_refresh(revived, now=self.clock(), settings=self.settings):
                return False
            if await self.save(revived, stored.version):
                self.local.evict(key)
                return True
        return False

    async def save_after_refresh(self, former: Grant, fresh: Grant) -> Grant:
        """Saves a refreshed grant; returns it, or the one that somebody else saved meanwhile."""
        for _ in range(ATTEMPTS):
            try:
                others = await self.others(former)
                shared = [policy.share(fresh, former=other) for other in others]
                saves = [(fresh, former.version), *((one, one.version - 1) for one in shared)]
                done = await self.runtime.call(self.store, lambda saves=saves: self.store.save_many(saves))  # type: ignore[misc]
                for other in others:
                    self.local.evict(other.key)
                if done[0]:
                    return fresh
                stored = await self.load(former.key)
            except TokenStoreError as error:
                # The tokens are good even if they cannot be kept; the former refresh token still works for the others.
                logger.error("the refreshed grant of %r could not be saved: %s", former.key, error)
                return fresh
            resolved = policy.resolve_conflict(fresh, former=former, stored=stored)
            if resolved is None:
                return stored
            former, fresh = stored, resolved
        return fresh

    async def load(self, key: str) -> Grant:
        """Reads a grant that has to be there."""
        grant = await self.read(key)
        if grant is None:
            self.local.evict(key)
            raise self.unknown(key)
        return grant

    async def read(self, key: str) -> Grant | None:
        """Reads a grant, or None when there is none.

        Raises:
            ConfigurationError: it is encrypted, and none of the store's keys fits.
        """
        return await self.runtime.call(self.store, lambda: self.store.load(key))

    async def save(self, grant: Grant, replaces: int | None) -> bool:
        """Saves a grant if the store still has the version that it replaces."""
        return await self.runtime.call(self.store, lambda: self.store.save(grant, replaces=replaces))

    async def release(self, key: str, owner: str) -> None:
        """Ends a lease; one that cannot be ended times out."""
        if not self.runtime.stalled:  # else the caller has waited once for a store that hangs, and need not again
            try:
                await self.runtime.call(self.store, lambda: self.store.release_lease(key, owner=owner))
                return
            except TokenStoreError as error:
                logger.debug("the lease of %r could not be released: %s", key, error)
        self.local.owe(key, owner)
        logger.warning(
            "the lease of %r was not released: the store does not answer. Other processes wait for its end, "
            "%.0f s at most; this one takes it again",
            key,
            self.settings.lease_ttl,
        )

    def _needs_no_refresh(self, grant: Grant, rejected: str | None) -> bool:
        return policy.needs_no_refresh(grant, now=self.clock(), rejected=rejected, settings=self.settings)

    # -- the end of a grant -----------------------------------------------------------------------------------------

    def _reauthorization_required(self, grant: Grant) -> ReauthorizationRequired:
        try:
            url = self._authorize_url(grant)
        except Exception:
            logger.exception("no authorize URL for %r", grant.key)
            url = None
        return ReauthorizationRequired(
            f"The refresh token of {grant.key!r} is dead; the user has to authorize again.",
            user_key=grant.key,
            authorize_url=url,
            astra_user_id=grant.astra_user_id,
        )

    def unknown(self, key: str) -> UnknownUserError:
        """What a caller gets for a key under which nobody has authorized."""
        return UnknownUserError(
            f"There is no grant for {key!r}: {self.store.why_unknown()}",
            user_key=key,
        )

    async def announce(self, error: AstraError) -> None:
        """Calls the hook for a grant that this process has marked dead."""
        if self._hook is None or not isinstance(error, ReauthorizationRequired):
            return
        try:
            await async_resolve(self._hook(error))
        except Exception:
            logger.exception("on_reauthorization_required failed for %r", error.user_key)


def _with_rest(error: AstraError, rest: float) -> AstraError:
    """The remembered failure, for somebody who would have met it: with the pause that is left."""
    again = fresh_copy(error)
    if isinstance(again, RateLimitError | ServiceUnavailableError) and again.retry_after is not None:
        again.retry_after = round(rest, 3)
    assert isinstance(again, AstraError)  # noqa: S101 - a copy has its original's type
    return again
