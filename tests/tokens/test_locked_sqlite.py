"""A SQLite file that another process keeps locked costs a call its own timeout, and one whose token lives nothing."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import httpx
import pytest

import astra
from astra.testing.store_contract import make_grant
from astra.tokens import Identity, open_store

LIMIT = 3.0


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A store with a user whose token lives for 100 s more and should be refreshed, and one whose token is gone."""
    now = time.time()
    with open_store(tmp_path / "tokens.db").for_identity(Identity("sandbox", "id")) as store:
        for key, left in (("living", 100.0), ("gone", -1.0)):
            grant = make_grant(
                key, access_expires_at=now + left, refresh_expires_at=now + 864_000, refreshed_at=now - 7200 + left
            )
            assert store.save(grant, replaces=None)
    return tmp_path / "tokens.db"


@contextmanager
def locked(path: Path) -> Iterator[None]:
    with closing(sqlite3.connect(path, isolation_level=None)) as writer:
        writer.execute("BEGIN IMMEDIATE")
        yield


def answer(request: httpx.Request) -> httpx.Response:
    if request.url.path.endswith("/token"):
        body = {"access_token": "new", "refresh_token": "next", "expires_in": 7200, "token_type": "bearer"}
        return httpx.Response(200, json=body)
    return httpx.Response(200, json={"id": request.headers["Authorization"]})


@pytest.mark.outage
def test_a_call_waits_as_long_as_it_may_and_one_whose_token_lives_goes_out(path: Path) -> None:
    with (
        httpx.Client(transport=httpx.MockTransport(answer)) as http,
        astra.Astra("id", "secret", token_store=path, timeout=LIMIT, http_client=http) as client,
    ):
        with locked(path):
            for _ in range(4):
                started = time.monotonic()
                assert client.user("living").profile.get().id == "Bearer access-of-living"
                assert time.monotonic() - started < LIMIT
            started = time.monotonic()
            with pytest.raises((astra.TokenStoreError, astra.TokenUnavailableError)):
                client.user("gone").profile.get()
            assert time.monotonic() - started < LIMIT + 0.2
        assert client.user("gone").profile.get().id == "Bearer new"


@pytest.mark.outage
async def test_tasks_meet_the_same(path: Path) -> None:
    async with (
        httpx.AsyncClient(transport=httpx.MockTransport(answer)) as http,
        astra.AsyncAstra("id", "secret", token_store=path, timeout=LIMIT, http_client=http) as client,
    ):
        with locked(path):
            started = time.monotonic()
            assert (await client.user("living").profile.get()).id == "Bearer access-of-living"
            assert time.monotonic() - started < LIMIT
            started = time.monotonic()
            with pytest.raises((astra.TokenStoreError, astra.TokenUnavailableError)):
                await client.user("gone").profile.get()
            assert time.monotonic() - started < LIMIT + 0.2
        assert (await client.user("gone").profile.get()).id == "Bearer new"
