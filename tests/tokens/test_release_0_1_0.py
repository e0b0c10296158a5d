"""Stores that release 0.1.0 wrote, plain and encrypted, are migrated in place, and no grant is lost.

What is in the folder release_0_1_0 was written by that release's own stores (commit 8217478): five grants, one of
them dead, one under a lease that was left behind. SQLite's file is a dump, PostgreSQL's table is statements, and what
was in Redis is JSON.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import psycopg
import pytest
import redis

from astra.errors import AstraError, ConfigurationError, InvalidRequestError, OAuthError
from astra.testing.store_contract import at_once, make_grant
from astra.tokens import UNBOUND, BoundStore, Identity, TokenAnswer, Tokens, TokenStore, open_store
from astra.tokens.stores.keyring import Keyring
from astra.tokens.stores.rotation import count_keys, rotate_keys
from astra.tokens.stores.sql import SQLStore

FOLDER = Path(__file__).parent / "release_0_1_0"
KEY = "cmVsZWFzZSAwLjEuMCBvZiBhc3RyYS1maW5hbmNlLCA="
NEW = "bmV3IGtleSAwMTIzNDU2Nzg5MDEyMzQ1Njc4OTAxMjM="
NOW = 1_800_000_000.0
KEYS = ["customer-1", "customer-2", "gone", "Größe 'x'", "nameless"]
PRODUCTION, SANDBOX = Identity("production", "client-1"), Identity("sandbox", "client-2")

Former = Callable[[str], str]


@pytest.fixture(params=["sqlite", "sqlalchemy", "postgresql", "redis"])
def former(request: pytest.FixtureRequest, tmp_path: Path) -> Former:
    """Makes a store of release 0.1.0, "plain" or "fernet", and returns its URL."""
    name: str = request.param

    def sqlite(kind: str) -> str:
        with closing(sqlite3.connect(tmp_path / "tokens.db")) as connection:
            connection.executescript((FOLDER / f"sqlite-{kind}.sql").read_text(encoding="utf-8"))
        return f"{'sqlite' if name == 'sqlite' else 'sqlite+pysqlite'}:///{tmp_path}/tokens.db"

    def postgresql(kind: str) -> str:
        url: str = request.getfixturevalue("postgres_url")
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute((FOLDER / f"postgresql-{kind}.sql").read_text(encoding="utf-8").encode())
        return url

    def in_redis(kind: str) -> str:
        url: str = request.getfixturevalue("redis_url")
        with redis.Redis.from_url(url) as client:
            for key, value in json.loads((FOLDER / f"redis-{kind}.json").read_text(encoding="utf-8")).items():
                if isinstance(value, dict):
                    client.hset(key, mapping=value)
                else:
                    client.zadd(key, dict(value))
        return url

    return {"sqlite": sqlite, "sqlalchemy": sqlite, "postgresql": postgresql, "redis": in_redis}[name]


@pytest.fixture(params=["plain", "fernet"])
def keys(request: pytest.FixtureRequest) -> list[str]:
    return [KEY] if request.param == "fernet" else []


@pytest.fixture
def store(former: Former, keys: list[str]) -> Iterator[TokenStore]:
    with open_store(former("fernet" if keys else "plain")) as opened:
        yield opened


def tokens_of(grants: BoundStore, asked: list[str], *, known: bool = True, now: float = NOW) -> Tokens:
    """A lifecycle whose Astra knows these tokens, or none of them."""

    def refresh(refresh_token: str) -> TokenAnswer:
        asked.append(refresh_token)
        if not known:
            raise OAuthError("refused", status_code=400, code="invalid_grant")
        return TokenAnswer(access_token=f"new-{refresh_token}", expires_in=7200, refresh_token=f"next-{refresh_token}")

    return Tokens(grants, refresh=refresh, clock=lambda: now)


def state_of(store: TokenStore) -> list[Any]:
    return sorted((batch for batch in store.scan(UNBOUND).grants), key=lambda grant: grant.key)


def test_every_client_reads_every_grant_as_it_was(store: TokenStore, keys: list[str]) -> None:
    for identity in (PRODUCTION, SANDBOX):
        grants = store.for_identity(identity, keys=keys)
        found = {grant.key: grant for batch in grants.batches() for grant in batch.grants}
        assert sorted(found) == sorted(KEYS)
        loaded = grants.load("customer-2")
        assert loaded is not None
        assert (loaded.access_token, loaded.refresh_token, loaded.astra_user_id) == ("access-1", "refresh-1", "usr_2")
        assert (loaded.identity, loaded.generation, loaded.failures, loaded.dead_since) == (UNBOUND, 0, 0, None)
        assert loaded.version == 1799373600001
        assert found["gone"].state == "dead"
        assert found["nameless"].astra_user_id is None
        assert grants.find("usr_3") == "Größe 'x'"


def test_keep_alive_binds_what_it_refreshes_to_its_client(store: TokenStore, keys: list[str]) -> None:
    asked: list[str] = []
    grants = store.for_identity(PRODUCTION, keys=keys)
    report = tokens_of(grants, asked).keep_alive()
    assert (report.refreshed, report.failed, report.needs_reauthorization) == (3, 0, 0)
    assert sorted(asked) == ["refresh-0", "refresh-1", "refresh-3"]
    assert store.identities() == {PRODUCTION: 3, UNBOUND: 2}
    others = store.for_identity(SANDBOX, keys=keys)
    assert [others.load(key) for key in ("customer-1", "customer-2", "nameless")] == [None, None, None]
    for number, key in ((0, "customer-1"), (1, "customer-2"), (3, "nameless")):
        loaded = grants.load(key)
        assert loaded is not None
        assert (loaded.access_token, loaded.identity) == (f"new-refresh-{number}", PRODUCTION)
    assert grants.acquire_lease("customer-2", owner="next", ttl=30)


def test_a_refusal_to_another_environments_client_marks_nothing(store: TokenStore, keys: list[str]) -> None:
    before, asked = state_of(store), list[str]()
    grants = store.for_identity(SANDBOX, keys=keys)
    tokens = tokens_of(grants, asked, known=False)
    with pytest.raises(OAuthError, match="refused"):
        tokens.replace("customer-1", rejected="access-0")
    report = tokens.keep_alive()
    assert (report.refreshed, report.doubted, report.needs_reauthorization) == (0, 3, 0)
    after = state_of(store)
    assert [(grant.key, grant.state, grant.version, grant.refresh_token) for grant in after] == [
        (grant.key, grant.state, grant.version, grant.refresh_token) for grant in before
    ]
    later = tokens_of(store.for_identity(PRODUCTION, keys=keys), asked, now=NOW + 3600)
    assert later.keep_alive().refreshed == 3


def test_an_authorization_in_another_environment_leaves_the_grant_alone(store: TokenStore, keys: list[str]) -> None:
    sandbox, production = (store.for_identity(identity, keys=keys) for identity in (SANDBOX, PRODUCTION))
    answer = TokenAnswer(access_token="sandbox's", expires_in=7200, refresh_token="sandbox's refresh token")
    tokens_of(sandbox, []).store_answer("customer-1", answer, astra_user_id="usr_of_the_sandbox")
    theirs, mine = sandbox.load("customer-1"), production.load("customer-1")
    assert theirs is not None
    assert mine is not None
    assert (theirs.access_token, mine.access_token) == ("sandbox's", "access-0")


def test_fernet_rows_become_envelopes_when_they_are_saved_or_rotated(former: Former) -> None:
    with open_store(former("fernet")) as store:
        assert count_keys(store).fernet == 5
        grants = store.for_identity(PRODUCTION, keys=[KEY])
        tokens_of(grants, []).refresh("customer-1")
        assert count_keys(store).fernet == 4
        keyring = Keyring([NEW, KEY])
        report = rotate_keys(store, keyring)
        assert (report.encrypted, report.failed) == (5, 0)
        usage = count_keys(store)
        assert (dict(usage.by_key), usage.fernet, usage.plain) == ({keyring.ids[0]: 5}, 0, 0)
        after = store.for_identity(PRODUCTION, keys=[NEW])
        assert after.load("customer-2") is not None
        loaded = after.load("customer-1")
        assert loaded is not None
        assert loaded.access_token == "new-refresh-0"


@pytest.mark.parametrize("keys", [[], [NEW]], ids=["no keys", "a wrong key"], indirect=False)
def test_an_encrypted_store_without_its_keys_sends_and_marks_nothing(former: Former, keys: list[str]) -> None:
    with open_store(former("fernet")) as store:
        before, asked = state_of(store), list[str]()
        tokens = tokens_of(store.for_identity(PRODUCTION, keys=keys), asked, known=False)
        for call in (lambda: tokens.access_token("customer-1"), tokens.keep_alive):
            with pytest.raises(ConfigurationError, match="Nothing was sent"):
                call()
        assert (asked, state_of(store)) == ([], before)
        later = tokens_of(store.for_identity(PRODUCTION, keys=[KEY]), asked, now=NOW + 3600)
        assert later.keep_alive().refreshed == 3


def test_the_migration_is_done_once_by_many_who_start_at_the_same_time(former: Former) -> None:
    from astra.testing.store_contract import at_once

    url = former("plain")

    def start(_: int) -> int:
        with open_store(url) as store:
            return sum(store.identities().values())

    assert at_once(6, start) == [5] * 6


def test_a_postgresql_table_of_ones_own_migrations_has_to_be_brought_up_to_date_first(postgres_url: str) -> None:
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute((FOLDER / "postgresql-plain.sql").read_text(encoding="utf-8").encode())
    with (
        SQLStore(postgres_url, create_table=False) as store,
        pytest.raises(ConfigurationError, match="lacks environment, client_id, generation"),
    ):
        store.identities()
    with SQLStore(postgres_url) as store:
        assert store.identities() == {UNBOUND: 5}
    with SQLStore(postgres_url, create_table=False) as store:
        assert store.identities() == {UNBOUND: 5}


def test_the_statements_of_the_guide_bring_such_a_table_up_to_date(postgres_url: str) -> None:
    guide = (Path(__file__).parents[2] / "docs" / "guides" / "token-stores.md").read_text(encoding="utf-8")
    statements = guide.partition("```sql\n")[2].partition("```")[0]
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute((FOLDER / "postgresql-plain.sql").read_text(encoding="utf-8").encode())
        connection.execute(statements.encode())
    with SQLStore(postgres_url, create_table=False) as store:
        assert tokens_of(store.for_identity(PRODUCTION), []).keep_alive().refreshed == 3
    with SQLStore(postgres_url) as store:
        assert store.identities() == {PRODUCTION: 3, UNBOUND: 2}


@pytest.mark.parametrize("kind", ["sqlite", "redis"])
@pytest.mark.parametrize("key", ["", "  ", "x" * 300])
def test_a_key_that_cannot_be_one_any_more_holds_up_nobody_and_can_be_forgotten(
    kind: str, key: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    url = f"sqlite:///{tmp_path}/tokens.db" if kind == "sqlite" else request.getfixturevalue("redis_url")
    asked: list[str] = []
    with open_store(url) as store:
        for name, days in ((key, 9), ("a", 8), ("b", 7)):
            former = make_grant(name, identity=UNBOUND, refreshed_at=NOW - days * 86400, astra_user_id="usr_1")
            store.save(former, replaces=None)
        grants = store.for_identity(PRODUCTION)
        assert sorted(grants.find_keys("usr_1")) == ["a", "b"]
        tokens = tokens_of(grants, asked)
        report = tokens.keep_alive()
        assert (report.refreshed, report.failed, report.errors) == (2, 1, {"UnreadableGrantError": 1})
        assert f"refresh-of-{key}" not in asked
        assert tokens.access_token("a") == tokens.access_token("b")
        assert tokens.forget(key)
        with pytest.raises(InvalidRequestError):
            tokens.forget(key)
        assert store.identities() == {PRODUCTION: 2}


@pytest.mark.parametrize("kind", ["sqlite", "postgresql", "redis"])
def test_two_clients_that_race_for_a_grant_of_nobody_end_with_that_of_the_one_whom_astra_believes(
    kind: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    url: str = (
        f"sqlite:///{tmp_path}/tokens.db"
        if kind == "sqlite"
        else request.getfixturevalue({"postgresql": "postgres_url", "redis": "redis_url"}[kind])
    )
    keys = [f"k{number}" for number in range(6)]
    with ExitStack() as opened:
        setup = opened.enter_context(open_store(url))
        for key in keys:
            setup.save(make_grant(key, identity=UNBOUND, access_expires_at=NOW), replaces=None)
        asked: dict[str, list[str]] = {"mine": [], "foreign": []}
        stores = {name: opened.enter_context(open_store(url)) for name in asked}
        views = {
            "mine": stores["mine"].for_identity(PRODUCTION),
            "foreign": stores["foreign"].for_identity(SANDBOX),
        }
        tokens = {
            name: tokens_of(view, asked[name], known=name == "mine", now=NOW + 60) for name, view in views.items()
        }

        def call(number: int) -> tuple[str, str]:
            name, key = ("mine", "foreign")[number % 2], keys[number // 2]
            try:
                return name, tokens[name].access_token(key)
            except AstraError as error:
                return name, type(error).__name__

        ends = at_once(2 * len(keys), call)
        assert {end for name, end in ends if name == "mine"} == {f"new-refresh-of-{key}" for key in keys}
        # Refused by Astra, or too late: never marked, never with the other client's token.
        assert {end for name, end in ends if name == "foreign"} <= {"OAuthError", "UnknownUserError"}
        assert sorted(asked["mine"]) == sorted(f"refresh-of-{key}" for key in keys)
        assert setup.identities() == {PRODUCTION: len(keys)}
        assert [grant.state for grant in views["mine"].iterate()] == ["active"] * len(keys)
        assert [views["mine"].acquire_lease(key, owner="next", ttl=1) for key in keys] == [True] * len(keys)
