"""One reading of the URLs of stores, the same for every family. Pure.

    memory://                              this process
    sqlite:///relative.db                  four slashes for an absolute path; a `pathlib.Path` means the same
    jsonl:///requests.jsonl                request logs only
    redis://host:6379/0                    also rediss:// and unix:///path/to/socket?db=0
    postgresql://user:password@host/db     or any other SQLAlchemy URL

A percent sign starts an escape, which is decoded once: `%20` is a space. Options that nobody knows are refused.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import timedelta
from typing import Final, Literal, cast
from urllib.parse import parse_qsl, unquote

import attrs

from astra._secret import Secret, hide_text, without_inner_frames
from astra.errors import ConfigurationError
from astra.storage.family import Family

Kind = Literal["memory", "sqlite", "jsonl", "redis", "sql"]
SCHEMES: Final[Mapping[str, Kind]] = {
    "memory": "memory",
    "sqlite": "sqlite",
    "jsonl": "jsonl",
    "redis": "redis",
    "rediss": "redis",
    "unix": "redis",
}


@attrs.frozen(kw_only=True)
class StoreURL:
    """What a URL says.

    Attributes:
        kind: which kind of store.
        path: the file, for "sqlite" and "jsonl".
        address: the URL without the family's options, for "redis" and "sql". It may hold a password.
        options: the family's options.
    """

    kind: Kind
    path: str = ""
    address: str = attrs.field(default="", converter=Secret)
    options: Mapping[str, str] = attrs.field(factory=dict[str, str])


def read_url(value: object, *, family: Family) -> StoreURL:
    """Reads the URL or the path of a store.

    Args:
        value: a URL, or a path object, which names a SQLite file.
        family: what is to be opened.

    Returns:
        What it says. Addresses of databases are checked by those who connect to them.

    Raises:
        ConfigurationError: it means nothing, or nothing of this family. The message shows no password.
    """
    value = hide_text(value)
    return without_inner_frames(lambda: _read(value, family=family))


def _read(value: object, *, family: Family) -> StoreURL:
    if isinstance(value, os.PathLike):
        path = os.fspath(cast("os.PathLike[object]", value))  # type: ignore[type-var]
        if isinstance(path, str):
            return StoreURL(kind="sqlite", path=check_file(path, family=family))
    if not isinstance(value, str):
        raise ConfigurationError(
            f"A {family.name} is named by a URL such as {family.example}, or by a pathlib.Path to a SQLite file, "
            f"not by {type(value).__name__!r}."  # pyright: ignore[reportUnknownArgumentType]
        )
    scheme, separator, rest = value.strip().partition("://")
    if not separator or not scheme.isascii() or not scheme.replace("+", "").replace("_", "").isalnum():
        raise ConfigurationError(
            f"A {family.name} is named by a URL such as {family.example}{in_memory(family, ' or {}')}. "
            "For a file write sqlite:/// before its path, or pass a pathlib.Path."
        )
    kind: Kind = SCHEMES.get(scheme, "sql")
    if kind not in family.kinds:
        raise unknown_scheme(scheme, family=family)
    # A password may contain a question mark.
    mark = rest.find("?", 0 if kind in ("memory", "sqlite", "jsonl") else rest.rfind("@") + 1)
    head, query = (rest, "") if mark < 0 else (rest[:mark], rest[mark + 1 :])
    options, foreign = _split(query, family.options if kind != "memory" else frozenset())
    if kind == "memory":
        if rest:
            raise ConfigurationError(f"A {family.name} in memory is memory:// and nothing more.")
        return StoreURL(kind=kind)
    if kind in ("sqlite", "jsonl"):
        if foreign:
            raise unknown_option(foreign, known=family.options, family=family)
        if not head.startswith("/") or len(head) < 2 or "#" in head:
            raise ConfigurationError(
                f"This URL has three slashes and a path, as in {scheme}:///data/file.db; write # as %23."
            )
        return StoreURL(kind=kind, path=check_file(unquote(head[1:]), family=family), options=options)
    address = f"{scheme}://{head}" + (f"?{'&'.join(foreign)}" if foreign else "")
    return StoreURL(kind=kind, address=address, options=options)


def read_days(place: StoreURL, *, least: timedelta = timedelta(0)) -> timedelta | None:
    """Reads the option `retention_days`.

    Args:
        place: what the URL says.
        least: the shortest time that makes sense.

    Returns:
        The time, or None when the URL has no such option.

    Raises:
        ConfigurationError: it is no number, or too small or too large.
    """
    days = place.options.get("retention_days")
    if days is None:
        return None
    try:
        retention = timedelta(days=float(days))
    except (ValueError, OverflowError):
        retention = timedelta(0)
    if retention <= timedelta(0) or retention < least:
        at_least = f" of at least {least.days}" if least else ""
        raise ConfigurationError(f"retention_days must be a positive number{at_least}.")
    return retention


def check_file(path: str, *, family: Family) -> str:
    """Returns a path that a file may have.

    Raises:
        ConfigurationError: SQLite would take it for a database in memory, or no system takes it.
    """
    if path == ":memory:" or not path:
        raise ConfigurationError(
            f"A {family.name} in SQLite needs a file, as in {family.example}. A database in memory would be "
            f"another one for each connection{in_memory(family, '; use {} instead')}."
        )
    if "\0" in path:
        raise ConfigurationError(f"The path of a {family.name} must not contain a NUL character.")
    return path


def unknown_scheme(scheme: str, *, family: Family) -> ConfigurationError:
    """The error for a scheme that no store of the family has."""
    known = [name for name, kind in SCHEMES.items() if kind in family.kinds]
    if "sql" in family.kinds:
        known.append("postgresql and other schemes of SQLAlchemy")
    return ConfigurationError(f"No {family.name} has the scheme {scheme!r}. Known: {', '.join(known)}.")


def in_memory(family: Family, words: str) -> str:
    """Returns words about memory://, in place of {}, for a family that has it, and else an empty text."""
    return words.format("memory://") if "memory" in family.kinds else ""


def unknown_option(
    options: list[str], *, known: frozenset[str] | tuple[str, ...], family: Family
) -> ConfigurationError:
    """The error for options that nobody knows; their values are not shown."""
    names = ", ".join(repr(unquote(option.partition("=")[0])) for option in options)
    allowed = f"; known are {', '.join(sorted(known))}" if known else ""
    return ConfigurationError(f"The URL of the {family.name} has an unknown option {names}{allowed}.")


def _split(query: str, mine: frozenset[str]) -> tuple[dict[str, str], list[str]]:
    """Separates the family's options from the others, which stay as they were written."""
    options: dict[str, str] = {}
    foreign: list[str] = []
    for part in filter(None, query.split("&")):
        ((name, value),) = parse_qsl(part, keep_blank_values=True, separator="&") or [(part, "")]
        if name in mine:
            options[name] = value
        else:
            foreign.append(part)
    return options, foreign
