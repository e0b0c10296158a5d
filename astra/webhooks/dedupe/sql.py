"""De-duplication in a SQL database, through SQLAlchemy. PostgreSQL is the tested one."""

from __future__ import annotations

from datetime import timedelta

from astra._secret import hide_text
from astra.storage.sql import SLOW, Database, sa
from astra.webhooks.dedupe.store import (
    DEDUPE,
    DONE,
    IN_PROGRESS,
    Claim,
    DedupeStore,
    PurgeSchedule,
    new_token,
)


class SQLDedupe(DedupeStore):
    """Remembers events in a table, shared by every host that reaches the database. The table is created if missing.

    Args:
        engine: a SQLAlchemy URL ("postgresql://" means the driver psycopg 3), or an engine of yours. Connections of its
            own are used, outside your transactions; nothing is connected before the first event.
        retention: how long a done event is remembered, at least a day; None forever. A copy of a delivery that comes
            after it is handled once more: Astra signs no time.
        table: name of the table.

    Raises:
        ConfigurationError: the extra "sql" or the driver is not installed, or the URL cannot be read.
    """

    def __init__(
        self, engine: str | sa.Engine, *, retention: timedelta | None = None, table: str = "astra_webhooks"
    ) -> None:
        engine = hide_text(engine)
        self._table = _describe(table)
        self._database = Database(engine, family=DEDUPE, table=self._table)
        self._purge = PurgeSchedule(retention)

    def claim(self, event_id: str, *, lease: float, now: float) -> Claim:
        """See `DedupeStore.claim`."""
        table, token = self._table, new_token()
        free = table.update().where(table.c.id == event_id, table.c.done.is_(False), table.c.until <= now)
        with self._database.begin() as connection:
            if connection.execute(free.values(token=token, until=now + lease, changed=now)).rowcount:
                return Claim("claimed", token)
            done = connection.execute(sa.select(table.c.done).where(table.c.id == event_id)).scalar_one_or_none()
        if done is not None:
            return DONE if done else IN_PROGRESS
        new = {"id": event_id, "done": False, "token": token, "until": now + lease, "changed": now}
        # If somebody else was first, what became of it since does not matter: Astra asks again.
        return Claim("claimed", token) if self._database.insert_new(new) else IN_PROGRESS

    def done(self, event_id: str, *, now: float) -> None:
        """See `DedupeStore.done`."""
        table = self._table
        mark = table.update().where(table.c.id == event_id).values(done=True, token="", changed=now)
        new = {"id": event_id, "done": True, "token": "", "until": 0, "changed": now}
        if not self._mark(mark) and not self._database.insert_new(new):
            self._mark(mark)
        cutoff = self._purge.cutoff(now)
        if cutoff is not None:
            with self._database.begin(limit=SLOW) as connection:
                connection.execute(table.delete().where(table.c.changed < cutoff))

    def release(self, event_id: str, *, token: str) -> None:
        """See `DedupeStore.release`."""
        table = self._table
        mine = (table.c.id == event_id, table.c.done.is_(False), table.c.token == token)
        self._mark(table.update().where(*mine).values(until=0))

    def _mark(self, change: sa.Update) -> bool:
        with self._database.single() as connection:
            return connection.execute(change).rowcount > 0

    def close(self) -> None:
        """See `DedupeStore.close`; an engine that you passed in stays open."""
        self._database.close()


def _describe(name: str) -> sa.Table:
    return sa.Table(
        name,
        sa.MetaData(),
        sa.Column("id", sa.String(200), primary_key=True),
        sa.Column("done", sa.Boolean, nullable=False),
        sa.Column("token", sa.String(32), nullable=False),
        sa.Column("until", sa.Float(53), nullable=False),
        sa.Column("changed", sa.Float(53), nullable=False),
        sa.Index(f"{name}_changed", "changed"),
    )
