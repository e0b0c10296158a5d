"""Stores that are newer than this release, damaged, very large, or of a machine whose clock was set back."""

from __future__ import annotations

import sqlite3
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg
import pytest
import redis

from astra.errors import ConfigurationError, TokenStoreError, UnreadableGrantError
from astra.testing.store_contract import ME, NOW, claim, make_grant
from astra.tokens import UNBOUND, BoundStore, TokenAnswer, Tokens, TokenStore, open_store
from astra.tokens.stores.sql import SQLStore
from astra.tokens.stores.sqlite import SQLiteStore

Harm = Callable[[str, str, Any], None]


@pytest.fixture(params=["sqlite", "sqlalchemy", "redis"])
def damaged(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[BoundStore, Harm]]:
    """A store, and what writes a value into a field of a grant. PostgreSQL takes no text for a number."""
    if request.param == "redis":
        url: str = request.getfixturevalue("redis_url")

        def write(key: str, field: str, value: Any) -> None:
            with redis.Redis.from_url(url) as client:
                client.hset("{astra}:@sandbox/client-1:grant:" + key, field, value)
    else:
        url = f"{'sqlite' if request.param == 'sqlite' else 'sqlite+pysqlite'}:///{tmp_path}/tokens.db"

        def write(key: str, field: str, value: Any) -> None:
            with closing(sqlite3.connect(tmp_path / "tokens.db")) as connection, connection:
                connection.execute(f"UPDATE astra_grants SET {field}=? WHERE key=?", (value, key))

    with open_store(url).for_identity(ME) as grants:
        for key in ("a", "b", "c"):
            grants.save(make_grant(key, refreshed_at=NOW - 6 * 86400), replaces=None)
        yield grants, write


def renew(refresh_token: str) -> TokenAnswer:
    return TokenAnswer(access_token=f"new-{refresh_token}", expires_in=7200, refresh_token=refresh_token)


@pytest.mark.parametrize(
    ("field", "value"), [("access_expires_at", "soon"), ("version", "x1"), ("state", "odd"), ("failures", "many")]
)
def test_a_damaged_row_is_an_error_of_its_own_and_hides_no_other(
    damaged: tuple[BoundStore, Harm], field: str, value: str
) -> None:
    grants, write = damaged
    write("b", field, value)
    with pytest.raises(UnreadableGrantError, match=f"its {field} is damaged. Nothing was sent") as caught:
        Tokens(grants, refresh=renew, clock=lambda: NOW).access_token("b")
    assert caught.value.user_key == "b"
    (batch,) = grants.batches()
    assert [grant.key for grant in batch.grants] == ["a", "c"]
    assert [error.user_key for error in batch.unreadable] == ["b"]
    report = Tokens(grants, refresh=renew, clock=lambda: NOW).keep_alive()
    assert report.refreshed == 2
    if field != "state":  # what is in no known state is not due
        assert (report.failed, report.errors) == (1, {"UnreadableGrantError": 1})
    assert grants.delete("b")


@pytest.mark.parametrize("field", ["access_token", "refresh_token", "astra_user_id", "dead_reason"])
def test_text_that_is_no_text_is_a_damaged_row_too_and_is_not_shown(
    damaged: tuple[BoundStore, Harm], field: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    grants, write = damaged
    if "redis" in request.node.callspec.id:
        write("b", field, b"SECRET\xff")
    else:
        with closing(sqlite3.connect(tmp_path / "tokens.db")) as connection, connection:
            connection.execute(f"UPDATE astra_grants SET {field}=CAST(? AS TEXT) WHERE key='b'", (b"SECRET\xff",))
    tokens = Tokens(grants, refresh=renew, clock=lambda: NOW)
    with pytest.raises(TokenStoreError) as caught:
        tokens.access_token("b")
    assert "SECRET" not in str(caught.value)
    if request.node.callspec.id.startswith("sqlalchemy"):
        return  # its driver reads all rows or none
    assert isinstance(caught.value, UnreadableGrantError)
    (batch,) = grants.batches()
    assert [grant.key for grant in batch.grants] == ["a", "c"]
    assert [error.user_key for error in batch.unreadable] == ["b"]
    report = tokens.keep_alive()
    assert (report.refreshed, report.failed) == (2, 1)


def test_a_key_that_is_no_text_neither_stops_nor_holds_up_a_run(tmp_path: Path) -> None:
    with open_store(f"sqlite:///{tmp_path}/tokens.db").for_identity(ME) as grants:
        for key in ("a", "b", "c"):
            grants.save(make_grant(key, refreshed_at=NOW - 6 * 86400), replaces=None)
        with closing(sqlite3.connect(tmp_path / "tokens.db")) as connection, connection:
            connection.execute("UPDATE astra_grants SET key=CAST(x'62ff' AS TEXT) WHERE key='b'")
        tokens = Tokens(grants, refresh=renew, clock=lambda: NOW)
        assert [grant.key for batch in grants.batches(limit=1) for grant in batch.grants] == ["a", "b\udcff", "c"]
        report = tokens.keep_alive()
        assert (report.refreshed, report.failed) == (2, 1)
        assert tokens.keep_alive().is_empty, "it is left alone for an hour"


def test_a_key_that_is_a_blob_is_told_and_holds_up_no_run(tmp_path: Path) -> None:
    with open_store(f"sqlite:///{tmp_path}/tokens.db").for_identity(ME) as grants:
        for key in ("a", "b"):
            grants.save(make_grant(key, refreshed_at=NOW - 6 * 86400), replaces=None)
        with closing(sqlite3.connect(tmp_path / "tokens.db")) as connection, connection:
            connection.execute("UPDATE astra_grants SET key=CAST(key AS BLOB) WHERE key='b'")
        report = Tokens(grants, refresh=renew, clock=lambda: NOW).keep_alive()
        assert (report.refreshed, report.failed, report.seconds < 5) == (1, 0, True)
        found = [batch for batch in grants.batches(limit=1) if batch.grants or batch.unreadable]
        assert [grant.key for batch in found for grant in batch.grants] == ["a"]
        assert [str(error) for batch in found for error in batch.unreadable] == [
            "The token store holds no grant for \"b'b'\" (sandbox, client client-1): its key is damaged. Nothing was "
            "sent. Put it right or delete it (astra tokens forget)."
        ]


def test_a_list_of_users_with_a_damaged_row_yields_the_others_and_then_says_so(
    damaged: tuple[BoundStore, Harm], caplog: pytest.LogCaptureFixture
) -> None:
    grants, write = damaged
    write("b", "version", "x1")
    tokens, seen = Tokens(grants, refresh=renew, clock=lambda: NOW), []
    with pytest.raises(UnreadableGrantError, match="'b'"):
        for grant in tokens.list():
            seen.append(grant.key)
    assert seen == ["a", "c"]
    assert "'b'" in caplog.text
    assert [key for chunk in tokens.due_keys() for key in chunk] == ["a", "c", "b"]


@pytest.mark.parametrize(
    ("field", "value"),
    [("access_expires_at", "NaN"), ("refresh_expires_at", "Infinity"), ("next_attempt_at", "NaN"), ("state", "odd")],
)
def test_a_damaged_row_of_postgresql_is_one_too(postgres_url: str, field: str, value: str) -> None:
    with open_store(postgres_url).for_identity(ME) as grants:
        for key in ("a", "b", "c"):
            grants.save(make_grant(key, refreshed_at=NOW - 6 * 86400), replaces=None)
        with psycopg.connect(postgres_url, autocommit=True) as connection:
            connection.execute(f"UPDATE astra_grants SET {field}='{value}' WHERE key='b'".encode())
        tokens = Tokens(grants, refresh=renew, clock=lambda: NOW)
        with pytest.raises(UnreadableGrantError, match=f"its {field} is damaged. Nothing was sent") as caught:
            tokens.access_token("b")
        assert caught.value.user_key == "b"
        (batch,) = grants.batches()
        assert [grant.key for grant in batch.grants] == ["a", "c"]
        assert [error.user_key for error in batch.unreadable] == ["b"]
        report = tokens.keep_alive()
        assert report.refreshed == 2
        if field != "state":  # what is in no known state is not due
            assert (report.failed, report.errors) == (1, {"UnreadableGrantError": 1})
        assert tokens.keep_alive().failed == 0, "it is left alone for an hour"
        assert grants.delete("b")


def test_a_damaged_grant_of_nobody_is_in_nobodys_way(tmp_path: Path) -> None:
    with open_store(f"sqlite:///{tmp_path}/tokens.db") as store:
        store.save(make_grant(identity=UNBOUND), replaces=None)
        store.save(make_grant(), replaces=None)
        with closing(sqlite3.connect(tmp_path / "tokens.db")) as connection, connection:
            connection.execute("UPDATE astra_grants SET version='x' WHERE environment=''")
        grants = store.for_identity(ME)
        assert grants.save(make_grant(version=2), replaces=1)
        assert grants.delete("customer-1")
        assert [error.user_key for batch in grants.batches() for error in batch.unreadable] == ["customer-1"]
        assert grants.delete("customer-1")
        assert store.identities() == {}


def test_a_damaged_grant_does_not_hide_those_of_nobody(tmp_path: Path) -> None:
    with open_store(f"sqlite:///{tmp_path}/tokens.db") as store:
        for key in ("a", "b"):
            store.save(make_grant(key, identity=UNBOUND, refreshed_at=NOW - 10), replaces=None)
        store.save(make_grant("a"), replaces=None)
        with closing(sqlite3.connect(tmp_path / "tokens.db")) as connection, connection:
            connection.execute("UPDATE astra_grants SET version='x' WHERE environment<>''")
        grants = store.for_identity(ME)
        assert [grant.key for grant in grants.iterate()] == ["b"]
        assert claim(grants) == ["b"]


def newer_sqlite(url: str) -> None:
    with closing(sqlite3.connect(url.partition(":///")[2])) as connection, connection:
        connection.execute("UPDATE astra_meta SET value='3'")
        connection.execute("DROP INDEX astra_grants_due")


def newer_postgresql(url: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("UPDATE astra_meta SET value='3'")
        connection.execute("DROP INDEX astra_grants_due")
        connection.execute("ALTER TABLE astra_grants DROP COLUMN dead_reason")


def newer_redis(url: str) -> None:
    with redis.Redis.from_url(url) as client:
        client.set("{astra}:schema", "3")


def everything_in(url: str) -> Any:
    """What is in a store, in its own words."""
    if url.startswith("sqlite"):
        with closing(sqlite3.connect(url.partition(":///")[2])) as connection:
            return list(connection.iterdump())
    if url.startswith("redis"):
        with redis.Redis.from_url(url) as client:
            return {key: client.dump(key) for key in client.scan_iter()}
    with psycopg.connect(url) as connection:
        columns = "SELECT table_name, column_name FROM information_schema.columns WHERE table_name LIKE 'astra%'"
        indexes = "SELECT indexname FROM pg_indexes WHERE tablename LIKE 'astra%'"
        return [
            sorted(connection.execute(query).fetchall()) for query in (columns, indexes, "SELECT * FROM astra_meta")
        ]


@pytest.mark.parametrize("kind", ["sqlite", "sqlite+pysqlite", "postgresql", "redis"])
@pytest.mark.parametrize("create", [True, False])
def test_a_store_of_a_newer_release_is_refused_untouched(
    kind: str, create: bool, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    if kind.startswith("sqlite"):
        url, harm = f"{kind}:///{tmp_path}/tokens.db", newer_sqlite
    elif kind == "postgresql":
        url, harm = request.getfixturevalue("postgres_url"), newer_postgresql
    else:
        url, harm = request.getfixturevalue("redis_url"), newer_redis
    with open_store(url) as store:
        store.save(make_grant(), replaces=None)
    harm(url)
    before = everything_in(url)
    is_sql = kind in ("sqlite+pysqlite", "postgresql")
    with SQLStore(url, create_table=create) if is_sql else open_store(url) as store:
        actions: list[Callable[[TokenStore], object]] = [
            lambda found: found.load(ME, "customer-1"),
            lambda found: found.save(make_grant(version=2), replaces=1),
            lambda found: found.identities(),
        ]
        for action in actions:
            with pytest.raises(ConfigurationError, match="newer release"):
                action(store)
    assert everything_in(url) == before


def test_a_database_that_takes_two_keys_for_one_gives_nobody_the_grant_of_another(tmp_path: Path) -> None:
    """As MySQL does by default. Here it is SQLite with a table of the user's own."""
    url = f"sqlite+pysqlite:///{tmp_path}/tokens.db"
    with SQLStore(url) as store:
        assert store.load(ME, "a") is None
    with closing(sqlite3.connect(tmp_path / "tokens.db")) as connection, connection:
        ((table,),) = connection.execute("SELECT sql FROM sqlite_master WHERE name='astra_grants'")
        connection.execute("DROP TABLE astra_grants")
        connection.execute(table.replace("VARCHAR(255)", "VARCHAR(255) COLLATE NOCASE"))
    with SQLStore(url, create_table=False) as store:
        tokens = Tokens(store.for_identity(ME), refresh=renew, clock=lambda: NOW)
        tokens.store_answer("alice", renew("r1"))
        with pytest.raises(TokenStoreError, match="takes 'ALICE' and 'alice' for one key"):
            tokens.access_token("ALICE")
        with pytest.raises(TokenStoreError, match="utf8mb4_bin"):
            tokens.store_answer("ALICE", renew("r2"))
        assert tokens.access_token("alice") == "new-r1"


@pytest.mark.parametrize("kind", ["sqlite", "sqlalchemy"])
def test_a_clock_that_was_set_back_leaves_no_lease_that_bars_a_user(kind: str, tmp_path: Path) -> None:
    now = [NOW]
    store: TokenStore = (
        SQLiteStore(tmp_path / "t.db", clock=lambda: now[0])
        if kind == "sqlite"
        else SQLStore(f"sqlite+pysqlite:///{tmp_path}/t.db", clock=lambda: now[0])
    )
    with store.for_identity(ME) as grants:
        grants.save(make_grant(), replaces=None)
        assert grants.acquire_lease("customer-1", owner="killed", ttl=30)
        now[0] -= 1
        assert not grants.acquire_lease("customer-1", owner="next", ttl=30)
        now[0] -= 3600
        assert grants.acquire_lease("customer-1", owner="next", ttl=30)


def peak_of_reading(grants: BoundStore) -> int:
    """Bytes in use at once while all grants are read."""
    tracemalloc.start()
    try:
        assert sum(1 for _ in grants.iterate()) > 0
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.sampled(1)
@pytest.mark.parametrize("kind", ["sqlite", "postgresql", "redis"])
def test_memory_does_not_grow_with_the_number_of_grants_that_are_read(
    kind: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    url = {
        "sqlite": lambda: f"sqlite:///{tmp_path}/tokens.db",
        "postgresql": lambda: request.getfixturevalue("postgres_url"),
        "redis": lambda: request.getfixturevalue("redis_url"),
    }[kind]()
    with open_store(url).for_identity(ME) as grants:
        peaks: list[int] = []
        for start in (0, 1_000):
            grants.save_many([(make_grant(f"k{number:06}"), None) for number in range(start, start * 5 + 1_000)])
            peaks.append(peak_of_reading(grants))
    assert peaks[1] < 1.5 * peaks[0], peaks
