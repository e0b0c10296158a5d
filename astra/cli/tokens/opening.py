"""Which store a command looks at, and whose grants. Only a store that is there is opened, so a mistyped one is told."""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING, Final

import attrs

from astra.cli.opening import find_identity, name_store, refuse_absent
from astra.cli.output import say
from astra.config import read_environment
from astra.errors import ConfigurationError, UnreadableGrantError
from astra.tokens import UNBOUND, BoundStore, Identity, TokenStore, open_store
from astra.tokens.stores.base import TOKENS

if TYPE_CHECKING:
    from astra import Astra
    from astra.tokens.stores.keyring import Keyring

MADE: Final = "Your program makes the store when it keeps the first grant."

SAMPLE: Final = 500
"""Grants that are tried before the keys are said not to fit."""


@attrs.frozen(kw_only=True)
class Opened:
    """A store, and whose grants a command looks at.

    Attributes:
        base: the store.
        place: its kind and address, for people.
        identity: whose grants; None: everybody's.
        keys: the encryption keys of the environment.
    """

    base: TokenStore
    place: str
    identity: Identity | None
    keys: Sequence[str] = attrs.field(repr=False)

    def __str__(self) -> str:
        whose = "all environments and clients" if self.identity is None else self.identity
        return f"{self.place}, grants of {whose}"

    @cached_property
    def bound(self) -> BoundStore:
        """The store as the environment's client sees it."""
        return self.base.for_identity(self.identity or UNBOUND, keys=self.keys)

    @property
    def identities(self) -> list[Identity]:
        """Whose grants are looked at: the client's and, as it sees those too, nobody's; or everybody's."""
        if self.identity is None:
            return sorted(self.base.identities(), key=str)
        return [self.identity, UNBOUND]

    def others(self) -> Mapping[Identity, int]:
        """How many grants others have here."""
        return {who: count for who, count in self.base.identities().items() if who.is_bound and who != self.identity}

    @property
    def fields(self) -> dict[str, object]:
        """The same for programs."""
        who = self.identity
        return {
            "store": self.place,
            "environment": who.environment if who else None,
            "client_id": who.client_id if who else None,
        }

    def where(self) -> str:
        """Says where was looked, and who else has grants there, for when nothing was found."""
        text = f"looked at {self}"
        if self.identity is not None and (others := self.others()):
            listed = "; ".join(
                f"{count} of {who}" for who, count in sorted(others.items(), key=lambda one: -one[1])[:3]
            )
            text += f" (it has grants of others, too: {listed})"
        return text


def find_url(url: str | None) -> str:
    """The token store's URL of the option or the environment."""
    url = url or read_environment().token_store
    if not url or url == "memory://":
        raise ConfigurationError(
            "Which token store? Set ASTRA_TOKEN_STORE as your programs have it, or pass --store, e.g. "
            "sqlite:////var/lib/app/tokens.db. Cron and services know none of your shell's variables."
        )
    return url


@contextmanager
def opened(
    url: str | None,
    *,
    everybody: bool = False,
    create: bool = False,
    check: bool = True,
    quiet: bool = False,
    hint: str = "",
) -> Generator[Opened]:
    """Opens the store of the option or the environment, and says on standard error which it is.

    Args:
        url: the option.
        everybody: look at the grants of all environments and clients.
        create: make the store if there is none.
        check: find out whether the keys of the environment open the grants.
        quiet: say nothing.
        hint: what else to do if there is no store.

    Raises:
        ConfigurationError: there is no such store, or the keys do not fit.
    """
    address = find_url(url)
    keys = read_environment().token_keys
    identity = None if everybody else find_identity(of="grants")
    with open_store(address) as base:
        found = Opened(base=base, place=name_store(address, family=TOKENS), identity=identity, keys=keys)
        if not create:
            refuse_absent(base, address, family=TOKENS, table="astra_grants", made=MADE, hint=hint)
        if not quiet:
            say(str(found))
        if check:
            check_keys(found)
        yield found


@contextmanager
def client(url: str | None, *, check: bool = True, quiet: bool = False) -> Generator[tuple[Astra, Opened]]:
    """A client of the environment's settings over that store.

    Args:
        url: the option.
        check: as of `opened`.
        quiet: as of `opened`.
    """
    from astra import Astra

    with opened(url, check=check, quiet=quiet) as found, Astra.from_env(token_store=found.base) as astra:
        yield astra, found


def make_keyring(keys: Sequence[str], *, accept_plain: bool = False) -> Keyring:
    """The keys of the environment.

    Args:
        keys: as they are in it.
        accept_plain: read tokens that are not encrypted, too.

    Raises:
        ConfigurationError: there are none.
    """
    if not keys:
        raise ConfigurationError(
            "Set ASTRA_TOKEN_KEYS: the current key first, then former ones, with commas. To make one: python -c "
            '"from cryptography.fernet import Fernet; print(Fernet.generate_key().decode())". Keep it as safe as the '
            "client secret: without it nobody can read what it encrypted."
        )
    from astra.tokens.stores.keyring import PLAIN, Keyring

    return Keyring([*keys, PLAIN] if accept_plain and keys[-1] != PLAIN else keys)


def check_keys(found: Opened) -> None:
    """Opens one grant. A command that would work on what nobody can read is of no use, and may do harm.

    Raises:
        ConfigurationError: there are grants, and the keys of the environment open none of them.
    """
    locked: ConfigurationError | None = None
    for identity in found.identities:
        view = found.base.for_identity(identity, keys=found.keys)
        for grant in found.base.scan(identity, limit=SAMPLE).grants:
            try:
                view.load(grant.key)
            except UnreadableGrantError:
                continue
            except ConfigurationError as error:
                locked = locked or error
                continue
            return
    if locked is not None:
        raise ConfigurationError(f"{locked} Looked at {found}.")
