"""The statements that look into the SQLite file. Pure.

A million rows have to answer at once, so every statement is shaped for one index: SQLite walks it from its newest end
and stops at the limit.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from astra.request_log.query import RequestQuery, status_bounds

Statement = tuple[str, list[Any]]

COLUMNS: Final = (
    "call_id, request_id, time_us, operation, method, path, status, duration_ms, attempt, user_key, error_name"
)
FAILED: Final = "(error_name IS NOT NULL OR status IS NULL OR status >= 400)"


def select_statements(query: RequestQuery) -> Iterator[Statement]:
    """Returns the statement that finds a query's records, the newest first.

    Args:
        query: what to look for.
    """
    where, values = _where(query)
    limit = "" if query.limit is None else " LIMIT ?"
    if query.limit is not None:
        values.append(query.limit)
    yield f"SELECT {COLUMNS} FROM astra_requests{where} ORDER BY time_us DESC, seq DESC{limit}", values  # noqa: S608


def measure_statement(query: RequestQuery) -> Statement:
    """Returns the statement that reads what statistics need.

    Args:
        query: what to look for.
    """
    where, values = _where(query)
    return f"SELECT operation, {FAILED}, duration_ms FROM astra_requests{where}", values  # noqa: S608


def _where(query: RequestQuery) -> Statement:
    terms: list[str] = []
    values: list[Any] = []
    for column in ("request_id", "call_id", "user_key", "operation"):
        value = getattr(query, column)
        if value is not None:
            terms.append(f"{column} = ?")
            values.append(value)
    if query.status is not None:
        bounds = status_bounds(query.status)
        terms.append("status BETWEEN ? AND ?" if bounds else "status IS NULL")
        values.extend(bounds)
    if query.failed is not None:
        terms.append(FAILED if query.failed else f"NOT {FAILED}")
    for moment, comparison in ((query.since, ">="), (query.until, "<")):
        if moment is not None:
            terms.append(f"time_us {comparison} ?")
            values.append(round(moment.timestamp() * 1_000_000))
    return (" WHERE " + " AND ".join(terms) if terms else ""), values
