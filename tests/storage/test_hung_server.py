"""A database server that hangs holds nobody up for longer than a call may take.

Its processes are stopped, so its kernel still takes connections and acknowledges packets; nobody answers.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import psutil
import pytest

import astra
from astra.request_log import RequestQuery
from astra.testing.store_contract import make_grant
from astra.tokens import Identity, open_store
from tests.request_log.test_logs import record
from tests.storage.families import FAMILIES, FamilyUnderTest

LIMIT = 3.0


def family_of_processes(parent: psutil.Process) -> list[psutil.Process]:
    return [parent, *parent.children(recursive=True)]


@contextmanager
def stopped(url: str) -> Iterator[None]:
    """Stops the server of a URL, and lets it go on in any case."""
    parts = urlsplit(url)
    if parts.scheme == "postgresql":
        pid = int(Path(parse_qs(parts.query)["host"][0], "postmaster.pid").read_text().split()[0])
        server = psutil.Process(pid)
    else:
        import redis

        with redis.Redis.from_url(url) as client:
            server = psutil.Process(client.info("server")["process_id"])
    held = family_of_processes(server)
    try:
        for process in held:
            os.kill(process.pid, signal.SIGSTOP)
        yield
    finally:
        for process in held:
            with suppress(ProcessLookupError):  # one that the server, going on again, has ended
                os.kill(process.pid, signal.SIGCONT)


@pytest.fixture(params=["postgresql", "redis"])
def url(request: pytest.FixtureRequest) -> str:
    name = {"postgresql": "postgres_url", "redis": "redis_url"}[request.param]
    found: str = request.getfixturevalue(name)
    return found


def answer(request: httpx.Request) -> httpx.Response:
    return httpx.Response(200, json={"id": "usr_1"}, headers={"Request-Id": "req-1"})


def fill(url: str) -> None:
    now = time.time()
    with open_store(url).for_identity(Identity("sandbox", "id")) as store:
        for key in ("a", "b"):
            grant = make_grant(key, access_expires_at=now + 7200, refresh_expires_at=now + 864_000, refreshed_at=now)
            store.save(grant, replaces=None)


@pytest.mark.outage
@pytest.mark.parametrize("warm", [True, False], ids=["open connection", "new connection"])
def test_a_call_with_a_timeout_of_3_seconds_ends_in_time_when_the_token_store_hangs(url: str, warm: bool) -> None:
    fill(url)
    with (
        httpx.Client(transport=httpx.MockTransport(answer)) as http,
        astra.Astra("id", "secret", token_store=url, timeout=LIMIT, http_client=http) as client,
    ):
        if warm:
            client.tokens.get("a")
        with stopped(url):
            started = time.monotonic()
            with pytest.raises(astra.TokenStoreError) as caught:
                client.user("b").profile.get()
            assert time.monotonic() - started < LIMIT
        assert caught.value.timed_out
        assert client.tokens.get("b") is not None, "it recovers by itself"


@pytest.mark.outage
@pytest.mark.parametrize("warm", [True, False], ids=["open connection", "new connection"])
async def test_an_async_call_ends_in_time_and_holds_no_other_task_up(url: str, warm: bool) -> None:
    import asyncio

    fill(url)
    async with (
        httpx.AsyncClient(transport=httpx.MockTransport(answer)) as http,
        astra.AsyncAstra("id", "secret", token_store=url, timeout=LIMIT, http_client=http) as client,
    ):
        if warm:
            await client.tokens.get("a")
        with stopped(url):
            started = time.monotonic()
            call = asyncio.ensure_future(client.user("b").profile.get())
            turns = 0
            while not call.done():
                await asyncio.wait([call], timeout=0.05)
                turns += 1
            assert time.monotonic() - started < LIMIT
            assert turns > 10
        assert isinstance(call.exception(), astra.TokenStoreError)


@pytest.mark.outage
def test_a_refresh_whose_store_hangs_before_its_save_waits_once(postgres_url: str) -> None:
    fill(postgres_url)
    holding: list[Any] = []

    def refresh(request: httpx.Request) -> httpx.Response:
        holding.append(stopped(postgres_url))
        holding[0].__enter__()
        body = {"access_token": "new", "refresh_token": "new-refresh", "expires_in": 7200, "token_type": "bearer"}
        return httpx.Response(200, json=body)

    with (
        httpx.Client(transport=httpx.MockTransport(refresh)) as http,
        astra.Astra("id", "secret", token_store=postgres_url, timeout=LIMIT, http_client=http) as client,
    ):
        client.tokens.get("a")
        started = time.monotonic()
        try:
            assert client.tokens.refresh("b").access_token == "new"
            assert time.monotonic() - started < LIMIT
        finally:
            holding[0].__exit__(None, None, None)


@pytest.mark.outage
@pytest.mark.parametrize("name", ["tokens", "dedupe"])
def test_a_step_of_a_store_ends_in_time_and_the_next_one_after_it_recovers_works(name: str, url: str) -> None:
    family: FamilyUnderTest = FAMILIES[name]
    with family.open(url) as store:
        assert family.use(store, "before")
        with stopped(url):
            started = time.monotonic()
            with pytest.raises(family.error) as caught:
                family.use(store, "during")
            assert time.monotonic() - started < LIMIT
        assert caught.value.timed_out  # type: ignore[attr-defined]
        assert family.use(store, "after")


def test_a_request_log_whose_server_hangs_holds_up_no_call(postgres_url: str) -> None:
    family = FAMILIES["requests"]
    with family.open(postgres_url) as log:
        assert family.use(log, "before")
        with stopped(postgres_url):
            started = time.monotonic()
            for number in range(1000):
                log.append(record(number))
            assert time.monotonic() - started < 1
        assert len(log.query(limit=None)) == 1001


@pytest.mark.outage
@pytest.mark.parametrize("when", ["in the midst of it", "when it is given up"])
def test_a_read_of_many_rows_ends_in_time_when_the_server_hangs(
    when: str, postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("astra.storage.sql.SLOW", 1.0)
    with FAMILIES["requests"].open(postgres_url) as log:
        for number in range(2_500):
            log.append(record(number))
        rows = log.select(RequestQuery(limit=None))
        next(rows)
        with stopped(postgres_url):
            started = time.monotonic()
            if when == "in the midst of it":
                with pytest.raises(astra.RequestLogError):
                    list(rows)
            else:
                rows.close()
            assert time.monotonic() - started < 2 * LIMIT
        assert len(log.query(limit=None)) == 2_500
