"""A token store as one client sees it: its own grants and those of nobody, decrypted, under keys that were checked."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Final

import attrs

from astra._closing import Closing
from astra._public import public
from astra._secret import hide_all, shown
from astra.errors import ConfigurationError, UnreadableGrantError
from astra.tokens import adoption
from astra.tokens.envelope import open_plain
from astra.tokens.grant import Grant
from astra.tokens.identity import UNBOUND, Identity
from astra.tokens.single_flight import LocalState
from astra.tokens.stores.base import Batch, ClaimQuery, TokenStore
from astra.tokens.user_keys import check_user_key, is_user_key

if TYPE_CHECKING:
    from astra.tokens.stores.keyring import Keyring

LOOK_AGAIN: Final = 60.0
"""Seconds after which a store that had grants of nobody is asked whether it still has some."""

UNREADABLE_PAUSE: Final = 3600.0
"""Seconds for which keep-alive leaves a row alone that cannot be read, so that it delays no other."""

OWN, NOBODYS = "=", "?"


@public("astra.tokens")
class BoundStore(Closing):
    """What a client uses of a token store. Made by `TokenStore.for_identity`.

    Grants that release 0.1.0 wrote belong to nobody. Every client sees those, unless it has one of its own under the
    same key. One becomes the client's when the client saves new tokens for it, because then Astra has accepted the old
    ones from this client; no client can mark it dead.

    Attributes:
        base: the store itself.
        identity: whose grants.
        blocking: whether methods may take time; see `TokenStore`.
    """

    def __init__(
        self,
        base: TokenStore,
        identity: Identity,
        *,
        keys: Sequence[str] = (),
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.base = base
        self.identity = identity
        self.blocking = base.blocking
        keys = hide_all(keys)  # this frame may be printed with its locals
        self._keyring = _make_keyring(keys) if keys else None
        self._monotonic = monotonic
        self._has_nobodys: bool | None = False if identity == UNBOUND else None
        self._look_again = 0.0
        self._fits = False

    @shown
    def __repr__(self) -> str:
        return f"<grants of {self.identity} in {self.base!r}>"

    @property
    def local(self) -> LocalState:
        """What the threads and tasks of this process share about these grants."""
        return self.base.local(self.identity)

    def why_unknown(self) -> str:
        """What to tell about a key that has no grant."""
        return (
            "it was never authorized with this client, or it was forgotten. If the key is right, the user has to "
            "authorize."
        )

    def load(self, key: str) -> Grant | None:
        """Reads one grant, or None when there is none.

        Args:
            key: your key of the user.

        Raises:
            ConfigurationError: it is encrypted, and none of the keys fits; or the other way round.
            UnreadableGrantError: the row is no grant, or comes from elsewhere.
            InvalidRequestError: the key cannot be one.
        """
        stored = self.base.load(self.identity, check_user_key(key))
        if stored is None and self._sees_nobodys():
            stored = self.base.load(UNBOUND, key)
        return None if stored is None else self._open(stored)

    def save_many(self, saves: Sequence[tuple[Grant, int | None]], *, release: str | None = None) -> list[bool]:
        """Saves grants as this identity's; see `TokenStore.save_many`.

        Args:
            saves: pairs of a grant and the version it replaces; None: there must be none of this identity.
            release: owner whose leases on these keys end at the same time, or None.
        """
        done = self.base.save_many([(self._seal(grant), replaces) for grant, replaces in saves], release=release)
        if self._sees_nobodys():
            for index, (grant, replaces) in enumerate(saves):
                if done[index]:
                    self._drop_former(grant)
                elif replaces is not None:
                    done[index] = self._save_over_nobodys(grant, replaces)
                    if release is not None:
                        self.release_lease(grant.key, owner=release)
        return done

    def save(self, grant: Grant, *, replaces: int | None) -> bool:
        """Saves one grant if the store still has the version that it replaces; see `save_many`.

        Args:
            grant: the grant.
            replaces: the version, or None.
        """
        return self.save_many([(grant, replaces)])[0]

    def delete(self, key: str) -> bool:
        """Deletes a grant and its lease. Returns whether there was one.

        Args:
            key: your key of the user.
        """
        if not is_user_key(key):
            # Release 0.1.0 kept any text.
            if _is_text(key) and self._sees_nobodys() and self.base.delete(UNBOUND, key):
                return True
            check_user_key(key)
        own = self._readable(self.identity, key) if self._sees_nobodys() else None
        known = self.base.delete(self.identity, key)
        if own is not None:
            self._drop_former(own)
        elif not known and self._sees_nobodys():
            return self.base.delete(UNBOUND, key)
        return known

    def find(self, astra_user_id: str) -> str | None:
        """Finds your key of a user by Astra's id; of several, the one refreshed last.

        Args:
            astra_user_id: Astra's id of the user.
        """
        return next(iter(self.find_keys(astra_user_id)), None)

    def find_keys(self, astra_user_id: str, *, active: bool = False) -> list[str]:
        """Finds your keys of a user by Astra's id, that of the grant refreshed last first.

        Args:
            astra_user_id: Astra's id of the user.
            active: leave out dead grants.
        """
        found = self.base.find_keys(self.identity, astra_user_id, active=active)
        if self._sees_nobodys():
            others = self.base.find_keys(UNBOUND, astra_user_id, active=active)
            found += [key for key in others if is_user_key(key) and self._home(key) == UNBOUND]
        return found

    def acquire_lease(self, key: str, *, owner: str, ttl: float) -> bool:
        """Takes, or extends, the right to refresh a user; see `TokenStore.acquire_lease`.

        Args:
            key: your key of the user.
            owner: opaque name of the taker.
            ttl: seconds after which the lease ends by itself.
        """
        return self.base.acquire_lease(self._home(check_user_key(key)), key, owner=owner, ttl=ttl)

    def release_lease(self, key: str, *, owner: str) -> None:
        """Ends the owner's lease, if it still has it.

        Args:
            key: your key of the user.
            owner: the taker.
        """
        self.base.release_lease(self._home(key), key, owner=owner)

    def postpone(self, key: str, *, failures: int, until: float, owner: str | None = None) -> bool:
        """Notes that a refresh failed; see `TokenStore.postpone`.

        Args:
            key: your key of the user.
            failures: how many failed in a row by now.
            until: keep-alive leaves the grant alone before this (seconds since the epoch).
            owner: whose lease ends at the same time, or None.
        """
        return self.base.postpone(self._home(key), key, failures=failures, until=until, owner=owner)

    def claim_due(self, query: ClaimQuery) -> Batch:
        """Claims active grants that nobody has refreshed lately; see `TokenStore.claim_due`.

        Rows that cannot be read are in `Batch.unreadable`, without a lease. Those that are damaged are left alone for
        an hour; one that only lacks its key here is not, since another host may have it.

        Args:
            query: which grants, how many, and for whom.

        Raises:
            ConfigurationError: they are encrypted and there are no keys, or no key fits any grant.
        """
        claimed = self.base.claim_due(self.identity, query)
        while self._sees_nobodys() and not claimed.grants:
            more = self.base.claim_due(UNBOUND, query)
            if not more.grants and not more.unreadable:
                break
            claimed = attrs.evolve(self._unshadowed(more, query), unreadable=[*claimed.unreadable, *more.unreadable])
        return self._open_claimed(claimed, query)

    def scan(
        self,
        *,
        after: str | None = None,
        limit: int = 500,
        refreshed_before: float | None = None,
        now: float | None = None,
        state: str | None = None,
    ) -> Batch:
        """Reads grants in a stable order, a batch at a time; see `TokenStore.scan`. Tokens are as they are stored.

        Args:
            after: `Batch.after` of the batch before, or None to begin.
            limit: at most so many.
            refreshed_before: only active grants whose `refreshed_at` is before this, or None for all.
            now: the caller's time; see `TokenStore.scan`.
            state: only grants in this state, or None for all.
        """
        if after is None or after.startswith(OWN):
            start = after.removeprefix(OWN) if after else None
            own = self.base.scan(
                self.identity, after=start, limit=limit, refreshed_before=refreshed_before, now=now, state=state
            )
            if own.after is not None:
                return attrs.evolve(own, after=OWN + own.after)
            return attrs.evolve(own, after=NOBODYS if self._sees_nobodys() else None)
        start = after.removeprefix(NOBODYS) or None
        rest = self.base.scan(
            UNBOUND, after=start, limit=limit, refreshed_before=refreshed_before, now=now, state=state
        )
        seen = [grant for grant in rest.grants if not self._has_own(grant.key)]
        return attrs.evolve(rest, grants=seen, after=None if rest.after is None else NOBODYS + rest.after)

    def iterate(self, *, refreshed_before: float | None = None, state: str | None = None) -> Iterator[Grant]:
        """Yields all grants, a batch at a time, in memory that does not grow. Tokens are as they are stored.

        Args:
            refreshed_before: only active grants whose `refreshed_at` is before this, or None for all.
            state: only grants in this state, or None for all.
        """
        for batch in self.batches(refreshed_before=refreshed_before, state=state):
            yield from batch.grants

    def batches(
        self, *, refreshed_before: float | None = None, state: str | None = None, limit: int = 500
    ) -> Iterator[Batch]:
        """Yields the batches of a whole scan; rows that cannot be read are in their `unreadable`.

        Args:
            refreshed_before: as of `scan`.
            state: as of `scan`.
            limit: grants per batch.
        """
        after: str | None = None
        while True:
            batch = self.scan(after=after, limit=limit, refreshed_before=refreshed_before, state=state)
            yield batch
            after = batch.after
            if after is None:
                return

    def count_due(self, *, refreshed_before: float, now: float | None = None) -> int:
        """Counts active grants whose `refreshed_at` is before this; see `TokenStore.count_due`.

        Args:
            refreshed_before: seconds since the epoch.
            now: leave out those whose `next_attempt_at` is later (seconds since the epoch), or None to count them, too.
        """
        count = self.base.count_due(self.identity, refreshed_before=refreshed_before, now=now)
        if self._sees_nobodys():
            count += self.base.count_due(UNBOUND, refreshed_before=refreshed_before, now=now)
        return count

    def of_others_only(self) -> str | None:
        """Says whose grants the store has, if it has some and this client sees none: most likely a wrong set-up."""
        if self.identity == UNBOUND or self._sees_nobodys():
            return None
        counts = self.base.identities()
        others = {who: count for who, count in counts.items() if who != UNBOUND}
        if self.identity in counts or not others:
            return None
        listed = "; ".join(f"{count} of {who}" for who, count in sorted(others.items(), key=lambda item: str(item[0])))
        return (
            f"the store has no grants of {self.identity}, but {listed}: most likely the client id, the environment or "
            "base_url is another one than where the users authorized"
        )

    def check_writable(self) -> None:
        """Writes something, so that a store that cannot keep tokens fails before any are issued.

        Raises:
            TokenStoreError: it cannot be reached or written.
        """
        self.base.check_writable(self.identity)

    def close(self) -> None:
        """Closes the store."""
        self.base.close()

    # -- grants of nobody ----------------------------------------------------------------------------------------------

    def _sees_nobodys(self) -> bool:
        """Whether the store may have grants of nobody. Once it has none, it gets none: 0.1.0 alone wrote them."""
        if self._has_nobodys is False:
            return False
        if self._has_nobodys is None or self._monotonic() >= self._look_again:
            first = self.base.scan(UNBOUND, limit=1)
            self._has_nobodys = bool(first.grants or first.unreadable)
            self._look_again = self._monotonic() + LOOK_AGAIN
        return self._has_nobodys

    def _home(self, key: str) -> Identity:
        """Under which identity the grant is that this client sees."""
        if self._sees_nobodys() and not self._has_own(key):
            return UNBOUND if self.base.load(UNBOUND, key) is not None else self.identity
        return self.identity

    def _save_over_nobodys(self, grant: Grant, replaces: int) -> bool:
        stored = self.base.load(UNBOUND, grant.key)
        if stored is None or stored.version != replaces or self._has_own(grant.key):
            return False
        decision = adoption.decide(grant, nobodys=self._open(stored))
        if decision is adoption.Decision.ADOPT:
            return self.base.adopt(self._seal(grant), replaces=replaces)
        if decision is adoption.Decision.BESIDE:
            return self.base.save(self._seal(grant), replaces=None)
        if decision is adoption.Decision.KEEP:
            return self.base.save(self._seal(grant, UNBOUND), replaces=replaces)
        return False

    def _drop_former(self, grant: Grant) -> None:
        """Deletes a grant of nobody that is certainly the same person's, so that it does not come up again."""
        former = self._readable(UNBOUND, grant.key)
        if former is not None and adoption.is_same_person(grant, former):
            self.base.delete(UNBOUND, grant.key)

    def _has_own(self, key: str) -> bool:
        """Whether this identity has a grant under the key, be it damaged."""
        try:
            return self.base.load(self.identity, key) is not None
        except UnreadableGrantError:
            return True

    def _readable(self, identity: Identity, key: str) -> Grant | None:
        """Reads a grant where one that is damaged is as good as none."""
        with suppress(UnreadableGrantError):
            return self.base.load(identity, key)
        return None

    def _unshadowed(self, claimed: Batch, query: ClaimQuery) -> Batch:
        kept: list[Grant] = []
        for grant in claimed.grants:
            if not self._has_own(grant.key):
                kept.append(grant)
            else:
                self.base.release_lease(UNBOUND, grant.key, owner=query.owner)
        return attrs.evolve(claimed, grants=kept)

    # -- encryption ----------------------------------------------------------------------------------------------------

    def _seal(self, grant: Grant, identity: Identity | None = None) -> Grant:
        stamped = attrs.evolve(grant, key=check_user_key(grant.key), identity=identity or self.identity)
        return self._keyring.seal(stamped) if self._keyring else stamped

    def _open(self, stored: Grant) -> Grant:
        if not is_user_key(stored.key):
            raise UnreadableGrantError(
                f"The token store has a grant of release 0.1.0 under the key {stored.key[:40]!r}, which can be none "
                "any more. Nothing was sent. Let the user authorize under another key, and delete this one: "
                "tokens.forget(...).",
                user_key=stored.key,
            )
        if self._keyring is None:
            return open_plain(stored)
        opened = self._keyring.open(stored)
        self._fits = True
        return opened

    def _open_claimed(self, claimed: Batch, query: ClaimQuery) -> Batch:
        opened: list[Grant] = []
        unreadable = list(claimed.unreadable)
        locked: list[tuple[Grant, ConfigurationError]] = []
        for grant in claimed.grants:
            try:
                opened.append(self._open(grant))
            except UnreadableGrantError as error:
                unreadable.append(error)
            except ConfigurationError as error:
                locked.append((grant, error))
        if locked and not self._fits_somewhere():
            for grant in claimed.grants:
                self.base.release_lease(grant.identity, grant.key, owner=query.owner)
            raise locked[-1][1]
        for lost in unreadable:
            self._leave_alone(lost.user_key, query)
        for grant, lack in locked:
            # Another host may have the key: this one must not keep it from refreshing the grant.
            self.base.release_lease(grant.identity, grant.key, owner=query.owner)
            unreadable.append(UnreadableGrantError(str(lack), user_key=grant.key))
        return Batch(grants=opened, unreadable=unreadable, locked=len(locked))

    def _leave_alone(self, key: str, query: ClaimQuery) -> None:
        until = query.now + UNREADABLE_PAUSE
        for identity in (self.identity, UNBOUND) if self._sees_nobodys() else (self.identity,):
            self.base.postpone(identity, key, failures=1, until=until, owner=query.owner)

    def _fits_somewhere(self) -> bool:
        """Whether the keys open any grant at all: one that they do not open is then that grant's own trouble.

        Without keys the trouble is always the set-up: a grant saved now would lie open among encrypted ones.
        """
        if self._keyring is not None and not self._fits:
            sample = self.base.scan(self.identity).grants or self.base.scan(UNBOUND).grants
            for grant in sample:
                with suppress(ConfigurationError, UnreadableGrantError):
                    self._open(grant)
                    break
        return self._fits


def _is_text(key: object) -> bool:
    return isinstance(key, str)


def _make_keyring(keys: Sequence[str]) -> Keyring:
    from astra.tokens.stores.keyring import Keyring

    return Keyring(keys)
