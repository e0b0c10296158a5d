"""The request log in a SQL database, through SQLAlchemy. PostgreSQL is the tested one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from astra.instrumentation.record import FIELDS, RequestRecord
from astra.request_log.background import BackgroundLog
from astra.request_log.log import REQUESTS
from astra.request_log.query import EQUAL, FAILED_IN_SQL, RequestQuery, status_bounds
from astra.request_log.writer import PATIENCE
from astra.storage.sql import SLOW, Database, sa


class SQLRequestLog(BackgroundLog):
    """Keeps records in a table that many hosts may share. The table is created if missing.

    Args:
        engine: a SQLAlchemy URL ("postgresql://" means the driver psycopg 3), or an engine of yours. Nothing is
            connected before the first record.
        retention: how long records are kept, or None forever.
        table: name of the table.
        capacity: how many records may wait in memory.
        interval: seconds between two writes; the records of writes wait 0.02 seconds at most.

    Raises:
        ConfigurationError: the extra "sql" or the driver is not installed, or the URL cannot be read.

    Example:
        log = SQLRequestLog("postgresql://localhost/app", retention=timedelta(days=90))
    """

    def __init__(
        self,
        engine: str | sa.Engine,
        *,
        retention: timedelta | None = None,
        table: str = "astra_requests",
        capacity: int = 50_000,
        interval: float = 0.5,
    ) -> None:
        self._table = requests_table(name=table)
        self._database = Database(engine, family=REQUESTS, table=self._table, limit=PATIENCE)
        sink = SQLSink(self._database, self._table)
        super().__init__(sink, retention=retention, capacity=capacity, interval=interval)

    def select(self, query: RequestQuery) -> Iterator[RequestRecord]:
        """See `RequestLog.select`."""
        table = self._table
        wanted = sa.select(*(table.c[name] for name in FIELDS)).order_by(table.c.time.desc(), table.c.seq.desc())
        for row in self._rows(wanted.where(*_where(table, query)).limit(query.limit)):
            values = dict(zip(FIELDS, row, strict=True))
            moment: datetime = values["time"]
            values["time"] = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
            yield RequestRecord(**values)

    def measure(self, query: RequestQuery) -> Iterable[tuple[str, bool, float]]:
        """See `RequestLog.measure`; only the three columns are read."""
        columns = self._table.c
        wanted = sa.select(columns.operation, _failed(self._table), columns.duration_ms).where(
            *_where(self._table, query)
        )
        return self._rows(wanted)

    def _rows(self, statement: sa.Executable) -> Iterator[Any]:
        self.flush()
        yield from self._database.read(statement)


class SQLSink:
    """Writes batches into the table.

    Args:
        database: where it is.
        table: the table.
    """

    def __init__(self, database: Database, table: sa.Table) -> None:
        self._database = database
        self._table = table

    def write(self, batch: list[RequestRecord]) -> None:
        """See `Sink.write`."""
        rows = [{name: getattr(record, name) for name in FIELDS} for record in batch]
        with self._database.begin() as connection:
            connection.execute(self._table.insert(), rows)

    def purge(self, before: datetime) -> None:
        """See `Sink.purge`."""
        with self._database.begin(limit=SLOW) as connection:
            connection.execute(self._table.delete().where(self._table.c.time < before))

    def close(self) -> None:
        """See `Sink.close`."""
        self._database.close()


def requests_table(*, name: str = "astra_requests") -> sa.Table:
    """Describes the table, for your own migrations.

    Args:
        name: its name.
    """
    return sa.Table(
        name,
        sa.MetaData(),
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True, autoincrement=True),
        sa.Column("call_id", sa.String(64), nullable=False),
        sa.Column("request_id", sa.String(255)),
        sa.Column("time", sa.DateTime(timezone=True), nullable=False),
        sa.Column("operation", sa.String(64), nullable=False),
        sa.Column("method", sa.String(8), nullable=False),
        sa.Column("path", sa.String(255), nullable=False),
        sa.Column("status", sa.SmallInteger),
        sa.Column("duration_ms", sa.Float(53), nullable=False),
        sa.Column("attempt", sa.SmallInteger, nullable=False),
        sa.Column("user_key", sa.String(255)),
        sa.Column("error_name", sa.String(64)),
        sa.Column("resource_id", sa.String(255)),
        sa.Column("client_correlation_id", sa.String(255)),
        sa.Index(f"{name}_time", "time"),
        sa.Index(f"{name}_request_id", "request_id"),
        sa.Index(f"{name}_call_id", "call_id"),
        sa.Index(f"{name}_user", "user_key", "time"),
        sa.Index(f"{name}_operation", "operation", "time"),
        sa.Index(f"{name}_status", "status", "time"),
        sa.Index(f"{name}_failed", "time", "operation", postgresql_where=sa.text(FAILED_IN_SQL)),
        sa.Index(f"{name}_resource_id", "resource_id"),
        sa.Index(f"{name}_client_correlation_id", "client_correlation_id"),
    )


def _failed(table: sa.Table) -> sa.ColumnElement[bool]:
    return table.c.error_name.is_not(None) | table.c.status.is_(None) | (table.c.status >= 400)


def _where(table: sa.Table, query: RequestQuery) -> list[sa.ColumnElement[bool]]:
    terms: list[sa.ColumnElement[bool]] = []
    for column in EQUAL:
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
