"""The checks of stores, over real SQLite, PostgreSQL and Redis. Nothing is made, nothing old is brought up to date."""

from __future__ import annotations

import os
import socket
import sqlite3
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import attrs
import psycopg
import pytest
import redis
from cryptography.fernet import Fernet

from astra.doctor.findings import Finding
from astra.doctor.probe_stores import LOG, STATE_STORE, WEBHOOKS, Store, probe_store, probe_token_store
from astra.doctor.running import run_all
from astra.oauth.states.opening import open_state_store
from astra.oauth.states.tickets import Ticket
from astra.request_log import open_request_log
from astra.testing.store_contract import make_grant
from astra.tokens import Identity, open_store
from astra.tokens.identity import UNBOUND
from astra.tokens.stores.keyring import Keyring
from astra.webhooks.dedupe import open_dedupe
from tests.request_log.test_logs import record
from tests.storage.test_hung_server import stopped

MINE = Identity("production", "client-1")
RELEASE_0_1_0 = Path(__file__).parents[1] / "tokens" / "release_0_1_0"


@pytest.fixture(params=["sqlite", "postgresql", "redis"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A place where nothing is kept yet."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/tokens.db"
    name = {"postgresql": "postgres_url", "redis": "redis_url"}[request.param]
    found: str = request.getfixturevalue(name)
    return found


WELL = {"place", "schema", "read", "identities", "keys", "people", "write"}


def look(
    url: str | None,
    *,
    keys: Sequence[str] = (),
    identity: Identity | None = MINE,
    is_production: bool = True,
    limit: float = 5.0,
) -> dict[str, Finding]:
    found = run_all(
        {
            "token_store": lambda: probe_token_store(
                url, keys=keys, identity=identity, is_production=is_production, limit=limit
            )
        },
        limit=limit,
    )
    assert len({finding.check for finding in found}) == len(found)
    return {finding.check.removeprefix("token_store."): finding for finding in found}


def statuses(found: dict[str, Finding]) -> dict[str, str]:
    return {name: finding.status for name, finding in found.items() if name not in ("mode", "durability")}


def save(url: str, *keys: str, of: Identity = MINE, token_keys: Sequence[str] = (), **changes: Any) -> None:
    with open_store(url).for_identity(of, keys=token_keys) as store:
        for key in keys:
            assert store.save(make_grant(key, identity=of, **changes), replaces=None)


def test_a_store_that_is_in_order_is_ok_and_is_left_as_it_was(url: str) -> None:
    key = Fernet.generate_key().decode()
    save(url, "a", "b", token_keys=[key])
    found = look(url, keys=[key])
    assert statuses(found) == dict.fromkeys(WELL, "ok")
    assert found["keys"].message == f"encrypted: 2 under key {Keyring([key]).ids[0]}"
    assert found["identities"].details == {"own": 2, "nobody": 0, "others": []}
    with open_store(url) as store:
        assert store.identities() == {MINE: 2}


def test_a_store_that_is_not_there_is_a_fault_and_is_not_made(url: str, tmp_path: Path) -> None:
    found = look(url)
    assert statuses(found) == {"place": "fail"}
    assert list(tmp_path.iterdir()) == []
    if url.startswith("redis"):
        with redis.Redis.from_url(url) as client:
            assert client.keys() == []
    if url.startswith("postgresql"):
        with psycopg.connect(url) as connection:
            tables = connection.execute("SELECT count(*) FROM pg_tables WHERE schemaname='public'").fetchone()
            assert tables == (0,)


def test_where_it_is_is_told_absolutely_and_without_the_password(url: str) -> None:
    message = look(url)["place"].message
    if url.startswith("sqlite"):
        assert message == f"there is no token store at {url.removeprefix('sqlite:///')}"
    else:
        assert message.startswith(f"there is no token store at {url.partition('//')[0]}//")


def test_encrypted_rows_without_keys_are_a_fault(url: str) -> None:
    save(url, "a", token_keys=[Fernet.generate_key().decode()])
    found = look(url)
    assert found["keys"].status == "fail"
    assert found["keys"].message.endswith("ASTRA_TOKEN_KEYS is not set")
    assert found["write"].status == "ok"


def test_rows_under_a_key_that_is_missing_are_counted(url: str) -> None:
    former, current = (Fernet.generate_key().decode() for _ in range(2))
    save(url, "a", "b", token_keys=[former])
    save(url, "c", token_keys=[current])
    found = look(url, keys=[current])["keys"]
    assert found.status == "fail"
    assert found.message.startswith(
        f"2 of 3 grants are opened by none of the keys (missing: {Keyring([former]).ids[0]})"
    )
    assert look(url, keys=[current, former])["keys"].status == "warn"


def test_a_row_that_was_put_there_from_another_is_damaged(url: str) -> None:
    key = Fernet.generate_key().decode()
    save(url, "a", "b", token_keys=[key])
    with open_store(url) as store:
        a, b = store.load(MINE, "a"), store.load(MINE, "b")
        assert a is not None
        assert b is not None
        swapped = attrs.evolve(b, refresh_token=a.refresh_token, version=2)
        assert store.save(swapped, replaces=1)
    found = look(url, keys=[key])["keys"]
    assert (found.status, found.message) == ("fail", "1 of 2 rows are damaged, or come from another row: b")


def test_plain_rows_beside_keys_are_a_fault_and_with_plain_a_warning(url: str) -> None:
    key = Fernet.generate_key().decode()
    save(url, "a")
    assert look(url, keys=[key])["keys"].status == "fail"
    assert look(url, keys=[key, "plain"])["keys"].status == "warn"
    assert look(url)["keys"].status == "warn"
    assert look(url, is_production=False)["keys"].status == "ok"


def test_a_row_that_is_no_grant_is_damaged(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/tokens.db"
    save(url, "a")
    with sqlite3.connect(tmp_path / "tokens.db") as connection:
        connection.execute("UPDATE astra_grants SET state='banana'")
    connection.close()
    found = look(url)["keys"]
    assert (found.status, found.details["damaged"]) == ("fail", 1)


def test_a_client_that_sees_none_of_the_grants_is_told(url: str) -> None:
    save(url, "a", "b", of=Identity("sandbox", "client-2"))
    found = look(url)["identities"]
    assert found.status == "warn"
    assert "2 of sandbox, client client-2" in found.message


def test_grants_of_nobody_count_as_seen(url: str) -> None:
    with open_store(url) as store:
        assert store.save(make_grant("a", identity=UNBOUND), replaces=None)
    found = look(url)
    assert found["identities"].details["nobody"] == 1
    assert found["read"].details == {"rows": 1, "complete": True}


def test_one_person_under_two_keys_is_named(url: str) -> None:
    save(url, "a", "b", astra_user_id="usr_1")
    save(url, "c", astra_user_id="usr_2")
    found = look(url)["people"]
    assert (found.status, found.message) == ("warn", "people with several user keys: 1 (a = b)")


def test_without_an_identity_the_rows_are_not_looked_at(url: str) -> None:
    save(url, "a")
    assert statuses(look(url, identity=None)) == {"place": "ok", "schema": "ok", "read": "warn"}


@pytest.mark.parametrize("missing", [None, "memory://"])
def test_grants_in_memory_are_a_warning(missing: str | None) -> None:
    assert statuses(look(missing)) == {"place": "warn"}


def test_a_relative_path_is_a_warning_that_names_the_absolute_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    save("sqlite:///tokens.db", "a")
    found = look("sqlite:///tokens.db")["place"]
    assert (found.status, found.details["place"]) == ("warn", str(tmp_path / "tokens.db"))


def test_a_folder_that_is_not_there_is_a_fault(tmp_path: Path) -> None:
    found = look(f"sqlite:///{tmp_path}/none/tokens.db")
    assert found["place"].message.startswith("the folder of ")
    assert statuses(found) == {"place": "fail"}


def test_a_file_that_others_may_read_is_a_warning(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/tokens.db"
    save(url, "a")
    assert look(url)["mode"].status == "ok"
    (tmp_path / "tokens.db").chmod(0o644)
    assert look(url)["mode"].status == "warn"


def test_a_file_that_is_none_of_sqlite_is_a_fault(tmp_path: Path) -> None:
    (tmp_path / "tokens.db").write_text("not a database, but long enough to be taken for one" * 30)
    found = look(f"sqlite:///{tmp_path}/tokens.db")
    assert found["reach"].status == "fail"
    assert "file is not a database" in found["reach"].message


@pytest.mark.parametrize("make", [os.mkdir, os.mkfifo])
def test_something_else_in_place_of_the_file_is_a_fault(tmp_path: Path, make: Callable[[str], None]) -> None:
    make(f"{tmp_path}/tokens.db")
    found = look(f"sqlite:///{tmp_path}/tokens.db")
    assert statuses(found) == {"place": "ok", "reach": "fail"}
    assert "is no file" in found["reach"].message


@pytest.mark.parametrize("content", ["nothing", "log"])
def test_a_file_without_a_token_store_is_a_fault_and_stays_so(tmp_path: Path, content: str) -> None:
    file = tmp_path / "x.db"
    if content == "log":
        fill_log(f"sqlite:///{file}")
    else:
        file.touch(0o600)
    before = file.read_bytes()
    found = look(f"sqlite:///{file}")
    assert found["schema"].message == "the file is there, and no token store in it"
    assert statuses(found) == {"place": "ok", "schema": "fail"}
    assert file.read_bytes() == before


def test_a_store_of_release_0_1_0_is_not_brought_up_to_date(tmp_path: Path) -> None:
    file = tmp_path / "tokens.db"
    with sqlite3.connect(file) as connection:
        connection.executescript((RELEASE_0_1_0 / "sqlite-plain.sql").read_text())
    connection.close()
    file.chmod(0o600)
    before = file.read_bytes()
    assert statuses(look(f"sqlite:///{file}")) == {"place": "ok", "schema": "warn"}
    assert file.read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == ["tokens.db"]


def test_a_table_of_release_0_1_0_is_not_brought_up_to_date(postgres_url: str) -> None:
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute((RELEASE_0_1_0 / "postgresql-plain.sql").read_text().encode())
        assert statuses(look(postgres_url)) == {"place": "ok", "schema": "warn"}
        columns = connection.execute(
            "SELECT count(*) FROM information_schema.columns "
            "WHERE table_name='astra_grants' AND column_name='client_id'"
        ).fetchone()
    assert columns == (0,)


def test_a_store_of_a_newer_release_is_a_fault(url: str) -> None:
    save(url, "a")
    if url.startswith("sqlite"):
        with sqlite3.connect(url.removeprefix("sqlite:///")) as file:
            file.execute("UPDATE astra_meta SET value='9'")
        file.close()
    elif url.startswith("postgresql"):
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("UPDATE astra_meta SET value='9'")
    else:
        with redis.Redis.from_url(url) as client:
            client.set("{astra}:schema", "9")
    found = look(url)
    assert statuses(found) == {"place": "ok", "schema": "fail"}
    assert found["schema"].message == "a newer release wrote it: it has schema 9, this release knows 2"


def test_a_file_that_somebody_keeps_locked_cannot_be_written(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/tokens.db"
    save(url, "a")
    with sqlite3.connect(tmp_path / "tokens.db", isolation_level=None) as other:
        other.execute("BEGIN IMMEDIATE")
        found = look(url, limit=1.0, is_production=False)
        other.execute("ROLLBACK")
    other.close()
    assert statuses(found) == dict.fromkeys(WELL, "ok") | {"write": "fail"}
    assert "database is locked" in found["write"].message


def test_a_database_that_takes_no_writes_is_a_fault(postgres_url: str) -> None:
    save(postgres_url, "a")
    sign = "&" if "?" in postgres_url else "?"
    found = look(f"{postgres_url}{sign}options=-c%20default_transaction_read_only%3Don", is_production=False)
    assert statuses(found) == dict.fromkeys(WELL, "ok") | {"write": "fail"}
    assert "read-only transaction" in found["write"].message


def test_a_role_that_may_not_read_is_a_fault(postgres_url: str) -> None:
    save(postgres_url, "a")
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute("DROP ROLE IF EXISTS nobody_much")
        connection.execute("CREATE ROLE nobody_much LOGIN")
    head, _, rest = postgres_url.partition("@")
    found = look(f"{head.partition('//')[0]}//nobody_much@{rest}")
    assert statuses(found)["read" if "read" in found else "reach"] == "fail"
    assert "permission denied" in str(found)


def test_a_redis_that_takes_no_writes_is_a_fault(redis_url: str) -> None:
    save(redis_url, "a")
    with redis.Redis.from_url(redis_url) as client:
        client.config_set("min-replicas-to-write", 1)
        try:
            found = look(redis_url, is_production=False)
        finally:
            client.config_set("min-replicas-to-write", 0)
    assert statuses(found) == dict.fromkeys(WELL, "ok") | {"write": "fail"}


def test_a_redis_that_forgets_is_told(redis_url: str) -> None:
    save(redis_url, "a")
    with redis.Redis.from_url(redis_url) as client:
        assert look(redis_url)["durability"].message.startswith("Redis writes snapshots at most")
        client.config_set("maxmemory-policy", "allkeys-lru")
        try:
            assert look(redis_url)["durability"].status == "fail"
        finally:
            client.config_set("maxmemory-policy", "noeviction")


@pytest.mark.parametrize("start", ["postgresql://app:s3cret@127.0.0.1:{}/app", "redis://:s3cret@127.0.0.1:{}/0"])
def test_a_server_that_is_not_there_is_a_fault_that_shows_no_password(start: str) -> None:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        found = look(start.format(held.getsockname()[1]))
    assert statuses(found) == {"reach": "fail"}
    assert "127.0.0.1" in found["reach"].message
    assert "s3cret" not in str(found)


@pytest.mark.parametrize("name", ["postgres_url", "redis_url"])
def test_a_server_that_hangs_costs_the_time_of_the_check_and_no_more(name: str, request: pytest.FixtureRequest) -> None:
    url = request.getfixturevalue(name)
    save(url, "a")
    with stopped(url):
        began = time.monotonic()
        found = look(url, limit=1.5)
        assert time.monotonic() - began < 3
    assert [finding.status for finding in found.values()] == ["fail"]


def test_when_there_is_no_time_for_all_rows_it_says_so(url: str) -> None:
    save(url, *(f"k{number:04}" for number in range(501)))
    found = run_all(
        {"t": lambda: probe_token_store(url, keys=(), identity=MINE, is_production=True, limit=0.0)}, limit=30
    )
    (read,) = [one for one in found if one.check == "token_store.read"] or [None]
    if read is None:  # a server gets no time at all then, and says so
        assert [one.check for one in found] == ["token_store.reach"]
    else:
        assert read.details == {"rows": 500, "complete": False}


def test_a_url_that_cannot_be_read_is_a_fault() -> None:
    found = look("postgresql://")
    assert found == {
        "token_store": Finding(
            check="token_store",
            status="fail",
            message=found["token_store"].message,
            details={"error": "ConfigurationError"},
        )
    }


# -- the other stores --------------------------------------------------------------------------------------------------


def fill_log(url: str) -> None:
    log = open_request_log(url)
    log.append(record(0))
    log.close()


def fill_dedupe(url: str) -> None:
    with open_dedupe(url) as store:
        store.done("evt_1", now=time.time())


def fill_states(url: str) -> None:
    with open_state_store(url) as store:
        store.put("id", Ticket(key="a", browser="b", expires_at=time.time() + 60), now=time.time())


def look_at_other(url: str, of: Store) -> dict[str, str]:
    found = run_all({"x": lambda: probe_store(url, of, limit=5)}, limit=5)
    return {
        one.check.partition(".")[2]: one.status for one in found if not one.check.endswith((".mode", ".durability"))
    }


OTHERS = [(LOG, fill_log), (WEBHOOKS, fill_dedupe), (STATE_STORE, fill_states)]


@pytest.mark.parametrize(("of", "fill"), OTHERS, ids=lambda value: getattr(getattr(value, "kept", None), "check", ""))
def test_other_stores_are_looked_at_and_not_made(of: Store, fill: Any, url: str, tmp_path: Path) -> None:
    if url.startswith("redis"):
        if of is LOG:
            url = f"jsonl:///{tmp_path}/requests.jsonl"
        else:
            # Its keys come and go, so a Redis that is reached is one that is there.
            assert look_at_other(url, of) == {"place": "ok"}
            with redis.Redis.from_url(url) as client:
                assert client.keys() == []
            return
    assert look_at_other(url, of) == {"place": "warn"}
    assert list(tmp_path.iterdir()) == []
    fill(url)
    assert set(look_at_other(url, of).values()) == {"ok"}


def test_another_store_in_memory_is_a_warning() -> None:
    assert look_at_other("memory://", WEBHOOKS) == {"place": "warn"}


def test_another_store_that_is_not_reached_is_a_fault() -> None:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        assert look_at_other(f"redis://127.0.0.1:{held.getsockname()[1]}", WEBHOOKS) == {"reach": "fail"}


def test_a_log_that_others_may_read_is_a_warning(tmp_path: Path) -> None:
    fill_log(f"jsonl:///{tmp_path}/requests.jsonl")
    (tmp_path / "requests.jsonl").chmod(0o644)
    found = run_all({"x": lambda: probe_store(f"jsonl:///{tmp_path}/requests.jsonl", LOG, limit=5)}, limit=5)
    assert [one.status for one in found] == ["ok", "warn"]
