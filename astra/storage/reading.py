"""Reads what is kept somewhere with statements of one's own, within a time, and never writes: for those who only look.

The database itself is told so. SQLite files are opened read-only; PostgreSQL is asked in READ ONLY transactions. All
statements of one look see the same moment.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Protocol

import attrs

from astra._secret import hide_text
from astra.errors import ConfigurationError
from astra.storage.family import Family
from astra.storage.forks import FORK_GUARD

if TYPE_CHECKING:
    from astra.storage.sql import Database, sa

FOR_A_LOCK: Final = 0.3
"""Share of the time that is waited for another process that writes into a file."""

STEPS: Final = 20_000
"""Steps of SQLite's machine after which it is asked whether there is time left."""

MAPPED: Final = 2**30
"""Bytes of a file that SQLite may read without copying them."""


@attrs.frozen(kw_only=True)
class Kept:
    """What should be there.

    Attributes:
        family: its name and errors.
        schema: name under which a SQLite file remembers the version of the tables.
        version: the version in SQLite that this release knows.
        table: the table.
        sql_version: the same for an SQL database; None where only columns are ever added.
        columns: what the statements need.
    """

    family: Family
    schema: str
    version: int
    table: str
    sql_version: int | None = None
    columns: frozenset[str] = frozenset()


class Reading(Protocol):
    """One look. Placeholders are written `:name` everywhere."""

    is_postgresql: bool

    def rows(self, statement: str, /, **values: Any) -> Sequence[Sequence[Any]]:
        """Returns all rows of a statement, which is to limit itself.

        Raises:
            StorageError: it failed, or took too long.
        """
        ...


class SQLiteLook:
    """A look into a SQLite file.

    Args:
        connection: it.
    """

    is_postgresql = False

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def rows(self, statement: str, /, **values: Any) -> Sequence[Sequence[Any]]:
        """See `Reading.rows`."""
        return self._connection.execute(statement, values).fetchall()


@contextmanager
def look_into_sqlite(path: str, *, kept: Kept, limit: float) -> Generator[SQLiteLook]:
    """Looks into a SQLite file.

    Args:
        path: the file.
        kept: what should be in it.
        limit: seconds for all of it.

    Raises:
        StorageError: it failed, is locked, or took too long.
        ConfigurationError: there is no such file, or it is of another release.
    """
    family, file = kept.family, Path(path).absolute()
    deadline = time.monotonic() + limit
    with family.translating(sqlite3.Error, deadline=deadline), FORK_GUARD.inside():
        if not file.exists():
            raise ConfigurationError(f"There is no {family.name} at {file}, and none was made.")
        if not file.is_file():
            raise ConfigurationError(f"{file} is no file, so it cannot hold a {family.name}.")
        connection = sqlite3.connect(
            f"{file.as_uri()}?mode=ro", uri=True, timeout=limit * FOR_A_LOCK, isolation_level=None
        )
        try:
            connection.text_factory = _decode
            connection.set_progress_handler(lambda: int(time.monotonic() > deadline), STEPS)
            connection.execute("PRAGMA query_only=ON")
            connection.execute(f"PRAGMA mmap_size={MAPPED}")
            connection.execute("BEGIN")
            _check_sqlite(connection, kept, file)
            yield SQLiteLook(connection)
        finally:
            connection.close()


def _check_sqlite(connection: sqlite3.Connection, kept: Kept, file: Path) -> None:
    try:
        has_notes = connection.execute("SELECT 1 FROM sqlite_master WHERE name='astra_meta'").fetchone()
    except sqlite3.DatabaseError as error:
        if error.sqlite_errorcode != sqlite3.SQLITE_NOTADB:
            raise
        raise ConfigurationError(f"{file} is no file of SQLite, so it holds no {kept.family.name}.") from None
    row = None
    if has_notes:
        row = connection.execute("SELECT value FROM astra_meta WHERE name=?", (kept.schema,)).fetchone()
    if row is None:
        raise ConfigurationError(f"{file} is there, and holds no {kept.family.name}: is it another file?")
    _check_version(int(row[0]) if str(row[0]).isdecimal() else -1, kept.version, kept, str(file))


class SQLPlace:
    """A table in PostgreSQL, to be looked at again and again. Nothing is connected to before the first look.

    Args:
        url: the database.
        kept: what should be in it.

    Raises:
        ConfigurationError: the URL cannot be read, or names another database.
    """

    def __init__(self, url: str, *, kept: Kept) -> None:
        url = hide_text(url)
        from astra.storage.sql import Database, sa

        described = sa.Table(kept.table, sa.MetaData(), sa.Column("none", sa.Integer))
        self._kept = kept
        self._text = sa.text
        self._database: Database = Database(url, family=kept.family, table=described, create_table=False)
        if not self._database.is_postgresql:
            raise ConfigurationError(
                f"This {kept.family.name} is in {self._database.engine.dialect.name}; what is looked into are files of "
                "SQLite (sqlite:///...) and PostgreSQL."
            )
        self._is_checked = False

    @contextmanager
    def look(self, *, limit: float) -> Generator[SQLLook]:
        """Looks into the table.

        Args:
            limit: seconds for all of it.

        Raises:
            StorageError: it failed or took too long.
            ConfigurationError: there is no such table, or it is of another release.
        """
        with self._database.begin(limit=limit) as connection:
            # To compile a statement takes longer than to run it, over as many rows as a look may count.
            connection.exec_driver_sql(
                "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY; SET LOCAL jit = off; "
                f"SET LOCAL statement_timeout = {round(limit * 1000)}"
            )
            found = SQLLook(connection, text=self._text)
            if not self._is_checked:
                self._check(found)
                self._is_checked = True
            yield found

    def _check(self, look: SQLLook) -> None:
        kept = self._kept
        columns = {
            row[0]
            for row in look.rows(
                "SELECT attname FROM pg_attribute WHERE attrelid = to_regclass(:name) AND attnum > 0 "
                "AND NOT attisdropped",
                name=kept.table,
            )
        }
        if not columns:
            raise ConfigurationError(
                f"The database has no {kept.family.name}, and none was made: there is no table {kept.table}. Is it "
                "another database or schema of the server?"
            )
        if kept.sql_version is not None:
            noted = None
            if look.rows("SELECT 1 WHERE to_regclass('astra_meta') IS NOT NULL"):
                noted = look.rows("SELECT value FROM astra_meta WHERE name = :name", name=f"{kept.table}.schema")
            version = int(noted[0][0]) if noted and str(noted[0][0]).isdecimal() else 1
            _check_version(version, kept.sql_version, kept, f"the table {kept.table}")
        if missing := sorted(kept.columns - columns):
            raise ConfigurationError(
                f"The table {kept.table} of the {kept.family.name} lacks {', '.join(missing)}: an older release wrote "
                "it. A program with this release brings it up to date."
            )

    def close(self) -> None:
        """Gives back the connections."""
        self._database.close()


class SQLLook:
    """A look into a database.

    Args:
        connection: in a transaction.
        text: makes a statement of text.
    """

    is_postgresql = True

    def __init__(self, connection: sa.Connection, *, text: Any) -> None:
        self._connection = connection
        self._text = text

    def rows(self, statement: str, /, **values: Any) -> Sequence[Sequence[Any]]:
        """See `Reading.rows`."""
        return [tuple(row) for row in self._connection.execute(self._text(statement), values)]


def read_only_url(url: str, *, seconds: float) -> str:
    """A URL of PostgreSQL whose connections the server lets read only, each statement for so long.

    Args:
        url: the database.
        seconds: how long.
    """
    url = hide_text(url)
    from astra.storage.sql import sa

    parsed = sa.make_url(url)
    given = parsed.query.get("options", "")
    former = given if isinstance(given, str) else " ".join(given)
    options = f"{former} -c default_transaction_read_only=on -c statement_timeout={round(seconds * 1000)}".strip()
    return parsed.update_query_dict({"options": options}).render_as_string(hide_password=False)


def _check_version(found: int, known: int, kept: Kept, place: str) -> None:
    if found == known:
        return
    advice = (
        "A newer release of this package wrote it: upgrade astra-finance here."
        if found > known
        else "An older release wrote it: a program with this release brings it up to date."
    )
    raise ConfigurationError(
        f"The {kept.family.name} ({place}) has schema {found}, this release knows {known}. {advice}"
    )


def _decode(raw: bytes) -> str:
    return raw.decode(errors="replace")
