"""One SQL database through SQLAlchemy, with limits for every wait. PostgreSQL by psycopg 3 is the tested one.

Rooms that keep rows in a database take `sa`, which is SQLAlchemy, from here to describe tables and statements.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote

import attrs

from astra._secret import hide_text, shown, without_inner_frames
from astra.errors import ConfigurationError
from astra.storage.family import Family, strip
from astra.storage.forks import FORK_GUARD
from astra.storage.sqlite import create_private
from astra.storage.url import unknown_option, unknown_scheme

try:
    import sqlalchemy as sa
    from sqlalchemy import event
    from sqlalchemy.exc import ArgumentError, DisconnectionError, IntegrityError, NoSuchModuleError, SQLAlchemyError
except ImportError:
    raise ConfigurationError("Stores in SQL need an extra: pip install 'astra-finance[sql]'.") from None

__all__ = ["QUICK", "SLOW", "Database", "Schema", "sa"]

QUICK: Final = 2.0
"""Seconds that a step in the way of a call may take, the making of a connection included."""

SLOW: Final = 30.0
"""Seconds that a step over many rows may take."""

PAUSE: Final = 1.0
"""Seconds after which a connection of the pool is tried before it is used."""

META: Final = sa.Table(
    "astra_meta",
    sa.MetaData(),
    sa.Column("name", sa.String(255), primary_key=True),
    sa.Column("value", sa.Text, nullable=False),
)
"""Where a database remembers the versions of its tables."""

SCHEMA_LOCK: Final = 0x61737472
"""Advisory lock around CREATE TABLE and ALTER TABLE on PostgreSQL, where IF NOT EXISTS races with itself."""

POSTGRESQL: Final[Mapping[str, str]] = {
    "connect_timeout": "2",  # the least that libpq knows
    "keepalives": "1",
    "keepalives_idle": "10",
    "keepalives_interval": "2",
    "keepalives_count": "3",
    "tcp_user_timeout": "10000",
    "options": f"-c statement_timeout={SLOW * 1000:.0f}",
}
"""Connection parameters, each unless the URL has its own.

The client's own limits end a wait even if the server's machine still acknowledges packets; these end what the client
cannot see: a statement that goes on in the server, a peer that has vanished.
"""


@attrs.frozen(kw_only=True)
class Schema:
    """The version of a table, for tables whose upgrades are more than new columns.

    The database remembers it in the table `astra_meta`. A table that is there without a note of it has version 1.

    Attributes:
        version: the version that this release knows.
        upgrade: brings the table of the version before to this one, in a transaction.
    """

    version: int
    upgrade: Callable[[sa.Connection, sa.Table], None]


INSERTS: Final = 10
"""How often a row is inserted that the database refuses although none with its key is there."""


class Database:
    """An engine, its own or the caller's, and one table in it.

    Nothing is connected to until the first use; then the table is made if it is missing, and gets the nullable columns
    that a newer release added.

    Args:
        engine: a SQLAlchemy URL, or an engine, which stays the caller's to dispose of. "postgresql://" means psycopg 3.
            The time limits are those of an own engine.
        family: what is kept in it.
        table: the table.
        create_table: False when somebody else makes it.
        schema: its version and upgrade; None: it only ever gets new columns that may be null.
        limit: seconds that a step may take unless it asks for more.

    Raises:
        ConfigurationError: the URL cannot be read, or the database's driver is not installed.
    """

    def __init__(
        self,
        engine: str | sa.Engine,
        *,
        family: Family,
        table: sa.Table,
        create_table: bool = True,
        schema: Schema | None = None,
        limit: float = QUICK,
    ) -> None:
        engine = hide_text(engine)
        self._owned = isinstance(engine, str)
        self._family = family
        self._table = table
        self._insert = table.insert()
        self._limit = limit
        self._schema = schema
        self._creates = create_table
        self._ready = not create_table and schema is None
        self._budget = threading.local()
        self.engine = without_inner_frames(lambda: self._make_engine(engine)) if isinstance(engine, str) else engine
        self._autocommit = self.engine.execution_options(isolation_level="AUTOCOMMIT")
        if self._owned and self.engine.dialect.driver == "psycopg":
            # Single statements are most of the work: those who want a transaction switch, not those who want none.
            self.engine = self.engine.execution_options(isolation_level="READ COMMITTED")
        self.is_postgresql = self.engine.dialect.name == "postgresql"
        self._lock = threading.Lock()
        self._pid = os.getpid()
        FORK_GUARD.add(self)

    @shown
    def __repr__(self) -> str:
        return repr(self.engine.url.render_as_string(hide_password=True))

    @contextmanager
    def begin(self, *, limit: float | None = None, alone: bool = False) -> Generator[sa.Connection]:
        """Opens a transaction.

        Args:
            limit: seconds that it may take in all.
            alone: keeps other writers out from the start where rows that are read cannot be locked, as in SQLite.

        Raises:
            StorageError: the database failed or did not answer in time.
        """
        with self._working(limit), self.engine.begin() as connection:
            if alone:
                self._lock_file(connection)
            yield connection

    @contextmanager
    def single(self, *, limit: float | None = None) -> Generator[sa.Connection]:
        """Opens a connection for a single statement, which needs no transaction: two round trips less.

        Args:
            limit: seconds that it may take in all.

        Raises:
            StorageError: as of `begin`.
        """
        with self._working(limit), self._autocommit.connect() as connection:
            yield connection

    def insert_new(self, values: Mapping[str, Any]) -> bool:
        """Inserts a row unless one with its key is there. Returns whether it was inserted.

        Raises:
            StorageError: as of `begin`.
        """
        for left in reversed(range(INSERTS)):
            refusal = None
            with self.single() as connection:
                try:
                    connection.execute(self._insert, dict(values))
                except IntegrityError as error:
                    refusal = error
            if refusal is None:
                return True
            strip(refusal)
            mine = [column == values[column.name] for column in self._table.primary_key]
            with self.single() as connection:
                if connection.execute(sa.select(*self._table.primary_key).where(*mine)).first() is not None:
                    return False
            if not left:
                # The database has a reason of its own.
                raise self._family.failure(refusal)
            # Or the row was deleted in between.
        return False

    def change_unless_taken(self, statement: sa.Executable) -> bool:
        """Runs an update of one row's key. Returns whether the row was there and its new key free.

        Raises:
            StorageError: as of `begin`.
        """
        with self.single() as connection:
            try:
                return bool(connection.execute(statement).rowcount == 1)
            except IntegrityError as error:
                strip(error)
                return False

    def read(self, statement: sa.Executable) -> Iterator[Any]:
        """Yields the rows of a statement, a chunk at a time.

        Raises:
            StorageError: as of `begin`.
        """
        # The caller's code runs between two chunks, so the time limit and the fork guard are for each of them.
        pid = os.getpid()
        with self._working(SLOW):
            connection = self.engine.connect()
        cursor: Any = None
        try:
            with self._working(SLOW):
                result = connection.execution_options(yield_per=1_000).execute(statement)
                cursor, chunks = result.cursor, result.partitions()
            while True:
                self._family.refuse_inherited(pid)
                with self._working(SLOW):
                    chunk = next(chunks, None)
                if chunk is None:
                    return
                yield from chunk
        finally:
            if pid == os.getpid():
                self._give_back(connection, cursor)
            else:
                FORK_GUARD.keep(connection, cursor)

    def exists(self) -> bool:
        """Whether the database has the table, of whatever release. Nothing is made or changed.

        Raises:
            StorageError: as of `begin`.
        """
        self.after_fork()
        file = self.engine.url.database if self.engine.dialect.name == "sqlite" else None
        if file and not os.path.exists(file):
            return False  # connecting would make it
        with self._limited(self._limit), self._autocommit.connect() as connection:
            return sa.inspect(connection).has_table(self._table.name)

    def close(self) -> None:
        """Closes the connections of an own engine; another's stays open."""
        self.after_fork()
        if self._owned:
            with FORK_GUARD.inside():
                self.engine.dispose()

    def after_fork(self) -> None:
        """See `ForkAware.after_fork`: the parent's sockets must be neither used nor closed by a child."""
        if self._pid != os.getpid():
            FORK_GUARD.keep(self.engine.pool)
            self.engine.dispose(close=False)
            self._pid, self._lock = os.getpid(), threading.Lock()

    @contextmanager
    def _working(self, limit: float | None) -> Generator[None]:
        self.after_fork()
        if not self._ready:
            self._create()
        with self._limited(self._limit if limit is None else limit):
            yield

    @contextmanager
    def _limited(self, limit: float) -> Generator[None]:
        deadline = self._budget.deadline = time.monotonic() + limit
        try:
            with FORK_GUARD.inside(), self._family.translating(SQLAlchemyError, deadline=deadline):
                yield
        finally:
            del self._budget.deadline

    def _give_back(self, connection: sa.Connection, cursor: Any) -> None:
        # The rows were read, or their reader knows that they were not: what fails here costs the connection alone.
        for end in (connection.close, connection.invalidate):
            with suppress(Exception), self._limited(QUICK):
                if cursor is not None:
                    cursor.close()
                end()
                return

    def _create(self) -> None:
        with self._lock:
            if self._ready:
                return
            with self._limited(self._limit), self._autocommit.connect() as connection:
                self._ready = self._is_current(connection)
            if self._ready:
                return
            with self._limited(SLOW), self.engine.begin() as connection:
                self._alone(connection)
                missing: list[sa.Column[Any]] = []
                if not self._is_current(connection):
                    missing = self._missing(connection)
                    self._complete(connection, missing)
            self._ready = True
        if len(missing) == len(self._table.columns):
            self._family.announce(repr(self))

    def _is_current(self, connection: sa.Connection) -> bool:
        missing = self._missing(connection)
        version = self._version(connection, is_new=len(missing) == len(self._table.columns))
        if not self._creates and missing:
            names = ", ".join(column.name for column in missing)
            raise ConfigurationError(
                f"The table {self._table.name} of the {self._family.name} lacks {names}. It was opened with "
                "create_table=False, so your own migrations have to make it as this release describes it."
            )
        return not missing and (not self._creates or version == (self._schema.version if self._schema else None))

    def _version(self, connection: sa.Connection, *, is_new: bool) -> int | None:
        """The version of the table: 0 when there is none. Looked at before anything is written."""
        if self._schema is None:
            return None
        version = 0 if is_new else 1
        if sa.inspect(connection).has_table(META.name):
            name = self._table.name
            noted = connection.execute(sa.select(META.c.value).where(META.c.name == f"{name}.schema")).scalar()
            version = version if noted is None else int(noted) if noted.isdecimal() else -1
        if not 0 <= version <= self._schema.version:
            raise ConfigurationError(
                f"The table {self._table.name} was written by a newer release of this package: the {self._family.name} "
                f"has schema {version}, this release knows {self._schema.version}. Upgrade astra-finance here."
            )
        return version

    def _missing(self, connection: sa.Connection) -> list[sa.Column[Any]]:
        """Returns the columns that the database does not have yet: all of them, or what a newer release added."""
        inspector, name = sa.inspect(connection), self._table.name
        present: set[str] = set()
        if inspector.has_table(name):
            present.update(column["name"] for column in inspector.get_columns(name))
        return [column for column in self._table.columns if column.name not in present]

    def _alone(self, connection: sa.Connection) -> None:
        """Makes the processes that start at once wait for each other: none makes what another is making."""
        if self.is_postgresql:
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(SCHEMA_LOCK)))
        self._lock_file(connection)

    def _lock_file(self, connection: sa.Connection) -> None:
        # An engine of the caller's may have begun a transaction of its own kind already.
        if self.engine.dialect.name == "sqlite" and not getattr(
            connection.connection.dbapi_connection, "in_transaction", True
        ):
            connection.exec_driver_sql("BEGIN IMMEDIATE")

    def _complete(self, connection: sa.Connection, missing: list[sa.Column[Any]]) -> None:
        if self._schema is not None:
            version = self._version(connection, is_new=len(missing) == len(self._table.columns))
            if version == 0:
                self._table.metadata.create_all(connection)
            elif missing:
                self._schema.upgrade(connection, self._table)
            META.create(connection, checkfirst=True)
            name = f"{self._table.name}.schema"
            connection.execute(META.delete().where(META.c.name == name))
            connection.execute(META.insert().values(name=name, value=str(self._schema.version)))
            return
        if len(missing) == len(self._table.columns):
            self._table.metadata.create_all(connection)
            return
        write = self.engine.dialect.identifier_preparer
        for column in missing:
            # Without a default, so that no row is rewritten. An index may take longer than a call may wait: that is
            # for the owner of the database to make.
            kind = column.type.compile(self.engine.dialect)
            connection.exec_driver_sql(
                f"ALTER TABLE {write.format_table(self._table)} ADD COLUMN {write.format_column(column)} {kind}"
            )

    def _make_engine(self, url: str) -> sa.Engine:
        scheme, family = url.partition(":")[0], self._family
        try:
            parsed = _read(url, family=family)
            is_psycopg = parsed.drivername == "postgresql+psycopg"
            engine = sa.create_engine(
                parsed,
                hide_parameters=True,
                pool_pre_ping=not is_psycopg,
                pool_size=8,
                max_overflow=8,
                pool_timeout=self._limit,
                **({"isolation_level": "AUTOCOMMIT"} if is_psycopg else {}),
            )
        except NoSuchModuleError:
            raise unknown_scheme(scheme, family=family) from None
        except (ArgumentError, ValueError, TypeError):
            raise ConfigurationError(
                f"The {family.name} cannot be opened: its URL cannot be read ({scheme}:...). It looks like "
                "postgresql://user:password@host:5432/database."
            ) from None
        except ImportError as error:
            # Without a client library psycopg itself cannot be imported; then it names no module that is missing.
            missing = (
                f"the driver {error.name!r} is not installed; PostgreSQL's comes with pip install 'astra-finance[sql]'."
                if error.name
                else "psycopg finds no libpq, PostgreSQL's client library. pip install 'psycopg[binary]' brings one; "
                "so do the system's packages (libpq5 on Debian, libpq on macOS with Homebrew)."
            )
            raise ConfigurationError(f"The {family.name} cannot be opened: {missing}") from None
        if parsed.get_backend_name() == "sqlite":
            file = Path(parsed.database or "").absolute()
            event.listen(engine, "do_connect", lambda *_: create_private(file, family=family))
        if is_psycopg:
            from astra.storage.postgresql import make_connector

            event.listen(engine, "do_connect", make_connector(self._remaining))
            _ping_after_a_pause(engine)
        return engine

    def _remaining(self) -> float:
        """Seconds that are left for the step that this thread is at. A pool may also do something by itself."""
        deadline: float | None = getattr(self._budget, "deadline", None)
        return QUICK if deadline is None else deadline - time.monotonic()


def _ping_after_a_pause(engine: sa.Engine) -> None:
    """Tries a connection that was idle before it is used. One that was in use just now needs no round trip for that."""

    def returned(_: Any, record: Any) -> None:
        record.info["returned"] = time.monotonic()

    def taken(connection: Any, record: Any, _: Any) -> None:
        if time.monotonic() - record.info.get("returned", 0.0) < PAUSE:
            return
        try:
            engine.dialect.do_ping(connection)
        except engine.dialect.loaded_dbapi.Error:
            raise DisconnectionError from None  # the pool makes a new one

    event.listen(engine, "checkin", returned)
    event.listen(engine, "connect", returned)
    event.listen(engine, "checkout", taken)


def _read(url: str, *, family: Family) -> sa.URL:
    parsed = sa.make_url(url)
    if parsed.drivername in {"postgresql", "postgres"}:
        parsed = parsed.set(drivername="postgresql+psycopg")
    parsed.get_dialect()  # so that a misspelled scheme is not taken for a missing host
    if parsed.database:
        parsed = parsed.set(database=unquote(parsed.database))
    if parsed.get_backend_name() == "sqlite":
        if parsed.query:
            raise unknown_option(list(parsed.query), known=family.options, family=family)
        if not parsed.database or ":memory:" in parsed.database:
            raise ConfigurationError(
                f"A {family.name} in SQLite needs a file, as in {family.example}; use memory:// to keep nothing."
            )
        return parsed
    if not parsed.host and not parsed.query.get("host"):
        raise ConfigurationError(
            f"The URL of the {family.name} names no host, as {parsed.drivername}://host/database does. "
            "For PostgreSQL's local socket name its folder: postgresql:///database?host=/var/run/postgresql."
        )
    if parsed.drivername == "postgresql+psycopg":
        from astra.storage.postgresql import PARAMETERS

        unknown = [name for name in parsed.query if name not in PARAMETERS]
        if unknown:
            raise unknown_option(unknown, known=(), family=family)
        parsed = parsed.update_query_dict({name: v for name, v in POSTGRESQL.items() if name not in parsed.query})
    return parsed
