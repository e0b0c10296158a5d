"""The request log in a SQLite file."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any, Final

from astra.instrumentation.record import RequestRecord
from astra.request_log.background import BackgroundLog
from astra.request_log.log import REQUESTS
from astra.request_log.query import RequestQuery
from astra.request_log.sqlite_select import (
    BLOCKS,
    HAS_IDS,
    INSERT,
    MIGRATIONS,
    NEXT_STATUS,
    PURGE,
    measure_statement,
    select_statements,
)
from astra.storage.sqlite import Connection, SQLiteFile, Statement


class SQLiteRequestLog(BackgroundLog):
    """Keeps records in a SQLite file (mode 0600, write-ahead log), which many processes of one machine may share.

    Args:
        path: the file; it is created with its first record.
        retention: how long records are kept, or None forever.
        capacity: how many records may wait in memory.
        interval: seconds between two writes; the records of writes wait 0.02 seconds at most.
        busy_timeout: seconds to wait for another process that writes. While one keeps the file locked, calls go on;
            `query` and `close` wait three times as long at most, and what could not be written stays queued.

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
        busy_timeout: float = 2.0,
    ) -> None:
        self.path = Path(path)
        self._file = requests_file(path, busy_timeout=busy_timeout)
        super().__init__(SQLiteSink(self._file), retention=retention, capacity=capacity, interval=interval)

    def select(self, query: RequestQuery) -> Iterator[RequestRecord]:
        """See `RequestLog.select`.

        Raises:
            ConfigurationError: the file exists and is no request log.
            RequestLogError: it cannot be read.
        """
        self.flush()
        return islice(map(_record, self._file.read(partial(_select, query))), query.limit)

    def measure(self, query: RequestQuery) -> Iterable[tuple[str, bool, float]]:
        """See `RequestLog.measure`; only the three columns are read."""
        self.flush()
        return self._file.read(lambda _: [measure_statement(query)])


def requests_file(path: str | os.PathLike[str], *, busy_timeout: float = 2.0) -> SQLiteFile:
    """The file of a request log.

    Args:
        path: where it is.
        busy_timeout: seconds to wait for another process that writes.
    """
    return SQLiteFile(
        path,
        family=REQUESTS,
        schema="requests_schema",
        migrations=MIGRATIONS,
        busy_timeout=busy_timeout,
        cache_kib=8192,
    )


class SQLiteSink:
    """Writes batches into the file.

    Args:
        file: the file.
    """

    def __init__(self, file: SQLiteFile) -> None:
        self._file = file

    def write(self, batch: list[RequestRecord]) -> None:
        """See `Sink.write`."""
        with self._file.transaction() as connection:
            connection.executemany(INSERT, [_row(record) for record in batch])

    def purge(self, before: datetime) -> None:
        """See `Sink.purge`; in small steps, so that other processes get their turn."""
        cutoff, found = microseconds(before), True
        while found:
            with self._file.transaction() as connection:
                found = connection.execute(PURGE, (cutoff,)).rowcount > 0

    def close(self) -> None:
        """See `Sink.close`."""
        self._file.close()


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
        record.resource_id,
        record.client_correlation_id,
        record.failed,
    )


def _select(query: RequestQuery, connection: Connection) -> Iterator[Statement]:
    oldest, newest = connection.execute(BLOCKS).fetchone()
    blocks = range(newest, oldest - 1, -1) if newest is not None else ()
    has_ids = bool(connection.execute(HAS_IDS).fetchone()[0])
    statuses = _statuses(connection) if query.status else ()
    return select_statements(query, blocks=blocks, statuses=statuses, has_ids=has_ids)


def _statuses(connection: Connection) -> list[int]:
    # One step in the index for each status, instead of a look at every row.
    found: list[int] = []
    status = connection.execute(NEXT_STATUS, (0,)).fetchone()[0]
    while status is not None:
        found.append(status)
        status = connection.execute(NEXT_STATUS, (status,)).fetchone()[0]
    return found


def _record(row: tuple[Any, ...]) -> RequestRecord:
    return RequestRecord(row[0], row[1], _EPOCH + timedelta(microseconds=row[2]), *row[3:])


_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
