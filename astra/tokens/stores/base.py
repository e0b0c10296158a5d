"""What a token store has to do. Subclass `TokenStore` for your own; `astra.testing.store_contract` proves it."""

from __future__ import annotations

import abc
from collections.abc import Sequence
from types import TracebackType
from typing import Any, ClassVar, Final, Self, cast

import attrs

from astra.errors import TokenStoreError
from astra.storage.family import Family
from astra.tokens.grant import Grant
from astra.tokens.single_flight import LocalState

TOKENS = Family(
    name="token store",
    example="sqlite:///tokens.db",
    error=TokenStoreError,
    kinds=frozenset({"memory", "sqlite", "redis", "sql"}),
)


_NOBODY: Final = Grant(
    key="astra-probe",
    access_token="",
    access_expires_at=0.0,
    refresh_token="",
    refresh_expires_at=0.0,
    version=1,
    state="dead",
    refreshed_at=0.0,
)


@attrs.frozen(kw_only=True)
class ClaimQuery:
    """Which grants a keep-alive run claims.

    Attributes:
        refreshed_before: only grants whose `refreshed_at` is before this (seconds since the epoch).
        attempted_before: only grants that no keep-alive claimed at or after this (seconds since the epoch).
        now: the caller's time (seconds since the epoch), remembered as the time of this claim.
        limit: at most so many.
        owner: who gets the lease on each of them.
        ttl: seconds after which these leases end by themselves.
        keys: only these keys, or None for all.
    """

    refreshed_before: float
    attempted_before: float
    now: float
    limit: int
    owner: str
    ttl: float
    keys: Sequence[str] | None = None


class TokenStore(abc.ABC):
    """Keeps grants by your own user key. Methods block; the async client calls them in a worker thread.

    Rules that make it safe to share between processes and hosts:

    * `save` is a compare-and-swap on the version: of many that replace the same version, exactly one succeeds.
    * A lease is exclusive per key and ends by itself. Its time is the store's own, where the store has a clock.
    * A save never touches a lease, a lease never touches a grant; a deleted grant has no lease.
    * `claim_due` and `save_many` are each one transaction.

    Attributes:
        blocking: whether methods may take time (a file, a network). If not, the event loop calls them directly.
    """

    blocking: ClassVar[bool] = True

    @property
    def local(self) -> LocalState:
        """What the threads and tasks of this process share about this store object."""
        attributes: dict[str, Any] = vars(self)
        state: LocalState | None = attributes.get("_local_state")
        if state is None:
            # setdefault is atomic: two threads that come at once get the same object.
            state = cast("LocalState", attributes.setdefault("_local_state", LocalState()))
        return state

    @abc.abstractmethod
    def load(self, key: str) -> Grant | None:
        """Reads one grant, or None when there is none."""

    @abc.abstractmethod
    def save_many(self, saves: Sequence[tuple[Grant, int | None]], *, release: str | None = None) -> list[bool]:
        """Saves grants in one transaction, each only if the store still has the version that it replaces.

        Args:
            saves: pairs of a grant and the version it replaces; None: the store must not have the key.
            release: owner whose leases on these keys end in the same transaction, or None.

        Returns:
            For each pair, in order, whether it was saved.
        """

    def save(self, grant: Grant, *, replaces: int | None) -> bool:
        """Saves one grant if the store still has the version that it replaces; see `save_many`."""
        return self.save_many([(grant, replaces)])[0]

    @abc.abstractmethod
    def delete(self, key: str) -> bool:
        """Deletes a grant and its lease. Returns whether there was one."""

    @abc.abstractmethod
    def find(self, astra_user_id: str) -> str | None:
        """Finds your key of a user by Astra's id; of several, the one refreshed last."""

    @abc.abstractmethod
    def acquire_lease(self, key: str, *, owner: str, ttl: float) -> bool:
        """Takes, or extends, the right to refresh a user.

        Args:
            key: your key of the user.
            owner: opaque name of the taker, different for each attempt.
            ttl: seconds after which the lease ends by itself.

        Returns:
            True when it is the owner's now; False when another owner has it or there is no such grant.
        """

    @abc.abstractmethod
    def release_lease(self, key: str, *, owner: str) -> None:
        """Ends the owner's lease, if it still has it."""

    @abc.abstractmethod
    def claim_due(self, query: ClaimQuery) -> list[Grant]:
        """Claims active grants that nobody has refreshed lately, those refreshed longest ago first.

        Args:
            query: which grants, how many, and for whom.
        """

    @abc.abstractmethod
    def scan(self, *, after: str = "", limit: int = 500, refreshed_before: float | None = None) -> list[Grant]:
        """Reads grants in a stable order of their keys, a batch at a time. Not for tokens: they may be encrypted.

        Args:
            after: the last key of the batch before, or "" to begin.
            limit: at most so many; fewer than this means the end.
            refreshed_before: only active grants whose `refreshed_at` is before this, or None for all.
        """

    @abc.abstractmethod
    def count_due(self, *, refreshed_before: float) -> int:
        """Counts active grants whose `refreshed_at` is before this (seconds since the epoch)."""

    def check_writable(self) -> None:
        """Saves and deletes a grant of nobody, so that a store that cannot keep tokens fails before any are issued.

        Raises:
            TokenStoreError: it cannot be reached or written.
        """
        # Always the same key: what a crash left behind is deleted by the next caller.
        self.save(_NOBODY, replaces=None)
        self.delete(_NOBODY.key)

    def close(self) -> None:  # noqa: B027 - nothing to close is the common case
        """Gives back files and connections. The store must not be used afterwards."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()
