"""De-duplication in a SQLite file, shared by the processes of one machine."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path

from astra.storage.sqlite import SQLiteFile
from astra.webhooks.dedupe.store import (
    DEDUPE,
    DONE,
    IN_PROGRESS,
    Claim,
    DedupeStore,
    PurgeSchedule,
    new_token,
)

MIGRATIONS = (
    """
CREATE TABLE IF NOT EXISTS astra_webhooks (
    id TEXT PRIMARY KEY,
    done INTEGER NOT NULL,
    token TEXT NOT NULL,
    until REAL NOT NULL,
    changed REAL NOT NULL
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS astra_webhooks_changed ON astra_webhooks (changed);
""",
)
_CLAIM = """
INSERT INTO astra_webhooks (id, done, token, until, changed) VALUES (:id, 0, :token, :until, :now)
ON CONFLICT (id) DO UPDATE SET token = excluded.token, until = excluded.until, changed = excluded.changed
WHERE done = 0 AND until <= :now
"""
_DONE = """
INSERT INTO astra_webhooks (id, done, token, until, changed) VALUES (:id, 1, '', 0, :now)
ON CONFLICT (id) DO UPDATE SET done = 1, token = '', changed = excluded.changed
"""


class SQLiteDedupe(DedupeStore):
    """Remembers events in a SQLite file (mode 0600, write-ahead log). Threads and processes may share it.

    Args:
        path: the file; it is created with its first event.
        retention: how long a done event is remembered, at least a day; None forever. A copy of a delivery that comes
            after it is handled once more: Astra signs no time.
        busy_timeout: seconds to wait for another process that writes.
    """

    def __init__(
        self, path: str | os.PathLike[str], *, retention: timedelta | None = None, busy_timeout: float = 10.0
    ) -> None:
        self.path = Path(path)
        self._purge = PurgeSchedule(retention)
        self._file = SQLiteFile(
            path,
            family=DEDUPE,
            schema="webhooks_schema",
            migrations=MIGRATIONS,
            busy_timeout=busy_timeout,
            # A mark that a power cut takes back is an event that is handled twice.
            synced=True,
        )

    def claim(self, event_id: str, *, lease: float, now: float) -> Claim:
        """See `DedupeStore.claim`."""
        token = new_token()
        with self._file.transaction() as connection:
            values = {"id": event_id, "token": token, "until": now + lease, "now": now}
            if connection.execute(_CLAIM, values).rowcount:
                return Claim("claimed", token)
            row = connection.execute("SELECT done FROM astra_webhooks WHERE id = ?", (event_id,)).fetchone()
            return DONE if row[0] else IN_PROGRESS

    def done(self, event_id: str, *, now: float) -> None:
        """See `DedupeStore.done`."""
        with self._file.transaction() as connection:
            connection.execute(_DONE, {"id": event_id, "now": now})
            cutoff = self._purge.cutoff(now)
            if cutoff is not None:
                connection.execute("DELETE FROM astra_webhooks WHERE changed < ?", (cutoff,))

    def release(self, event_id: str, *, token: str) -> None:
        """See `DedupeStore.release`."""
        with self._file.transaction() as connection:
            connection.execute(
                "UPDATE astra_webhooks SET until = 0 WHERE id = ? AND done = 0 AND token = ?", (event_id, token)
            )

    def close(self) -> None:
        """See `DedupeStore.close`."""
        self._file.close()
