"""What every command does that opens a store: it says which, and whose, and makes none."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final, Protocol

from astra.config import build_settings, read_environment
from astra.errors import ConfigurationError, StorageError
from astra.storage.family import Family
from astra.storage.places import STORE_KINDS, name_server
from astra.storage.url import read_url
from astra.tokens import Identity

_RELATIVE: Final = (
    "A relative path begins in the current folder, which for cron is $HOME: write sqlite:/// and an absolute path, so "
    "with four slashes in all."
)


class CanExist(Protocol):
    """A store that can tell whether it is there."""

    def exists(self) -> bool:
        """Whether it is there; nothing is made."""
        ...


def find_identity(*, of: str) -> Identity:
    """Whose they are: the client's that the environment describes. Its secret is not needed.

    Args:
        of: what is looked for, for example "grants".

    Raises:
        ConfigurationError: the environment describes none.
    """
    found = read_environment()
    if not found.client_id:
        raise ConfigurationError(
            f"Whose {of}? Set ASTRA_CLIENT_ID, and ASTRA_ENVIRONMENT or ASTRA_BASE_URL as your programs have them."
        )
    settings = build_settings(
        found.client_id,
        "unused",
        environment=found.environment or "sandbox",
        base_url=found.base_url,
        allow_insecure_http=found.allow_insecure_http,
    )
    return Identity.of(settings.destination, found.client_id)


def name_store(url: str, *, family: Family) -> str:
    """Kind and address of a store, for people.

    Args:
        url: its URL, which may hold a password.
        family: what is kept in it.
    """
    place = read_url(url, family=family)
    # An absolute path: who reads this may be in another folder than cron was.
    address = str(Path(place.path).absolute()) if place.path else name_server(place.address)
    return f"{STORE_KINDS[place.kind]} {address}"


def refuse_absent(store: CanExist, url: str, *, family: Family, table: str, made: str, hint: str = "") -> None:
    """Goes on only with a store that is there: a mistyped one is told.

    Args:
        store: the store.
        url: its URL.
        family: what is kept in it.
        table: name of its table.
        made: when the store is made, a sentence.
        hint: what else to do if there is none.

    Raises:
        ConfigurationError: there is none.
        StorageError: it cannot be reached.
    """
    named, place = name_store(url, family=family), read_url(url, family=family)
    try:
        if store.exists():
            return
    except StorageError as error:
        raise type(error)(f"{error} (in the {named})", timed_out=error.timed_out) from None
    advice = {
        "sqlite": "Is the path right?" if os.path.isabs(place.path) else _RELATIVE,
        "sql": f"There is no table {table}: is it another database or schema of the server?",
        "redis": "Nothing was ever kept there: is it another database number or server?",
    }[place.kind]
    raise ConfigurationError(f"There is no {family.name} in the {named}, and none was made. {advice} {made}{hint}")
