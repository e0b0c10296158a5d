# Derived from astra/tokens/_async/lifecycle.py by scripts/unasync.py: edit that file.
"""The token lifecycle: from your user key to an access token that works, across threads, processes and hosts."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from functools import partial
from typing import Self

from astra._flavours import join, wait, work_ends
from astra._public import public
from astra.errors import TokenStoreError, TokenUnavailableError
from astra.tokens import policy
from astra.tokens._sync.keep_alive_worker import KeepAliveWorker
from astra.tokens._sync.renewal import ATTEMPTS, Renewal
from astra.tokens._sync.runtime import AuthorizeUrl, Hook, Refresh, no_authorize_url
from astra.tokens.grant import Grant, Secret, TokenAnswer
from astra.tokens.keep_alive import OLDER_THAN, KeepAliveReport, Progress, check_arguments, never
from astra.tokens.policy import DEFAULTS, Need, TokenSettings
from astra.tokens.single_flight import fresh_copy
from astra.tokens.stores.base import TokenStore


@public("astra.tokens")
class Tokens:
    """Hands out access tokens and keeps them alive. `Astra.tokens` is one of these.

    The way to a token, cheapest first: the grant in memory; the grant in the store, where another process may have put
    a newer one; a refresh, under a lease that only one process holds. Threads and tasks that want the same user's
    token meanwhile wait for the one that is on its way. Nothing is locked while a request, a hook or the store runs.

    Args:
        store: where grants are kept; see `open_store`.
        refresh: sends a refresh token to Astra and returns the answer; raises `astra.errors` on failure. It has to end
            within `settings.lease_ttl` seconds.
        authorize_url: makes the URL where a user authorizes again, or None when that cannot be said.
        on_reauthorization_required: called once per dead grant, over all processes, with the `ReauthorizationRequired`
            that callers get. No lock is held meanwhile. What it raises is logged.
        clock: seconds since the epoch.
        settings: tiers, pauses and time limits.

    Example:
        token = astra.tokens.access_token("customer-42")
    """

    def __init__(
        self,
        store: TokenStore,
        *,
        refresh: Refresh,
        authorize_url: AuthorizeUrl = no_authorize_url,
        on_reauthorization_required: Hook | None = None,
        clock: Callable[[], float] = time.time,
        settings: TokenSettings = DEFAULTS,
    ) -> None:
        self.store = store
        self.settings = settings
        self.clock = clock
        self._renewal = Renewal(
            store,
            refresh=refresh,
            authorize_url=authorize_url,
            hook=on_reauthorization_required,
            clock=clock,
            settings=settings,
        )
        self._runtime = self._renewal.runtime
        self._local = store.local
        self._local.cache_size = settings.cache_size
        self._cache = self._local.cache

    def __repr__(self) -> str:
        return f"Tokens(store={self.store!r})"

    def access_token(self, key: str, *, deadline: float | None = None) -> str:
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
            headers = {"Authorization": f"Bearer {astra.tokens.access_token('customer-42')}"}
        """
        cached = self._cache.get(key)
        if cached is not None and self.clock() < cached.trusted_until:
            return cached.grant.access_token
        return (self._obtain(key, rejected=None, deadline=deadline)).access_token

    def replace(self, key: str, *, rejected: str, deadline: float | None = None) -> str:
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
            token = astra.tokens.replace("customer-42", rejected=token)
        """
        rejected = Secret(rejected)  # this frame may be printed with its locals
        return (self._obtain(key, rejected=rejected, deadline=deadline)).access_token

    def refresh(self, key: str, *, deadline: float | None = None) -> Grant:
        """Refreshes a user's tokens now, whether or not they are due, and returns the new grant.

        Example:
            grant = astra.tokens.refresh("customer-42")
        """
        grant = self.get(key)
        if grant is None:
            raise self._renewal.unknown(key)
        return self._obtain(key, rejected=grant.access_token, deadline=deadline)

    def get(self, key: str) -> Grant | None:
        """Reads the grant from the store, or None when the user never authorized. Nothing is refreshed.

        Raises:
            ConfigurationError: its tokens are encrypted, and the store was opened without keys.
            TokenStoreError: the store failed.

        Example:
            grant = astra.tokens.get("customer-42")
        """
        return self._renewal.read(key)

    def find_key(self, astra_user_id: str) -> str | None:
        """Finds your key of a user by Astra's user id, as it comes in webhooks; None when no grant has it.

        Example:
            key = astra.tokens.find_key(event.user_id)
        """
        return self._runtime.call(self.store, lambda: self.store.find(astra_user_id))

    def list(self) -> Iterator[Grant]:
        """Yields the grants in the store, in memory that does not grow with their number.

        Yields:
            The grants, in the order of the store. Where the store encrypts, their tokens are encrypted.

        Raises:
            TokenStoreError: the store failed.

        Example:
            for grant in astra.tokens.list():
                print(grant.key, grant.state)
        """
        after = ""
        while batch := self._runtime.call(self.store, partial(self.store.scan, after=after)):
            for grant in batch:
                yield grant
            after = batch[-1].key

    def store_answer(self, key: str, answer: TokenAnswer, *, astra_user_id: str | None = None) -> Grant:
        """Keeps the tokens of a user who has just authorized, in place of what was there, dead or alive.

        Args:
            key: your key of the user.
            answer: the answer to the code exchange.
            astra_user_id: Astra's id of the user; None keeps the one that is known.

        Example:
            astra.tokens.store_answer("customer-42", answer, astra_user_id="usr_1")
        """
        now = self.clock()
        for _ in range(ATTEMPTS * 4):
            stored = self.get(key)
            grant = Grant.issued(
                key,
                answer=answer,
                now=now,
                former=stored,
                astra_user_id=astra_user_id,
                refresh_lifetime=self.settings.refresh_lifetime,
            )
            if self._renewal.save(grant, stored.version if stored else None):
                self._local.evict(key)
                return self._renewal.cache(grant)
        raise TokenUnavailableError("The grant keeps changing while it is saved.", user_key=key)

    def forget(self, key: str) -> bool:
        """Deletes a user's grant here; Astra has no call to revoke it. Returns whether there was one.

        Example:
            astra.tokens.forget("customer-42")
        """
        known = self._runtime.call(self.store, lambda: self.store.delete(key))
        self._local.evict(key)
        return known

    def keep_alive(
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
            report = astra.tokens.keep_alive(older_than=timedelta(days=5))
            print(report.refreshed, report.failed, report.needs_reauthorization)
        """
        check_arguments(older_than=older_than, rate=rate, concurrency=concurrency, keys=keys)
        worker = KeepAliveWorker(
            self._renewal,
            older_than=older_than.total_seconds(),
            rate=rate,
            concurrency=concurrency,
            keys=keys,
            progress=progress,
            stop=stop,
        )
        return worker.run()

    def close(self) -> None:
        """Closes what belongs to this object, not the store: several clients may share one."""
        self._runtime.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # -- one process: single flight ----------------------------------------------------------------------------------

    def _obtain(self, key: str, *, rejected: str | None, deadline: float | None) -> Grant:
        give_up = min(time.monotonic() + self.settings.wait, deadline or float("inf"))
        while True:
            cached = self._cache.get(key)
            fallback = None
            if cached is not None and policy.is_usable(cached.grant, now=self.clock(), rejected=rejected):
                if self.clock() < cached.trusted_until:
                    return cached.grant
                fallback = cached.grant
            advisory = fallback is not None and self._renewal.need(fallback) is Need.SHOULD_REFRESH
            call, is_leader = self._local.start_or_join(key, max_age=self.settings.wait + self.settings.lease_ttl)
            if is_leader:
                until = work_ends(caller=give_up, most=time.monotonic() + self.settings.wait)
                work = partial(self._renewal.renew, key, rejected, until)
                self._runtime.start(self._local, call, work, self._renewal.announce)
            wait_until = (
                give_up if is_leader or not advisory else min(give_up, time.monotonic() + self.settings.advisory_wait)
            )
            outcome = wait(call.result, timeout=wait_until - time.monotonic())
            if outcome is None or (outcome.grant is None and outcome.error is None and time.monotonic() >= give_up):
                if fallback is not None and policy.is_usable(fallback, now=self.clock(), rejected=rejected):
                    return fallback
                raise TokenUnavailableError(f"No access token for {key!r} in the time allowed.", user_key=key)
            if is_leader and outcome.invalidated is not None:
                join(call.task)
            if outcome.error is not None:
                if isinstance(outcome.error, TokenStoreError) and fallback is not None:
                    return self._renewal.cache(fallback, trusted_until=self.clock() + self.settings.advisory_backoff)
                raise fresh_copy(outcome.error)
            if outcome.grant is not None and (
                is_leader or policy.is_usable(outcome.grant, now=self.clock(), rejected=rejected)
            ):
                return outcome.grant
            # The call's leader went away, or it was satisfied with the very token that was rejected here.
