"""Every idempotency store that is shipped passes the contract that is shipped."""

from __future__ import annotations

import os
import sqlite3
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from astra.errors import ConfigurationError, IdempotencyStoreError
from astra.payments import IdempotencyStore, PaymentQuery, open_idempotency_store
from astra.storage.sqlite import SQLiteFile
from astra.testing.idempotency_contract import ME, IdempotencyContract, make_record


class TestMemory(IdempotencyContract):
    @pytest.fixture
    def store(self) -> IdempotencyStore:
        return open_idempotency_store("memory://")


class TestSQLite(IdempotencyContract):
    @pytest.fixture
    def store(self, tmp_path: Path) -> Iterator[IdempotencyStore]:
        with open_idempotency_store(tmp_path / "payments.db") as store:
            yield store


class TestPostgreSQL(IdempotencyContract):
    @pytest.fixture
    def store(self, postgres_url: str) -> Iterator[IdempotencyStore]:
        with open_idempotency_store(postgres_url) as store:
            yield store


class TestSQLAlchemyOverSQLite(IdempotencyContract):
    @pytest.fixture
    def store(self, tmp_path: Path) -> Iterator[IdempotencyStore]:
        with open_idempotency_store(f"sqlite+pysqlite:///{tmp_path}/payments.db") as store:
            yield store


def test_opening_touches_nothing(tmp_path: Path) -> None:
    with open_idempotency_store(f"sqlite:///{tmp_path}/payments.db") as store:
        assert not store.exists()
        assert list(store.select(PaymentQuery())) == []
    assert list(tmp_path.iterdir()) == []


def test_the_file_is_its_owners_alone(tmp_path: Path) -> None:
    with open_idempotency_store(tmp_path / "payments.db") as store:
        store.insert(make_record())
        for file in tmp_path.iterdir():
            assert stat.S_IMODE(os.stat(file).st_mode) == 0o600


def test_each_step_in_sqlite_survives_a_power_cut(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[sqlite3.Connection] = []
    connect = sqlite3.connect

    def watched(*args: object, **options: object) -> sqlite3.Connection:
        made.append(connect(*args, **options))  # type: ignore[arg-type]
        return made[-1]

    monkeypatch.setattr(sqlite3, "connect", watched)
    with open_idempotency_store(tmp_path / "payments.db") as store:
        store.insert(make_record())
        assert [connection.execute("PRAGMA synchronous").fetchone() for connection in made] == [(2,)]


@pytest.mark.parametrize("moment", ["before the step", "during the step"])
def test_a_record_is_not_kept_in_a_file_that_is_removed_meanwhile(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    take = SQLiteFile._take

    def removed(file: SQLiteFile) -> sqlite3.Connection | None:
        connection = None if moment == "before the step" else take(file)
        for one in tmp_path.iterdir():
            one.unlink()
        return take(file) if moment == "before the step" else connection

    with open_idempotency_store(tmp_path / "payments.db") as store:
        store.insert(make_record("one"))
        monkeypatch.setattr(SQLiteFile, "_take", removed)
        with pytest.raises(IdempotencyStoreError, match="removed or replaced while it was in use"):
            store.insert(make_record("two"))
    assert not list(tmp_path.glob("payments.db"))


@pytest.mark.parametrize(
    "harm",
    [
        "data = '{'",
        "data = '[]'",
        "data = replace(data, '\"holder\"', '\"folder\"')",
        "state = 'paid'",
        "version = 'x'",
        "created = 'soon'",
        'data = replace(data, \'"match_fields":{\', \'"match_fields":{"frequency":20,\')',
    ],
)
def test_a_record_that_cannot_be_read_lets_nothing_be_sent_under_its_key(tmp_path: Path, harm: str) -> None:
    path = tmp_path / "payments.db"
    with open_idempotency_store(path) as store:
        store.insert(make_record())
        with sqlite3.connect(path) as connection:
            connection.execute(f"UPDATE astra_payments SET {harm}")
        connection.close()
        with pytest.raises(IdempotencyStoreError, match=r"'payout-1'.*Nothing was sent"):
            store.get(*ME, "payout-1")


def test_a_file_of_a_newer_release_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "payments.db"
    with open_idempotency_store(path) as store:
        store.insert(make_record())
    connection = sqlite3.connect(path)
    with connection:
        connection.execute("UPDATE astra_meta SET value='2' WHERE name='payments_schema'")
    connection.close()
    with (
        open_idempotency_store(path) as store,
        pytest.raises(ConfigurationError, match=r"newer release.*idempotency store has schema 2, this release knows 1"),
    ):
        store.get(*ME, "payout-1")


@pytest.mark.parametrize("url", ["redis://localhost/0", "jsonl:///payments.jsonl", "payments.db", "sqlite:///:memory:"])
def test_what_cannot_keep_payments_is_refused(url: str) -> None:
    with pytest.raises(ConfigurationError, match="idempotency store"):
        open_idempotency_store(url)
