"""Grants in an SQL database through SQLAlchemy: for services on many hosts. PostgreSQL is the tested one.

Everything is in one table, the lease in the grant's own row. Leases go by the database's clock on PostgreSQL, by the
host's on others. Claims skip rows that another host is claiming at the same moment (`FOR UPDATE SKIP LOCKED`).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

from astra._secret import hide_text, shown
from astra.errors import TokenStoreError
from astra.storage.sql import SLOW, Database, Schema, sa
from astra.tokens.grant import Grant
from astra.tokens.identity import UNBOUND, Identity
from astra.tokens.stores.base import FAR_AHEAD, LEASE_SLACK, TOKENS, Batch, ClaimQuery, TokenStore, make_probe
from astra.tokens.stores.rows import FIELDS, read_row, read_rows, values_of
from astra.tokens.stores.sql_schema import VERSION, grants_table, upgrade

__all__ = ["SQLStore", "grants_table"]

CHUNK: Final = 500
"""Keys that are put into one statement where the database takes no arrays."""


class SQLStore(TokenStore):
    """Keeps grants in an SQL database.

    Nothing is connected to until the first use; then the table is made if it is missing, and that of release 0.1.0 is
    brought up to date.

    Args:
        engine: an SQLAlchemy URL, or an engine of yours, which then stays yours to dispose of. Make it with
            `hide_parameters=True`, so that its exceptions show no tokens.
        table: name of the table.
        create_table: make and change the table as needed; False when your migrations do.
        clock: seconds since the epoch, for the leases of databases other than PostgreSQL.

    Example:
        astra = Astra(..., token_store=SQLStore("postgresql://app@db/app"))     # or token_store="postgresql://app@db/app"
    """

    def __init__(
        self,
        engine: str | sa.Engine,
        *,
        table: str = "astra_grants",
        create_table: bool = True,
        clock: Callable[[], float] = time.time,
    ) -> None:
        engine = hide_text(engine)
        self._clock = clock
        self._grants = grants_table(sa.MetaData(), name=table)
        columns = self._grants.c
        self._columns = [columns.key, *(columns[name] for name in FIELDS)]
        self._database = Database(
            engine,
            family=TOKENS,
            table=self._grants,
            create_table=create_table,
            schema=Schema(version=VERSION, upgrade=upgrade),
        )

    @shown
    def __repr__(self) -> str:
        return f"SQLStore({self._database!r})"

    def _now(self) -> Any:
        """The database's time where it has one that counts in fractions, else the host's."""
        if self._database.is_postgresql:
            return sa.cast(sa.extract("epoch", sa.func.clock_timestamp()), sa.Double)
        return self._clock()

    def _of(self, identity: Identity, *keys: str) -> list[Any]:
        """Conditions: the rows of an identity, or one of them."""
        columns = self._grants.c
        mine = [columns.environment == identity.environment, columns.client_id == identity.client_id]
        return [*mine, *(columns.key == key for key in keys)]

    def _is_free(self, now: Any, ttl: float) -> Any:
        columns = self._grants.c
        return sa.or_(columns.lease_until <= now, columns.lease_until > now + ttl + LEASE_SLACK)

    def load(self, identity: Identity, key: str) -> Grant | None:
        """See `TokenStore.load`."""
        with self._database.single() as connection:
            row = connection.execute(sa.select(*self._columns).where(*self._of(identity, key))).first()
        if row is not None and row[0] != key:
            raise TokenStoreError(
                f"The database takes {key!r} and {row[0]!r} for one key, so that users would act for each other: give "
                f"the columns of {self._grants.name} a collation that tells all letters apart (in MySQL utf8mb4_bin)."
            )
        return read_row(identity, key, row[1:]) if row else None

    def save_many(self, saves: Sequence[tuple[Grant, int | None]], *, release: str | None = None) -> list[bool]:
        """See `TokenStore.save_many`."""
        table = self._grants
        if len(saves) == 1 and release is None:
            return [self._save_one(*saves[0])]
        if not saves:
            return []
        ordered = sorted(saves, key=lambda save: save[0].key)
        new = [_values(grant) for grant, replaces in ordered if replaces is None]
        old = [_changes(grant) | {"k": grant.key, "v": replaces} for grant, replaces in ordered if replaces is not None]
        mine = self._of(saves[0][0].identity)
        keys = [grant.key for grant, _ in ordered]
        with self._database.begin(limit=SLOW, alone=True) as connection:
            # One order of locking for everyone, so that two batches never wait for each other in a circle.
            locked = sa.select(table.c.key, table.c.version).where(*mine, table.c.key.in_(keys)).order_by(table.c.key)
            former = {row[0]: row[1] for row in connection.execute(locked.with_for_update())}
            done = [former.get(grant.key) == replaces for grant, replaces in saves]
            if old:
                change = table.update().where(
                    *mine, table.c.key == sa.bindparam("k"), table.c.version == sa.bindparam("v")
                )
                connection.execute(change, old)
            if fresh := [row for row in new if row["key"] not in former]:
                connection.execute(table.insert(), fresh)
            if release is not None:
                free = table.update().where(*mine, table.c.key.in_(keys), table.c.lease_owner == release)
                connection.execute(free.values(lease_owner=None, lease_until=0))
        return done

    def _save_one(self, grant: Grant, replaces: int | None) -> bool:
        if replaces is None:
            return self._database.insert_new(_values(grant))
        change = self._grants.update().where(*self._of(grant.identity, grant.key), self._grants.c.version == replaces)
        with self._database.single() as connection:
            return bool(connection.execute(change.values(_changes(grant))).rowcount == 1)

    def adopt(self, grant: Grant, *, replaces: int) -> bool:
        """See `TokenStore.adopt`."""
        change = self._grants.update().where(*self._of(UNBOUND, grant.key), self._grants.c.version == replaces)
        return self._database.change_unless_taken(change.values(_values(grant)))

    def delete(self, identity: Identity, key: str) -> bool:
        """See `TokenStore.delete`."""
        with self._database.single() as connection:
            return bool(connection.execute(self._grants.delete().where(*self._of(identity, key))).rowcount == 1)

    def find_keys(self, identity: Identity, astra_user_id: str, *, active: bool = False) -> list[str]:
        """See `TokenStore.find_keys`."""
        columns = self._grants.c
        found = sa.select(columns.key).where(*self._of(identity), columns.astra_user_id == astra_user_id)
        if active:
            found = found.where(columns.state == "active")
        with self._database.single() as connection:
            return list(connection.execute(found.order_by(columns.refreshed_at.desc())).scalars())

    def acquire_lease(self, identity: Identity, key: str, *, owner: str, ttl: float) -> bool:
        """See `TokenStore.acquire_lease`."""
        now = self._now()
        free = sa.or_(self._is_free(now, ttl), self._grants.c.lease_owner == owner)
        take = self._grants.update().where(*self._of(identity, key), free)
        with self._database.single() as connection:
            return bool(connection.execute(take.values(lease_owner=owner, lease_until=now + ttl)).rowcount == 1)

    def release_lease(self, identity: Identity, key: str, *, owner: str) -> None:
        """See `TokenStore.release_lease`."""
        free = self._grants.update().where(*self._of(identity, key), self._grants.c.lease_owner == owner)
        with self._database.single() as connection:
            connection.execute(free.values(lease_owner=None, lease_until=0))

    def claim_due(self, identity: Identity, query: ClaimQuery) -> Batch:
        """See `TokenStore.claim_due`."""
        claim = {"lease_owner": query.owner, "lease_until": self._now() + query.ttl, "attempted_at": query.now}
        if self._database.is_postgresql:
            rows: list[Any] = []
            with self._database.begin(limit=SLOW) as connection:
                for due in self._looks(identity, query):
                    part = due.limit(query.limit - len(rows)).with_for_update(skip_locked=True)
                    rows += connection.execute(part).all()
                    if len(rows) >= query.limit:
                        break
                if rows:
                    taken = self._grants.c.key.in_([row.key for row in rows])
                    connection.execute(self._grants.update().where(*self._of(identity), taken).values(claim))
            return read_rows(identity, rows)
        return self._claim_by_update(identity, query, claim)

    def _claim_by_update(self, identity: Identity, query: ClaimQuery, claim: dict[str, Any]) -> Batch:
        """Others may want the same rows: each goes to the one whose update finds it free."""
        columns = self._grants.c
        wanted: list[str] = []
        with self._database.single(limit=SLOW) as connection:
            for due in self._looks(identity, query):
                wanted += [row.key for row in connection.execute(due.limit(query.limit - len(wanted)))]
                if len(wanted) >= query.limit:
                    break
        if not wanted:
            return Batch()
        here = [*self._of(identity), columns.key.in_(wanted)]
        free = [self._is_free(self._now(), query.ttl), self._is_untried(query)]
        order = columns.next_attempt_at, columns.refreshed_at
        with self._database.begin(limit=SLOW) as connection:
            connection.execute(self._grants.update().where(*here, *free).values(claim))
            mine = sa.select(*self._columns).where(*here, columns.lease_owner == query.owner)
            return read_rows(identity, connection.execute(mine.order_by(*order)).all())

    def _looks(self, identity: Identity, query: ClaimQuery) -> Iterator[Any]:
        """Selections of due grants, each in the order of one index: never failed, failed, times far ahead."""
        columns = self._grants.c
        due = sa.select(*self._columns).where(
            *self._of(identity),
            columns.state == "active",
            self._is_untried(query),
            self._is_free(self._now(), query.ttl),
        )
        old = self._is_old(query.refreshed_before, query.now)
        never_failed = columns.next_attempt_at == 0
        failed = sa.and_(columns.next_attempt_at > 0, columns.next_attempt_at <= query.now, old)
        looks = (
            (sa.and_(never_failed, columns.refreshed_at < query.refreshed_before), columns.refreshed_at),
            (failed, columns.next_attempt_at),
            (sa.and_(never_failed, columns.refreshed_at > query.too_late), columns.refreshed_at),
            (sa.and_(columns.next_attempt_at > query.too_late, old), columns.next_attempt_at),
        )
        for condition, order in looks:
            for only in self._only(query.keys):
                yield due.where(condition, *only).order_by(order)

    def _is_old(self, refreshed_before: float, now: float | None) -> Any:
        refreshed_at = self._grants.c.refreshed_at
        return sa.or_(refreshed_at < refreshed_before, *([] if now is None else [refreshed_at > now + FAR_AHEAD]))

    def _is_untried(self, query: ClaimQuery) -> Any:
        attempted_at = self._grants.c.attempted_at
        return sa.or_(attempted_at < query.attempted_before, attempted_at > query.too_late)

    def _only(self, keys: Sequence[str] | None) -> Iterator[list[Any]]:
        column = self._grants.c.key
        if keys is None:
            yield []
        elif self._database.is_postgresql:
            yield [column == sa.any_(sa.literal(list(keys), sa.ARRAY(sa.Text)))]
        else:
            for start in range(0, len(keys), CHUNK):
                yield [column.in_(keys[start : start + CHUNK])]

    def postpone(self, identity: Identity, key: str, *, failures: int, until: float, owner: str | None = None) -> bool:
        """See `TokenStore.postpone`."""
        columns = self._grants.c
        values: dict[str, Any] = {"failures": failures, "next_attempt_at": until}
        if owner is not None:
            is_mine = columns.lease_owner == owner
            values["lease_until"] = sa.case((is_mine, 0.0), else_=columns.lease_until)
            values["lease_owner"] = sa.case((is_mine, sa.null()), else_=columns.lease_owner)
        note = self._grants.update().where(*self._of(identity, key)).values(values)
        with self._database.single() as connection:
            return bool(connection.execute(note).rowcount == 1)

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
        columns = self._grants.c
        batch = sa.select(*self._columns).where(*self._of(identity))
        if after is not None:
            batch = batch.where(columns.key > after)
        if state is not None:
            batch = batch.where(columns.state == state)
        if refreshed_before is not None:
            batch = batch.where(columns.state == "active", self._is_old(refreshed_before, now))
        with self._database.single(limit=SLOW) as connection:
            rows = connection.execute(batch.order_by(columns.key).limit(limit)).all()
        return read_rows(identity, rows, limit=limit)

    def count_due(self, identity: Identity, *, refreshed_before: float, now: float | None = None) -> int:
        """See `TokenStore.count_due`."""
        columns = self._grants.c
        due = [*self._of(identity), columns.state == "active", self._is_old(refreshed_before, now)]
        if now is not None:
            due.append(sa.or_(columns.next_attempt_at <= now, columns.next_attempt_at > now + FAR_AHEAD))
        with self._database.single(limit=SLOW) as connection:
            return int(connection.execute(sa.select(sa.func.count()).where(*due)).scalar_one())

    def identities(self) -> Mapping[Identity, int]:
        """See `TokenStore.identities`."""
        whose = self._grants.c.environment, self._grants.c.client_id
        with self._database.single(limit=SLOW) as connection:
            rows = connection.execute(sa.select(*whose, sa.func.count()).group_by(*whose))
            return {Identity(row[0], row[1]): row[2] for row in rows}

    def check_writable(self, identity: Identity) -> None:
        """See `TokenStore.check_writable`."""
        probe = make_probe(identity)
        with self._database.begin() as connection:
            connection.execute(self._grants.insert(), _values(probe))
            connection.execute(self._grants.delete().where(*self._of(identity, probe.key)))

    def exists(self) -> bool:
        """See `TokenStore.exists`."""
        return self._database.exists()

    def close(self) -> None:
        """Closes the connections of an engine that was made here."""
        self._database.close()


def _changes(grant: Grant) -> dict[str, Any]:
    return dict(zip(FIELDS, values_of(grant), strict=True))


def _values(grant: Grant) -> dict[str, Any]:
    where = {"environment": grant.identity.environment, "client_id": grant.identity.client_id, "key": grant.key}
    return where | _changes(grant)
