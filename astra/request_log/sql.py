"""The request log in a SQL database, through SQLAlchemy. PostgreSQL is the tested one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from astra._sql import Database
from astra.instrumentation.record import FIELDS, RequestRecord
from astra.request_log.background import BackgroundLog
from astra.request_log.query import RequestQuery, status_bounds

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Engine, Executable, Table


class SQLRequestLog(BackgroundLog):
    """Keeps records in a table that many hosts may share. The table is created if missing.

    Args:
        engine: a SQLAlchemy URL ("postgresql://" means the driver psycopg 3), or an engine of yours. Nothing is
            connected before the first record.
        retention: how long records are kept, or None for ever.
        table: name of the table.
        capacity: how many records may wait in memory.
        interval: seconds between two writes.

    Raises:
        ConfigurationError: the extra "sql" or the driver is not installed, or the URL cannot be read.

    Example:
        log = SQLRequestLog("postgresql://localhost/app", retention=timedelta(days=90))
    """

    def __init__(
        self,
        engine: str | Engine,
        *,
        retention: timedelta | None = None,
        table: str = "astra_requests",
        capacity: int = 50_000,
        interval: float = 0.5,
    ) -> None:
        self._database = Database(engine, purpose="The request log")
        self._table = requests_table(name=table)
        sink = SQLSink(self._database, self._table)
        super().__init__(sink, retention=retention, capacity=capacity, interval=interval)

    def select(self, query: RequestQuery) -> Iterator[RequestRecord]:
        """See `RequestLog.select`."""
        from sqlalchemy import select

        table = self._table
        wanted = select(*(table.c[name] for name in FIELDS)).order_by(table.c.time.desc(), table.c.seq.desc())
        for row in self._rows(wanted.where(*_where(table, query)).limit(query.limit)):
            values = dict(zip(FIELDS, row, strict=True))
            moment: datetime = values["time"]
            values["time"] = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
            yield RequestRecord(**values)

    def measure(self, query: RequestQuery) -> Iterable[tuple[str, bool, float]]:
        """See `RequestLog.measure`; only the three columns are read."""
        from sqlalchemy import select

        columns = self._table.c
        wanted = select(columns.operation, _failed(self._table), columns.duration_ms).where(*_where(self._table, query))
        return self._rows(wanted)

    def _rows(self, statement: Executable) -> Iterator[Any]:
        self.flush()
        with self._database.begin(self._table) as connection:
            yield from connection.execution_options(yield_per=5_000).execute(statement)


class SQLSink:
    """Writes batches into the table.

    Args:
        database: where it is.
        table: the table.
    """

    def __init__(self, database: Database, table: Table) -> None:
        self._database = database
        self._table = table

    def write(self, batch: list[RequestRecord]) -> None:
        """See `Sink.write`."""
        rows = [{name: getattr(record, name) for name in FIELDS} for record in batch]
        with self._database.begin(self._table) as connection:
            connection.execute(self._table.insert(), rows)

    def purge(self, before: datetime) -> None:
        """See `Sink.purge`."""
        with self._database.begin(self._table) as connection:
            connection.execute(self._table.delete().where(self._table.c.time < before))

    def close(self) -> None:
        """See `Sink.close`."""
        self._database.close()

    def forked(self) -> None:
        """See `Sink.forked`; the database notices by itself."""


def requests_table(*, name: str = "astra_requests") -> Table:
    """Describes the table, for your own migrations.

    Args:
        name: its name.
    """
    from sqlalchemy import BigInteger, Column, DateTime, Float, Index, Integer, MetaData, SmallInteger, String, Table

    return Table(
        name,
        MetaData(),
        Column("seq", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
        Column("call_id", String(64), nullable=False),
        Column("request_id", String(255)),
        Column("time", DateTime(timezone=True), nullable=False),
        Column("operation", String(64), nullable=False),
        Column("method", String(8), nullable=False),
        Column("path", String(255), nullable=False),
        Column("status", SmallInteger),
        Column("duration_ms", Float(53), nullable=False),
        Column("attempt", SmallInteger, nullable=False),
        Column("user_key", String(255)),
        Column("error_name", String(64)),
        Index(f"{name}_time", "time"),
        Index(f"{name}_request_id", "request_id"),
        Index(f"{name}_call_id", "call_id"),
        Index(f"{name}_user", "user_key", "time"),
        Index(f"{name}_operation", "operation", "time"),
        Index(f"{name}_status", "status", "time"),
    )


def _failed(table: Table) -> ColumnElement[bool]:
    return table.c.error_name.is_not(None) | table.c.status.is_(None) | (table.c.status >= 400)


def _where(table: Table, query: RequestQuery) -> list[ColumnElement[bool]]:
    terms: list[ColumnElement[bool]] = []
    for column in ("request_id", "call_id", "user_key", "operation"):
        value = getattr(query, column)
        if value is not None:
            terms.append(table.c[column] == value)
    if query.status is not None:
        bounds = status_bounds(query.status)
        terms.append(table.c.status.between(*bounds) if bounds else table.c.status.is_(None))
    if query.failed is not None:
        terms.append(_failed(table) if query.failed else ~_failed(table))
    if query.since is not None:
        terms.append(table.c.time >= query.since)
    if query.until is not None:
        terms.append(table.c.time < query.until)
    return terms
