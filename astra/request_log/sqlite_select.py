"""The statements that write and read the SQLite file. Pure.

Two things shape them. A million rows have to answer at once, so every reading statement walks one index from its newest
end and stops at the limit. And writing must stay cheap however big the file gets: an index over values that come in
random order (ids, users) touches another page with every row, so these start with the number of the row's
*block* of 32,768 rows. Inserts then stay within the newest block's few pages, and a search visits the blocks in turn.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

import attrs

from astra.request_log.query import EQUAL, RequestQuery, status_bounds
from astra.storage.sqlite import Statement

MIGRATIONS: Final = (
    """
CREATE TABLE IF NOT EXISTS astra_requests (
    seq INTEGER PRIMARY KEY,
    call_id TEXT NOT NULL,
    request_id TEXT,
    time_us INTEGER NOT NULL,
    operation TEXT NOT NULL,
    method TEXT NOT NULL,
    path TEXT NOT NULL,
    status INTEGER,
    duration_ms REAL NOT NULL,
    attempt INTEGER NOT NULL,
    user_key TEXT,
    error_name TEXT,
    failed INTEGER NOT NULL
);
CREATE INDEX IF NOT EXISTS astra_requests_time ON astra_requests (time_us);
CREATE INDEX IF NOT EXISTS astra_requests_call_id ON astra_requests (call_id);
CREATE INDEX IF NOT EXISTS astra_requests_operation ON astra_requests (operation, time_us);
CREATE INDEX IF NOT EXISTS astra_requests_status ON astra_requests (status, time_us);
CREATE INDEX IF NOT EXISTS astra_requests_failed ON astra_requests (time_us) WHERE failed;
CREATE INDEX IF NOT EXISTS astra_requests_request_id ON astra_requests (seq >> 15, request_id)
    WHERE request_id IS NOT NULL;
CREATE INDEX IF NOT EXISTS astra_requests_user_key ON astra_requests (seq >> 15, user_key, time_us)
    WHERE user_key IS NOT NULL;
""",
    """
ALTER TABLE astra_requests ADD COLUMN resource_id TEXT;
ALTER TABLE astra_requests ADD COLUMN client_correlation_id TEXT;
CREATE INDEX IF NOT EXISTS astra_requests_resource_id ON astra_requests (seq >> 15, resource_id, time_us)
    WHERE resource_id IS NOT NULL;
CREATE INDEX IF NOT EXISTS astra_requests_client_correlation_id ON astra_requests
    (seq >> 15, client_correlation_id, time_us) WHERE client_correlation_id IS NOT NULL;
""",
)
INSERT: Final = """
INSERT INTO astra_requests
    (call_id, request_id, time_us, operation, method, path, status, duration_ms, attempt, user_key, error_name,
    resource_id, client_correlation_id, failed)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""
PURGE: Final = """
DELETE FROM astra_requests WHERE seq IN (SELECT seq FROM astra_requests WHERE time_us < ? LIMIT 5000)
"""
# Two questions, because SQLite answers each from an end of the table, but both at once by reading all of it.
BLOCKS: Final = """
SELECT (SELECT min(seq) FROM astra_requests) >> 15, (SELECT max(seq) FROM astra_requests) >> 15
"""
NEXT_STATUS: Final = "SELECT min(status) FROM astra_requests WHERE status > ?"

HAS_IDS: Final = "SELECT count(*) FROM pragma_table_info('astra_requests') WHERE name = 'client_correlation_id'"
"""Whether the file has the columns of the second schema already. Reading changes no file."""

_FIRST_COLUMNS: Final = (
    "call_id, request_id, time_us, operation, method, path, status, duration_ms, attempt, user_key, error_name"
)
_COLUMNS: Final = {True: f"{_FIRST_COLUMNS}, resource_id, client_correlation_id", False: _FIRST_COLUMNS}
_BY_BLOCK: Final = ("request_id", "client_correlation_id", "resource_id", "user_key")
_ORDER: Final = " ORDER BY time_us DESC, seq DESC"


def select_statements(
    query: RequestQuery, *, blocks: Sequence[int], statuses: Sequence[int], has_ids: bool = True
) -> Iterator[Statement]:
    """Yields the statements that together find a query's records, the newest first; stop when there are enough.

    Args:
        query: what to look for.
        blocks: numbers of the blocks that exist, the newest first.
        statuses: the statuses that exist.
        has_ids: False for a file of the first schema.
    """
    if not has_ids and (query.resource_id is not None or query.client_correlation_id is not None):
        return
    columns = _COLUMNS[has_ids]
    where, values = _where(query)
    limit = " LIMIT ?" if query.limit is not None else ""
    end = [query.limit] if query.limit is not None else []
    for column in _BY_BLOCK:
        if getattr(query, column) is not None:
            source = f"astra_requests INDEXED BY astra_requests_{column} WHERE seq >> 15 = ? AND "
            for block in blocks:
                yield f"SELECT {columns} FROM {source}{where}{_ORDER}{limit}", [block, *values, *end]  # noqa: S608
            return
    several = _class_bounds(query)
    if several is not None:
        where, values = _where(attrs.evolve(query, status=None))
        present = [status for status in statuses if several[0] <= status <= several[1]]
        parts = [
            f"SELECT * FROM (SELECT seq, {columns} FROM astra_requests WHERE status = ? AND {where}{_ORDER}{limit})"  # noqa: S608
            for _ in present
        ]
        if present:
            united = " UNION ALL ".join(parts)
            bound = [value for status in present for value in (status, *values, *end)]
            yield f"SELECT {columns} FROM ({united}){_ORDER}{limit}", bound + end  # noqa: S608
        return
    index = " INDEXED BY astra_requests_failed" if _is_failures_only(query) else ""
    yield f"SELECT {columns} FROM astra_requests{index} WHERE {where}{_ORDER}{limit}", values + end  # noqa: S608


def measure_statement(query: RequestQuery) -> Statement:
    """Returns the statement that reads what statistics need.

    Args:
        query: what to look for.
    """
    where, values = _where(query)
    return f"SELECT operation, failed, duration_ms FROM astra_requests WHERE {where}", values  # noqa: S608


def _class_bounds(query: RequestQuery) -> tuple[int, int] | None:
    bounds = status_bounds(query.status) if query.status is not None else None
    return bounds if bounds and bounds[0] != bounds[1] else None


def _is_failures_only(query: RequestQuery) -> bool:
    return query.failed is True and query.status is None and query.call_id is None


def _where(query: RequestQuery) -> tuple[str, list[Any]]:
    terms: list[str] = []
    values: list[Any] = []
    for column in EQUAL:
        value = getattr(query, column)
        if value is not None:
            terms.append(f"{column} = ?")
            values.append(value)
    if query.status is not None:
        bounds = status_bounds(query.status)
        if bounds is None:
            terms.append("status IS NULL")
        elif bounds[0] == bounds[1]:
            terms.append("status = ?")
            values.append(bounds[0])
        else:
            terms.append("status BETWEEN ? AND ?")
            values.extend(bounds)
    if query.failed is not None:
        terms.append("failed" if query.failed else "NOT failed")
    for moment, comparison in ((query.since, ">="), (query.until, "<")):
        if moment is not None:
            terms.append(f"time_us {comparison} ?")
            values.append(round(moment.timestamp() * 1_000_000))
    return " AND ".join(terms) or "1", values
