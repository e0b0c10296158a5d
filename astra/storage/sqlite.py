"""One SQLite file: private to its owner, shared by processes and threads, safe across forks, with a schema version.

Write-ahead logging lets readers and one writer work side by side.
"""

from __future__ import annotations

import os
import sqlite3
import stat
import threading
import time
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final

from astra.errors import ConfigurationError, StorageError
from astra.storage.family import Family, logger
from astra.storage.forks import FORK_GUARD
from astra.storage.url import check_file

Connection = sqlite3.Connection
Statement = tuple[str, Sequence[Any]]


MAX_IDLE: Final = 8
CHUNK: Final = 500
"""Rows that are read at once; between two reads a fork may happen."""


class SQLiteFile:
    """A file and its connections. It is made on first use, not here.

    Args:
        path: the file; its folder must exist.
        family: what is kept in it.
        schema: name under which the file remembers the version of the tables. Several families may share a file.
        migrations: scripts, of which each brings the tables to the next version, the first one from nothing to 1.
        busy_timeout: seconds to wait for another process that is writing.
        synced: True makes every commit survive a power cut; without, the last ones may be lost, but nothing else.
        cache_kib: size of the page cache of each connection.

    Raises:
        ConfigurationError: the path is ":memory:".
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        *,
        family: Family,
        schema: str,
        migrations: Sequence[str],
        busy_timeout: float = 10.0,
        synced: bool = False,
        cache_kib: int = 2048,
    ) -> None:
        # Connections are opened over time, and the process may change its folder meanwhile.
        self.path = Path(check_file(os.fspath(path), family=family)).absolute()
        self._family = family
        self._schema = schema
        self._migrations = migrations
        self._busy_timeout = busy_timeout
        self._pragmas = (f"synchronous={'FULL' if synced else 'NORMAL'}", f"cache_size=-{cache_kib}")
        self._idle: list[Connection] = []
        self._lock = threading.Lock()
        self._pid = os.getpid()
        self._ready = False
        self._is_new = False
        self._identity: tuple[int, int] | None = None
        FORK_GUARD.add(self)

    def __del__(self) -> None:
        # Connections that nobody closed would be freed while a fork may happen.
        idle = getattr(self, "_idle", None)
        if idle and self._pid != os.getpid():
            FORK_GUARD.keep(*idle)
        elif idle:
            with FORK_GUARD.inside():
                for connection in idle:
                    connection.close()

    @contextmanager
    def connection(self) -> Generator[Connection]:
        """Lends a connection that commits each statement by itself.

        Raises:
            StorageError: SQLite or the file system failed.
            ConfigurationError: the file is none of SQLite, or a newer release wrote it.
        """
        self.after_fork()
        self._check_place()
        with FORK_GUARD.inside(), self._translating():
            connection = self._take() or self._open()
            try:
                yield connection
            except BaseException:
                connection.close()
                raise
            is_new, self._is_new = self._is_new, False
            with self._lock:
                is_kept = len(self._idle) < MAX_IDLE
                if is_kept:
                    self._idle.append(connection)
            if not is_kept:
                connection.close()
        if is_new:
            self._family.announce(self.path)
        if self._family.must_last:
            # What was just written into a file that is gone is not kept.
            self._check_place()

    @contextmanager
    def transaction(self) -> Generator[Connection]:
        """Lends a connection in a transaction that may write; an exception rolls it back.

        Raises:
            StorageError: as of `connection`.
        """
        with self.connection() as connection:
            connection.execute("BEGIN IMMEDIATE")
            yield connection
            connection.execute("COMMIT")

    def read(self, statements: Callable[[Connection], Iterable[Statement]]) -> Iterator[Any]:
        """Yields the rows of some statements, without making or changing the file; nothing when there is none.

        Args:
            statements: says what to read; it may ask the connection first.

        Raises:
            StorageError: as of `connection`.
        """
        self._check_place()
        with self._translating():
            if not self.path.exists():
                return
        pid = os.getpid()
        with FORK_GUARD.inside(), self._translating():
            connection = sqlite3.connect(
                f"{self.path.as_uri()}?mode=ro", uri=True, timeout=self._busy_timeout, check_same_thread=False
            )
        cursor = None
        try:
            with FORK_GUARD.inside(), self._translating():
                # A file that another family made, or that somebody was killed while making, has nothing to read.
                todo = iter(statements(connection) if self._version(connection) else ())
            # The caller's code runs between two reads, so no fork may have to wait for it.
            while True:
                self._family.refuse_inherited(pid)
                with FORK_GUARD.inside(), self._translating():
                    if (statement := next(todo, None)) is None:
                        return
                    cursor = connection.execute(*statement)
                    rows = cursor.fetchmany(CHUNK)
                while rows:
                    yield from rows
                    self._family.refuse_inherited(pid)
                    with FORK_GUARD.inside(), self._translating():
                        rows = cursor.fetchmany(CHUNK)
        finally:
            # Freeing what SQLite made takes a lock of the whole library, so that is not left to the garbage collector.
            if pid == os.getpid():
                with FORK_GUARD.inside():
                    del cursor
                    connection.close()
            else:
                FORK_GUARD.keep(connection, cursor)

    def exists(self) -> bool:
        """Whether the file is there and has these tables, of whatever release. Nothing is made or changed.

        Raises:
            StorageError: as of `connection`.
        """
        return next(self.read(lambda _: [("SELECT 1", ())]), None) is not None

    def close(self) -> None:
        """Closes the connections; a later use opens others. The last one folds the write-ahead log into the file."""
        self.after_fork()
        with self._lock:
            idle, self._idle = self._idle, []
        with FORK_GUARD.inside():
            for connection in idle:
                connection.close()

    def after_fork(self) -> None:
        """See `ForkAware.after_fork`: using or closing the parent's connections in a child could break its locks."""
        if self._pid != os.getpid():
            FORK_GUARD.keep(*self._idle)
            self._idle, self._lock, self._pid = [], threading.Lock(), os.getpid()

    def _check_place(self) -> None:
        # Where no lock is held: a log handler is a user's code.
        if not self._ready or self._identity == _identity(self.path):
            return
        if self._family.must_last:
            raise self._lost()
        logger.error(
            "%s was removed or replaced while it was in use: what the %s kept in it is not there any more",
            self.path,
            self._family.name,
        )

    def _lost(self) -> StorageError:
        return self._family.error(
            f"{self.path} was removed or replaced while it was in use, and with it what the {self._family.name} knew. "
            "Put it back or, if an empty one is right, restart this process."
        )

    @contextmanager
    def _translating(self) -> Generator[None]:
        with self._family.translating(sqlite3.Error):
            try:
                yield
            except sqlite3.DatabaseError as error:
                if getattr(error, "sqlite_errorcode", None) != sqlite3.SQLITE_NOTADB:
                    raise
                # Not the trouble of a moment: neither another attempt nor another call can succeed.
                raise ConfigurationError(f"{self.path} cannot be read as the {self._family.name}: {error}.") from None

    def _take(self) -> Connection | None:
        with self._lock:
            # As long as this process has not made or opened the file, another thread may be making it.
            if self._identity is not None and self._identity != _identity(self.path):
                if self._family.must_last:
                    raise self._lost()
                # What is kept in a file that was removed or replaced is lost. Begin with the new one.
                while self._idle:
                    self._idle.pop().close()
                self._ready = False
            return self._idle.pop() if self._idle else None

    def _open(self) -> Connection:
        if not self._ready:
            create_private(self.path, family=self._family)
        connection = sqlite3.connect(
            self.path, timeout=self._busy_timeout, isolation_level=None, check_same_thread=False
        )
        connection.text_factory = _decode
        try:
            if not self._ready:
                self._use_wal(connection)
                # Not before SQLite has found that the file is one of its own.
                _take_from_others(self.path)
            for pragma in self._pragmas:
                connection.execute(f"PRAGMA {pragma}")
            if not self._ready:
                self._migrate(connection)
                self._identity = _identity(self.path)
                self._ready = True
        except BaseException:
            connection.close()
            raise
        return connection

    def _use_wal(self, connection: Connection) -> None:
        """Turns write-ahead logging on. Of several that do so at once SQLite refuses some without waiting."""
        give_up = time.monotonic() + self._busy_timeout
        while True:
            try:
                connection.execute("PRAGMA journal_mode=WAL")
            except sqlite3.OperationalError as error:
                if getattr(error, "sqlite_errorcode", 0) & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > give_up:
                    raise
                time.sleep(0.01)
            else:
                return

    def _migrate(self, connection: Connection) -> None:
        if self._version(connection) == len(self._migrations):
            return
        connection.execute("BEGIN IMMEDIATE")
        self._is_new = self._version(connection) == 0
        connection.execute("CREATE TABLE IF NOT EXISTS astra_meta (name TEXT PRIMARY KEY, value TEXT NOT NULL)")
        for script in self._migrations[self._version(connection) :]:
            for statement in script.split(";"):
                connection.execute(statement)
        connection.execute("INSERT OR REPLACE INTO astra_meta VALUES (?, ?)", (self._schema, len(self._migrations)))
        connection.execute("COMMIT")

    def _version(self, connection: Connection) -> int:
        known = len(self._migrations)
        if not connection.execute("SELECT 1 FROM sqlite_master WHERE name='astra_meta'").fetchone():
            return 0
        row = connection.execute("SELECT value FROM astra_meta WHERE name=?", (self._schema,)).fetchone()
        version = int(row[0]) if row else 0
        if version > known:
            raise ConfigurationError(
                f"{self.path} was written by a newer release of this package: its {self._family.name} has schema "
                f"{version}, this release knows {known}. Upgrade astra-finance here."
            )
        return version


def create_private(path: Path, *, family: Family) -> None:
    """Makes the file if there is none, for its owner only.

    Args:
        path: the file.
        family: what is to be kept in it.

    Raises:
        ConfigurationError: it is a folder or a device.
        OSError: it cannot be made.
    """
    with suppress(FileExistsError):
        flags = os.O_CREAT | os.O_EXCL | os.O_RDWR | getattr(os, "O_CLOEXEC", 0)
        os.close(os.open(path, flags, 0o600))
    if not stat.S_ISREG(path.stat().st_mode):
        raise ConfigurationError(f"{path} is no file, so it cannot hold a {family.name}.")


def _take_from_others(path: Path) -> None:
    # SQLite gives its -wal and -shm files the mode of the main file; those of a former release may be left.
    for suffix in ("", "-wal", "-shm") if os.name == "posix" else ():
        with suppress(FileNotFoundError):
            name = f"{path}{suffix}"
            found = os.stat(name)
            # The mode of a file that belongs to somebody else is theirs to choose.
            if found.st_mode & 0o077 and found.st_uid == os.geteuid():
                os.chmod(name, 0o600)


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        found = os.stat(path)
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _decode(raw: bytes) -> str:
    """Text, with halves of surrogate pairs where it is damaged.

    SQLite itself would fail for all rows, and show this one's text in its message.
    """
    return raw.decode(errors="surrogateescape")
