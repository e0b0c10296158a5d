"""Payment records in a SQL database, through SQLAlchemy. PostgreSQL is the tested one."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime
from typing import Final

from astra._secret import hide_text, shown
from astra.errors import IdempotencyStoreError
from astra.payments.record import PaymentRecord, PaymentState
from astra.payments.stores.base import PAYMENTS, IdempotencyStore, PaymentQuery
from astra.payments.stores.rows import COLUMNS, IDS, KEY, microseconds, record_of, values_of
from astra.storage.sql import SLOW, Database, Schema, sa


def _upgrade(connection: sa.Connection, table: sa.Table) -> None:
    """There is no version before the first."""


SCHEMA: Final = Schema(version=1, upgrade=_upgrade)

PAGE: Final = 500
"""Records that are read at once."""


class SQLIdempotencyStore(IdempotencyStore):
    """Keeps records in a table that all hosts share. The table is made if it is missing.

    Args:
        engine: a SQLAlchemy URL ("postgresql://" means the driver psycopg 3), or an engine of yours. Connections of its
            own are used, outside your transactions: a record has to outlive what your transaction takes back.
        table: name of the table.
        create_table: False when your migrations make it; see `payments_table`.

    Raises:
        ConfigurationError: the extra "sql" or the driver is not installed, or the URL cannot be read.

    Example:
        astra = Astra(..., idempotency_store="postgresql://app@db/app")
    """

    def __init__(self, engine: str | sa.Engine, *, table: str = "astra_payments", create_table: bool = True) -> None:
        engine = hide_text(engine)
        self._table = payments_table(name=table)
        self._database = Database(engine, family=PAYMENTS, table=self._table, create_table=create_table, schema=SCHEMA)
        # Made once: to put a statement together takes longer than to run it.
        there = [self._table.c[name] == sa.bindparam(f"at_{name}") for name in KEY]
        self._get = sa.select(*(self._table.c[name] for name in COLUMNS)).where(*there)
        self._change = (
            self._table.update()
            .where(*there, self._table.c.version == sa.bindparam("at_version"))
            .values({name: sa.bindparam(name) for name in COLUMNS if name not in (*KEY, "created")})
        )

    @shown
    def __repr__(self) -> str:
        return f"<idempotency store {self._database!r}>"

    def get(self, environment: str, client_id: str, operation: str, key: str) -> PaymentRecord | None:
        """See `IdempotencyStore.get`."""
        place = zip(KEY, (environment, client_id, operation, key), strict=True)
        with self._database.single() as connection:
            row = connection.execute(self._get, {f"at_{name}": value for name, value in place}).first()
        if row is None:
            return None
        record = record_of(row)
        if record.key != key:
            # A collation that folds letters would hand out the payment of another key.
            raise IdempotencyStoreError(
                f"The database takes the idempotency keys {key!r} and {record.key!r} for one. Nothing was sent. Give "
                "the column astra_payments.key a collation that tells them apart."
            )
        return record

    def insert(self, record: PaymentRecord) -> bool:
        """See `IdempotencyStore.insert`."""
        return self._database.insert_new(values_of(record))

    def change(self, record: PaymentRecord, *, replaces: int) -> bool:
        """See `IdempotencyStore.change`."""
        values = values_of(record)
        place = {f"at_{name}": values.pop(name) for name in KEY}
        del values["created"]
        with self._database.single() as connection:
            return connection.execute(self._change, {**values, **place, "at_version": replaces}).rowcount == 1

    def select(self, query: PaymentQuery) -> Iterator[PaymentRecord]:
        """See `IdempotencyStore.select`."""
        # A page at a time: a cursor that stays open while the caller writes would lock it out of SQLite.
        table, left = self._table, query.limit
        order = [table.c.created, *(table.c[name] for name in KEY)]
        wanted = sa.select(*(table.c[name] for name in COLUMNS)).where(*_where(table, query)).order_by(*order)
        after: list[sa.ColumnElement[bool]] = []
        while left is None or left > 0:
            size = PAGE if left is None else min(left, PAGE)
            with self._database.single(limit=SLOW) as connection:
                rows = connection.execute(wanted.where(*after).limit(size)).all()
            for row in rows:
                yield record_of(row)
            if len(rows) < size:
                return
            last = dict(zip(COLUMNS, rows[-1], strict=True))
            after = [sa.tuple_(*order) > sa.tuple_(last["created"], *(last[name] for name in KEY))]
            left = None if left is None else left - len(rows)

    def prune(self, *, environment: str, client_id: str, before: datetime, states: Collection[PaymentState]) -> int:
        """See `IdempotencyStore.prune`."""
        query = PaymentQuery(environment=environment, client_id=client_id, states=states)
        old = self._table.c.updated < microseconds(before)
        with self._database.begin(limit=SLOW) as connection:
            return connection.execute(self._table.delete().where(old, *_where(self._table, query))).rowcount

    def exists(self) -> bool:
        """See `IdempotencyStore.exists`."""
        return self._database.exists()

    def close(self) -> None:
        """See `IdempotencyStore.close`; an engine that you passed in stays open."""
        self._database.close()


def payments_table(*, name: str = "astra_payments") -> sa.Table:
    """Describes the table, for your own migrations.

    Args:
        name: its name.
    """
    is_open = sa.text("state IN ('sending', 'uncertain')")
    return sa.Table(
        name,
        sa.MetaData(),
        *(sa.Column(column, sa.String(255), primary_key=True) for column in KEY),
        sa.Column("user_key", sa.String(255)),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        *(sa.Column(column, sa.BigInteger, nullable=False) for column in ("created", "updated", "sent")),
        *(sa.Column(column, sa.String(512)) for column in IDS),
        sa.Column("data", sa.Text, nullable=False),
        sa.Index(f"{name}_created", "created"),
        sa.Index(f"{name}_open", "created", postgresql_where=is_open, sqlite_where=is_open),
        sa.Index(f"{name}_key", "key"),
        *(sa.Index(f"{name}_{column}", column) for column in IDS),
    )


def _where(table: sa.Table, query: PaymentQuery) -> list[sa.ColumnElement[bool]]:
    c = table.c
    names = ("environment", "client_id", "operation", "key", "user_key")
    terms = [c[name] == getattr(query, name) for name in names if getattr(query, name) is not None]
    if query.states is not None:
        terms.append(c.state.in_([state.value for state in query.states]))
    if query.since is not None:
        terms.append(c.created >= microseconds(query.since))
    if query.until is not None:
        terms.append(c.created < microseconds(query.until))
    if query.sent_before is not None:
        terms.append(c.sent < microseconds(query.sent_before))
    if query.any_id is not None:
        terms.append(sa.or_(*(c[name] == query.any_id for name in ("key", *IDS))))
    return terms
