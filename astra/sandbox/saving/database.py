"""The file of a sandbox's state: an SQLite database that each saving adds to, in one transaction."""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections.abc import Generator, Iterable, Sequence
from pathlib import Path
from typing import Any, Final, Self

import attrs

from astra.storage.forks import FORK_GUARD

MAGIC: Final = b"SQLite format 3\x00"
APPLICATION: Final = 0x41537362
"""`application_id` of these files; without it a database belongs to somebody else."""

VERSION: Final = 3
"""`user_version` of these files; versions 1 and 2 were JSON."""

AT_ONCE: Final = 200
"""Rows of a statement; SQLite takes 999 values and more."""

PATIENCE: Final = 5.0
"""Seconds that another program may keep the file locked."""

SCHEMA: Final = f"""
CREATE TABLE facts (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE records (
    number INTEGER PRIMARY KEY, kind TEXT NOT NULL, id TEXT NOT NULL, place INTEGER NOT NULL, value TEXT NOT NULL,
    UNIQUE (kind, id)
);
CREATE TABLE past (kind TEXT, number INTEGER, value TEXT NOT NULL, PRIMARY KEY (kind, number)) WITHOUT ROWID;
PRAGMA application_id = {APPLICATION};
PRAGMA user_version = {VERSION};
"""
Row = tuple[str, str, int, str]
"""Kind, id, place in time, and the values of a record."""


class NotOurs(Exception):
    """The file is gone, or not what this sandbox saved last."""


@attrs.frozen
class Content:
    """What a file holds: text, as it was written.

    Attributes:
        facts: single values by name.
        records: kind, id and values of each record, in the order of time.
        past: kind and values of what happened, in the order of time.
    """

    facts: dict[str, str]
    records: Iterable[tuple[str, str, str]]
    past: Iterable[tuple[str, str]]


class StateFile:
    """A file that is open for one saving. As a context manager it is committed at the end, or left as it was.

    Args:
        path: the file.
        connection: an open connection to it.
    """

    def __init__(self, path: Path, connection: sqlite3.Connection) -> None:
        self.path = path
        self._connection = connection

    @classmethod
    def change(cls, path: Path, *, mark: str) -> Self:
        """Opens the file to add to it.

        Raises:
            NotOurs: the file is gone, or another one than the one that bears the mark.
            OSError: it cannot be opened, or another program has locked it.
        """
        if not path.exists():
            raise NotOurs
        with contextlib.ExitStack() as undo:
            try:
                file = cls(path, _connect(path, "rw"))
                undo.callback(file.close)
                file.run("BEGIN IMMEDIATE")
                found = file.rows("SELECT value FROM facts WHERE name = 'mark'")
            except sqlite3.DatabaseError as error:
                if isinstance(error, sqlite3.OperationalError) and "no such table" not in str(error):
                    raise OSError(str(error)) from error
                raise NotOurs from None
            if found != [(mark,)]:
                raise NotOurs
            undo.pop_all()
        return file

    @classmethod
    def new(cls, path: Path) -> Self:
        """Makes a file beside a path, which takes its place when all is written."""
        for old in (path, Path(f"{path}-journal")):
            old.unlink(missing_ok=True)
        # Only its owner may read what clients sent; the journal of SQLite gets the same mode.
        os.close(os.open(path, os.O_CREAT | os.O_EXCL, 0o600))
        file = cls(path, _connect(path, "rw"))
        with FORK_GUARD.inside():
            file._connection.executescript(SCHEMA)
        file.run("BEGIN IMMEDIATE")
        return file

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        try:
            if kind is None:
                self.run("COMMIT")
        finally:
            self.close()

    def run(self, statement: str, values: Sequence[Any] = ()) -> None:
        """Runs a statement."""
        with FORK_GUARD.inside():
            self._connection.execute(statement, values)

    def run_with(self, rows: Sequence[tuple[Any, ...]], statement: str) -> None:
        """Runs a statement in which `{}` stands for rows of values, many at once: Python lets the threads that answer
        requests have their turn at each statement, and its own comes again only milliseconds later.
        """
        for start in range(0, len(rows), AT_ONCE):
            some = rows[start : start + AT_ONCE]
            places = f"({', '.join('?' * len(some[0]))})"
            self.run(statement.format(", ".join([places] * len(some))), [value for row in some for value in row])

    def rows(self, statement: str) -> list[tuple[Any, ...]]:
        """Returns what a query finds."""
        with FORK_GUARD.inside():
            return self._connection.execute(statement).fetchall()

    def put(self, rows: list[Row], gone: list[tuple[str, str]]) -> None:
        """Writes records, and removes others by kind and id."""
        self.run_with(
            rows,
            "INSERT INTO records (kind, id, place, value) VALUES {} "
            "ON CONFLICT (kind, id) DO UPDATE SET value = excluded.value",
        )
        self.run_with(gone, "DELETE FROM records WHERE (kind, id) IN (VALUES {})")

    def put_facts(self, facts: dict[str, str]) -> None:
        """Writes single values by name."""
        self.run_with(list(facts.items()), "INSERT OR REPLACE INTO facts VALUES {}")

    def put_past(self, kind: str, *, first: int, texts: list[str], oldest: int) -> None:
        """Adds what happened, numbered from `first`, and forgets what has a lower number than `oldest`."""
        self.run("DELETE FROM past WHERE kind = ? AND number < ?", (kind, oldest))
        rows = [(kind, first + n, text) for n, text in enumerate(texts)]
        self.run_with(rows, "INSERT OR REPLACE INTO past VALUES {}")

    def close(self) -> None:
        """Closes it; what was not committed is not there."""
        with FORK_GUARD.inside():
            self._connection.close()


@contextlib.contextmanager
def replacing(path: Path) -> Generator[StateFile]:
    """Makes a new file in the place of another; a crash leaves the former one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.new")
    try:
        with StateFile.new(beside) as file:
            yield file
        os.replace(beside, path)
    except BaseException:
        with contextlib.suppress(OSError):
            beside.unlink()
        raise
    # Of a file that was here before: SQLite would take it for that of the new one.
    Path(f"{path}-journal").unlink(missing_ok=True)


@contextlib.contextmanager
def reading(path: Path) -> Generator[Content]:
    """Opens a file to read it.

    Raises:
        ValueError: it is a database of somebody else, or of another version.
        sqlite3.Error: it is damaged.
    """
    # For writing, as what was cut off in the middle of a saving is taken back now.
    connection = _connect(path, "rw")
    try:
        [(application,)] = connection.execute("PRAGMA application_id")
        [(version,)] = connection.execute("PRAGMA user_version")
        if application != APPLICATION:
            raise ValueError("it is a database of another program")
        if version != VERSION:
            raise ValueError(f"its version is {version}, and this one reads {VERSION}")
        yield Content(
            dict(connection.execute("SELECT name, value FROM facts")),
            connection.execute("SELECT kind, id, value FROM records ORDER BY place, number"),
            connection.execute("SELECT kind, value FROM past ORDER BY kind, number"),
        )
    finally:
        connection.close()


def _connect(path: Path, mode: str) -> sqlite3.Connection:
    address = f"{path.absolute().as_uri()}?mode={mode}"
    with FORK_GUARD.inside():
        return sqlite3.connect(address, uri=True, isolation_level=None, check_same_thread=False, timeout=PATIENCE)
