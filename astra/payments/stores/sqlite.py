"""Payment records in one SQLite file, shared by all processes of one machine."""

# ruff: noqa: S608 - only constants and placeholders are put into statements

from __future__ import annotations

import os
from collections.abc import Collection, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from astra._secret import shown
from astra.payments.record import PaymentRecord, PaymentState
from astra.payments.stores.base import PAYMENTS, IdempotencyStore, PaymentQuery
from astra.payments.stores.rows import COLUMNS, IDS, KEY, microseconds, record_of, values_of
from astra.storage.sqlite import SQLiteFile

MIGRATIONS: Final = (
    """
CREATE TABLE IF NOT EXISTS astra_payments (
    environment TEXT NOT NULL,
    client_id TEXT NOT NULL,
    operation TEXT NOT NULL,
    key TEXT NOT NULL,
    user_key TEXT,
    state TEXT NOT NULL,
    version INTEGER NOT NULL,
    created INTEGER NOT NULL,
    updated INTEGER NOT NULL,
    sent INTEGER NOT NULL,
    client_correlation_id TEXT,
    resource_id TEXT,
    transfer_id TEXT,
    call_id TEXT,
    request_id TEXT,
    data TEXT NOT NULL,
    PRIMARY KEY (environment, client_id, operation, key)
);
CREATE INDEX IF NOT EXISTS astra_payments_created ON astra_payments (created);
CREATE INDEX IF NOT EXISTS astra_payments_open ON astra_payments (created) WHERE state IN ('sending', 'uncertain');
CREATE INDEX IF NOT EXISTS astra_payments_key ON astra_payments (key);
CREATE INDEX IF NOT EXISTS astra_payments_correlation ON astra_payments (client_correlation_id);
CREATE INDEX IF NOT EXISTS astra_payments_resource ON astra_payments (resource_id);
CREATE INDEX IF NOT EXISTS astra_payments_transfer ON astra_payments (transfer_id) WHERE transfer_id IS NOT NULL;
CREATE INDEX IF NOT EXISTS astra_payments_call ON astra_payments (call_id);
CREATE INDEX IF NOT EXISTS astra_payments_request ON astra_payments (request_id)
""",
)
_PLACE: Final = " AND ".join(f"{name}=?" for name in KEY)
_ALL: Final = ", ".join(COLUMNS)
_INSERT: Final = (
    f"INSERT INTO astra_payments ({_ALL}) VALUES ({', '.join('?' * len(COLUMNS))}) "
    f"ON CONFLICT ({', '.join(KEY)}) DO NOTHING"
)
_CHANGED: Final = tuple(name for name in COLUMNS if name not in (*KEY, "created"))
_CHANGE: Final = f"UPDATE astra_payments SET {', '.join(f'{name}=?' for name in _CHANGED)} WHERE {_PLACE} AND version=?"
_ANY_ID: Final = f"({' OR '.join(f'{name}=?' for name in ('key', *IDS))})"
_BATCH: Final = 5000


class SQLiteIdempotencyStore(IdempotencyStore):
    """Keeps records in a SQLite file (mode 0600). Every step survives a power cut.

    When the file is lost, its keys are forgotten, and the same key pays once more. Keep it on a disk of this machine
    that is backed up, not in a folder for temporary files and on no network share.

    Args:
        path: the file; it is made with the first payment, its folder must exist.
        busy_timeout: seconds to wait for another process that writes.

    Example:
        astra = Astra(..., idempotency_store="sqlite:///payments.db")
    """

    def __init__(self, path: str | os.PathLike[str], *, busy_timeout: float = 10.0) -> None:
        self.path = Path(path)
        self._file = SQLiteFile(
            path,
            family=PAYMENTS,
            schema="payments_schema",
            migrations=MIGRATIONS,
            busy_timeout=busy_timeout,
            synced=True,
        )

    @shown
    def __repr__(self) -> str:
        return f"<idempotency store {self._file.path}>"

    def get(self, environment: str, client_id: str, operation: str, key: str) -> PaymentRecord | None:
        """See `IdempotencyStore.get`."""
        query = f"SELECT {_ALL} FROM astra_payments WHERE {_PLACE}"
        with self._file.connection() as connection:
            row = connection.execute(query, (environment, client_id, operation, key)).fetchone()
        return None if row is None else record_of(row)

    def insert(self, record: PaymentRecord) -> bool:
        """See `IdempotencyStore.insert`."""
        values = values_of(record)
        with self._file.connection() as connection:
            return connection.execute(_INSERT, [values[name] for name in COLUMNS]).rowcount == 1

    def change(self, record: PaymentRecord, *, replaces: int) -> bool:
        """See `IdempotencyStore.change`."""
        values = values_of(record)
        bounds = [values[name] for name in (*_CHANGED, *KEY)]
        with self._file.connection() as connection:
            return connection.execute(_CHANGE, [*bounds, replaces]).rowcount == 1

    def select(self, query: PaymentQuery) -> Iterator[PaymentRecord]:
        """See `IdempotencyStore.select`. A file that is not there holds none, and is not made."""
        where, bounds = _where(query)
        limit = "" if query.limit is None else f" LIMIT {int(query.limit)}"
        statement = f"SELECT {_ALL} FROM astra_payments{where} ORDER BY created, rowid{limit}"
        return map(record_of, self._file.read(lambda _: [(statement, bounds)]))

    def prune(self, *, environment: str, client_id: str, before: datetime, states: Collection[PaymentState]) -> int:
        """See `IdempotencyStore.prune`; in small steps, so that payments get their turn."""
        where, bounds = _where(PaymentQuery(environment=environment, client_id=client_id, states=states))
        inner = f"SELECT rowid FROM astra_payments{where} AND updated<? LIMIT {_BATCH}"
        count = deleted = 0
        while deleted or not count:
            with self._file.transaction() as connection:
                statement = f"DELETE FROM astra_payments WHERE rowid IN ({inner})"
                deleted = connection.execute(statement, (*bounds, microseconds(before))).rowcount
            count += deleted
            if not deleted:
                break
        return count

    def exists(self) -> bool:
        """See `IdempotencyStore.exists`."""
        return self._file.exists()

    def close(self) -> None:
        """See `IdempotencyStore.close`."""
        self._file.close()


def _where(query: PaymentQuery) -> tuple[str, list[Any]]:
    terms: list[str] = []
    bounds: list[Any] = []
    for name in ("environment", "client_id", "operation", "key", "user_key"):
        if (value := getattr(query, name)) is not None:
            terms.append(f"{name}=?")
            bounds.append(value)
    for term, moment in (("created>=?", query.since), ("created<?", query.until), ("sent<?", query.sent_before)):
        if moment is not None:
            terms.append(term)
            bounds.append(microseconds(moment))
    if query.states is not None:
        terms.append(f"state IN ({', '.join('?' * len(query.states))})")
        bounds += [state.value for state in query.states]
    if query.any_id is not None:
        terms.append(_ANY_ID)
        bounds += [query.any_id] * (1 + len(IDS))
    return (f" WHERE {' AND '.join(terms)}" if terms else ""), bounds
