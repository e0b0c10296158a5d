"""Every store that is shipped passes the contract that is shipped."""

from __future__ import annotations

import os
import sqlite3
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import attrs
import pytest
from cryptography.fernet import Fernet

from astra.errors import ConfigurationError
from astra.testing.store_contract import ME, NOW, StoreContract, make_grant
from astra.tokens import BoundStore, Tokens, TokenStore, TokenStoreError, open_store
from astra.tokens.stores.memory import MemoryStore
from astra.tokens.stores.sql import SQLStore
from astra.tokens.stores.sqlite import SQLiteStore


class TestMemory(StoreContract):
    @pytest.fixture
    def store(self) -> TokenStore:  # type: ignore[override]
        return open_store("memory://")


class TestSQLite(StoreContract):
    @pytest.fixture
    def store(self, tmp_path: Path) -> Iterator[TokenStore]:
        with open_store(f"sqlite:///{tmp_path}/tokens.db") as store:
            yield store


class TestPostgreSQL(StoreContract):
    many_keys = 70_000

    @pytest.fixture
    def store(self, postgres_url: str) -> Iterator[TokenStore]:
        with open_store(postgres_url) as store:
            yield store


class TestSQLAlchemyOverSQLite(StoreContract):
    """The generic path, without the database's clock and without SKIP LOCKED."""

    @pytest.fixture
    def store(self, tmp_path: Path) -> Iterator[TokenStore]:
        with open_store(f"sqlite+pysqlite:///{tmp_path}/tokens.db") as store:
            yield store


class TestRedis(StoreContract):
    many_keys = 70_000

    @pytest.fixture
    def store(self, redis_url: str) -> Iterator[TokenStore]:
        with open_store(redis_url) as store:
            yield store


class TestEncrypted(StoreContract):
    @pytest.fixture
    def store(self, tmp_path: Path) -> Iterator[TokenStore]:
        with SQLiteStore(tmp_path / "tokens.db") as store:
            yield store

    @pytest.fixture
    def grants(self, store: TokenStore) -> BoundStore:
        return store.for_identity(ME, keys=[Fernet.generate_key().decode()])


def test_the_sqlite_file_and_its_companions_are_private(tmp_path: Path) -> None:
    former = os.umask(0)
    try:
        with SQLiteStore(tmp_path / "tokens.db") as store:
            store.save(make_grant(), replaces=None)
            modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()}
    finally:
        os.umask(former)
    assert modes == {"tokens.db": 0o600, "tokens.db-wal": 0o600, "tokens.db-shm": 0o600}


def test_a_sqlite_file_that_others_can_read_is_made_private(tmp_path: Path) -> None:
    path = tmp_path / "tokens.db"
    path.touch(0o644)
    with SQLiteStore(path) as store:
        store.save(make_grant(), replaces=None)
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_sqlite_file_of_a_newer_release_is_refused(tmp_path: Path) -> None:
    with SQLiteStore(tmp_path / "tokens.db") as store:
        store.load(ME, "x")
    connection = sqlite3.connect(tmp_path / "tokens.db")
    connection.execute("UPDATE astra_meta SET value='99' WHERE name='tokens_schema'")
    connection.commit()
    connection.close()
    with SQLiteStore(tmp_path / "tokens.db") as store, pytest.raises(ConfigurationError, match="newer release"):
        store.load(ME, "x")


def test_a_forked_child_reads_and_writes_with_its_own_connection(tmp_path: Path) -> None:
    code = """
import os, sys
from astra.tokens.stores.sqlite import SQLiteStore
from astra.testing.store_contract import ME, make_grant
store = SQLiteStore(sys.argv[1])
store.save(make_grant("parent"), replaces=None)
child = os.fork()
if child == 0:
    ok = store.load(ME, "parent") == make_grant("parent") and store.save(make_grant("child"), replaces=None)
    os._exit(0 if ok else 1)
assert os.waitpid(child, 0)[1] == 0
assert store.load(ME, "child") == make_grant("child")
store.close()
"""
    subprocess.run([sys.executable, "-c", code, str(tmp_path / "tokens.db")], check=True, timeout=60, cwd=Path.cwd())


def test_grants_survive_the_process(tmp_path: Path) -> None:
    with SQLiteStore(tmp_path / "tokens.db") as store:
        store.save(make_grant(), replaces=None)
    with SQLiteStore(tmp_path / "tokens.db") as store:
        assert store.load(ME, "customer-1") == make_grant()


@pytest.mark.long
def test_many_processes_can_make_the_postgresql_table_at_once(postgres_url: str) -> None:
    code = "import sys; from astra.tokens import UNBOUND, open_store\nopen_store(sys.argv[1]).load(UNBOUND, 'x')"
    children = [subprocess.Popen([sys.executable, "-c", code, postgres_url], cwd=Path.cwd()) for _ in range(4)]
    assert [child.wait(60) for child in children] == [0, 0, 0, 0]


class TestOpenStore:
    def test_an_object_is_taken_as_it_is(self) -> None:
        store = MemoryStore()
        assert open_store(store) is store

    def test_nothing_means_memory(self) -> None:
        assert isinstance(open_store(None), MemoryStore)

    def test_sqlite_takes_relative_and_absolute_paths(self) -> None:
        relative, absolute = open_store("sqlite:///a%20b.db"), open_store("sqlite:////var/lib/tokens.db")
        assert isinstance(relative, SQLiteStore)
        assert isinstance(absolute, SQLiteStore)
        assert (str(relative.path), str(absolute.path)) == ("a b.db", "/var/lib/tokens.db")

    def test_postgresql_gets_the_driver_of_the_extra(self) -> None:
        store = open_store("postgresql://app:hidden@db/app")
        assert isinstance(store, SQLStore)
        assert "postgresql+psycopg" in repr(store)
        assert "hidden" not in repr(store)

    @pytest.mark.parametrize("url", ["ftp://x", "tokens.db", "sqlite://", "sqlite:///:memory:", ""])
    def test_a_url_that_means_nothing_is_refused(self, url: str) -> None:
        with pytest.raises(ConfigurationError):
            open_store(url)

    def test_a_missing_driver_is_named(self) -> None:
        with pytest.raises(ConfigurationError, match=r"astra-finance\[sql\]"):
            open_store("mysql+pymysql://db/app")


def test_a_store_that_cannot_be_reached_says_so_without_a_token(tmp_path: Path) -> None:
    tokens = Tokens(
        SQLiteStore(tmp_path / "no" / "such" / "folder.db"), refresh=lambda token: (_ for _ in ()).throw(OSError)
    )
    with pytest.raises(TokenStoreError, match="token store failed"):
        tokens.access_token("customer-1")


def test_now_is_a_time_that_floats_keep_to_the_microsecond() -> None:
    assert NOW + 0.000001 != NOW


@pytest.mark.parametrize("kind", ["sqlite", "postgresql", "redis"])
def test_nobody_meets_what_is_written_to_see_whether_a_store_can_be_written(
    request: pytest.FixtureRequest, kind: str, tmp_path: Path
) -> None:
    names = {"postgresql": "postgres_url", "redis": "redis_url"}
    url = f"sqlite:///{tmp_path}/tokens.db" if kind == "sqlite" else str(request.getfixturevalue(names[kind]))
    done = threading.Event()

    def authorize() -> None:
        with open_store(url) as others:
            while not done.is_set():
                others.for_identity(ME).check_writable()

    with open_store(url) as store, ThreadPoolExecutor(2) as pool:
        store.save(attrs.evolve(make_grant(), identity=ME), replaces=None)
        running = [pool.submit(authorize) for _ in range(2)]
        try:
            met = [sum(store.identities().values()) + len(store.scan(ME).grants) for _ in range(300)]
        finally:
            done.set()
        for future in running:
            future.result()
    assert set(met) == {2}


def test_a_user_of_whatever_key_outlives_a_look_whether_the_store_can_be_written(tmp_path: Path) -> None:
    for store in (open_store("memory://"), open_store(f"sqlite:///{tmp_path}/tokens.db")):
        with store:
            grants = store.for_identity(ME)
            grants.save(make_grant("astra-probe"), replaces=None)
            grants.check_writable()
            assert [grant.key for grant in grants.iterate()] == ["astra-probe"]
