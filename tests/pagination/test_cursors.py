"""What a page says of itself and of the next one, however the server spells it, and what is not believed."""

from __future__ import annotations

from typing import Any

import pytest
from astra_api.models import TransferList, User
from astra_api.operations import OPERATIONS

import astra
from astra.errors import ResponseDecodeError
from astra.http.calls import CallContext
from astra.pagination.cursors import (
    Flaw,
    Next,
    Walk,
    check_cursor,
    check_limit,
    check_page_size,
    is_proven,
    names_of,
    next_page,
    position_of,
    unproven,
    why_no_list,
)
from tests.names import as_answered

LAST = Next(None, more=False)
MISSING = Next(None, missing=True, more=True)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"cursor": "c1", "more": True}, Next("c1", more=True)),
        ({"next_cursor": "c1", "has_more": True}, Next("c1", more=True)),
        ({"cursor_id": 7}, Next("7")),
        ({"cursor": 0}, Next("0")),
        ({"cursor_id": "c3", "next_cursor": "c2", "cursor": "c1"}, Next("c1")),
        ({"cursor_id": "c3", "next_cursor": "c2", "cursor": None}, Next("c2")),
        ({"cursor_id": "c3", "next_cursor": ""}, Next("c3")),
        ({"cursor": "c1", "has_more": False}, LAST),
        ({"cursor": "c1", "more": False, "has_more": True}, LAST),
        ({"cursor": "c1", "more": None, "has_more": False}, LAST),
        ({"cursor": "c1", "more": "", "has_more": False}, LAST),
        ({"cursor": "c1", "more": False}, LAST),
        ({"cursor": None, "more": False}, LAST),
        ({"more": "False"}, LAST),
        ({"more": "true", "cursor": "c1"}, Next("c1", more=True)),
        ({"has_more": True}, MISSING),
        ({"more": True}, MISSING),
        ({"more": "True"}, MISSING),
        ({"more": "True", "cursor": ""}, MISSING),
        ({"more": "yes"}, Next(None, missing=True)),
        ({"more": 1}, Next(None, missing=True)),
        ({"cursor": {"next": "c1"}}, Next(None, missing=True)),
        ({"cursor": True}, Next(None, missing=True)),
        ({"cursor": ["c1"], "more": False}, LAST),
        ({"cursor": "c1", "more": "yes"}, Next("c1")),
        ({"cursor": ""}, Next(None)),
        ({"cursor": None}, Next(None)),
        ({"cursor_id": None}, Next(None)),
        ({"more": None}, Next(None)),
        ({"has_more": None}, Next(None)),
        ({}, Next(None, named=False)),
        ({"count": 2}, Next(None, count=2, named=False)),
        ({"count": "60"}, Next(None, count=60, named=False)),
        ({"count": "9" * 18}, Next(None, count=int("9" * 18), named=False)),
        ({"count": "9" * 19}, Next(None, named=False)),
        ({"count": "٣"}, Next(None, named=False)),
        ({"count": "-1"}, Next(None, named=False)),
        ({"count": True}, Next(None, named=False)),
        ({"count": 1.5}, Next(None, named=False)),
        ({"total_count": 60}, Next(None, count=60, named=False)),
        ({"totalCount": "60"}, Next(None, count=60, named=False)),
        ({"nextCursor": "c1"}, Next(None, missing=True, named=False)),
        ({"nextCursor": None}, Next(None, named=False)),
        ({"previousCursor": "c1"}, Next(None, named=False)),
        ({"next": "/v1/transfers?cursor=c1"}, Next(None, missing=True, named=False)),
        ({"next_payment": "2026-01-01", "next": ["c1"]}, Next(None, named=False)),
        ({"nextCursor": "c1", "more": False}, LAST),
        ({"nextCursor": "c1", "cursor": "c2"}, Next("c2")),
        ({"pagination": {"next_cursor": "c1"}}, Next(None, missing=True, named=False)),
        ({"pagination": {"next_cursor": None, "total": 7}}, Next(None, named=False)),
        ({"links": {"self": "/", "next": "/v1/transfers?cursor=c1"}}, Next(None, missing=True, named=False)),
        ({"meta": {"page": {"next": "c1"}}}, Next(None, named=False)),
        ({"pageInfo": {"hasNextPage": True}}, Next(None, missing=True, named=False)),
        ({"user": {"next": "c1"}}, Next(None, named=False)),
    ],
)
def test_the_next_page_is_found_or_its_absence_is_known(body: dict[str, Any], expected: Next) -> None:
    assert next_page(body) == expected


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"cursor": "c1"}, Next(None, missing=True)),
        ({"cursor": "c1", "more": True}, MISSING),
        ({"more": True}, MISSING),
        ({"cursor": "c1", "more": False}, LAST),
        ({"cursor": None}, Next(None)),
    ],
)
def test_a_list_without_pages_that_says_that_there_is_more_misses_it(body: dict[str, Any], expected: Next) -> None:
    assert next_page(body, unpaged=True) == expected


@pytest.mark.parametrize(
    "body",
    [
        {"more": True, "cursor": "c1"},
        {"more": False, "cursor": "c1"},
        {"more": False, "cursor": "c1", "next_cursor": "c2"},
        {"cursor": "c1"},
        {"cursor": "c1", "has_more": False},
        {"more": True, "next_cursor": "c2"},
        {"has_more": True, "next_cursor": "c2"},
        {"more": True},
        {"more": "yes", "cursor": "c1"},
        {"more": True, "cursor": 7},
        {"more": True, "cursor": "c1", "count": 60},
        {"more": "True"},
        {"count": "many", "more": True, "cursor": "c1"},
        {"count": 60},
        {},
    ],
)
@pytest.mark.parametrize("items", [0, 25])
def test_a_page_that_was_read_says_the_same_as_its_body(body: dict[str, Any], items: int) -> None:
    page = TransferList.from_dict(as_answered("list_transfers", {"transfers": [], **body}))
    assert next_page(position_of(page, items=items)) == next_page(body)


@pytest.mark.parametrize("body", [{"more": True, "cursor": "c1"}, {"more": False, "cursor": None, "count": 2}])
def test_a_page_with_items_and_the_documented_fields_is_not_decoded_again(body: dict[str, Any]) -> None:
    page = TransferList.from_dict(as_answered("list_transfers", {"transfers": [], **body}))
    assert position_of(page, items=1) == {"count": None, **body}  # not the transfers, too
    assert position_of(page, items=0) == {"transfers": [], **body}


def test_an_object_without_paging_fields_is_the_last_page() -> None:
    assert next_page(position_of(User.from_dict({"id": "usr_1"}), items=1)) == Next(None, named=False)
    assert next_page(position_of(User.from_dict({"id": "usr_1", "next_cursor": "c2"}), items=1)) == Next("c2")


def test_a_page_of_a_call_is_looked_at_whole_when_a_field_of_it_cannot_be_read() -> None:
    page = TransferList.from_dict({"transfers": [], "more": "yes", "cursor": "c1"}, context=context())
    with pytest.raises(ResponseDecodeError):
        _ = page.more
    assert next_page(position_of(page, items=25)) == Next("c1")


# What is no list.


@pytest.mark.parametrize(
    "body",
    [
        {"transfers": []},
        {"transfers": [], "count": 60},  # the count is judged over all pages
        {"count": 0},
        {"count": "0"},
        {"count": 0, "transfers": None},
        {"count": 0, "warnings": ["old"], "links": {"self": "/"}, "rows": []},
    ],
)
def test_an_empty_list_is_one_that_says_so(body: dict[str, Any]) -> None:
    assert why_no_list(body, key="transfers") is None


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ({}, "has no list 'transfers'"),
        ({"transfers": None}, "has no list 'transfers'"),
        ({"count": 60}, "has no list 'transfers'"),
        ({"count": None}, "has no list 'transfers'"),
        ({"count": "many"}, "has no list 'transfers'"),
        ({"id": "tr_1", "amount": 5}, "has no list 'transfers'"),
        ({"count": 60, "data": [{"id": "tr_1"}]}, "has no items under 'transfers', and items under 'data'"),
        ({"count": 0, "data": ["a", {"id": "tr_1"}]}, "and items under 'data'"),
        ({"transfers": [], "data": [{"id": "tr_1"}]}, "and items under 'data'"),
    ],
)
def test_an_answer_that_may_hold_its_list_elsewhere_is_no_empty_list(body: dict[str, Any], says: str) -> None:
    problem = why_no_list(body, key="transfers")
    assert problem is not None
    assert says in problem
    assert f"its fields are {names_of(body)}." in problem
    assert "client.request() gives the answer as it came" in problem
    assert "tr_1" not in problem


def test_names_in_a_message_are_bounded() -> None:
    assert names_of([]) == "none"
    assert names_of(["a", "b"]) == "'a', 'b'"
    assert names_of(["x" * 40]) == repr("x" * 40)
    assert names_of(["x" * 41]) == repr("x" * 40)
    assert names_of([str(number) for number in range(20)]).endswith("'18', '19'")
    assert names_of([str(number) for number in range(21)]).endswith("'18', '19' and 1 more")


# A walk from page to page.


def context() -> CallContext:
    return CallContext(OPERATIONS["list_transfers"], "/v1/transfers", None)


def walked(*pages: tuple[int, Next], start: str | None = None, size: int | None = None) -> tuple[Flaw | None, bool]:
    """Walks over pages, each asked for with the cursor of the one before, and returns what the last one comes to."""
    walk, asked = Walk(start), start
    flaw, needs_proof = None, False
    for position, (items, said) in enumerate(pages, start=1):
        end, needs_proof = walk.take(said, items=items, asked=asked, size=size)
        flaw = walk.flaw(end, items=items, asked=asked)
        if position < len(pages):
            assert (flaw, needs_proof) == (None, False), "the walk goes on"
            asked = end.cursor
    return flaw, needs_proof


@pytest.mark.parametrize(
    "pages",
    [
        [(0, Next(None, named=False))],
        [(24, Next(None, named=False))],
        [(26, Next(None, named=False))],
        [(25, LAST)],
        [(25, Next(None))],
        [(25, Next("c1")), (25, Next(None, named=False))],
        [(25, Next("c1", more=True)), (0, Next("c2", more=True)), (3, LAST)],
        [(25, Next("c1")), (0, Next("c1"))],
        [(25, Next("c1", count=25)), (25, Next("c2", count=25)), (10, Next(None, count=10))],
        [(25, Next("c1", count=35)), (10, Next(None, count=35))],
        [(25, Next("c1", count=35)), (10, Next(None, count=36))],  # one was made meanwhile
        [(25, Next("c1", count=36)), (10, Next(None, count=35))],  # one was removed meanwhile
        [(25, Next(None, count=0))],
    ],
)
def test_a_list_that_ends_as_documented_is_whole(pages: list[tuple[int, Next]]) -> None:
    assert walked(*pages) == (None, False)


@pytest.mark.parametrize(
    "pages",
    [
        [(25, Next(None, count=26))],
        [(25, Next(None, count=60, named=False))],
        [(0, Next(None, count=1))],
        [(25, Next("c1", count=60)), (25, Next("c2")), (9, Next(None))],
        [(25, Next("c1")), (25, Next(None, count=51))],
        [(25, Next("c1", count=60)), (0, Next("c1", count=60))],
        [(25, Next(None, count=60, more=False))],
    ],
)
def test_a_count_of_more_than_all_that_came_is_no_end(pages: list[tuple[int, Next]]) -> None:
    flaw, needs_proof = walked(*pages)
    assert flaw is not None
    assert not needs_proof
    received = sum(items for items, _ in pages)
    count = min(said.count for _, said in pages if said.count is not None)
    assert flaw.reason.startswith(
        f"The list ended after {received} items without a cursor to more, and its count says {count}. Astra may have"
    )
    assert flaw.reason.endswith("to get it before this error.")
    assert flaw.cursor == (None if len(pages) == 1 else pages[-2][1].cursor)


def test_a_walk_that_began_at_a_cursor_cannot_be_judged_by_count_or_fullness() -> None:
    assert walked((10, Next(None, count=60)), start="c5") == (None, False)
    assert walked((25, Next(None, count=60, named=False)), start="c5") == (None, False)


def test_more_without_a_way_to_it_is_no_end() -> None:
    flaw, _ = walked((25, Next("c1")), (25, MISSING))
    assert flaw is not None
    assert "gives no cursor that can be followed" in flaw.reason
    assert flaw.cursor == "c1"


def test_a_cursor_that_comes_back_is_no_way() -> None:
    for pages in (
        [(25, Next("c1")), (25, Next("c2")), (25, Next("c1"))],
        [(25, Next("c1")), (25, Next("c1"))],
        [(25, Next("c1")), (0, Next("c1", more=True))],
    ):
        flaw, _ = walked(*pages)
        assert flaw is not None
        assert "same cursor twice" in flaw.reason
        assert flaw.cursor == pages[-2][1].cursor
    flaw, _ = walked((25, Next("c1")), (25, Next("c0")), start="c0")
    assert flaw is not None


def test_an_empty_page_with_a_new_cursor_is_neither_an_end_nor_a_way() -> None:
    flaw, _ = walked((25, Next("c1")), (0, Next("c2")))
    assert flaw is not None
    assert "list again with cursor=error.cursor" in flaw.reason
    assert flaw.cursor == "c2"
    assert walked((0, Next("c1")))[0] is not None
    assert walked((1, Next("c1")))[0] is None
    assert walked((0, Next("c1", more=True)))[0] is None


@pytest.mark.parametrize(
    ("items", "size", "needs_proof"),
    [(25, None, True), (25, 50, True), (50, 50, True), (100, None, True), (10, 10, True), (24, 50, False)],
)
def test_a_full_page_without_any_field_of_paging_needs_proof(items: int, size: int | None, needs_proof: bool) -> None:
    assert walked((items, Next(None, named=False)), size=size) == (None, needs_proof)
    assert walked((items, Next(None, named=False, count=items)), size=size) == (None, needs_proof)
    assert walked((items, Next(None)), size=size) == (None, False)


@pytest.mark.parametrize(
    ("smaller", "came", "size", "proven"),
    [
        (Next("c1"), 10, None, True),
        (Next(None, named=False), 10, None, False),
        (Next(None), 10, None, False),
        (MISSING, 10, None, False),
        (Next(None, named=False), 10, 25, False),
        (Next(None, named=False), 10, 26, True),
        (Next(None, named=False), 25, 26, False),
    ],
)
def test_a_smaller_page_proves_that_the_first_one_was_all_by_a_cursor_or_by_its_size(
    smaller: Next, came: int, size: int | None, proven: bool
) -> None:
    assert is_proven(smaller, items=25, came=came, size=size) is proven


def test_what_cannot_be_proven_says_how_to_go_on() -> None:
    flaw = unproven(25, asked="c1")
    assert "full (25 items)" in flaw.reason
    assert "another page_size shows that. Astra may have renamed" in flaw.reason
    assert flaw.cursor == "c1"


def test_the_error_of_a_flaw_names_the_call_and_where_to_go_on() -> None:
    where = context()
    error = Flaw("It broke.", "c7").error(where)
    assert isinstance(error, astra.PaginationError)
    assert (error.cursor, error.call_id, error.operation) == ("c7", where.call_id, "list_transfers")
    assert str(error) == f"It broke. {where.describe()}"


# Arguments.


@pytest.mark.parametrize("size", [9, 101, 0, -1, "20", 20.0, True, b"20"])
def test_a_page_size_that_cannot_be_right_is_refused_before_anything_is_sent(size: Any) -> None:
    with pytest.raises(astra.InvalidRequestError) as caught:
        check_page_size(size)
    assert caught.value.argument == "page_size"
    assert str(caught.value) == (
        f"page_size must be 10 to 100, not {size!r}. To get fewer items, pass limit; to get more, just iterate."
    )


@pytest.mark.parametrize("size", [None, 10, 100])
def test_a_page_size_in_range_is_taken(size: int | None) -> None:
    assert check_page_size(size) == size


@pytest.mark.parametrize("limit", [-1, "20", 2.5, False])
def test_a_limit_that_is_no_count_is_refused(limit: Any) -> None:
    with pytest.raises(astra.InvalidRequestError) as caught:
        check_limit(limit)
    assert caught.value.argument == "limit"
    assert str(caught.value) == f"limit must be a whole number from 0 up, not {limit!r}."


@pytest.mark.parametrize("limit", [None, 0, 1, 100_000])
def test_no_limit_and_any_count_is_taken_also_none_at_all(limit: int | None) -> None:
    assert check_limit(limit) == limit


def test_a_cursor_is_text_and_an_empty_one_is_none() -> None:
    assert (check_cursor("c1"), check_cursor(""), check_cursor(None)) == ("c1", None, None)
    with pytest.raises(astra.InvalidRequestError) as caught:
        check_cursor(7)
    assert caught.value.argument == "cursor"
    assert str(caught.value) == "cursor must be text, from page.next_cursor or error.cursor, not int."
