"""Looks at a place where something is kept, without making or changing anything: for diagnosis.

Stores themselves make what is missing, and bring what is old up to date, at their first use.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import attrs

from astra._secret import hide_text
from astra.storage.family import Family
from astra.storage.forks import FORK_GUARD

if TYPE_CHECKING:
    from astra.storage.sql import sa

FACTS: Final = {
    "persistence": ("aof_enabled",),
    "memory": ("maxmemory", "maxmemory_policy"),
    "replication": ("role",),
}
"""What Redis says of itself that tells whether it keeps what it is given."""


@attrs.frozen(kw_only=True)
class Look:
    """What is there.

    Attributes:
        is_there: whether there is a file, a table, or something in Redis.
        version: version of the tables; 0 when there are none; None when they have no versions.
        facts: what a server says of itself.
    """

    is_there: bool
    version: int | None = None
    facts: Mapping[str, str] = attrs.field(factory=dict[str, str])


def look_at_sqlite(path: str | os.PathLike[str], *, family: Family, schema: str, patience: float) -> Look:
    """Looks at a SQLite file.

    Args:
        path: the file.
        family: what should be kept in it.
        schema: name under which the file remembers the version of the tables.
        patience: seconds to wait for somebody who writes.

    Raises:
        StorageError: it cannot be read, or is no file of SQLite.
    """
    file = Path(path).absolute()
    with family.translating(sqlite3.Error), FORK_GUARD.inside():
        if not file.exists():
            return Look(is_there=False)
        connection = sqlite3.connect(f"{file.as_uri()}?mode=ro", uri=True, timeout=patience)
        try:
            if not connection.execute("SELECT 1 FROM sqlite_master WHERE name='astra_meta'").fetchone():
                return Look(is_there=True, version=0)
            row = connection.execute("SELECT value FROM astra_meta WHERE name=?", (schema,)).fetchone()
            return Look(is_there=True, version=int(row[0]) if row else 0)
        finally:
            connection.close()


def look_at_sql(url: str, *, family: Family, table: str, patience: float) -> Look:
    """Looks at a table of an SQL database.

    Args:
        url: the database.
        family: what should be kept in it.
        table: name of the table.
        patience: seconds for all of it.

    Raises:
        StorageError: the database failed or did not answer in time.
        ConfigurationError: the URL cannot be read, or an extra is missing.
    """
    url = hide_text(url)
    from astra.storage.sql import META, Database, sa

    described = sa.Table(table, sa.MetaData(), sa.Column("none", sa.Integer))
    database = Database(url, family=family, table=described, create_table=False)
    try:
        if database.engine.dialect.name == "sqlite" and not Path(database.engine.url.database or "").exists():
            return Look(is_there=False)
        with database.single(limit=patience) as connection:
            found = sa.inspect(connection)
            if not found.has_table(table):
                return Look(is_there=False)
            noted = _noted(connection, sa.select(META.c.value), found, table)
        return Look(is_there=True, version=1 if noted is None else int(noted) if noted.isdecimal() else -1)
    finally:
        database.close()


def _noted(connection: sa.Connection, query: Any, found: sa.Inspector, table: str) -> str | None:
    from astra.storage.sql import META

    if not found.has_table(META.name):
        return None
    value: str | None = connection.execute(query.where(META.c.name == f"{table}.schema")).scalar()
    return value


def look_at_redis(url: str, *, family: Family, schema: str | None = None, contents: tuple[str, ...] = ()) -> Look:
    """Looks at a Redis server.

    Args:
        url: the server.
        family: what should be kept there.
        schema: key that holds the version, or None.
        contents: keys of which one is there when anything is.

    Raises:
        StorageError: the server failed or did not answer in time.
        ConfigurationError: the URL cannot be read, or an extra is missing.
    """
    url = hide_text(url)
    from redis.exceptions import RedisError

    from astra.storage.redis import RedisServer

    server = RedisServer(url, family=family)
    try:
        with server.commands() as redis:
            redis.ping()
            version = redis.get(schema) if schema else None
            is_there = version is not None or not contents or bool(redis.exists(*contents))
            facts: dict[str, str] = {}
            told: Mapping[str, Any]
            for section, names in FACTS.items():
                with suppress(RedisError):  # an account need not be allowed to ask
                    told = redis.info(section)
                    facts |= {name: str(told[name]) for name in names if name in told}
            with suppress(RedisError):
                facts |= redis.config_get("save")
    finally:
        server.close()
    if version is None:
        return Look(is_there=is_there, version=1 if is_there and schema else 0 if schema else None, facts=facts)
    return Look(is_there=True, version=int(version) if version.isdecimal() else -1, facts=facts)
