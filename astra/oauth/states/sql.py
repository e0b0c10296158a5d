"""States in a SQL database, through SQLAlchemy. PostgreSQL is the tested one."""

from __future__ import annotations

from astra._secret import hide_text
from astra.oauth.states.store import LEFTOVER, STATES, StateStore, read_ticket
from astra.oauth.states.tickets import Ticket
from astra.storage.sql import Database, sa


class SQLStates(StateStore):
    """Keeps tickets in a table, shared by every host that reaches the database. The table is created if missing.

    Args:
        engine: a SQLAlchemy URL ("postgresql://" means the driver psycopg 3), or an engine of yours. Connections of its
            own are used, outside your transactions; nothing is connected before the first ticket.
        table: name of the table.

    Raises:
        ConfigurationError: the extra "sql" or the driver is not installed, or the URL cannot be read.
    """

    def __init__(self, engine: str | sa.Engine, *, table: str = "astra_oauth_states") -> None:
        engine = hide_text(engine)
        self._table = _describe(table)
        self._database = Database(engine, family=STATES, table=self._table)

    def put(self, id: str, ticket: Ticket, *, now: float) -> None:
        """See `StateStore.put`."""
        row = {"id": id, "key": ticket.key, "browser": ticket.browser, "expires_at": ticket.expires_at}
        with self._database.begin() as connection:
            connection.execute(self._table.delete().where(self._table.c.expires_at <= now - LEFTOVER))
            connection.execute(self._table.insert(), row)

    def take(self, id: str) -> Ticket | None:
        """See `StateStore.take`."""
        table = self._table
        with self._database.begin() as connection:
            row = connection.execute(sa.select(table).where(table.c.id == id)).mappings().first()
            # Of those who saw the row, one deletes it.
            taken = connection.execute(table.delete().where(table.c.id == id)).rowcount
        return read_ticket((row["key"], row["browser"], row["expires_at"])) if row and taken else None

    def close(self) -> None:
        """See `StateStore.close`; an engine that you passed in stays open."""
        self._database.close()


def _describe(name: str) -> sa.Table:
    return sa.Table(
        name,
        sa.MetaData(),
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("key", sa.String(255), nullable=False),
        sa.Column("browser", sa.String(64), nullable=False),
        sa.Column("expires_at", sa.Float(53), nullable=False),
        sa.Index(f"{name}_expires_at", "expires_at"),
    )
