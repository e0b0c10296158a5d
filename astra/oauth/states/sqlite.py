"""States in a SQLite file, shared by the processes of one machine."""

from __future__ import annotations

import os
from pathlib import Path

from astra.oauth.states.store import LEFTOVER, STATES, StateStore, read_ticket
from astra.oauth.states.tickets import Ticket
from astra.storage.sqlite import SQLiteFile

MIGRATIONS = (
    """
CREATE TABLE IF NOT EXISTS astra_oauth_states (
    id TEXT PRIMARY KEY,
    key TEXT NOT NULL,
    browser TEXT NOT NULL,
    expires_at REAL NOT NULL
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS astra_oauth_states_expires_at ON astra_oauth_states (expires_at);
""",
)


class SQLiteStates(StateStore):
    """Keeps tickets in a table of a SQLite file (mode 0600, write-ahead log), which may be that of the token store.

    Args:
        path: the file; it is created with its first ticket.
        busy_timeout: seconds to wait for another process that writes.
    """

    def __init__(self, path: str | os.PathLike[str], *, busy_timeout: float = 10.0) -> None:
        self.path = Path(path)
        self._file = SQLiteFile(
            path, family=STATES, schema="oauth_states_schema", migrations=MIGRATIONS, busy_timeout=busy_timeout
        )

    def put(self, id: str, ticket: Ticket, *, now: float) -> None:
        """See `StateStore.put`."""
        with self._file.transaction() as connection:
            connection.execute("DELETE FROM astra_oauth_states WHERE expires_at <= ?", (now - LEFTOVER,))
            connection.execute(
                "INSERT INTO astra_oauth_states (id, key, browser, expires_at) VALUES (?, ?, ?, ?)",
                (id, ticket.key, ticket.browser, ticket.expires_at),
            )

    def take(self, id: str) -> Ticket | None:
        """See `StateStore.take`."""
        with self._file.transaction() as connection:
            row = connection.execute(
                "SELECT key, browser, expires_at FROM astra_oauth_states WHERE id = ?", (id,)
            ).fetchone()
            connection.execute("DELETE FROM astra_oauth_states WHERE id = ?", (id,))
        return read_ticket(row) if row else None

    def close(self) -> None:
        """See `StateStore.close`."""
        self._file.close()
