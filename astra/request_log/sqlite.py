"""The request log in a SQLite file."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any, Final

from astra.errors import ConfigurationError
from astra.instrumentation.record import RequestRecord
from astra.request_log.background import BackgroundLog
from astra.request_log.query import RequestQuery
from astra.request_log.sqlite_select import (
    BLOCKS,
    INSERT,
    NEXT_STATUS,
    PURGE,
    SCHEMA,
    Statement,
    measure_statement,
    select_statements,
)

Statements = Callable[[RequestQuery, sqlite3.Connection], Iterable[Statement]]


class SQLiteRequestLog(BackgroundLog):
    """Keeps records in a SQLite file (mode 0600, write-ahead log), which many processes of one machine may share.

    Args:
        path: the file; it is created with its first record.
        retention: how long records are kept, or None for ever.
        capacity: how many records may wait in memory.
        interval: seconds between two writes.

    Example:
        log = SQLiteRequestLog("requests.db", retention=timedelta(days=90))
        astra = Astra(..., request_log=log)
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        *,
        retention: timedelta | None = None,
        capacity: int = 50_000,
        interval: float = 0.5,
    ) -> None:
        self.path = os.fspath(path)
        super().__init__(SQLiteSink(self.path), retention=retention, capacity=capacity, interval=interval)

    def select(self, query: RequestQuery) -> Iterator[RequestRecord]:
        """See `RequestLog.select`.

        Raises:
            ConfigurationError: the file exists and is no request log.
        """
        return islice(map(_record, self._read(query, statements=_select)), query.limit)

    def measure(self, query: RequestQuery) -> Iterable[tuple[str, bool, float]]:
        """See `RequestLog.measure`; only the three columns are read."""
        return self._read(query, statements=_measure)

    def _read(self, query: RequestQuery, *, statements: Statements) -> Iterator[Any]:
        self.flush()
        if not os.path.exists(self.path):
            return
        uri = f"file:{_quoted(self.path)}?mode=ro"
        try:
            with closing(sqlite3.connect(uri, uri=True, timeout=10.0, check_same_thread=False)) as connection:
                for statement, values in statements(query, connection):
                    yield from connection.execute(statement, values)
        except sqlite3.DatabaseError as error:
            raise ConfigurationError(f"{self.path} cannot be read as a request log: {error}.") from None


class SQLiteSink:
    """Writes batches into the file.

    Args:
        path: the file.
    """

    def __init__(self, path: str) -> None:
        self._path = path
        self._connection: sqlite3.Connection | None = None
        self._inherited: list[sqlite3.Connection] = []

    def write(self, batch: list[RequestRecord]) -> None:
        """See `Sink.write`."""
        connection = self._open()
        with connection:
            connection.executemany(INSERT, [_row(record) for record in batch])

    def purge(self, before: datetime) -> None:
        """See `Sink.purge`; in small steps, so that other processes get their turn."""
        connection, cutoff = self._open(), microseconds(before)
        while True:
            with connection:
                if not connection.execute(PURGE, (cutoff,)).rowcount:
                    return

    def close(self) -> None:
        """See `Sink.close`."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def forked(self) -> None:
        """See `Sink.forked`; holding on to the connection keeps it from being closed."""
        if self._connection is not None:
            self._inherited.append(self._connection)
        self._connection = None

    def _open(self) -> sqlite3.Connection:
        if self._connection is None:
            os.close(os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
            connection = sqlite3.connect(self._path, timeout=10.0, check_same_thread=False)
            connection.execute("PRAGMA journal_mode = WAL")
            # A killed process loses nothing that was committed; a power cut may lose the last commits.
            connection.execute("PRAGMA synchronous = NORMAL")
            connection.execute("PRAGMA cache_size = -8192")
            connection.executescript(SCHEMA)
            self._connection = connection
        return self._connection


def microseconds(moment: datetime) -> int:
    """Returns a time as whole microseconds since the epoch.

    Args:
        moment: an aware datetime.
    """
    return round(moment.timestamp() * 1_000_000)


def _row(record: RequestRecord) -> tuple[object, ...]:
    return (
        record.call_id,
        record.request_id,
        microseconds(record.time),
        record.operation,
        record.method,
        record.path,
        record.status,
        record.duration_ms,
        record.attempt,
        record.user_key,
        record.error_name,
        record.failed,
    )


def _select(query: RequestQuery, connection: sqlite3.Connection) -> Iterator[Statement]:
    oldest, newest = connection.execute(BLOCKS).fetchone()
    blocks = range(newest, oldest - 1, -1) if newest is not None else ()
    return select_statements(query, blocks=blocks, statuses=_statuses(connection) if query.status else ())


def _measure(query: RequestQuery, connection: sqlite3.Connection) -> Iterator[Statement]:
    del connection
    yield measure_statement(query)


def _statuses(connection: sqlite3.Connection) -> list[int]:
    # One step in the index for each status, instead of a look at every row.
    found: list[int] = []
    status = connection.execute(NEXT_STATUS, (0,)).fetchone()[0]
    while status is not None:
        found.append(status)
        status = connection.execute(NEXT_STATUS, (status,)).fetchone()[0]
    return found


def _record(row: tuple[Any, ...]) -> RequestRecord:
    return RequestRecord(row[0], row[1], _EPOCH + timedelta(microseconds=row[2]), *row[3:])


def _quoted(path: str) -> str:
    return path.replace("%", "%25").replace("?", "%3f").replace("#", "%23")


_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
