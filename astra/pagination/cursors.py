"""Where the next page is. The spec is not certain of the field names, so other spellings are read as well."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import attrs
from astra_api.errors import FieldDecodeError
from astra_api.types import Model

from astra.errors import InvalidRequestError, ResponseDecodeError

_CURSORS = ("cursor", "next_cursor", "cursor_id")
_MORE = ("more", "has_more")
SMALLEST_PAGE = 10
LARGEST_PAGE = 100


@attrs.frozen
class Next:
    """What a page says of the page after it.

    Attributes:
        cursor: opaque cursor of the next page, or None when there is none.
        missing: True when the page says that there is more and gives no way to it.
    """

    cursor: str | None
    missing: bool = False


def position_of(page: Model) -> Mapping[str, Any]:
    """Returns what a page says of the page after it. The whole body is looked at only when the documented fields do
    not say it, since that means to decode it again.

    Args:
        page: the page as read.
    """
    try:
        more, cursor = getattr(page, "more", None), getattr(page, "cursor", None)
    except (FieldDecodeError, ResponseDecodeError):
        return page.to_dict()
    return {"more": more, "cursor": cursor} if more is False or (more and cursor) else page.to_dict()


def next_page(body: Mapping[str, Any], *, items: int) -> Next:
    """Reads where the next page is.

    Args:
        body: the decoded page.
        items: number of items on it.
    """
    cursor = next((str(body[name]) for name in _CURSORS if body.get(name) not in (None, "")), None)
    more = next((body[name] for name in _MORE if isinstance(body.get(name), bool)), None)
    if more is False:
        return Next(None)
    if cursor is None:
        return Next(None, missing=more is True)
    if more is None and items == 0:
        # An empty page that only repeats a cursor is the end, not a reason to ask for ever.
        return Next(None)
    return Next(cursor)


def check_page_size(page_size: int | None) -> int | None:
    """Refuses a page size that Astra documents as not allowed.

    Raises:
        InvalidRequestError: not within 10 to 100.
    """
    if page_size is not None and not SMALLEST_PAGE <= page_size <= LARGEST_PAGE:
        raise InvalidRequestError(
            f"page_size must be {SMALLEST_PAGE} to {LARGEST_PAGE}, not {page_size}. "
            "To get fewer items, pass limit; to get more, just iterate.",
            argument="page_size",
        )
    return page_size


def check_limit(limit: int | None) -> int | None:
    """Refuses a limit that is no count.

    Raises:
        InvalidRequestError: negative.
    """
    if limit is not None and limit < 0:
        raise InvalidRequestError(f"limit must be 0 or more, not {limit}.", argument="limit")
    return limit
