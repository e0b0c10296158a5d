"""Grants in this process only: for tests, scripts and short-lived tools."""

from __future__ import annotations

import logging
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import ClassVar

import attrs

from astra.storage.forks import FORK_GUARD
from astra.tokens.grant import Grant
from astra.tokens.identity import UNBOUND, Identity
from astra.tokens.stores.base import Batch, ClaimQuery, TokenStore, trusted

logger = logging.getLogger("astra.tokens")

Place = tuple[Identity, str]


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
        self._grants: dict[Place, Grant] = {}
        self._leases: dict[Place, tuple[str, float]] = {}
        self._attempts: dict[Place, float] = {}
        self._copied = False
        FORK_GUARD.add(self)

    def after_fork(self) -> None:
        """See `ForkAware.after_fork`: another thread may have held the lock, and whoever holds a lease is not here."""
        self._lock = threading.RLock()
        self._leases, self._copied = {}, bool(self._grants)

    def load(self, identity: Identity, key: str) -> Grant | None:
        """See `TokenStore.load`."""
        return self._grants.get((identity, key))

    def save_many(self, saves: Sequence[tuple[Grant, int | None]], *, release: str | None = None) -> list[bool]:
        """See `TokenStore.save_many`."""
        done: list[bool] = []
        with self._lock:
            for grant, replaces in saves:
                place = (grant.identity, grant.key)
                stored = self._grants.get(place)
                won = (stored.version if stored else None) == replaces
                if won:
                    self._grants[place] = grant
                if release is not None:
                    self.release_lease(*place, owner=release)
                done.append(won)
        return done

    def adopt(self, grant: Grant, *, replaces: int) -> bool:
        """See `TokenStore.adopt`."""
        former, place = (UNBOUND, grant.key), (grant.identity, grant.key)
        with self._lock:
            stored = self._grants.get(former)
            if stored is None or stored.version != replaces or place in self._grants:
                return False
            del self._grants[former]
            self._grants[place] = grant
            self._attempts[place] = self._attempts.pop(former, 0.0)
            if former in self._leases:
                self._leases[place] = self._leases.pop(former)
            return True

    def delete(self, identity: Identity, key: str) -> bool:
        """See `TokenStore.delete`."""
        with self._lock:
            self._leases.pop((identity, key), None)
            self._attempts.pop((identity, key), None)
            return self._grants.pop((identity, key), None) is not None

    def find_keys(self, identity: Identity, astra_user_id: str, *, active: bool = False) -> list[str]:
        """See `TokenStore.find_keys`."""
        mine = [
            grant
            for grant in self._all(identity)
            if grant.astra_user_id == astra_user_id and not (active and grant.state == "dead")
        ]
        return [grant.key for grant in sorted(mine, key=lambda grant: -grant.refreshed_at)]

    def acquire_lease(self, identity: Identity, key: str, *, owner: str, ttl: float) -> bool:
        """See `TokenStore.acquire_lease`."""
        place = (identity, key)
        with self._lock:
            if place not in self._grants or not self._is_free(place, owner=owner):
                return False
            self._warn_of_copies()
            self._leases[place] = (owner, self._monotonic() + ttl)
            return True

    def release_lease(self, identity: Identity, key: str, *, owner: str) -> None:
        """See `TokenStore.release_lease`."""
        with self._lock:
            if self._leases.get((identity, key), ("", 0.0))[0] == owner:
                del self._leases[identity, key]

    def claim_due(self, identity: Identity, query: ClaimQuery) -> Batch:
        """See `TokenStore.claim_due`."""
        with self._lock:
            only = None if query.keys is None else set(query.keys)
            due = [
                grant
                for grant in self._all(identity)
                if (only is None or grant.key in only)
                and _is_due(grant, query.refreshed_before, query.now)
                and trusted(self._attempts.get((identity, grant.key), 0.0), now=query.now) < query.attempted_before
                and self._is_free((identity, grant.key))
            ]
            due.sort(key=lambda grant: (grant.next_attempt_at, grant.refreshed_at))
            del due[query.limit :]
            if due:
                self._warn_of_copies()
            for grant in due:
                self._leases[identity, grant.key] = (query.owner, self._monotonic() + query.ttl)
                self._attempts[identity, grant.key] = query.now
        return Batch(grants=due)

    def postpone(self, identity: Identity, key: str, *, failures: int, until: float, owner: str | None = None) -> bool:
        """See `TokenStore.postpone`."""
        with self._lock:
            stored = self._grants.get((identity, key))
            if stored is not None:
                self._grants[identity, key] = attrs.evolve(stored, failures=failures, next_attempt_at=until)
            if owner is not None:
                self.release_lease(identity, key, owner=owner)
            return stored is not None

    def scan(
        self,
        identity: Identity,
        *,
        after: str | None = None,
        limit: int = 500,
        refreshed_before: float | None = None,
        now: float | None = None,
        state: str | None = None,
    ) -> Batch:
        """See `TokenStore.scan`."""
        found = [
            grant
            for grant in self._all(identity)
            if (after is None or grant.key > after)
            and (state is None or grant.state == state)
            and (refreshed_before is None or _is_old(grant, refreshed_before, now))
        ]
        found.sort(key=lambda grant: grant.key)
        is_full = len(found) >= limit
        return Batch(grants=found[:limit], after=found[limit - 1].key if is_full else None)

    def count_due(self, identity: Identity, *, refreshed_before: float, now: float | None = None) -> int:
        """See `TokenStore.count_due`."""
        return sum(_is_due(grant, refreshed_before, now) for grant in self._all(identity))

    def identities(self) -> Mapping[Identity, int]:
        """See `TokenStore.identities`."""
        with self._lock:
            return dict(Counter(identity for identity, _ in self._grants))

    def _all(self, identity: Identity) -> list[Grant]:
        with self._lock:
            return [grant for (owner, _), grant in self._grants.items() if owner == identity]

    def _is_free(self, place: Place, *, owner: str | None = None) -> bool:
        holder, until = self._leases.get(place, (None, 0.0))
        return holder is None or holder == owner or until <= self._monotonic()

    def _warn_of_copies(self) -> None:
        if self._copied:
            self._copied = False
            logger.warning(
                "this process refreshes tokens in a copy of its parent's memory:// token store. Only the newest access "
                "token of a user is valid, so processes with copies end each other's. Give them a store that they "
                "share: sqlite:///, postgresql:// or redis://"
            )


def _is_old(grant: Grant, refreshed_before: float, now: float | None) -> bool:
    return grant.state == "active" and trusted(grant.refreshed_at, now=now) < refreshed_before


def _is_due(grant: Grant, refreshed_before: float, now: float | None) -> bool:
    waits = now is not None and trusted(grant.next_attempt_at, now=now) > now
    return _is_old(grant, refreshed_before, now) and not waits
