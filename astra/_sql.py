"""One SQL database for the rooms that keep rows in it: opened late, safe across fork, tables made without a race."""

from __future__ import annotations

import os
import threading
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING

from astra.errors import ConfigurationError

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine, Table

SCHEMA_LOCK = 0x61737472
"""Advisory lock around CREATE TABLE on PostgreSQL, where IF NOT EXISTS races with itself."""


class Database:
    """A SQLAlchemy engine, its own or the caller's.

    Args:
        engine: a SQLAlchemy URL, or an engine, which stays the caller's to dispose of.
        purpose: what it is for, as the subject of an error's sentence, for example "The request log".

    Raises:
        ConfigurationError: the extra "sql" or the database's driver is not installed, or the URL cannot be read.
    """

    def __init__(self, engine: str | Engine, *, purpose: str) -> None:
        self._owned = isinstance(engine, str)
        self.engine: Engine = make_engine(engine, purpose=purpose) if isinstance(engine, str) else engine
        self._prepared: set[str] = set()
        self._lock = threading.Lock()
        self._pid = os.getpid()

    def begin(self, table: Table) -> AbstractContextManager[Connection]:
        """Opens a transaction; makes the table first if this process has not seen it yet.

        Args:
            table: the table that the transaction is about.
        """
        if self._pid != os.getpid():
            # The parent's sockets must be neither used nor closed by a forked child.
            self.engine.dispose(close=False)
            self._pid, self._lock = os.getpid(), threading.Lock()
        if table.name not in self._prepared:
            with self._lock:
                self._create(table)
                self._prepared.add(table.name)
        return self.engine.begin()

    def close(self) -> None:
        """Closes the connections of an own engine; another's stays open."""
        if self._owned and self._pid == os.getpid():
            self.engine.dispose()

    def _create(self, table: Table) -> None:
        from sqlalchemy import func, select

        with self.engine.begin() as connection:
            if self.engine.dialect.name == "postgresql":
                connection.execute(select(func.pg_advisory_xact_lock(SCHEMA_LOCK)))
            table.metadata.create_all(connection)


def make_engine(url: str, *, purpose: str) -> Engine:
    """Makes an engine that shows no values in its errors. "postgresql://" means psycopg 3, which the extra installs.

    Args:
        url: a SQLAlchemy URL.
        purpose: see `Database`.

    Raises:
        ConfigurationError: see `Database`.
    """
    try:
        import sqlalchemy
        from sqlalchemy.exc import ArgumentError
    except ImportError:
        raise ConfigurationError(f"{purpose} in SQL needs an extra: pip install 'astra-finance[sql]'.") from None
    try:
        parsed = sqlalchemy.make_url(url)
        if parsed.drivername in {"postgresql", "postgres"}:
            parsed = parsed.set(drivername="postgresql+psycopg")
        if parsed.drivername == "postgresql+psycopg" and "connect_timeout" not in parsed.query:
            # Otherwise a host that does not answer holds up webhooks, and the end of the program, for minutes.
            parsed = parsed.update_query_dict({"connect_timeout": "5"})
        return sqlalchemy.create_engine(parsed, hide_parameters=True, pool_pre_ping=True)
    except (ArgumentError, ValueError):
        raise ConfigurationError(
            f"{purpose} cannot be opened: its URL is none that is known ({url.partition(':')[0]}:...)."
        ) from None
    except ImportError as error:
        raise ConfigurationError(
            f"{purpose} cannot be opened: the database driver {error.name!r} is not installed; PostgreSQL's comes with "
            "pip install 'astra-finance[sql]'."
        ) from None
