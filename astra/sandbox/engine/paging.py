"""Newest-first pages by cursor. The one place that knows the names of the query parameters and envelope fields."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from bisect import bisect_left
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from astra.sandbox.engine.core import Answer, Engine
from astra.sandbox.engine.problems import invalid
from astra.sandbox.engine.tables import Record, by_seq

T = TypeVar("T", bound=Record)

CURSOR = "cursor"
PAGE_SIZE = "page_size"
DEFAULT_SIZE = 25
SMALLEST, LARGEST = 10, 100


def page_size(query: dict[str, str]) -> int:
    """Returns the page size asked for.

    Raises:
        Problem: it is not a whole number from 10 to 100.
    """
    text = query.get(PAGE_SIZE)
    if text is None:
        return DEFAULT_SIZE
    if not (text.isascii() and text.isdigit()) or len(text) > 9:
        raise invalid({PAGE_SIZE: ["Not a valid integer."]})
    size = int(text)
    if not SMALLEST <= size <= LARGEST:
        raise invalid(
            {PAGE_SIZE: [f"Must be greater than or equal to {SMALLEST} and less than or equal to {LARGEST}."]}
        )
    return size


def cursor_after(seq: int) -> str:
    """Returns an opaque cursor for what comes after a record."""
    return urlsafe_b64encode(f"astra:{seq}".encode()).decode().rstrip("=")


def cursor_seq(query: dict[str, str]) -> int | None:
    """Returns the place that a cursor names.

    Raises:
        Problem: the cursor was not made by this sandbox.
    """
    text = query.get(CURSOR)
    if not text:
        return None
    try:
        name, _, seq = urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode("ascii").partition(":")
        if name == "astra" and len(seq) < 20:
            return int(seq)
    except ValueError:
        pass
    raise invalid({CURSOR: ["Not a valid cursor."]})


def page(
    engine: Engine, query: dict[str, str], *, plural: str, records: Sequence[T], show: Callable[[Engine, T], Any]
) -> Answer:
    """Returns one page of an owner's records, which are given oldest first.

    A record made or removed between two pages neither hides another one nor shows it twice.
    """
    size = page_size(query)
    before = cursor_seq(query)
    end = len(records) if before is None else bisect_left(records, before, key=by_seq)
    start = max(0, end - size)
    items = [show(engine, records[at]) for at in range(end - 1, start - 1, -1)]
    body: dict[str, Any] = {"count": len(records) if engine.quirks.count_of_all else len(items)}
    if items or not engine.quirks.absent_empty_lists:
        body[plural] = items
    body["cursor"] = cursor_after(records[start].seq) if start > 0 else None
    body["more"] = start > 0
    return Answer(200, body)
