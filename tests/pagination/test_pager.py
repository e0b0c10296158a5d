"""Walking through a list: all of it, in order, once, and knowing where one stopped."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Iterator
from typing import Any

import pytest

import astra
from astra.tokens import TokenAnswer
from tests.engine import httpx
from tests.names import as_it_travels


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
    transport = httpx.MockTransport(lambda request: as_it_travels(request, handler(request)))
    with (
        httpx.Client(transport=transport) as http_client,
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


@pytest.mark.parametrize("body", [{"transfers": []}, {"count": 0}, {"count": 0, "transfers": None}])
def test_a_list_is_empty_when_the_answer_says_so(body: dict[str, Any]) -> None:
    for client in client_on(lambda _: httpx.Response(200, json=body)):
        assert client.user("u").transfers.list().to_list() == []
        assert client.user("u").transfers.list().first() is None


ITEMS = [{"id": str(number)} for number in range(25)]


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"transfers": None},
        {"count": 60},
        {"count": 25, "data": ITEMS},
        {"results": ITEMS},
        {"count": 0, "data": ITEMS},
        [ITEMS[0]],
        [{}],
    ],
    ids=str,
)
def test_a_list_under_another_name_is_not_an_empty_list(body: Any) -> None:
    for client in client_on(lambda _: httpx.Response(200, json=body, headers={"Request-Id": "req_1"})):
        transfers = client.user("u").transfers.list()
        for look in (transfers.to_list, transfers.first, transfers.page):
            with pytest.raises(astra.ResponseDecodeError, match="'transfers'") as caught:
                look()
            assert caught.value.field == "transfers"
            assert (caught.value.request_id, caught.value.operation) == ("req_1", "list_transfers")
            keys = (body[0] if isinstance(body, list) else body).keys()
            assert all(repr(name) in str(caught.value) for name in keys)
            assert "client.request()" in str(caught.value)


def test_a_bare_array_of_several_items_is_not_an_empty_list() -> None:
    for client in client_on(lambda _: httpx.Response(200, json=ITEMS)):
        with pytest.raises(astra.ResponseDecodeError):
            client.user("u").transfers.list().to_list()


@pytest.mark.parametrize(
    "body",
    [
        {"count": 60, "transfers": ITEMS},
        {"transfers": ITEMS, "next_page_cursor": "c2"},
        {"count": 25, "transfers": ITEMS},
        {"transfers": ITEMS, "more": "True"},
        {"transfers": ITEMS, "more": "more"},
        {"transfers": ITEMS, "cursor": {"id": "c2"}},
        {"transfers": ITEMS[:3], "cursor": "same"},
    ],
    ids=str,
)
def test_a_list_that_may_have_been_cut_raises_after_what_came(body: dict[str, Any]) -> None:
    for client in client_on(lambda _: httpx.Response(200, json=body, headers={"Request-Id": "req_1"})):
        got = []
        with pytest.raises(astra.PaginationError) as caught:
            for item in client.user("u").transfers.list():
                got.append(item)
        assert len(got) >= len(body["transfers"])
        assert (caught.value.request_id, caught.value.operation) == ("req_1", "list_transfers")


@pytest.mark.parametrize(
    "body",
    [{"count": 60, "transfers": ITEMS}, {"transfers": ITEMS}, {"transfers": [], "cursor": "c2"}],
    ids=["count", "full", "empty with a cursor"],
)
def test_a_page_that_may_not_be_the_last_does_not_say_that_it_is(body: dict[str, Any]) -> None:
    for client in client_on(lambda _: httpx.Response(200, json=body)):
        page = client.user("u").transfers.list().page()
        assert len(page) == len(body["transfers"])
        assert page.error is not None
        with pytest.raises(astra.PaginationError):
            _ = page.has_more
        with pytest.raises(astra.PaginationError):
            _ = page.next_cursor


def test_a_limit_that_ends_at_a_page_that_may_have_been_cut_says_that_there_may_be_more() -> None:
    for client in client_on(lambda _: httpx.Response(200, json={"count": 60, "transfers": ITEMS})):
        pager = client.user("u").transfers.list(limit=25)
        assert len(pager.to_list()) == 25
        assert pager.truncated is True


class Shy(Listing):
    """Says nothing of pages on the last one, and uses another name for the cursor when `name` is given."""

    def __init__(self, total: int, *, name: str = "cursor") -> None:
        super().__init__(total)
        self.name = name

    def __call__(self, request: httpx.Request) -> httpx.Response:
        body = super().__call__(request).json()
        cursor = body.pop("cursor")
        del body["more"]
        return httpx.Response(200, json={**body, self.name: cursor} if cursor else body)


@pytest.mark.parametrize("total", [0, 3, 24, 25, 26, 50, 60])
def test_a_list_whose_last_page_is_full_and_says_nothing_is_whole(total: int) -> None:
    server = Shy(total)
    for client in client_on(server):
        assert len(client.user("u").transfers.list().to_list()) == total
        assert len(client.user("u").transfers.list(page_size=50).to_list()) == total
        server.queries.clear()
        page = client.user("u").transfers.list().page()
        assert page.has_more is (total > 25)
        assert server.queries == ([{}, {"page_size": "10"}] if total == 25 else [{}]), "one more read, in doubt alone"


@pytest.mark.parametrize("total", [25, 26, 60])
def test_a_list_whose_cursor_has_another_name_is_not_whole(total: int) -> None:
    for client in client_on(Shy(total, name="next_page_cursor")):
        with pytest.raises(astra.PaginationError, match="another page_size"):
            client.user("u").transfers.list().to_list()
        with pytest.raises(astra.PaginationError):
            client.user("u").transfers.list(page_size=10).to_list()
        if total == 25:
            assert len(client.user("u").transfers.list(page_size=50).to_list()) == 25


class Breaking(Listing):
    """Fails once, at the seventh page."""

    failed = False

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if request.url.params.get("cursor") == "60" and not self.failed:
            self.failed = True
            return httpx.Response(503)
        return super().__call__(request)


def test_a_walk_that_failed_on_page_seven_goes_on_from_there() -> None:
    for client in client_on(Breaking(75)):
        transfers = client.user("u").transfers
        pager, got = transfers.list(page_size=10), []
        with pytest.raises(astra.ServiceUnavailableError) as caught:
            for item in pager:
                got.append(item.id)
        assert (caught.value.cursor, pager.cursor) == ("60", "60")
        got += [item.id for item in transfers.list(page_size=10, cursor=caught.value.cursor)]
        assert got == [str(number) for number in range(75)]


def test_a_walk_that_was_left_goes_on_with_the_page_it_was_at(client: astra.Astra) -> None:
    pager = client.user("u").transfers.list()
    for item in pager:
        if item.id == "30":
            break
    assert pager.cursor == "25"
    assert next(item.id for item in client.user("u").transfers.list(cursor=pager.cursor)) == "25"
    assert len(pager.to_list()) == 60, "a pager walks from its start again"
    assert pager.cursor is None


def test_a_walk_that_fails_on_its_first_page_goes_on_from_the_start() -> None:
    for client in client_on(lambda _: httpx.Response(404)):
        with pytest.raises(astra.NotFoundError) as caught:
            client.user("u").transfers.list().to_list()
        assert caught.value.cursor is None


def test_an_empty_page_with_a_cursor_can_be_followed_on_purpose() -> None:
    def server(request: httpx.Request) -> httpx.Response:
        if "cursor" in request.url.params:
            return httpx.Response(200, json={"transfers": ITEMS[:2]})
        return httpx.Response(200, json={"transfers": [], "cursor": "c2"})

    for client in client_on(server):
        with pytest.raises(astra.PaginationError) as caught:
            client.user("u").transfers.list().to_list()
        assert len(client.user("u").transfers.list(cursor=caught.value.cursor).to_list()) == 2


def test_pages_are_iterated_like_their_items(client: astra.Astra) -> None:
    page = client.user("u").transfers.list(page_size=10).page()
    assert [transfer.id for transfer in page] == [transfer.id for transfer in page.items]
    assert len(page) == 10


LISTS: dict[str, Any] = {
    "segments": lambda client: client.user("u").transfers.segments("tr_1"),
    "payment_instruments": lambda client: client.payment_instruments.list(),
    "phone_number_change_requests": lambda client: client.user("u").profile.phone_number_change_requests(),
}


@pytest.mark.parametrize("name", LISTS)
def test_a_list_without_pages_is_iterated_like_a_list(name: str) -> None:
    for client in client_on(lambda _: httpx.Response(200, json={"count": 2, name: [{"id": "1"}, {"id": "2"}]})):
        found = LISTS[name](client)
        assert [item.id for item in found] == ["1", "2"]
        assert len(found) == 2
        assert list(found) == getattr(found, name)
        assert dict(found) == found.to_dict()


@pytest.mark.parametrize("name", LISTS)
@pytest.mark.parametrize("body", [{}, {"count": 2}, {"data": [{"id": "1"}]}, [{"id": "1"}], [{"id": "1"}, {"id": "2"}]])
def test_a_list_without_pages_under_another_name_is_not_an_empty_one(name: str, body: Any) -> None:
    for client in client_on(lambda _: httpx.Response(200, json=body, headers={"Request-Id": "req_1"})):
        with pytest.raises(astra.ResponseDecodeError) as caught:
            LISTS[name](client)
        assert caught.value.request_id == "req_1"


@pytest.mark.parametrize("name", LISTS)
@pytest.mark.parametrize("more", [{"count": 3}, {"cursor": "c2"}, {"more": True}, {"more": "True"}])
def test_a_list_without_pages_that_was_cut_raises(name: str, more: dict[str, Any]) -> None:
    for client in client_on(lambda _: httpx.Response(200, json={name: [{"id": "1"}, {"id": "2"}], **more})):
        with pytest.raises(astra.PaginationError):
            LISTS[name](client)


def test_a_model_is_iterated_like_the_dict_that_it_was_read_from(client: astra.Astra) -> None:
    transfer = client.user("u").transfers.list().to_list()[0]
    assert list(transfer) == list(transfer.keys()) == ["id"]
    assert dict(transfer) == transfer.to_dict() == {"id": "0"}
    assert [name for name in transfer if name in transfer] == ["id"]


@pytest.mark.parametrize(
    ("argument", "value"),
    [
        ("page_size", "20"),
        ("limit", "20"),
        ("limit", 2.5),
        ("cursor", 7),
        ("extra_query", {"cursor": "c1"}),
        ("max_retries", "2"),
        ("timeout", "5"),
    ],
)
def test_an_argument_that_cannot_be_right_is_refused_before_anything_is_sent(
    client: astra.Astra, listing: Listing, argument: str, value: Any
) -> None:
    with pytest.raises(astra.InvalidRequestError) as caught:
        client.user("u").transfers.list(**{argument: value})
    assert caught.value.argument == argument
    assert argument in str(caught.value)
    assert listing.queries == []


def test_a_misspelt_argument_is_told_what_the_list_takes(client: astra.Astra) -> None:
    with pytest.raises(TypeError, match="'status'; it takes cursor, limit, page_size, and the options"):
        client.user("u").transfers.list(status="pending")  # type: ignore[call-arg]


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


async def test_the_async_pager_tells_the_same(listing: Listing) -> None:
    http_client = httpx.AsyncClient(transport=httpx.MockTransport(Breaking(75)))
    async with http_client, astra.AsyncAstra("id", "secret", http_client=http_client, max_retries=0) as client:
        await client.tokens.store_answer("u", TokenAnswer(access_token="at", expires_in=7200, refresh_token="rt"))
        transfers, got = client.user("u").transfers, list[str]()
        pager = transfers.list(page_size=10)
        with pytest.raises(astra.ServiceUnavailableError) as caught:
            async for item in pager:
                got.append(item.id)
        assert (caught.value.cursor, pager.cursor) == ("60", "60")
        got += [item.id async for item in transfers.list(page_size=10, cursor=caught.value.cursor)]
        assert got == [str(number) for number in range(75)]
        newest = await transfers.list().first()
        assert newest is not None
        page = await transfers.list(page_size=10).page()
        assert [item.id for item in page] == [str(number) for number in range(10)]
        assert [item.id async for item in transfers.list(limit=2)] == ["0", "1"]


def test_an_async_list_without_pages_is_iterated_like_a_list() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        body = {"payment_instruments": [{"id": "1"}]}
        return as_it_travels(request, httpx.Response(200, json=body))

    async def read() -> list[str]:
        async with astra.AsyncAstra("id", "secret", http_client=httpx.MockTransport(answer)) as client:
            return [instrument.id for instrument in await client.payment_instruments.list()]

    assert asyncio.run(read()) == ["1"]


def test_a_server_that_does_not_heed_the_cursor_is_not_followed_for_ever() -> None:
    calls = itertools.count()
    rows = [{"id": f"tr_{number}"} for number in range(3)]

    def same_page(_: Any) -> Any:
        return httpx.Response(200, json={"transfers": rows, "cursor": f"c{next(calls)}", "more": True})

    for client in client_on(same_page):
        pager = client.user("u").transfers.list()
        came: list[str] = []
        with pytest.raises(astra.PaginationError, match="the same items") as caught:
            came.extend(item.id for item in pager)
        assert came == ["tr_0", "tr_1", "tr_2"]
        assert caught.value.cursor == pager.cursor == "c0"


@pytest.mark.parametrize("rest", [{"nextCursor": "c1"}, {"pagination": {"next_cursor": "c1"}}, {"total_count": 9}])
def test_a_short_page_that_speaks_of_more_in_other_words_is_not_the_whole_list(rest: dict[str, Any]) -> None:
    for client in client_on(lambda _: httpx.Response(200, json={"transfers": [{"id": "tr_0"}], **rest})):
        with pytest.raises(astra.PaginationError):
            client.user("u").transfers.list().to_list()
