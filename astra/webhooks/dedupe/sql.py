"""De-duplication in a SQL database, through SQLAlchemy. PostgreSQL is the tested one."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from astra._sql import Database
from astra.webhooks.dedupe.store import DEFAULT_RETENTION, DONE, IN_PROGRESS, Claim, PurgeSchedule, new_token

if TYPE_CHECKING:
    from sqlalchemy import Engine, Table


class SQLDedupe:
    """Remembers events in a table, shared by every host that reaches the database. The table is created if missing.

    Args:
        engine: a SQLAlchemy URL ("postgresql://" means the driver psycopg 3), or an engine of yours. Connections of its
            own are used, outside your transactions; nothing is connected before the first event.
        retention: how long a done event is remembered.
        table: name of the table.

    Raises:
        ConfigurationError: the extra "sql" or the driver is not installed, or the URL cannot be read.
    """

    def __init__(
        self, engine: str | Engine, *, retention: timedelta = DEFAULT_RETENTION, table: str = "astra_webhooks"
    ) -> None:
        self._database = Database(engine, purpose="The de-duplication store")
        self._table = _describe(table)
        self._purge = PurgeSchedule(retention)

    def claim(self, event_id: str, *, lease: float, now: float) -> Claim:
        """See `DedupeStore.claim`."""
        from sqlalchemy import select, update
        from sqlalchemy.exc import IntegrityError

        table, token = self._table, new_token()
        free = update(table).where(table.c.id == event_id, table.c.done.is_(False), table.c.until <= now)
        with self._database.begin(table) as connection:
            if connection.execute(free.values(token=token, until=now + lease, changed=now)).rowcount:
                return Claim("claimed", token)
            done = connection.execute(select(table.c.done).where(table.c.id == event_id)).scalar_one_or_none()
        if done is not None:
            return DONE if done else IN_PROGRESS
        try:
            with self._database.begin(table) as connection:
                connection.execute(
                    table.insert().values(id=event_id, done=False, token=token, until=now + lease, changed=now)
                )
        except IntegrityError:
            # Somebody else was first; what became of it since does not matter, Astra asks again.
            return IN_PROGRESS
        return Claim("claimed", token)

    def done(self, event_id: str, *, now: float) -> None:
        """See `DedupeStore.done`."""
        from sqlalchemy import delete, update
        from sqlalchemy.exc import IntegrityError

        table = self._table
        mark = update(table).where(table.c.id == event_id).values(done=True, token="", changed=now)
        with self._database.begin(table) as connection:
            marked = connection.execute(mark).rowcount
        if not marked:
            try:
                with self._database.begin(table) as connection:
                    connection.execute(table.insert().values(id=event_id, done=True, token="", until=0, changed=now))
            except IntegrityError:
                with self._database.begin(table) as connection:
                    connection.execute(mark)
        cutoff = self._purge.cutoff(now)
        if cutoff is not None:
            with self._database.begin(table) as connection:
                connection.execute(delete(table).where(table.c.changed < cutoff))

    def release(self, event_id: str, *, token: str) -> None:
        """See `DedupeStore.release`."""
        from sqlalchemy import update

        table = self._table
        mine = (table.c.id == event_id, table.c.done.is_(False), table.c.token == token)
        with self._database.begin(table) as connection:
            connection.execute(update(table).where(*mine).values(until=0))

    def close(self) -> None:
        """See `DedupeStore.close`; an engine that you passed in stays open."""
        self._database.close()


def _describe(name: str) -> Table:
    from sqlalchemy import Boolean, Column, Float, Index, MetaData, String, Table

    return Table(
        name,
        MetaData(),
        Column("id", String(200), primary_key=True),
        Column("done", Boolean, nullable=False),
        Column("token", String(32), nullable=False),
        Column("until", Float(53), nullable=False),
        Column("changed", Float(53), nullable=False),
        Index(f"{name}_changed", "changed"),
    )
