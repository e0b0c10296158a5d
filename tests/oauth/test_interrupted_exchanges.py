"""A caller who goes away in the midst of an exchange: the code is spent, so the tokens are kept all the same."""

from __future__ import annotations

import asyncio
import itertools
import logging
import os
import re
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import astra
from astra.tokens import TokenStore
from astra.tokens.stores.memory import MemoryStore
from astra.tokens.stores.sqlite import SQLiteStore
from tests.engine import httpx


class Endpoint:
    """Answers as Astra does, and calls `spent` when it has got the code."""

    def __init__(self, *, spent: Callable[[], None], user: int = 200) -> None:
        self._spent = spent
        self._user = user

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/oauth/token"):
            self._spent()
            return httpx.Response(200, json={"access_token": "a1", "expires_in": 7200, "refresh_token": "r1"})
        return httpx.Response(self._user, json={"id": "usr_1", "status": "approved"})

    async def later(self, request: httpx.Request) -> httpx.Response:
        await asyncio.sleep(0)
        response = self(request)
        await asyncio.sleep(0)
        return response


def options(store: TokenStore) -> dict[str, Any]:
    return {"client_id": "id", "client_secret": "s3cret", "token_store": store, "redirect_uri": "https://app/back"}


def kept(client: astra.Astra | astra.AsyncAstra) -> list[tuple[str, str]]:
    return [(grant.key, grant.access_token) for grant in client.tokens.store.iterate()]


@pytest.fixture(params=["memory", "sqlite"])
def stores(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[], TokenStore]:
    numbers = itertools.count()
    return lambda: MemoryStore() if request.param == "memory" else SQLiteStore(tmp_path / f"{next(numbers)}.db")


@pytest.mark.parametrize("key", ["customer-42", None])
async def test_a_task_that_is_cancelled_anywhere_after_the_code_was_sent_loses_no_tokens(
    stores: Callable[[], TokenStore], key: str | None
) -> None:
    for steps in itertools.count():
        spent = asyncio.Event()
        transport = httpx.MockTransport(Endpoint(spent=spent.set).later)
        with stores() as store:
            async with astra.AsyncAstra(**options(store), http_client=httpx.AsyncClient(transport=transport)) as client:
                task = asyncio.create_task(client.oauth.exchange("code", key=key))
                await spent.wait()
                for _ in range(steps):
                    await asyncio.sleep(0)
                was_done = task.done()
                task.cancel()
                await asyncio.wait([task])
                assert was_done or task.cancelled()
            assert kept(client) == [(key or "usr_1", "a1")], f"cancelled after {steps} steps"
        if was_done:
            break
    assert steps > 1


async def test_a_time_limit_around_an_exchange_loses_no_tokens() -> None:
    limit = asyncio.timeout(None)
    transport = httpx.MockTransport(Endpoint(spent=lambda: limit.reschedule(0)).later)
    async with astra.AsyncAstra(**options(MemoryStore()), http_client=httpx.AsyncClient(transport=transport)) as client:
        with pytest.raises(TimeoutError):
            async with limit:
                await client.oauth.exchange("code", key="customer-42")
    assert kept(client) == [("customer-42", "a1")]


async def test_tokens_that_cannot_be_kept_when_nobody_waits_for_them_are_reported(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.ERROR, logger="astra.oauth")
    spent = asyncio.Event()
    transport = httpx.MockTransport(Endpoint(spent=spent.set, user=404).later)
    async with astra.AsyncAstra(**options(MemoryStore()), http_client=httpx.AsyncClient(transport=transport)) as client:
        task = asyncio.create_task(client.oauth.exchange("code"))
        await spent.wait()
        task.cancel()
        await asyncio.wait([task])
    (record,) = caplog.records
    assert "send the person through again" in record.getMessage()
    assert re.search(r"\ba1\b", record.getMessage()) is None  # an id of a call may have these letters


def test_tokens_that_are_lost_with_their_event_loop_are_reported(caplog: pytest.LogCaptureFixture) -> None:
    async def program() -> None:
        spent = asyncio.Event()

        async def never(_: httpx.Request) -> httpx.Response:
            spent.set()
            await asyncio.Event().wait()
            return httpx.Response(200)

        http = httpx.AsyncClient(transport=httpx.MockTransport(never))
        client = astra.AsyncAstra(**options(MemoryStore()), http_client=http)
        task = asyncio.create_task(client.oauth.exchange("code", key="customer-42"))
        await spent.wait()
        task.cancel()
        await asyncio.wait([task])

    asyncio.run(program())
    assert "an exchange for 'customer-42'" in caplog.text
    assert "its event loop was shut down" in caplog.text


@pytest.fixture
def interrupt() -> Iterator[Callable[[], None]]:
    """Makes the main thread raise what Ctrl-C raises."""

    def stop(_number: int, _frame: object) -> None:
        raise KeyboardInterrupt

    former = signal.signal(signal.SIGUSR1, stop)
    yield lambda: os.kill(os.getpid(), signal.SIGUSR1)
    signal.signal(signal.SIGUSR1, former)


@pytest.mark.parametrize("key", ["customer-42", None])
def test_ctrl_c_after_the_code_was_sent_loses_no_tokens(
    stores: Callable[[], TokenStore], interrupt: Callable[[], None], key: str | None
) -> None:
    transport = httpx.MockTransport(Endpoint(spent=interrupt))
    with stores() as store:
        with (
            astra.Astra(**options(store), http_client=httpx.Client(transport=transport)) as client,
            pytest.raises(KeyboardInterrupt),
        ):
            client.oauth.exchange("code", key=key)
        assert kept(client) == [(key or "usr_1", "a1")]
