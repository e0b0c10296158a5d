"""De-duplication in a SQLite file, shared by the processes of one machine."""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Generator
from contextlib import contextmanager
from datetime import timedelta

from astra._forks import FORK_GUARD
from astra.errors import ConfigurationError
from astra.webhooks.dedupe.store import DEFAULT_RETENTION, DONE, IN_PROGRESS, Claim, PurgeSchedule, new_token

_SCHEMA = """
CREATE TABLE IF NOT EXISTS astra_webhooks (
    id TEXT PRIMARY KEY,
    done INTEGER NOT NULL,
    token TEXT NOT NULL,
    until REAL NOT NULL,
    changed REAL NOT NULL
) WITHOUT ROWID
"""
_CHANGED_INDEX = "CREATE INDEX IF NOT EXISTS astra_webhooks_changed ON astra_webhooks (changed)"
_CLAIM = """
INSERT INTO astra_webhooks (id, done, token, until, changed) VALUES (:id, 0, :token, :until, :now)
ON CONFLICT (id) DO UPDATE SET token = excluded.token, until = excluded.until, changed = excluded.changed
WHERE done = 0 AND until <= :now
"""
_DONE = """
INSERT INTO astra_webhooks (id, done, token, until, changed) VALUES (:id, 1, '', 0, :now)
ON CONFLICT (id) DO UPDATE SET done = 1, token = '', changed = excluded.changed
"""


class SQLiteDedupe:
    """Remembers events in a SQLite file (mode 0600, write-ahead log). Threads and processes may share it.

    Args:
        path: the file; it is created with its first event.
        retention: how long a done event is remembered.
        busy_timeout: seconds to wait for another process that writes.
    """

    def __init__(
        self, path: str | os.PathLike[str], *, retention: timedelta = DEFAULT_RETENTION, busy_timeout: float = 10.0
    ) -> None:
        self.path = os.fspath(path)
        self._busy_timeout = busy_timeout
        self._purge = PurgeSchedule(retention)
        self._lock = threading.Lock()
        self._pid = os.getpid()
        self._connection: sqlite3.Connection | None = None
        self._inherited: list[sqlite3.Connection] = []
        FORK_GUARD.add(self)

    def claim(self, event_id: str, *, lease: float, now: float) -> Claim:
        """See `DedupeStore.claim`."""
        token = new_token()
        with self._writing() as connection:
            values = {"id": event_id, "token": token, "until": now + lease, "now": now}
            if connection.execute(_CLAIM, values).rowcount:
                return Claim("claimed", token)
            row = connection.execute("SELECT done FROM astra_webhooks WHERE id = ?", (event_id,)).fetchone()
            return DONE if row[0] else IN_PROGRESS

    def done(self, event_id: str, *, now: float) -> None:
        """See `DedupeStore.done`."""
        with self._writing() as connection:
            connection.execute(_DONE, {"id": event_id, "now": now})
            cutoff = self._purge.cutoff(now)
            if cutoff is not None:
                connection.execute("DELETE FROM astra_webhooks WHERE changed < ?", (cutoff,))

    def release(self, event_id: str, *, token: str) -> None:
        """See `DedupeStore.release`."""
        with self._writing() as connection:
            connection.execute(
                "UPDATE astra_webhooks SET until = 0 WHERE id = ? AND done = 0 AND token = ?", (event_id, token)
            )

    def close(self) -> None:
        """See `DedupeStore.close`."""
        with self._lock:
            if self._connection is not None and self._pid == os.getpid():
                self._connection.close()
            self._connection = None

    def fork_lock(self) -> threading.Lock:
        """See `ForkAware.fork_lock`."""
        return self._lock

    def after_fork(self) -> None:
        """See `ForkAware.after_fork`: a connection must be neither used nor closed in a child."""
        if self._pid == os.getpid():
            return
        if self._connection is not None:
            # Holding on to it keeps it from being closed.
            self._inherited.append(self._connection)
        self._connection = None
        self._lock = threading.Lock()
        self._pid = os.getpid()

    @contextmanager
    def _writing(self) -> Generator[sqlite3.Connection]:
        if self._pid != os.getpid():
            self.after_fork()
        with self._lock:
            if self._connection is None:
                self._connection = self._connect()
            connection = self._connection
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
            except BaseException:
                connection.execute("ROLLBACK")
                raise
            connection.execute("COMMIT")

    def _connect(self) -> sqlite3.Connection:
        try:
            os.close(os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
        except OSError as error:
            raise ConfigurationError(
                f"The de-duplication file {self.path} cannot be opened: {error.strerror}."
            ) from None
        connection = sqlite3.connect(
            self.path, timeout=self._busy_timeout, isolation_level=None, check_same_thread=False
        )
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute(_SCHEMA)
        connection.execute(_CHANGED_INDEX)
        return connection
