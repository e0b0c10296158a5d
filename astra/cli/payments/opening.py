"""Which idempotency store a command looks at, and whose payments. Only a store that is there is opened."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

import attrs

from astra.cli.opening import find_identity, name_store, refuse_absent
from astra.cli.output import say
from astra.config import read_environment
from astra.errors import ConfigurationError
from astra.payments import IdempotencyStore, PaymentQuery, PaymentRecord, open_idempotency_store
from astra.payments.stores.base import PAYMENTS
from astra.tokens import Identity

if TYPE_CHECKING:
    from astra import Astra

MADE: Final = (
    "Your program makes the store with its first payment. If there were payments, find the store: without it their "
    "keys pay once more."
)


@attrs.frozen(kw_only=True)
class Opened:
    """A store, and whose payments a command looks at.

    Attributes:
        store: the store.
        place: its kind and address, for people.
        identity: whose payments.
    """

    store: IdempotencyStore
    place: str
    identity: Identity

    def __str__(self) -> str:
        return f"{self.place}, payments of {self.identity}"

    @property
    def fields(self) -> dict[str, Any]:
        """The same for programs."""
        who = self.identity
        return {"store": self.place, "environment": who.environment, "client_id": who.client_id}

    def select(self, **query: Any) -> Iterator[PaymentRecord]:
        """Yields payments of this client.

        Args:
            query: as of `PaymentQuery`.
        """
        who = self.identity
        return self.store.select(PaymentQuery(environment=who.environment, client_id=who.client_id, **query))

    def oldest(self) -> PaymentRecord | None:
        """The payment of this client whose key was first used longest ago, or None when there are none."""
        return next(self.select(limit=1), None)

    def where(self, **query: Any) -> str:
        """Says where was looked, and whose such payments are there instead, for when nothing was found.

        Args:
            query: as of `PaymentQuery`.
        """
        other = next(self.store.select(PaymentQuery(**query, limit=1)), None)
        text = f"looked at {self}"
        if other is None:
            return text
        whose = Identity(other.environment, other.client_id)
        return text if whose == self.identity else f"{text} (it has such of others, for example of {whose})"


@contextmanager
def opened(url: str | None, *, quiet: bool = False) -> Generator[Opened]:
    """Opens the store of the option or the environment, and says on standard error which it is.

    Args:
        url: the option.
        quiet: say nothing.

    Raises:
        ConfigurationError: none is named, or there is no such store.
        IdempotencyStoreError: it cannot be reached.
    """
    address = (url or "").strip() or read_environment().idempotency_store
    if not address or address == "memory://":
        raise ConfigurationError(
            "Which idempotency store? Set ASTRA_IDEMPOTENCY_STORE as your programs have it, or pass --store, e.g. "
            "sqlite:////var/lib/app/payments.db. Cron and services know none of your shell's variables."
        )
    identity = find_identity(of="payments")
    with open_idempotency_store(address) as store:
        refuse_absent(store, address, family=PAYMENTS, table="astra_payments", made=MADE)
        found = Opened(store=store, place=name_store(address, family=PAYMENTS), identity=identity)
        if not quiet:
            say(str(found))
        yield found


@contextmanager
def client(url: str | None, *, quiet: bool = False, with_grants: bool) -> Generator[tuple[Astra, Opened]]:
    """A client of the environment's settings over that store.

    Args:
        url: the option.
        quiet: say nothing.
        with_grants: whether it reads from Astra, for which it needs a token store that is there, and its keys.
    """
    from astra import Astra
    from astra.tokens import open_store

    with opened(url, quiet=quiet) as found:
        if not with_grants:
            with Astra.from_env(token_store=open_store("memory://"), idempotency_store=found.store) as astra:
                yield astra, found
            return
        from astra.cli.tokens.opening import opened as opened_grants

        with (
            opened_grants(None, quiet=quiet) as grants,
            Astra.from_env(token_store=grants.base, idempotency_store=found.store) as astra,
        ):
            yield astra, found
