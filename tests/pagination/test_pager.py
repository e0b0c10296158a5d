"""Walking through a list: all of it, in order, once, and knowing where one stopped."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest

import astra
from astra.tokens import TokenAnswer
from tests.engine import httpx


class Listing:
    """A server with numbered transfers, newest first, that pages by cursor."""

    def __init__(self, total: int) -> None:
        self.total = total
        self.queries: list[dict[str, str]] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        query = dict(request.url.params)
        self.queries.append(query)
        start, size = int(query.get("cursor", "0")), int(query.get("page_size", "25"))
        items = [{"id": str(number)} for number in range(self.total)[start : start + size]]
        more = start + size < self.total
        body = {"transfers": items, "cursor": str(start + size) if more else None, "more": more}
        return httpx.Response(200, json=body, headers={"Request-Id": f"req_{len(self.queries)}"})


def client_on(handler: Any) -> Iterator[astra.Astra]:
    with (
        httpx.Client(transport=httpx.MockTransport(handler)) as http_client,
        astra.Astra("id", "secret", http_client=http_client, max_retries=0) as client,
    ):
        client.tokens.store_answer("u", TokenAnswer(access_token="at", expires_in=7200, refresh_token="rt"))
        yield client


@pytest.fixture
def listing() -> Listing:
    return Listing(60)


@pytest.fixture
def client(listing: Listing) -> Iterator[astra.Astra]:
    yield from client_on(listing)


def test_iterating_fetches_page_after_page_and_keeps_a_request_id_for_each(
    client: astra.Astra, listing: Listing
) -> None:
    pager = client.user("u").transfers.list()
    assert listing.queries == [], "nothing is sent before the first item is asked for"
    assert [item.id for item in pager] == [str(number) for number in range(60)]
    assert pager.request_ids == ["req_1", "req_2", "req_3"]
    assert pager.truncated is False
    assert listing.queries[0] == {}


def test_every_item_carries_the_request_id_of_its_own_page(client: astra.Astra) -> None:
    items = client.user("u").transfers.list(page_size=50).to_list()
    assert (items[0].request_id, items[59].request_id) == ("req_1", "req_2")


def test_a_limit_stops_early_says_so_and_fetches_no_page_in_vain(client: astra.Astra, listing: Listing) -> None:
    pager = client.user("u").transfers.list(limit=25)
    assert len(pager.to_list()) == 25
    assert pager.truncated is True
    assert len(listing.queries) == 1


def test_a_limit_that_is_never_reached_is_no_truncation(client: astra.Astra) -> None:
    pager = client.user("u").transfers.list(limit=60)
    assert len(pager.to_list()) == 60
    assert pager.truncated is False


def test_pages_can_be_walked_one_by_one_and_resumed(client: astra.Astra) -> None:
    page = client.user("u").transfers.list(page_size=50).page()
    assert (len(page.items), page.has_more, page.request_id) == (50, True, "req_1")
    rest = client.user("u").transfers.list(page_size=50, cursor=page.next_cursor).to_list()
    assert [item.id for item in rest] == [str(number) for number in range(50, 60)]
    assert [len(page.items) for page in client.user("u").transfers.list().pages()] == [25, 25, 10]


def test_first_gives_the_newest_or_none(client: astra.Astra, listing: Listing) -> None:
    newest = client.user("u").transfers.list().first()
    assert newest is not None
    assert newest.id == "0"
    listing.total = 0
    assert client.user("u").transfers.list().first() is None


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ({"transfers": [{"id": "1"}], "more": True}, "no cursor"),
        ({"transfers": [{"id": "1"}], "more": True, "cursor": "same"}, "same cursor twice"),
    ],
)
def test_a_list_that_cannot_be_followed_raises_instead_of_losing_or_repeating_items(
    body: dict[str, Any], says: str
) -> None:
    for client in client_on(lambda _: httpx.Response(200, json=body, headers={"Request-Id": "req_1"})):
        got = []
        with pytest.raises(astra.PaginationError, match=says) as caught:
            for item in client.user("u").transfers.list():
                got.append(item.id)
        assert got
        assert caught.value.request_id == "req_1"


@pytest.mark.parametrize("body", [{"transfers": None}, {}, {"count": 0}, {"transfers": []}])
def test_a_null_or_absent_list_is_an_empty_one(body: dict[str, Any]) -> None:
    for client in client_on(lambda _: httpx.Response(200, json=body)):
        assert client.user("u").transfers.list().to_list() == []


def test_a_list_in_a_form_before_pagination_is_read_too() -> None:
    body = {"count": 2, "transfers": [{"id": "1"}, {"id": "2"}]}
    for client in client_on(lambda _: httpx.Response(200, json=body)):
        assert len(client.user("u").transfers.list().to_list()) == 2


def test_the_async_pager_works_over_several_event_loops(listing: Listing) -> None:
    http_client = httpx.AsyncClient(transport=httpx.MockTransport(listing))
    client = astra.AsyncAstra("id", "secret", http_client=http_client)

    async def walk() -> list[str]:
        await client.tokens.store_answer("u", TokenAnswer(access_token="at", expires_in=7200, refresh_token="rt"))
        return [item.id async for item in client.user("u").transfers.list()]

    assert len(asyncio.run(walk())) == 60
    assert len(asyncio.run(walk())) == 60
    asyncio.run(client.close())
    asyncio.run(http_client.aclose())
