"""The token lifecycle: from your user key to an access token that works, across threads, processes and hosts."""

from __future__ import annotations

import logging
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Literal, Self, TypeVar

import attrs

from astra._flavours import async_wait
from astra._public import public
from astra._secret import Secret, shown
from astra.errors import (
    ConfigurationError,
    InvalidRequestError,
    TokenUnavailableError,
    UnreadableGrantError,
    UserMismatchError,
)
from astra.tokens import policy
from astra.tokens._async.keep_alive_worker import AsyncKeepAliveWorker
from astra.tokens._async.renewal import ATTEMPTS, AsyncRenewal
from astra.tokens._async.runtime import AsyncHook, AsyncRefresh, AuthorizeUrl, no_authorize_url
from astra.tokens.grant import Grant, TokenAnswer
from astra.tokens.identity import UNBOUND
from astra.tokens.keep_alive import (
    OLDER_THAN,
    KeepAliveReport,
    Progress,
    check_arguments,
    check_chunk,
    check_older_than,
    check_since,
    check_state,
    never,
)
from astra.tokens.outcomes import Again, Died, GiveUp, Raise, Spare, Use, next_step
from astra.tokens.policy import DEFAULTS, TokenSettings
from astra.tokens.single_flight import fresh_copy
from astra.tokens.stores.base import Batch, TokenStore, trusted
from astra.tokens.stores.bound import BoundStore
from astra.tokens.user_keys import check_astra_user_id

T = TypeVar("T")

logger = logging.getLogger("astra.tokens")


@public("astra.tokens")
class AsyncTokens:
    """Hands out access tokens and keeps them alive. `AsyncAstra.tokens` is one of these.

    The way to a token, cheapest first: the grant in memory; the grant in the store, where another process may have put
    a newer one; a refresh, under a lease that only one process holds. Threads and tasks that want the same user's
    token meanwhile wait for the one that is on its way. Nothing is locked while a request, a hook or the store runs.

    Args:
        store: where grants are kept: what `open_store(...).for_identity(...)` returns. A store without an identity
            keeps grants that belong to nobody.
        refresh: sends a refresh token to Astra and returns the answer; raises `astra.errors` on failure. It has to end
            within `settings.lease_ttl` seconds.
        authorize_url: makes the URL where a user authorizes again, or None when that cannot be said.
        on_reauthorization_required: called once per dead grant, over all processes, with the `ReauthorizationRequired`
            that callers get. No lock is held meanwhile. What it raises is logged.
        clock: seconds since the epoch, for what expires.
        monotonic: seconds of a clock that nobody sets, for pauses.
        settings: tiers, pauses and time limits.

    Example:
        token = await astra.tokens.access_token("customer-42")
    """

    def __init__(
        self,
        store: BoundStore | TokenStore,
        *,
        refresh: AsyncRefresh,
        authorize_url: AuthorizeUrl = no_authorize_url,
        on_reauthorization_required: AsyncHook | None = None,
        clock: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = time.monotonic,
        settings: TokenSettings = DEFAULTS,
    ) -> None:
        self.store = store = store.for_identity(UNBOUND) if isinstance(store, TokenStore) else store
        self.settings = settings
        self.clock = clock
        self._monotonic = monotonic
        self._renewal = AsyncRenewal(
            store,
            refresh=refresh,
            authorize_url=authorize_url,
            hook=on_reauthorization_required,
            clock=clock,
            monotonic=monotonic,
            settings=settings,
        )
        self._runtime = self._renewal.runtime
        self._local = store.local
        self._local.cache_size = settings.cache_size
        self._cache = self._local.cache

    @shown
    def __repr__(self) -> str:
        return f"AsyncTokens(store={self.store!r})"

    async def access_token(self, key: str, *, deadline: float | None = None) -> str:
        """Returns an access token of the user that has some life left, refreshing it if it must.

        Args:
            key: your key of the user.
            deadline: when to give up, as a value of `time.monotonic()`; None: after `settings.wait` seconds.

        Raises:
            ReauthorizationRequired: the user never authorized, or the refresh token is dead.
            TokenUnavailableError: no token in time.
            TokenStoreError: the store failed.
            APIError: the token endpoint answered with this failure, and the old token has expired.
            APIConnectionError: the token endpoint did not answer, and the old token has expired.

        Example:
            headers = {"Authorization": f"Bearer {await astra.tokens.access_token('customer-42')}"}
        """
        cached = self._cache.get(key)
        if cached is not None and self.clock() < cached.fresh_until and self._monotonic() < cached.trusted_until:
            return cached.grant.access_token
        return (await self._obtain(key, rejected=None, deadline=deadline)).access_token

    async def replace(self, key: str, *, rejected: str, deadline: float | None = None) -> str:
        """Returns another access token after a 401: a newer one from the store, or else from a refresh.

        When many processes rotate tokens at once, the one returned may be superseded by the time it is used: call again
        with that one as `rejected`.

        Args:
            key: your key of the user.
            rejected: the access token that got the 401.
            deadline: as for `access_token`.

        Raises:
            AstraError: as `access_token` does.

        Example:
            token = await astra.tokens.replace("customer-42", rejected=token)
        """
        rejected = Secret(rejected)  # this frame may be printed with its locals
        return (await self._obtain(key, rejected=rejected, deadline=deadline)).access_token

    async def refresh(self, key: str, *, deadline: float | None = None) -> Grant:
        """Refreshes a user's tokens now, whether or not they are due, and returns the new grant.

        Example:
            grant = await astra.tokens.refresh("customer-42")
        """
        grant = await self.get(key)
        if grant is None:
            raise self._renewal.unknown(key)
        return await self._obtain(key, rejected=grant.access_token, deadline=deadline)

    async def get(self, key: str) -> Grant | None:
        """Reads the grant from the store, or None when the user never authorized. Nothing is refreshed.

        Raises:
            ConfigurationError: its tokens are encrypted, and the store was opened without keys.
            TokenStoreError: the store failed.

        Example:
            grant = await astra.tokens.get("customer-42")
        """
        return await self._renewal.read(key)

    async def find_key(self, astra_user_id: str) -> str | None:
        """Finds your key of a user by Astra's user id, as it comes in webhooks; None when no grant has it.

        Example:
            key = await astra.tokens.find_key(event.user_id)
        """
        check_astra_user_id(astra_user_id)
        return await self._runtime.call(self.store, lambda: self.store.find(astra_user_id))

    async def find_keys(self, astra_user_id: str, *, active: bool = False) -> Sequence[str]:
        """Finds all your keys of a user by Astra's user id. They share one access token and its refreshes.

        Args:
            astra_user_id: Astra's id of the user.
            active: leave out the keys of dead grants.

        Returns:
            The keys, that of the grant refreshed last first.

        Raises:
            InvalidRequestError: the id is no text, for example None.
            TokenStoreError: the store failed.

        Example:
            keys = await astra.tokens.find_keys("usr_1")
        """
        check_astra_user_id(astra_user_id)
        return await self._runtime.call(self.store, lambda: self.store.find_keys(astra_user_id, active=active))

    async def check_store(self) -> None:
        """Finds out whether the store can be reached and written. Nothing is left in it.

        Raises:
            TokenStoreError: it cannot.

        Example:
            await astra.tokens.check_store()
        """
        await self._runtime.call(self.store, self.store.check_writable)

    async def store_answer(
        self,
        key: str,
        answer: TokenAnswer,
        *,
        astra_user_id: str | None = None,
        replace: bool = True,
        issued_at: float | None = None,
    ) -> Grant:
        """Keeps the tokens of a user who has just authorized, in place of what was there, dead or alive.

        Nothing of what was there is taken over: it may be another person's.

        Args:
            key: your key of the user.
            answer: the answer to the code exchange.
            astra_user_id: Astra's id of the user; None when it is not known yet, see `set_user_id`.
            replace: False refuses to replace the grant of another Astra user than this one, or than one not known yet.
            issued_at: when the tokens were asked for, in seconds since the epoch; None is now.

        Returns:
            The grant.

        Raises:
            UserMismatchError: the key is another Astra user's; nothing was replaced. It does not hold the tokens.
            TokenStoreError: the store failed.

        Example:
            await astra.tokens.store_answer("customer-42", answer, astra_user_id="usr_1")
        """
        if astra_user_id is not None:
            check_astra_user_id(astra_user_id)
        now = self.clock() if issued_at is None else issued_at
        for _ in range(ATTEMPTS * 4):
            stored = await self.get(key)
            if stored is not None and not replace and stored.astra_user_id not in (None, astra_user_id):
                raise UserMismatchError(
                    f"The key {key!r} belongs to the Astra user {stored.astra_user_id!r}, and the new tokens are those "
                    f"of {astra_user_id!r}. Nothing was replaced. Find out whether it is the same person: `replace` "
                    "lets the new tokens take the key over, `keep_as` keeps them under another key.",
                    user_key=key,
                    former_astra_user_id=stored.astra_user_id or "",
                    astra_user_id=astra_user_id,
                )
            grant = Grant.issued(
                key,
                answer=answer,
                now=now,
                astra_user_id=astra_user_id,
                refresh_lifetime=self.settings.refresh_lifetime,
                authorized=True,
            )
            if stored is not None:
                grant = attrs.evolve(grant, version=stored.version + 1)
            if await self._renewal.save(grant, stored.version if stored else None):
                self._local.evict(key)
                await self._renewal.authorized(grant, former=stored)
                return self._renewal.cache(grant)
        raise TokenUnavailableError("The grant keeps changing while it is saved.", user_key=key)

    def token_of_unnamed(self, key: str) -> str | None:
        """Returns the access token in memory of a grant without Astra's id, for `set_user_id`; None for any other.

        Args:
            key: your key of the user.

        Example:
            token = astra.tokens.token_of_unnamed("customer-42")
        """
        cached = self._cache.get(key)
        return None if cached is None or cached.grant.astra_user_id is not None else cached.grant.access_token

    async def set_user_id(self, key: str, *, astra_user_id: str, access_token: str) -> bool:
        """Adds Astra's id to a grant that was kept before it was known.

        Args:
            key: your key of the user.
            astra_user_id: Astra's id, as `GET /v1/user` said.
            access_token: the token with which it was asked. A grant with another one may be another person's by now.

        Returns:
            Whether the grant has that id now.

        Raises:
            InvalidRequestError: the id is no text.
            TokenStoreError: the store failed.

        Example:
            await astra.tokens.set_user_id("customer-42", astra_user_id="usr_1", access_token=token)
        """
        access_token = Secret(access_token)  # this frame may be printed with its locals
        check_astra_user_id(astra_user_id)
        if not astra_user_id.strip():
            return False  # all whose id is missing would be taken for one person
        for _ in range(ATTEMPTS):
            stored = await self.get(key)
            if stored is None or stored.astra_user_id is not None or stored.access_token != access_token:
                return stored is not None and stored.astra_user_id == astra_user_id
            named = attrs.evolve(stored, astra_user_id=astra_user_id, version=stored.version + 1)
            if await self._renewal.save(named, stored.version):
                self._local.evict(key)
                self._renewal.cache(named)
                await self._renewal.identified(named)
                return True
        return False

    async def to_its_end(
        self, work: Callable[[], Coroutine[Any, Any, T]], *, lost: Callable[[BaseException], None]
    ) -> T:
        """Does work that goes on when its caller is cancelled or interrupted, as an exchange has to.

        Closing the client gives it two seconds, and so does the end of the process.

        Args:
            work: the work, without arguments.
            lost: called with a failure that its caller has not waited for.

        Returns:
            What the work returns.

        Example:
            await astra.tokens.to_its_end(work, lost=lambda error: log.error("nobody waited for it: %s", error))
        """
        return await self._runtime.finish(work, lost=lost)

    async def forget(self, key: str) -> bool:
        """Deletes a user's grant here. Returns whether there was one.

        Astra has no call to revoke a token. So that no other process goes on with the access token in its memory, it is
        ended by a refresh whose answer is thrown away. When that fails, a warning is logged: another process may use
        the token until its next look into the store, `settings.recheck` seconds at most.

        Args:
            key: your key of the user.

        Raises:
            TokenStoreError: the store failed.

        Example:
            await astra.tokens.forget("customer-42")
        """
        try:
            former = await self._renewal.read(key)
        except (ConfigurationError, InvalidRequestError, UnreadableGrantError):
            former = None  # what cannot be read can be deleted
        known = await self._runtime.call(self.store, lambda: self.store.delete(key))
        self._local.evict(key)
        if former is not None:
            await self._renewal.end_access(former)
        return known

    async def list(
        self,
        *,
        state: Literal["active", "dead"] | None = None,
        older_than: timedelta | None = None,
    ) -> AsyncIterator[Grant]:
        """Yields the grants in the store, a batch at a time, in memory that does not grow with their number.

        Args:
            state: only grants in this state, or None for all.
            older_than: only active grants whose tokens were issued longer ago than this, or None for all.

        Yields:
            The grants, in the order of the store. Where the store encrypts, their tokens are encrypted.

        Raises:
            InvalidRequestError: an argument cannot be right.
            UnreadableGrantError: at the end, after all others were yielded: a row is damaged. Each is logged.
            TokenStoreError: the store failed.

        Example:
            async for grant in astra.tokens.list(state="dead"):
                print(grant.key, grant.dead_since)
        """
        check_state(state)
        if older_than is not None:
            check_older_than(older_than)
        unreadable: UnreadableGrantError | None = None
        async for batch in self._batches(state=state, older_than=older_than, limit=500):
            for grant in batch.grants:
                yield grant
            for error in batch.unreadable:
                logger.error("%s", error)
                unreadable = unreadable or error
        if unreadable is not None:
            raise unreadable

    async def due_keys(
        self, *, older_than: timedelta = timedelta(seconds=OLDER_THAN), chunk: int = 200
    ) -> AsyncIterator[Sequence[str]]:
        """Yields your keys of the users whose grants are due, in chunks, for any queue of tasks.

        Whoever gets a chunk calls `keep_alive(keys=chunk)`, with the same `older_than` if you give one. A chunk that
        comes twice, late or never does no harm.

        Args:
            older_than: grants whose tokens were issued longer ago than this are due. Refresh tokens live ten days.
            chunk: keys per chunk, from 1 up.

        Yields:
            The keys. Grants that failed lately are left out until their pause is over. Those of damaged rows are among
            them: whoever gets them counts them as failed.

        Raises:
            InvalidRequestError: an argument cannot be right.
            TokenStoreError: the store failed.

        Example:
            async for keys in astra.tokens.due_keys():
                enqueue("keep-alive", keys)
        """
        check_older_than(older_than)
        check_chunk(chunk)
        now, found = self.clock(), False
        async for batch in self._batches(state=None, older_than=older_than, limit=chunk):
            keys = [grant.key for grant in batch.grants if trusted(grant.next_attempt_at, now=now) <= now]
            keys += [error.user_key for error in batch.unreadable]
            if keys:
                found = True
                yield keys
        others = None if found else await self._runtime.call(self.store, self.store.of_others_only)
        if others is not None:
            logger.error("no grant is due: %s", others)

    async def _batches(self, *, state: str | None, older_than: timedelta | None, limit: int) -> AsyncIterator[Batch]:
        now = self.clock()
        before = None if older_than is None else now - older_than.total_seconds()
        after: str | None = None
        while True:
            scan = partial(self.store.scan, after=after, limit=limit, refreshed_before=before, now=now, state=state)
            batch = await self._runtime.call(self.store, scan)
            yield batch
            after = batch.after
            if after is None:
                return

    async def revive(self, key: str | None = None, *, since: datetime | timedelta | None = None) -> Sequence[str]:
        """Brings grants back that were marked dead by mistake: they are tried again, and their users are not needed.

        A token endpoint that refused everybody for a while, or credentials of another environment, look to the SDK like
        users who have to authorize again. A grant that is really dead is found dead again at its next refresh.

        Args:
            key: your key of one user.
            since: or all that were marked since then, or in this last time.

        Returns:
            Your keys of those who were brought back. Grants past their lifetime are left dead.

        Raises:
            InvalidRequestError: not exactly one of the two, a datetime without a time zone, or a time to come.
            UnknownUserError: there is no grant under this key.
            TokenStoreError: the store failed.

        Example:
            keys = await astra.tokens.revive(since=timedelta(hours=2))
        """
        earliest = check_since(key, since, now=self.clock())
        if key is not None:
            return [key] if await self._renewal.revive(key) else []
        revived: list[str] = []
        async for grant in self.list(state="dead"):
            if (grant.dead_since or 0.0) >= earliest and await self._renewal.revive(grant.key):
                revived.append(grant.key)
        return revived

    async def keep_alive(
        self,
        *,
        older_than: timedelta = timedelta(seconds=OLDER_THAN),
        rate: float | None = None,
        concurrency: int = 8,
        keys: Sequence[str] | None = None,
        progress: Progress | None = None,
        stop: Callable[[], bool] = never,
    ) -> KeepAliveReport:
        """Refreshes every grant that was not refreshed for a while, so that no refresh token dies of old age.

        Any number of processes and hosts may run this at once over one store: each grant is done by one of them. A run
        that was killed leaves the rest to the next one.

        Args:
            older_than: only grants whose tokens were issued longer ago than this. Refresh tokens live ten days.
            rate: refreshes per second at most; None: as fast as the server answers.
            concurrency: refreshes under way at once.
            keys: only these of your user keys, or None for all.
            progress: called with the report so far, about four times a second or more, from a worker.
            stop: asked before each grant; when it says True, the run ends after what is under way.

        Returns:
            What was done. A failed refresh is counted there, not raised.

        Raises:
            InvalidRequestError: an argument cannot be right.
            TokenStoreError: the store failed.

        Example:
            report = await astra.tokens.keep_alive(older_than=timedelta(days=5))
            print(report.refreshed, report.failed, report.needs_reauthorization)
        """
        check_arguments(older_than=older_than, rate=rate, concurrency=concurrency, progress=progress, stop=stop)
        worker = AsyncKeepAliveWorker(
            self._renewal,
            older_than=older_than.total_seconds(),
            rate=rate,
            concurrency=concurrency,
            keys=keys,
            progress=progress,
            stop=stop,
        )
        return await worker.run()

    async def aclose(self) -> None:
        """Closes what belongs to this object, not the store: several clients may share one."""
        await self._runtime.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    # -- one process: single flight ----------------------------------------------------------------------------------

    async def _obtain(self, key: str, *, rejected: str | None, deadline: float | None) -> Grant:
        give_up = min(time.monotonic() + self.settings.wait, deadline or float("inf"))
        while True:
            cached = self._cache.get(key)
            spare = None
            if cached is not None and policy.is_usable(cached.grant, now=self.clock(), rejected=rejected):
                if self.clock() < cached.fresh_until and self._monotonic() < cached.trusted_until:
                    return cached.grant
                spare = cached.grant
            flight, leads = self._local.start_or_join(key, max_age=self.settings.wait + self.settings.lease_ttl)
            if leads:
                work = partial(self._renewal.renew, flight, rejected)
                self._runtime.fly(self._local, flight, work, self._renewal.announce)
            if spare is None:
                found = await async_wait(flight.found, timeout=give_up - time.monotonic())
                if found is not None and policy.is_usable(found, now=self.clock(), rejected=rejected):
                    spare = found
            allowed = give_up - time.monotonic()
            patience = policy.patience(spare, now=self.clock(), allowed=allowed, settings=self.settings)
            outcome = await async_wait(flight.result, timeout=patience)
            if leads and isinstance(outcome, Died) and outcome.first:
                await self._runtime.join(flight, timeout=give_up - time.monotonic())
            step = next_step(
                outcome,
                spare=spare,
                rejected=rejected,
                now=self.clock(),
                leads=leads,
                is_late=time.monotonic() >= give_up,
            )
            match step:
                case Use(grant):
                    return grant
                case Spare(grant):
                    return self._renewal.make_do(grant, seconds=self.settings.advisory_backoff)
                case Raise(error):
                    raise fresh_copy(error)
                case GiveUp():
                    raise TokenUnavailableError(f"No access token for {key!r} in the time allowed.", user_key=key)
                case Again():
                    pass
