"""Grants in an SQL database through SQLAlchemy: for services on many hosts. PostgreSQL is the tested one.

Everything is in one table, the lease in the grant's own row. Leases go by the database's clock on PostgreSQL, by the
host's on others. Claims skip rows that another host is claiming at the same moment (`FOR UPDATE SKIP LOCKED`).
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

from astra._secret import hide_text, shown
from astra.storage.sql import SLOW, Database, sa
from astra.tokens.grant import Grant
from astra.tokens.stores.base import TOKENS, ClaimQuery, TokenStore

FIELDS = (
    "key",
    "access_token",
    "access_expires_at",
    "refresh_token",
    "refresh_expires_at",
    "astra_user_id",
    "version",
    "state",
    "refreshed_at",
)


def grants_table(metadata: sa.MetaData, *, name: str = "astra_grants") -> sa.Table:
    """The table of the grants, for your own migrations.

    Args:
        metadata: where to put it.
        name: its name.

    Example:
        grants_table(Base.metadata)     # and pass create_table=False to SQLStore
    """
    return sa.Table(
        name,
        metadata,
        sa.Column("key", sa.String(255), primary_key=True),
        sa.Column("access_token", sa.Text, nullable=False),
        sa.Column("access_expires_at", sa.Double, nullable=False),
        sa.Column("refresh_token", sa.Text, nullable=False),
        sa.Column("refresh_expires_at", sa.Double, nullable=False),
        sa.Column("astra_user_id", sa.String(255), index=True),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("refreshed_at", sa.Double, nullable=False),
        sa.Column("attempted_at", sa.Double, nullable=False, server_default="0"),
        sa.Column("lease_owner", sa.String(64)),
        sa.Column("lease_until", sa.Double, nullable=False, server_default="0"),
        sa.Index(f"{name}_due", "state", "refreshed_at"),
    )


class SQLStore(TokenStore):
    """Keeps grants in an SQL database.

    Nothing is connected to until the first use; then the table is made if it is missing.

    Args:
        engine: an SQLAlchemy URL, or an engine of yours, which then stays yours to dispose of. Make it with
            `hide_parameters=True`, so that its exceptions show no tokens.
        table: name of the table.
        create_table: make the table if it is missing; False when your migrations do.

    Example:
        astra = Astra(..., token_store=SQLStore("postgresql://app@db/app"))     # or token_store="postgresql://app@db/app"
    """

    def __init__(self, engine: str | sa.Engine, *, table: str = "astra_grants", create_table: bool = True) -> None:
        engine = hide_text(engine)
        self._grants = grants_table(sa.MetaData(), name=table)
        self._columns = [self._grants.c[name] for name in FIELDS]
        self._database = Database(engine, family=TOKENS, table=self._grants, create_table=create_table)

    @shown
    def __repr__(self) -> str:
        return f"SQLStore({self._database!r})"

    def _now(self) -> Any:
        """The database's time where it has one that counts in fractions, else the host's."""
        if self._database.is_postgresql:
            return sa.cast(sa.extract("epoch", sa.func.clock_timestamp()), sa.Double)
        return time.time()

    def load(self, key: str) -> Grant | None:
        """See `TokenStore.load`."""
        with self._database.single() as connection:
            row = connection.execute(sa.select(*self._columns).where(self._grants.c.key == key)).first()
        return _grant(row) if row else None

    def save_many(self, saves: Sequence[tuple[Grant, int | None]], *, release: str | None = None) -> list[bool]:
        """See `TokenStore.save_many`."""
        table = self._grants
        if len(saves) == 1 and release is None:
            return [self._save_one(*saves[0])]
        new = [_values(grant) for grant, replaces in saves if replaces is None]
        old = [_values(grant) | {"k": grant.key, "v": replaces} for grant, replaces in saves if replaces is not None]
        for row in old:
            del row["key"]
        keys = sorted(grant.key for grant, _ in saves)
        with self._database.begin(limit=SLOW) as connection:
            # One order of locking for everyone, so that two batches never wait for each other in a circle.
            locked = sa.select(table.c.key, table.c.version).where(table.c.key.in_(keys)).order_by(table.c.key)
            former = {row[0]: row[1] for row in connection.execute(locked.with_for_update())}
            done = [former.get(grant.key) == replaces for grant, replaces in saves]
            if old:
                change = table.update().where(table.c.key == sa.bindparam("k"), table.c.version == sa.bindparam("v"))
                connection.execute(change, sorted(old, key=lambda row: str(row["k"])))
            for row in new:
                if row["key"] not in former:
                    connection.execute(table.insert(), row)
            if release is not None:
                free = table.update().where(table.c.key.in_(keys), table.c.lease_owner == release)
                connection.execute(free.values(lease_owner=None, lease_until=0))
        return done

    def _save_one(self, grant: Grant, replaces: int | None) -> bool:
        table = self._grants
        if replaces is None:
            return self._database.insert_new(_values(grant))
        change = table.update().where(table.c.key == grant.key, table.c.version == replaces)
        with self._database.single() as connection:
            return bool(connection.execute(change.values(_values(grant))).rowcount == 1)

    def delete(self, key: str) -> bool:
        """See `TokenStore.delete`."""
        with self._database.single() as connection:
            return bool(connection.execute(self._grants.delete().where(self._grants.c.key == key)).rowcount == 1)

    def find(self, astra_user_id: str) -> str | None:
        """See `TokenStore.find`."""
        columns = self._grants.c
        newest = sa.select(columns.key).where(columns.astra_user_id == astra_user_id)
        with self._database.single() as connection:
            found: str | None = connection.execute(newest.order_by(columns.refreshed_at.desc()).limit(1)).scalar()
        return found

    def acquire_lease(self, key: str, *, owner: str, ttl: float) -> bool:
        """See `TokenStore.acquire_lease`."""
        columns, now = self._grants.c, self._now()
        free = sa.or_(columns.lease_until <= now, columns.lease_owner == owner)
        take = self._grants.update().where(columns.key == key, free).values(lease_owner=owner, lease_until=now + ttl)
        with self._database.single() as connection:
            return bool(connection.execute(take).rowcount == 1)

    def release_lease(self, key: str, *, owner: str) -> None:
        """See `TokenStore.release_lease`."""
        columns = self._grants.c
        free = self._grants.update().where(columns.key == key, columns.lease_owner == owner)
        with self._database.single() as connection:
            connection.execute(free.values(lease_owner=None, lease_until=0))

    def claim_due(self, query: ClaimQuery) -> list[Grant]:
        """See `TokenStore.claim_due`."""
        columns, lease_now = self._grants.c, self._now()
        due = sa.select(*self._columns).where(
            columns.state == "active",
            columns.refreshed_at < query.refreshed_before,
            columns.attempted_at < query.attempted_before,
            columns.lease_until <= lease_now,
        )
        if query.keys is not None:
            due = due.where(columns.key.in_(query.keys))
        due = due.order_by(columns.refreshed_at).limit(query.limit)
        claim = {"lease_owner": query.owner, "lease_until": lease_now + query.ttl, "attempted_at": query.now}
        if self._database.is_postgresql:
            with self._database.begin(limit=SLOW) as connection:
                rows = connection.execute(due.with_for_update(skip_locked=True)).all()
                if rows:
                    taken = columns.key.in_([row.key for row in rows])
                    connection.execute(self._grants.update().where(taken).values(claim))
            return [_grant(row) for row in rows]
        with self._database.single(limit=SLOW) as connection:
            wanted = [row.key for row in connection.execute(due)]
        if not wanted:
            return []
        # Others may want the same rows: each row goes to the one whose update finds it free.
        free = (
            columns.key.in_(wanted),
            columns.lease_until <= lease_now,
            columns.attempted_at < query.attempted_before,
        )
        mine = sa.and_(columns.key.in_(wanted), columns.lease_owner == query.owner)
        with self._database.begin(limit=SLOW) as connection:
            connection.execute(self._grants.update().where(*free).values(claim))
            rows = connection.execute(sa.select(*self._columns).where(mine).order_by(columns.refreshed_at)).all()
        return [_grant(row) for row in rows]

    def scan(self, *, after: str = "", limit: int = 500, refreshed_before: float | None = None) -> list[Grant]:
        """See `TokenStore.scan`."""
        columns = self._grants.c
        batch = sa.select(*self._columns).where(columns.key > after)
        if refreshed_before is not None:
            batch = batch.where(columns.state == "active", columns.refreshed_at < refreshed_before)
        with self._database.single(limit=SLOW) as connection:
            return [_grant(row) for row in connection.execute(batch.order_by(columns.key).limit(limit))]

    def count_due(self, *, refreshed_before: float) -> int:
        """See `TokenStore.count_due`."""
        columns = self._grants.c
        due = sa.select(sa.func.count()).where(columns.state == "active", columns.refreshed_at < refreshed_before)
        with self._database.single(limit=SLOW) as connection:
            return int(connection.execute(due).scalar_one())

    def close(self) -> None:
        """Closes the connections of an engine that was made here."""
        self._database.close()


def _grant(row: Any) -> Grant:
    return Grant(**dict(zip(FIELDS, row, strict=True)))


def _values(grant: Grant) -> dict[str, Any]:
    return {name: getattr(grant, name) for name in FIELDS}
