"""Grants in this process only: for tests, scripts and short-lived tools."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from typing import ClassVar

from astra.storage.forks import FORK_GUARD
from astra.tokens.grant import Grant
from astra.tokens.stores.base import ClaimQuery, TokenStore

logger = logging.getLogger("astra.tokens")


class MemoryStore(TokenStore):
    """Keeps grants in a dictionary. They are gone when the process ends. A forked child has a copy of its own.

    Args:
        monotonic: clock of the leases, in seconds; injectable for tests.

    Example:
        astra = Astra(..., token_store=MemoryStore())     # or token_store="memory://"
    """

    blocking: ClassVar[bool] = False

    def __init__(self, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._lock = threading.RLock()
        self._grants: dict[str, Grant] = {}
        self._leases: dict[str, tuple[str, float]] = {}
        self._attempts: dict[str, float] = {}
        self._copied = False
        FORK_GUARD.add(self)

    def after_fork(self) -> None:
        """See `ForkAware.after_fork`: another thread may have held the lock, and whoever holds a lease is not here."""
        self._lock = threading.RLock()
        self._leases, self._copied = {}, bool(self._grants)

    def load(self, key: str) -> Grant | None:
        """See `TokenStore.load`."""
        return self._grants.get(key)

    def save_many(self, saves: Sequence[tuple[Grant, int | None]], *, release: str | None = None) -> list[bool]:
        """See `TokenStore.save_many`."""
        done: list[bool] = []
        with self._lock:
            for grant, replaces in saves:
                stored = self._grants.get(grant.key)
                won = (stored.version if stored else None) == replaces
                if won:
                    self._grants[grant.key] = grant
                if release is not None:
                    self.release_lease(grant.key, owner=release)
                done.append(won)
        return done

    def delete(self, key: str) -> bool:
        """See `TokenStore.delete`."""
        with self._lock:
            self._leases.pop(key, None)
            self._attempts.pop(key, None)
            return self._grants.pop(key, None) is not None

    def find(self, astra_user_id: str) -> str | None:
        """See `TokenStore.find`."""
        with self._lock:
            mine = [grant for grant in self._grants.values() if grant.astra_user_id == astra_user_id]
        return max(mine, key=lambda grant: grant.refreshed_at).key if mine else None

    def _is_free(self, key: str, owner: str | None = None) -> bool:
        holder = self._leases.get(key)
        return holder is None or holder[0] == owner or holder[1] <= self._monotonic()

    def acquire_lease(self, key: str, *, owner: str, ttl: float) -> bool:
        """See `TokenStore.acquire_lease`."""
        with self._lock:
            if key not in self._grants or not self._is_free(key, owner):
                return False
            self._warn_of_copies()
            self._leases[key] = (owner, self._monotonic() + ttl)
            return True

    def release_lease(self, key: str, *, owner: str) -> None:
        """See `TokenStore.release_lease`."""
        with self._lock:
            if self._leases.get(key, ("", 0.0))[0] == owner:
                del self._leases[key]

    def claim_due(self, query: ClaimQuery) -> list[Grant]:
        """See `TokenStore.claim_due`."""
        with self._lock:
            pool = (
                self._grants.values()
                if query.keys is None
                else [self._grants[k] for k in query.keys if k in self._grants]
            )
            due = [
                grant
                for grant in pool
                if grant.state == "active"
                and grant.refreshed_at < query.refreshed_before
                and self._attempts.get(grant.key, 0.0) < query.attempted_before
                and self._is_free(grant.key)
            ]
            due.sort(key=lambda grant: grant.refreshed_at)
            del due[query.limit :]
            if due:
                self._warn_of_copies()
            for grant in due:
                self._leases[grant.key] = (query.owner, self._monotonic() + query.ttl)
                self._attempts[grant.key] = query.now
        return due

    def _warn_of_copies(self) -> None:
        if self._copied:
            self._copied = False
            logger.warning(
                "this process refreshes tokens in a copy of its parent's memory:// token store. Only the newest access "
                "token of a user is valid, so processes with copies end each other's. Give them a store that they "
                "share: sqlite:///, postgresql:// or redis://"
            )

    def scan(self, *, after: str = "", limit: int = 500, refreshed_before: float | None = None) -> list[Grant]:
        """See `TokenStore.scan`."""
        with self._lock:
            found = [
                grant
                for grant in self._grants.values()
                if grant.key > after
                and (refreshed_before is None or (grant.state == "active" and grant.refreshed_at < refreshed_before))
            ]
        found.sort(key=lambda grant: grant.key)
        return found[:limit]

    def count_due(self, *, refreshed_before: float) -> int:
        """See `TokenStore.count_due`."""
        with self._lock:
            grants = list(self._grants.values())
        return sum(grant.state == "active" and grant.refreshed_at < refreshed_before for grant in grants)
