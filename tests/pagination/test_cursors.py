"""Where the next page is, however the server spells it."""

from __future__ import annotations

from typing import Any

import pytest
from astra_api.models import TransferList, User
from astra_api.operations import OPERATIONS

import astra
from astra.errors import ResponseDecodeError
from astra.http.calls import CallContext
from astra.pagination.cursors import Next, check_limit, check_page_size, next_page, position_of


@pytest.mark.parametrize(
    ("body", "items", "expected"),
    [
        ({"cursor": "c1", "more": True}, 25, Next("c1")),
        ({"next_cursor": "c1", "has_more": True}, 25, Next("c1")),
        ({"cursor_id": 7}, 25, Next("7")),
        ({"cursor": 0}, 25, Next("0")),
        ({"cursor_id": "c3", "next_cursor": "c2", "cursor": "c1"}, 25, Next("c1")),
        ({"cursor_id": "c3", "next_cursor": "c2", "cursor": None}, 25, Next("c2")),
        ({"cursor_id": "c3", "next_cursor": ""}, 25, Next("c3")),
        ({"cursor": "c1", "has_more": False}, 25, Next(None)),
        ({"cursor": "c1", "more": False, "has_more": True}, 25, Next(None)),
        ({"cursor": "c1", "more": None, "has_more": False}, 25, Next(None)),
        ({"has_more": True}, 25, Next(None, missing=True)),
        ({"cursor": "c1", "has_more": True}, 0, Next("c1")),
        ({"cursor": "c1"}, 1, Next("c1")),
        ({"more": "yes"}, 25, Next(None)),
        ({"cursor": "c1", "more": "no"}, 0, Next(None)),
        ({"cursor": "c1", "more": False}, 25, Next(None)),
        ({"cursor": None, "more": False}, 25, Next(None)),
        ({"cursor": ""}, 3, Next(None)),
        ({}, 25, Next(None)),
        ({"count": 2}, 2, Next(None)),
        ({"cursor": "c1"}, 0, Next(None)),
        ({"cursor": "c1", "more": True}, 0, Next("c1")),
        ({"more": True}, 25, Next(None, missing=True)),
        ({"cursor": "c1", "more": "yes"}, 5, Next("c1")),
    ],
)
def test_the_next_page_is_found_or_its_absence_is_known(body: dict[str, Any], items: int, expected: Next) -> None:
    assert next_page(body, items=items) == expected


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"more": True, "cursor": "c1"}, Next("c1")),
        ({"more": False, "cursor": "c1"}, Next(None)),
        ({"more": False, "cursor": "c1", "next_cursor": "c2"}, Next(None)),
        ({"cursor": "c1"}, Next("c1")),
        ({"cursor": "c1", "has_more": False}, Next(None)),
        ({"more": True, "next_cursor": "c2"}, Next("c2")),
        ({"has_more": True, "next_cursor": "c2"}, Next("c2")),
        ({"more": True}, Next(None, missing=True)),
        ({"more": "yes", "cursor": "c1"}, Next("c1")),
        ({"more": True, "cursor": 7}, Next("7")),
        ({}, Next(None)),
    ],
)
def test_a_page_that_was_read_says_the_same_as_its_body(body: dict[str, Any], expected: Next) -> None:
    page = TransferList.from_dict({"transfers": [], **body})
    assert next_page(position_of(page), items=25) == expected
    assert next_page(body, items=25) == expected


@pytest.mark.parametrize("body", [{"more": True, "cursor": "c1"}, {"more": False, "cursor": None}])
def test_a_page_with_the_documented_fields_is_not_decoded_again(body: dict[str, Any]) -> None:
    assert position_of(TransferList.from_dict({"transfers": [], **body})) == body  # not the transfers, too


def test_an_object_without_paging_fields_is_the_last_page() -> None:
    assert next_page(position_of(User.from_dict({"id": "usr_1"})), items=1) == Next(None)
    assert next_page(position_of(User.from_dict({"id": "usr_1", "next_cursor": "c2"})), items=1) == Next("c2")


@pytest.mark.parametrize("size", [9, 101, 0, -1])
def test_a_page_size_out_of_range_is_refused_before_anything_is_sent(size: int) -> None:
    with pytest.raises(astra.InvalidRequestError) as caught:
        check_page_size(size)
    assert caught.value.argument == "page_size"
    assert str(caught.value) == (
        f"page_size must be 10 to 100, not {size}. To get fewer items, pass limit; to get more, just iterate."
    )


@pytest.mark.parametrize("size", [None, 10, 100])
def test_a_page_size_in_range_is_taken(size: int | None) -> None:
    assert check_page_size(size) == size


def test_a_negative_limit_is_refused() -> None:
    with pytest.raises(astra.InvalidRequestError) as caught:
        check_limit(-1)
    assert caught.value.argument == "limit"
    assert str(caught.value) == "limit must be 0 or more, not -1."


@pytest.mark.parametrize("limit", [None, 0, 1, 100_000])
def test_no_limit_and_any_count_is_taken_also_none_at_all(limit: int | None) -> None:
    assert check_limit(limit) == limit


def test_a_page_of_a_call_is_looked_at_whole_when_a_field_of_it_cannot_be_read() -> None:
    context = CallContext(OPERATIONS["list_transfers"], "/v1/transfers", None)
    page = TransferList.from_dict({"transfers": [], "more": "yes", "cursor": "c1"}, context=context)
    with pytest.raises(ResponseDecodeError):
        _ = page.more
    assert next_page(position_of(page), items=25) == Next("c1")
