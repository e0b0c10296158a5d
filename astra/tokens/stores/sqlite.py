"""Grants in one SQLite file: the embedded default for anything durable, shared by all processes of one machine.

Write-ahead logging lets readers and one writer work side by side. The file and its two companions are readable by their
owner only. Everything is in one table, the lease in the grant's own row, so that each step is one statement.
"""

# ruff: noqa: S608 - only constants and placeholders are put into statements

from __future__ import annotations

import json
import math
import os
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from astra._secret import shown
from astra.storage.sqlite import SQLiteFile
from astra.tokens.grant import Grant
from astra.tokens.identity import UNBOUND, Identity
from astra.tokens.stores.base import FAR_AHEAD, LEASE_SLACK, TOKENS, Batch, ClaimQuery, TokenStore, make_probe
from astra.tokens.stores.rows import FIELDS, read_row, read_rows, values_of

MIGRATIONS = (
    """
CREATE TABLE IF NOT EXISTS astra_grants (
    key TEXT PRIMARY KEY,
    access_token TEXT NOT NULL,
    access_expires_at REAL NOT NULL,
    refresh_token TEXT NOT NULL,
    refresh_expires_at REAL NOT NULL,
    astra_user_id TEXT,
    version INTEGER NOT NULL,
    state TEXT NOT NULL,
    refreshed_at REAL NOT NULL,
    attempted_at REAL NOT NULL DEFAULT 0,
    lease_owner TEXT,
    lease_until REAL NOT NULL DEFAULT 0
);
CREATE INDEX IF NOT EXISTS astra_grants_user ON astra_grants (astra_user_id);
CREATE INDEX IF NOT EXISTS astra_grants_due ON astra_grants (state, refreshed_at)
""",
    """
ALTER TABLE astra_grants RENAME TO astra_grants_1;
DROP INDEX IF EXISTS astra_grants_user;
DROP INDEX IF EXISTS astra_grants_due;
CREATE TABLE astra_grants (
    environment TEXT NOT NULL DEFAULT '',
    client_id TEXT NOT NULL DEFAULT '',
    key TEXT NOT NULL,
    access_token TEXT NOT NULL,
    access_expires_at REAL NOT NULL,
    refresh_token TEXT NOT NULL,
    refresh_expires_at REAL NOT NULL,
    astra_user_id TEXT,
    version INTEGER NOT NULL,
    state TEXT NOT NULL,
    refreshed_at REAL NOT NULL,
    generation INTEGER NOT NULL DEFAULT 0,
    failures INTEGER NOT NULL DEFAULT 0,
    next_attempt_at REAL NOT NULL DEFAULT 0,
    dead_since REAL,
    dead_reason TEXT,
    attempted_at REAL NOT NULL DEFAULT 0,
    lease_owner TEXT,
    lease_until REAL NOT NULL DEFAULT 0,
    PRIMARY KEY (environment, client_id, key)
);
INSERT INTO astra_grants (key, access_token, access_expires_at, refresh_token, refresh_expires_at, astra_user_id,
    version, state, refreshed_at, attempted_at, lease_owner, lease_until)
  SELECT key, access_token, access_expires_at, refresh_token, refresh_expires_at, astra_user_id,
    version, state, refreshed_at, attempted_at, lease_owner, lease_until FROM astra_grants_1;
DROP TABLE astra_grants_1;
CREATE INDEX astra_grants_user ON astra_grants (environment, client_id, astra_user_id);
CREATE INDEX astra_grants_due ON astra_grants (environment, client_id, state, next_attempt_at, refreshed_at)
""",
)
SELECT = f"SELECT key, {', '.join(FIELDS)} FROM astra_grants WHERE environment=? AND client_id=?"
INSERT = f"""INSERT OR IGNORE INTO astra_grants (environment, client_id, key, {", ".join(FIELDS)})
 VALUES ({",".join("?" * (len(FIELDS) + 3))})"""
CHANGES = ", ".join(f"{name}=?" for name in FIELDS)
WHERE = "WHERE environment=? AND client_id=? AND key=CAST(? AS TEXT)"
UPDATE = f"UPDATE astra_grants SET {CHANGES} {WHERE} AND version=?"
ADOPT = f"UPDATE OR IGNORE astra_grants SET environment=?, client_id=?, {CHANGES} {WHERE} AND version=?"
RELEASE = f"UPDATE astra_grants SET lease_owner=NULL, lease_until=0 {WHERE} AND lease_owner=?"
TEXT = "AND typeof(key)='text'"
"""A key that somebody else wrote as a blob is told by scans. Nobody can claim it: it equals no text."""
DUE = f"AND state='active' AND (refreshed_at<? OR refreshed_at>?) {TEXT}"
CLAIM = f"""SELECT key, {", ".join(FIELDS)} FROM astra_grants
 WHERE environment=:environment AND client_id=:client_id AND state='active' {TEXT}
 AND (attempted_at<:attempted_before OR attempted_at>:too_late) AND (lease_until<=:time OR lease_until>:no_lease)"""
_OLD = "(refreshed_at<:before OR refreshed_at>:too_late)"
LOOKS = (
    ("AND next_attempt_at=0 AND refreshed_at<:before", "refreshed_at"),
    (f"AND next_attempt_at>0 AND next_attempt_at<=:now AND {_OLD}", "next_attempt_at"),
    ("AND next_attempt_at=0 AND refreshed_at>:too_late", "refreshed_at"),
    (f"AND next_attempt_at>:too_late AND {_OLD}", "next_attempt_at"),
)
"""Several looks, because one index finds each in its order: never failed, failed, and two kinds of times far ahead."""


class SQLiteStore(TokenStore):
    """Keeps grants in a SQLite file.

    The file is made on first use, not here. A forked child opens its own connections.

    Args:
        path: the file; its folder must exist.
        busy_timeout: seconds to wait for another process that is writing.
        clock: seconds since the epoch, for leases; all processes of one machine share it.

    Example:
        astra = Astra(..., token_store=SQLiteStore("tokens.db"))     # or token_store="sqlite:///tokens.db"
    """

    def __init__(
        self, path: str | os.PathLike[str], *, busy_timeout: float = 20.0, clock: Callable[[], float] = time.time
    ) -> None:
        self.path = Path(path)
        self._clock = clock
        self._file = SQLiteFile(
            path, family=TOKENS, schema="tokens_schema", migrations=MIGRATIONS, busy_timeout=busy_timeout
        )

    @shown
    def __repr__(self) -> str:
        return f"SQLiteStore({str(self.path)!r})"

    def load(self, identity: Identity, key: str) -> Grant | None:
        """See `TokenStore.load`."""
        with self._file.connection() as connection:
            row = connection.execute(f"{SELECT} AND key=CAST(? AS TEXT)", _row(identity, key)).fetchone()
        return read_row(identity, key, row[1:]) if row else None

    def save_many(self, saves: Sequence[tuple[Grant, int | None]], *, release: str | None = None) -> list[bool]:
        """See `TokenStore.save_many`."""
        done: list[bool] = []
        with self._file.transaction() as connection:
            for grant, replaces in saves:
                place = (*_place(grant.identity), grant.key)
                if replaces is None:
                    cursor = connection.execute(INSERT, (*place, *values_of(grant)))
                else:
                    cursor = connection.execute(UPDATE, (*values_of(grant), *place, replaces))
                done.append(cursor.rowcount == 1)
            if release is not None:
                places = [(*_place(grant.identity), grant.key, release) for grant, _ in saves]
                connection.executemany(RELEASE, places)
        return done

    def adopt(self, grant: Grant, *, replaces: int) -> bool:
        """See `TokenStore.adopt`."""
        former = (*_place(UNBOUND), grant.key, replaces)
        with self._file.connection() as connection:
            cursor = connection.execute(ADOPT, (*_place(grant.identity), *values_of(grant), *former))
            return cursor.rowcount == 1

    def delete(self, identity: Identity, key: str) -> bool:
        """See `TokenStore.delete`."""
        with self._file.connection() as connection:
            return connection.execute(f"DELETE FROM astra_grants {WHERE}", _row(identity, key)).rowcount == 1

    def find_keys(self, identity: Identity, astra_user_id: str, *, active: bool = False) -> list[str]:
        """See `TokenStore.find_keys`."""
        alive = " AND state='active'" if active else ""
        query = (
            "SELECT key FROM astra_grants WHERE environment=? AND client_id=? AND astra_user_id=?"
            f"{alive} ORDER BY refreshed_at DESC"
        )
        with self._file.connection() as connection:
            return [row[0] for row in connection.execute(query, (*_place(identity), astra_user_id))]

    def acquire_lease(self, identity: Identity, key: str, *, owner: str, ttl: float) -> bool:
        """See `TokenStore.acquire_lease`."""
        now = self._clock()
        take = (
            f"UPDATE astra_grants SET lease_owner=?, lease_until=? {WHERE}"
            " AND (lease_until<=? OR lease_until>? OR lease_owner=?)"
        )
        values = (owner, now + ttl, *_row(identity, key), now, now + ttl + LEASE_SLACK, owner)
        with self._file.connection() as connection:
            return connection.execute(take, values).rowcount == 1

    def release_lease(self, identity: Identity, key: str, *, owner: str) -> None:
        """See `TokenStore.release_lease`."""
        with self._file.connection() as connection:
            connection.execute(RELEASE, (*_row(identity, key), owner))

    def claim_due(self, identity: Identity, query: ClaimQuery) -> Batch:
        """See `TokenStore.claim_due`."""
        only = "" if query.keys is None else " AND key IN (SELECT value FROM json_each(:keys))"
        bounds: dict[str, Any] = {
            "environment": identity.environment,
            "client_id": identity.client_id,
            "before": query.refreshed_before,
            "attempted_before": query.attempted_before,
            "now": query.now,
            "too_late": query.too_late,
            "keys": json.dumps(list(query.keys or ())),
        }
        rows: list[Any] = []
        with self._file.transaction() as connection:
            now = self._clock()
            bounds |= {"time": now, "no_lease": now + query.ttl + LEASE_SLACK}
            for look, order in LOOKS:
                due = f"{CLAIM} {look}{only} ORDER BY {order} LIMIT :limit"
                rows += connection.execute(due, bounds | {"limit": query.limit - len(rows)}).fetchall()
                if len(rows) >= query.limit:
                    break
            take = f"UPDATE astra_grants SET lease_owner=?, lease_until=?, attempted_at=? {WHERE}"
            lease = (query.owner, now + query.ttl, query.now)
            connection.executemany(take, [(*lease, *_row(identity, row[0])) for row in rows])
        return read_rows(identity, rows)

    def postpone(self, identity: Identity, key: str, *, failures: int, until: float, owner: str | None = None) -> bool:
        """See `TokenStore.postpone`."""
        note = f"UPDATE astra_grants SET failures=?, next_attempt_at=? {WHERE}"
        with self._file.transaction() as connection:
            known = connection.execute(note, (failures, until, *_row(identity, key))).rowcount == 1
            if owner is not None:
                connection.execute(RELEASE, (*_row(identity, key), owner))
        return known

    def scan(
        self,
        identity: Identity,
        *,
        after: str | None = None,
        limit: int = 500,
        refreshed_before: float | None = None,
        now: float | None = None,
        state: str | None = None,
    ) -> Batch:
        """See `TokenStore.scan`."""
        query, bounds = SELECT, [*_place(identity)]
        for condition, bound in ((" AND key>CAST(? AS TEXT)", after and _bind(after)), (" AND state=?", state)):
            if bound is not None:
                query, bounds = query + condition, [*bounds, bound]
        if refreshed_before is not None:
            query, bounds = f"{query} {DUE}", [*bounds, refreshed_before, _too_late(now)]
        with self._file.connection() as connection:
            rows = connection.execute(f"{query} ORDER BY key LIMIT ?", (*bounds, limit)).fetchall()
        return read_rows(identity, rows, limit=limit)

    def count_due(self, identity: Identity, *, refreshed_before: float, now: float | None = None) -> int:
        """See `TokenStore.count_due`."""
        query = f"SELECT count(*) FROM astra_grants WHERE environment=? AND client_id=? {DUE}"
        bounds = [*_place(identity), refreshed_before, _too_late(now)]
        if now is not None:
            query, bounds = f"{query} AND (next_attempt_at<=? OR next_attempt_at>?)", [*bounds, now, _too_late(now)]
        with self._file.connection() as connection:
            return int(connection.execute(query, bounds).fetchone()[0])

    def identities(self) -> Mapping[Identity, int]:
        """See `TokenStore.identities`."""
        query = "SELECT environment, client_id, count(*) FROM astra_grants GROUP BY environment, client_id"
        with self._file.connection() as connection:
            return {Identity(row[0], row[1]): row[2] for row in connection.execute(query)}

    def check_writable(self, identity: Identity) -> None:
        """See `TokenStore.check_writable`."""
        probe = make_probe(identity)
        place = (*_place(identity), probe.key)
        with self._file.transaction() as connection:
            connection.execute(INSERT, (*place, *values_of(probe)))
            connection.execute(f"DELETE FROM astra_grants {WHERE}", place)

    def exists(self) -> bool:
        """See `TokenStore.exists`."""
        return self._file.exists()

    def close(self) -> None:
        """Closes the connections; the last one of all processes folds the write-ahead log into the file."""
        self._file.close()


def _too_late(now: float | None) -> float:
    return math.inf if now is None else now + FAR_AHEAD


def _place(identity: Identity) -> tuple[Any, Any]:
    return identity.environment, identity.client_id


def _row(identity: Identity, key: str) -> tuple[Any, Any, str | bytes]:
    return identity.environment, identity.client_id, _bind(key)


def _bind(key: str) -> str | bytes:
    """What names a key, for CAST(? AS TEXT): also one that is damaged, as `astra.storage.sqlite` reads it."""
    return key if key.isascii() else key.encode(errors="surrogateescape")
