"""What a token store has to do. Subclass `TokenStore` for your own; `astra.testing.store_contract` proves it."""

from __future__ import annotations

import abc
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar, Final, cast
from uuid import uuid4

import attrs

from astra._closing import Closing
from astra._secret import hide_all
from astra.errors import TokenStoreError, UnreadableGrantError
from astra.storage.family import Family
from astra.tokens.grant import Grant
from astra.tokens.identity import Identity
from astra.tokens.single_flight import LocalState

if TYPE_CHECKING:
    from astra.tokens.stores.bound import BoundStore

TOKENS = Family(
    name="token store",
    example="sqlite:///tokens.db",
    error=TokenStoreError,
    kinds=frozenset({"memory", "sqlite", "redis", "sql"}),
)


LEASE_SLACK: Final = 60.0
"""Seconds by which a lease may seem to be too long: whoever looks at it may have waited since it read the clock."""

FAR_AHEAD: Final = 86_400.0
"""Seconds from which on a stored time that lies ahead was written by a host whose clock was wrong. It counts as long
ago: else keep-alive would leave the grant alone until it is too late."""


def trusted(time: float, *, now: float | None) -> float:
    """A stored time, or 0.0 when it lies too far ahead.

    Args:
        time: seconds since the epoch.
        now: the caller's time, or None when it is not known.
    """
    return 0.0 if now is not None and time > now + FAR_AHEAD else time


@attrs.frozen(kw_only=True)
class ClaimQuery:
    """Which grants a keep-alive run claims.

    Attributes:
        refreshed_before: only grants whose `refreshed_at` is before this (seconds since the epoch).
        attempted_before: only grants that no keep-alive claimed at or after this (seconds since the epoch).
        now: the caller's time (seconds since the epoch), remembered as the time of this claim. Grants whose
            `next_attempt_at` is later are left alone. A stored time that is later by more than `FAR_AHEAD` counts as
            long ago.
        limit: at most so many.
        owner: who gets the lease on each of them.
        ttl: seconds after which these leases end by themselves.
        keys: only these keys, or None for all. Any number.
    """

    refreshed_before: float
    attempted_before: float
    now: float
    limit: int
    owner: str
    ttl: float
    keys: Sequence[str] | None = None

    @property
    def too_late(self) -> float:
        """From when on a stored time counts as long ago."""
        return self.now + FAR_AHEAD


@attrs.frozen(kw_only=True)
class Batch:
    """Some of the grants of a store.

    Attributes:
        grants: the grants.
        unreadable: one error for each row that is no grant; the others are not kept back by it.
        after: where the next batch of a scan begins, or None when this is the last.
        locked: how many of the unreadable ones only lack their key of encryption here. They stay due, for other hosts.
    """

    grants: list[Grant] = attrs.field(factory=list[Grant])
    unreadable: list[UnreadableGrantError] = attrs.field(factory=list[UnreadableGrantError])
    after: str | None = None
    locked: int = 0


def make_probe(identity: Identity) -> Grant:
    """A grant without tokens, under a key that nobody else has: what is saved to see whether one can be.

    Args:
        identity: whose it would be.
    """
    return Grant(
        key=f"astra-probe-{uuid4().hex}",
        identity=identity,
        access_token="",
        access_expires_at=0.0,
        refresh_token="",
        refresh_expires_at=0.0,
        version=1,
        state="dead",
        refreshed_at=0.0,
    )


class TokenStore(Closing, abc.ABC):
    """Keeps grants by identity (environment and client id) and your own user key.

    Clients use it through `for_identity`, which adds encryption, the check of keys, and the grants that belong to
    nobody yet. Methods block; the async client calls them in a worker thread.

    Rules that make it safe to share between processes and hosts:

    * Rows of one identity are out of reach under another. `UNBOUND` is an identity like any other here.
    * `save` is a compare-and-swap on the version: of many that replace the same version, exactly one succeeds.
    * A lease is exclusive per grant and ends by itself. Its time is the store's own, where the store has a clock; one
      that ends much later (`LEASE_SLACK`) than it could if it were taken now is nobody's: a clock was set back. All who
      share a store ask for leases of one length.
    * A save never touches a lease, a lease never touches a grant; a deleted grant has no lease.
    * `claim_due`, `save_many` and `adopt` are each one transaction.
    * A row that cannot be read as a grant raises `UnreadableGrantError`, or is in `Batch.unreadable`.

    Attributes:
        blocking: whether methods may take time (a file, a network). If not, the event loop calls them directly.
    """

    blocking: ClassVar[bool] = True

    def for_identity(self, identity: Identity, *, keys: Sequence[str] = ()) -> BoundStore:
        """The store as a client sees it. Nothing is read yet.

        Args:
            identity: whose grants; see `identify`.
            keys: encryption keys, the current one first (extra `crypto`); none: not encrypted.

        Raises:
            ConfigurationError: what is given as a key is none, or the extra is missing.

        Example:
            grants = open_store("sqlite:///tokens.db").for_identity(Identity("sandbox", "client-id"))
            print(grants.load("customer-42"))
        """
        from astra.tokens.stores.bound import BoundStore

        keys = hide_all(keys)  # this frame may be printed with its locals
        return BoundStore(self, identity, keys=keys)

    def local(self, identity: Identity) -> LocalState:
        """What the threads and tasks of this process share about this store object and one identity."""
        states = cast("dict[Identity, LocalState]", vars(self).setdefault("_local_states", {}))
        state = states.get(identity)
        # setdefault is atomic: two threads that come at once get the same object.
        return states.setdefault(identity, LocalState()) if state is None else state

    @abc.abstractmethod
    def load(self, identity: Identity, key: str) -> Grant | None:
        """Reads one grant, or None when there is none.

        Raises:
            UnreadableGrantError: the row is no grant.
        """

    @abc.abstractmethod
    def save_many(self, saves: Sequence[tuple[Grant, int | None]], *, release: str | None = None) -> list[bool]:
        """Saves grants in one transaction, each only if the store still has the version that it replaces.

        Args:
            saves: pairs of a grant, whose `identity` and `key` say where, and the version it replaces; None: the
                identity must not have the key. All are of one identity.
            release: owner whose leases on these grants end in the same transaction, or None.

        Returns:
            For each pair, in order, whether it was saved.
        """

    def save(self, grant: Grant, *, replaces: int | None) -> bool:
        """Saves one grant if the store still has the version that it replaces; see `save_many`."""
        return self.save_many([(grant, replaces)])[0]

    @abc.abstractmethod
    def adopt(self, grant: Grant, *, replaces: int) -> bool:
        """Puts a grant in the place of the one that belongs to nobody, with its lease.

        Args:
            grant: the grant, of a bound identity.
            replaces: the version that the `UNBOUND` row of its key must have; and the identity must not have the key.

        Returns:
            Whether it was done.
        """

    @abc.abstractmethod
    def delete(self, identity: Identity, key: str) -> bool:
        """Deletes a grant and its lease. Returns whether there was one."""

    @abc.abstractmethod
    def find_keys(self, identity: Identity, astra_user_id: str, *, active: bool = False) -> list[str]:
        """Finds your keys of a user by Astra's id, that of the grant refreshed last first.

        Args:
            identity: whose grants.
            astra_user_id: Astra's id of the user.
            active: leave out dead grants.
        """

    @abc.abstractmethod
    def acquire_lease(self, identity: Identity, key: str, *, owner: str, ttl: float) -> bool:
        """Takes, or extends, the right to refresh a user.

        Args:
            identity: whose grant.
            key: your key of the user.
            owner: opaque name of the taker, different for each attempt.
            ttl: seconds after which the lease ends by itself.

        Returns:
            True when it is the owner's now; False when another owner has it or there is no such grant.
        """

    @abc.abstractmethod
    def release_lease(self, identity: Identity, key: str, *, owner: str) -> None:
        """Ends the owner's lease, if it still has it."""

    @abc.abstractmethod
    def claim_due(self, identity: Identity, query: ClaimQuery) -> Batch:
        """Claims active grants that nobody has refreshed lately.

        First come those that never failed, refreshed longest ago first; then those that failed, whose `next_attempt_at`
        is longest ago first.

        Args:
            identity: whose grants.
            query: which of them, how many, and for whom.
        """

    @abc.abstractmethod
    def postpone(self, identity: Identity, key: str, *, failures: int, until: float, owner: str | None = None) -> bool:
        """Notes that a refresh failed, which leaves the version as it is.

        Args:
            identity: whose grant.
            key: your key of the user.
            failures: how many failed in a row by now.
            until: keep-alive leaves the grant alone before this (seconds since the epoch).
            owner: whose lease ends at the same time, or None.

        Returns:
            Whether there is such a grant.
        """

    @abc.abstractmethod
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
        """Reads grants in a stable order of their keys, a batch at a time. Not for tokens: they may be encrypted.

        Args:
            identity: whose grants.
            after: `Batch.after` of the batch before, or None to begin.
            limit: at most so many.
            refreshed_before: only active grants whose `refreshed_at` is before this, or None for all.
            now: the caller's time: a `refreshed_at` that is later by more than `FAR_AHEAD` counts as long ago.
            state: only grants in this state, "active" or "dead", or None for all.
        """

    @abc.abstractmethod
    def count_due(self, identity: Identity, *, refreshed_before: float, now: float | None = None) -> int:
        """Counts active grants whose `refreshed_at` is before this.

        Args:
            identity: whose grants.
            refreshed_before: seconds since the epoch.
            now: leave out those whose `next_attempt_at` is later (seconds since the epoch), or None to count them, too.
                A time that is later by more than `FAR_AHEAD` counts as long ago.
        """

    @abc.abstractmethod
    def identities(self) -> Mapping[Identity, int]:
        """Every identity that has grants here, and how many."""

    def check_writable(self, identity: Identity) -> None:
        """Saves a grant that is none, and deletes it again; fails if a grant could not be saved.

        A store with transactions does both in one: nobody is to meet a grant that has no tokens, and a process that is
        killed is to leave none.

        Args:
            identity: whose grant it would be.
        """
        probe = make_probe(identity)
        self.save(probe, replaces=None)
        self.delete(identity, probe.key)

    def exists(self) -> bool:
        """Whether there is a store, without making one: for tools, which a mistyped address must not go unnoticed.

        Returns:
            True unless the file, the table or the keys are missing.
        """
        return True

    def close(self) -> None:
        """Gives back files and connections. The store must not be used afterwards."""
