"""Which store a command looks at, and whose grants. Only a store that is there is opened, so a mistyped one is told."""

from __future__ import annotations

import os
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Final

import attrs

from astra.cli.tokens.options import say
from astra.cli.tokens.places import STORE_KINDS, name_server
from astra.config import build_settings, read_environment
from astra.errors import ConfigurationError, StorageError, UnreadableGrantError
from astra.storage.url import read_url
from astra.tokens import UNBOUND, BoundStore, Identity, TokenStore, open_store
from astra.tokens.stores.base import TOKENS

if TYPE_CHECKING:
    from astra import Astra
    from astra.tokens.stores.keyring import Keyring

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


def find_identity() -> Identity:
    """Whose grants: those of the client that the environment describes."""
    found = read_environment()
    if not found.client_id:
        raise ConfigurationError(
            "Whose grants? Set ASTRA_CLIENT_ID, and ASTRA_ENVIRONMENT or ASTRA_BASE_URL as your programs have them."
        )
    settings = build_settings(
        found.client_id, "unused", environment=found.environment or "sandbox", base_url=found.base_url
    )
    return Identity.of(settings.destination, found.client_id)


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
    identity = None if everybody else find_identity()
    with open_store(address) as base:
        found = Opened(base=base, place=_name(address), identity=identity, keys=keys)
        if not _exists(found) and not create:
            raise ConfigurationError(_absent(address, found.place) + hint)
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


def _exists(found: Opened) -> bool:
    try:
        return found.base.exists()
    except StorageError as error:
        raise type(error)(f"{error} (in the {found.place})", timed_out=error.timed_out) from None


def _name(url: str) -> str:
    place = read_url(url, family=TOKENS)
    # An absolute path: who reads this may be in another folder than cron was.
    address = str(Path(place.path).absolute()) if place.kind == "sqlite" else name_server(place.address)
    return f"{STORE_KINDS[place.kind]} {address}"


def _absent(url: str, place: str) -> str:
    read = read_url(url, family=TOKENS)
    advice = {
        "sqlite": "Is the path right?"
        if os.path.isabs(read.path)
        else "A relative path begins in the current folder, which for cron is $HOME: write sqlite:/// and an absolute "
        "path, so with four slashes in all.",
        "sql": "There is no table astra_grants: is it another database or schema of the server?",
        "redis": "No grant was ever kept there: is it another database number or server?",
    }[read.kind]
    return (
        f"There is no token store in the {place}, and none was made. {advice} Your program makes the store when it "
        "keeps the first grant."
    )
