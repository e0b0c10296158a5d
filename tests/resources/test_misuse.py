"""What looks right and cannot work is a TypeError that says what to write instead."""

from __future__ import annotations

import copy
import pickle
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import pytest

import astra
from astra.tokens import TokenAnswer
from tests.engine import httpx

PAGE = {"transfers": [{"id": "1", "amount": 1.0, "status": "pending"}], "more": False}


def answer(request: httpx.Request) -> httpx.Response:
    return httpx.Response(200, json=PAGE, headers={"Request-Id": "req_1"})


@pytest.fixture
def client() -> Iterator[astra.Astra]:
    with (
        httpx.Client(transport=httpx.MockTransport(answer)) as http_client,
        astra.Astra("id", "s3cret", http_client=http_client) as client,
    ):
        client.tokens.store_answer("u", TokenAnswer(access_token="at", expires_in=7200, refresh_token="rt"))
        yield client


@pytest.fixture
async def async_client() -> AsyncIterator[astra.AsyncAstra]:
    async with astra.AsyncAstra("id", "s3cret") as client:
        yield client


def pager_of(client: Any) -> Any:
    return client.user("u").transfers.list(limit=5)


@pytest.mark.parametrize(
    ("use", "instead"),
    [
        (len, "Write len(pager.to_list())"),
        (lambda pager: pager[0], "Write pager.first() for the newest item"),
        (lambda pager: pager[:3], "list(limit=10) for the first ten"),
        (bool, "Write `pager.first() is not None`"),
    ],
)
def test_a_pager_that_is_used_as_a_list_says_what_to_write(
    client: astra.Astra, use: Callable[[Any], Any], instead: str
) -> None:
    with pytest.raises(TypeError) as refused:
        use(pager_of(client))
    assert instead in str(refused.value)


@pytest.mark.parametrize(
    ("use", "instead"),
    [
        (len, "Write len(await pager.to_list())"),
        (lambda pager: pager[0], "Write await pager.first() for the newest item"),
        (bool, "Write `await pager.first() is not None`"),
        (list, "Write `async for item in pager`, or get a list: await pager.to_list()"),
        (lambda pager: [item for item in pager], "Write `async for item in pager`"),
    ],
)
async def test_an_async_pager_that_is_used_as_a_list_says_what_to_write(
    async_client: astra.AsyncAstra, use: Callable[[Any], Any], instead: str
) -> None:
    with pytest.raises(TypeError) as refused:
        use(pager_of(async_client))
    assert instead in str(refused.value)


async def test_an_async_pager_that_is_awaited_says_what_to_write(async_client: astra.AsyncAstra) -> None:
    with pytest.raises(TypeError, match=r"Write `async for item in pager`, or await one of its methods"):
        await pager_of(async_client)


def test_a_pager_is_still_taken_by_what_asks_for_a_length_first(client: astra.Astra) -> None:
    pager = pager_of(client)
    assert not hasattr(pager, "__len__"), "Django's templates take what has none for an iterator"
    assert [item.id for item in list(pager)] == ["1"]
    assert [item.id for item in sorted(pager, key=lambda item: item.id)] == ["1"]


def test_a_pager_shows_how_far_it_is(client: astra.Astra) -> None:
    pager = client.user("u").transfers.list()
    assert repr(pager) == ("<Pager, nothing fetched yet: `for item in pager`, or pager.first(), .page() or .to_list()>")
    assert str(pager) == repr(pager)
    list(pager)
    assert repr(pager) == "<Pager, 1 page fetched>"
    ended = pager_of(client)
    ended.first()
    ended.first()
    assert repr(ended) == "<Pager of at most 5 items, 2 pages fetched>"


async def test_an_async_pager_says_how_it_is_iterated(async_client: astra.AsyncAstra) -> None:
    assert repr(pager_of(async_client)) == (
        "<AsyncPager of at most 5 items, nothing fetched yet: `async for item in pager`, or await pager.first(), "
        ".page() or .to_list()>"
    )


def test_with_over_an_async_client_says_async_with() -> None:
    with pytest.raises(TypeError, match="AsyncAstra is opened by `async with`"), astra.AsyncAstra("id", "s3cret"):  # type: ignore[attr-defined]
        pass


async def test_async_with_over_a_blocking_client_says_with(client: astra.Astra) -> None:
    with pytest.raises(TypeError, match=r"it is opened by `with`.*`async with AsyncAstra"):
        async with client:  # type: ignore[attr-defined]
            pass


@pytest.mark.parametrize("leave", [pickle.dumps, copy.deepcopy])
@pytest.mark.parametrize(
    "part",
    [
        lambda client: client,
        lambda client: client.with_options(timeout=5),
        lambda client: client.user("u"),
        lambda client: client.user("u").transfers,
        lambda client: client.payment_instruments,
        pager_of,
    ],
    ids=["client", "view", "session", "resource", "resource of the client", "pager"],
)
def test_what_holds_connections_leaves_no_process_and_says_so(
    client: astra.Astra, part: Callable[[Any], Any], leave: Callable[[Any], Any]
) -> None:
    for chosen in (client, astra.AsyncAstra("id", "s3cret")):
        thing = part(chosen)
        with pytest.raises(TypeError) as refused:
            leave(thing)
        text = str(refused.value)
        assert text.startswith(f"{type(thing).__name__} can be neither pickled nor deep-copied")
        assert "Another process makes a client of its own, as with Astra.from_env()" in text
        assert "s3cret" not in text


def test_a_shallow_copy_of_a_client_shares_its_connections(client: astra.Astra) -> None:
    assert copy.copy(client).user("u").transfers.list().first() is not None
