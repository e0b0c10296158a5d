"""No token in any repr, log record, exception or traceback local: this walks all of them."""

from __future__ import annotations

import io
import logging
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography.fernet import Fernet

from astra.errors import APIConnectionError, OAuthError
from astra.testing.store_contract import ME, make_grant
from astra.tokens import BoundStore, TokenAnswer, Tokens, TokenStore, open_store
from astra.tokens.stores.memory import MemoryStore
from astra.tokens.stores.sqlite import SQLiteStore

SECRETS = ("SECRET-ACCESS", "SECRET-REFRESH", "SECRET-NEW")


def secret_grant(**changes: Any) -> Any:
    return make_grant(access_token="SECRET-ACCESS", refresh_token="SECRET-REFRESH", **changes)


def everything_shown_of(error: BaseException) -> str:
    """What an error tracker would send: text, attributes, and each frame of each linked error with its locals."""
    shown = io.StringIO()
    seen: set[int] = set()
    todo: list[BaseException | None] = [error]
    while todo:
        one = todo.pop()
        if one is None or id(one) in seen:
            continue
        seen.add(id(one))
        todo += [one.__cause__, one.__context__]
        shown.write(f"{one!s} {one!r} {one.args!r} {vars(one)!r}\n")
        for line in traceback.TracebackException.from_exception(one, capture_locals=True, lookup_lines=False).format():
            shown.write(line)
        frames = one.__traceback__
        while frames is not None:
            # capture_locals shortens what it shows; this does not.
            shown.write(repr({name: value for name, value in frames.tb_frame.f_locals.items() if name != "shown"}))
            frames = frames.tb_next
    return shown.getvalue()


def assert_clean(text: str) -> None:
    assert [secret for secret in SECRETS if secret in text] == []


@pytest.fixture
def records(caplog: pytest.LogCaptureFixture) -> Callable[[], str]:
    caplog.set_level(logging.DEBUG)
    return lambda: caplog.text + "".join(repr(vars(record)) for record in caplog.records)


def test_no_value_shows_its_tokens() -> None:
    grant = secret_grant()
    answer = TokenAnswer(access_token="SECRET-NEW", expires_in=1, refresh_token="SECRET-REFRESH")
    store = MemoryStore().for_identity(ME)
    store.save(grant, replaces=None)
    tokens = Tokens(store, refresh=lambda token: answer)
    tokens.access_token("customer-1")
    shown = [grant, answer, store, tokens, tokens._renewal, store.local, list(store.local.cache.values())]
    shown += [vars(thing) for thing in (store, tokens, tokens._renewal, store.local) if hasattr(thing, "__dict__")]
    assert_clean(" ".join(f"{one!r} {one!s}" for one in shown))


@pytest.mark.parametrize(
    "error",
    [APIConnectionError("lost"), OAuthError("no", status_code=400, code="invalid_grant"), RuntimeError("bug")],
    ids=lambda error: type(error).__name__,
)
def test_no_failed_refresh_shows_a_token(error: Exception, records: Callable[[], str]) -> None:
    store = MemoryStore().for_identity(ME)
    store.save(secret_grant(), replaces=None)

    def refresh(refresh_token: str) -> TokenAnswer:
        answer = TokenAnswer(access_token="SECRET-NEW", expires_in=1, refresh_token=refresh_token)
        assert answer
        raise error

    tokens = Tokens(store, refresh=refresh)
    with pytest.raises(Exception, match=r".*") as caught:
        tokens.replace("customer-1", rejected=str(tokens.access_token("customer-1")))
    assert_clean(everything_shown_of(caught.value))
    assert_clean(records())


class Exploding:
    """Something a driver could have choked on: a value that fails while its statement's values are in the frames."""

    def __init__(self, method: str) -> None:
        self.method = method


@pytest.mark.parametrize("kind", ["sqlite", "postgresql", "sqlalchemy", "redis", "encrypted"])
@pytest.mark.parametrize("action", ["save", "save_many", "claim", "load"])
def test_no_failed_store_shows_a_token(
    kind: str, action: str, request: pytest.FixtureRequest, tmp_path: Path, records: Callable[[], str]
) -> None:
    store, break_down = _breakable(kind, request, tmp_path)
    tokens = Tokens(store, refresh=lambda token: TokenAnswer(access_token="SECRET-NEW", expires_in=9))
    store.save(secret_grant(refreshed_at=1.0, access_expires_at=2.0), replaces=None)
    break_down()
    grant = secret_grant(version=2)
    with pytest.raises(Exception, match="token store failed") as caught:
        _act(tokens, store, action, grant)
    del grant
    assert_clean(everything_shown_of(caught.value))
    assert_clean(records())
    store.close()


def _act(tokens: Tokens, store: BoundStore, action: str, grant: Any) -> None:
    runtime = tokens._runtime
    if action == "save":
        runtime.call(store, lambda: store.save(grant, replaces=1))
    elif action == "save_many":
        runtime.call(store, lambda: store.save_many([(grant, 1), (grant, 2)], release="x"))
    elif action == "claim":
        tokens.keep_alive()
    else:
        tokens.access_token("customer-1")


def _breakable(kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> tuple[BoundStore, Callable[[], None]]:
    """A store, and what makes every statement of it fail as late as possible: inside the database."""
    if kind in {"sqlite", "encrypted", "sqlalchemy"}:
        import sqlite3

        path = tmp_path / "tokens.db"
        inner: TokenStore = SQLiteStore(path) if kind != "sqlalchemy" else open_store(f"sqlite+pysqlite:///{path}")
        keys = [Fernet.generate_key().decode()] if kind == "encrypted" else []

        def break_file() -> None:
            with sqlite3.connect(path) as connection:
                connection.execute("ALTER TABLE astra_grants RENAME TO gone")
            connection.close()

        return inner.for_identity(ME, keys=keys), break_file
    if kind == "postgresql":
        import psycopg

        url = request.getfixturevalue("postgres_url")

        def break_table() -> None:
            with psycopg.connect(url, autocommit=True) as connection:
                connection.execute("ALTER TABLE astra_grants RENAME TO gone")

        return open_store(url).for_identity(ME), break_table
    import redis

    url = request.getfixturevalue("redis_url")

    def break_keys() -> None:
        with redis.Redis.from_url(url) as client:
            client.flushall()
            client.set("{astra}:@sandbox/client-1:grant:customer-1", "not a hash")
            client.set("{astra}:@sandbox/client-1:due", "not a set")

    return open_store(url).for_identity(ME), break_keys


def test_a_row_that_the_database_refuses_is_not_quoted(postgres_url: str) -> None:
    """PostgreSQL adds "Failing row contains (...)" to a refusal, with every column."""
    import psycopg

    with open_store(postgres_url).for_identity(ME) as store:
        store.load("x")
        with psycopg.connect(postgres_url, autocommit=True) as connection:
            connection.execute("ALTER TABLE astra_grants ADD CHECK (version < 5)")
        tokens = Tokens(store, refresh=lambda token: TokenAnswer(access_token="SECRET-NEW", expires_in=9))
        with pytest.raises(Exception, match="token store failed") as caught:
            tokens.store_answer(
                "customer-1", TokenAnswer(access_token="SECRET-ACCESS", expires_in=9, refresh_token="SECRET-REFRESH")
            )
        assert_clean(everything_shown_of(caught.value))
