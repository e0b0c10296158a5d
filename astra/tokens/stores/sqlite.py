"""Grants in one SQLite file: the embedded default for anything durable, shared by all processes of one machine.

Write-ahead logging lets readers and one writer work side by side. The file and its two companions are readable by their
owner only. Everything is in one table, the lease in the grant's own row, so that each step is one statement.
"""

# ruff: noqa: S608 - only constants and placeholders are put into statements

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from astra._secret import shown
from astra.storage.sqlite import SQLiteFile
from astra.tokens.grant import Grant
from astra.tokens.stores.base import TOKENS, ClaimQuery, TokenStore

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
CREATE INDEX IF NOT EXISTS astra_grants_due ON astra_grants (state, refreshed_at);
""",
)
FIELDS = (
    "key, access_token, access_expires_at, refresh_token, refresh_expires_at,"
    " astra_user_id, version, state, refreshed_at"
)
UPDATE = """UPDATE astra_grants SET access_token=?, access_expires_at=?, refresh_token=?, refresh_expires_at=?,
 astra_user_id=?, version=?, state=?, refreshed_at=? WHERE key=? AND version=?"""
INSERT = f"INSERT OR IGNORE INTO astra_grants ({FIELDS}) VALUES (?,?,?,?,?,?,?,?,?)"
RELEASE = "UPDATE astra_grants SET lease_owner=NULL, lease_until=0 WHERE key=? AND lease_owner=?"


def _grant(row: tuple[Any, ...]) -> Grant:
    key, access, access_until, refresh, refresh_until, user_id, version, state, refreshed_at = row
    return Grant(
        key=key,
        access_token=access,
        access_expires_at=access_until,
        refresh_token=refresh,
        refresh_expires_at=refresh_until,
        astra_user_id=user_id,
        version=version,
        state=state,
        refreshed_at=refreshed_at,
    )


def _values(grant: Grant) -> tuple[Any, ...]:
    return (
        grant.access_token,
        grant.access_expires_at,
        grant.refresh_token,
        grant.refresh_expires_at,
        grant.astra_user_id,
        grant.version,
        grant.state,
        grant.refreshed_at,
    )


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

    def load(self, key: str) -> Grant | None:
        """See `TokenStore.load`."""
        with self._file.connection() as connection:
            row = connection.execute(f"SELECT {FIELDS} FROM astra_grants WHERE key=?", (key,)).fetchone()
        return _grant(row) if row else None

    def save_many(self, saves: Sequence[tuple[Grant, int | None]], *, release: str | None = None) -> list[bool]:
        """See `TokenStore.save_many`."""
        done: list[bool] = []
        with self._file.transaction() as connection:
            for grant, replaces in saves:
                if replaces is None:
                    cursor = connection.execute(INSERT, (grant.key, *_values(grant)))
                else:
                    cursor = connection.execute(UPDATE, (*_values(grant), grant.key, replaces))
                done.append(cursor.rowcount == 1)
            if release is not None:
                connection.executemany(RELEASE, [(grant.key, release) for grant, _ in saves])
        return done

    def delete(self, key: str) -> bool:
        """See `TokenStore.delete`."""
        with self._file.connection() as connection:
            return connection.execute("DELETE FROM astra_grants WHERE key=?", (key,)).rowcount == 1

    def find(self, astra_user_id: str) -> str | None:
        """See `TokenStore.find`."""
        query = "SELECT key FROM astra_grants WHERE astra_user_id=? ORDER BY refreshed_at DESC LIMIT 1"
        with self._file.connection() as connection:
            row = connection.execute(query, (astra_user_id,)).fetchone()
        return row[0] if row else None

    def acquire_lease(self, key: str, *, owner: str, ttl: float) -> bool:
        """See `TokenStore.acquire_lease`."""
        now = self._clock()
        take = "UPDATE astra_grants SET lease_owner=?, lease_until=? WHERE key=? AND (lease_until<=? OR lease_owner=?)"
        with self._file.connection() as connection:
            return connection.execute(take, (owner, now + ttl, key, now, owner)).rowcount == 1

    def release_lease(self, key: str, *, owner: str) -> None:
        """See `TokenStore.release_lease`."""
        with self._file.connection() as connection:
            connection.execute(RELEASE, (key, owner))

    def claim_due(self, query: ClaimQuery) -> list[Grant]:
        """See `TokenStore.claim_due`."""
        only = "" if query.keys is None else f" AND key IN ({','.join('?' * len(query.keys))})"
        due = (
            f"SELECT {FIELDS} FROM astra_grants WHERE state='active' AND refreshed_at<? AND attempted_at<?"
            f" AND lease_until<=?{only} ORDER BY refreshed_at LIMIT ?"
        )
        now = self._clock()
        bounds = (query.refreshed_before, query.attempted_before, now, *(query.keys or ()), query.limit)
        with self._file.transaction() as connection:
            rows = connection.execute(due, bounds).fetchall()
            connection.executemany(
                "UPDATE astra_grants SET lease_owner=?, lease_until=?, attempted_at=? WHERE key=?",
                [(query.owner, now + query.ttl, query.now, row[0]) for row in rows],
            )
        return [_grant(row) for row in rows]

    def scan(self, *, after: str = "", limit: int = 500, refreshed_before: float | None = None) -> list[Grant]:
        """See `TokenStore.scan`."""
        due = "" if refreshed_before is None else " AND state='active' AND refreshed_at<?"
        query = f"SELECT {FIELDS} FROM astra_grants WHERE key>?{due} ORDER BY key LIMIT ?"
        bounds = (after, limit) if refreshed_before is None else (after, refreshed_before, limit)
        with self._file.connection() as connection:
            return [_grant(row) for row in connection.execute(query, bounds)]

    def count_due(self, *, refreshed_before: float) -> int:
        """See `TokenStore.count_due`."""
        query = "SELECT count(*) FROM astra_grants WHERE state='active' AND refreshed_at<?"
        with self._file.connection() as connection:
            return int(connection.execute(query, (refreshed_before,)).fetchone()[0])

    def close(self) -> None:
        """Closes the connections; the last one of all processes folds the write-ahead log into the file."""
        self._file.close()
