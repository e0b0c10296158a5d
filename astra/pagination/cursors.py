"""What a page says of itself and of the page after it. The spec is not certain of the names, so nothing is concluded
from a name that is not there: an answer that is no list, and a page that may not be the last, are told from an end."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Final, TypeGuard

import attrs
from astra_api.errors import FieldDecodeError
from astra_api.types import Model

from astra._json import is_array, is_object
from astra.errors import InvalidRequestError, PaginationError, ResponseDecodeError

if TYPE_CHECKING:
    from astra.http.calls import CallContext

_CURSORS: Final = ("cursor", "next_cursor", "cursor_id")
_MORE: Final = ("more", "has_more")
_COUNTS: Final = ("count", "total_count", "totalCount")
_ENVELOPE: Final = (_CURSORS[0], _MORE[0], _COUNTS[0])
_NOTHING: Final = (None, "")
# Names that other services use; what stands under them is not followed, since nobody knows how.
_NEXT: Final = ("next", "nextpage", "nextpagetoken", "nexttoken", "nexturl", "nextlink", "hasnext", "hasnextpage")
_PAGING: Final = ("pagination", "paging", "links", "pageinfo", "page", "meta", "metadata")
SMALLEST_PAGE: Final = 10
DEFAULT_PAGE: Final = 25
LARGEST_PAGE: Final = 100
_NAMES_SHOWN: Final = 20


@attrs.frozen
class Next:
    """What a page says of the page after it.

    Attributes:
        cursor: opaque cursor of the next page, or None when there is none.
        missing: True when the page says that there is more, or says it in a way that cannot be read, and gives no way
            to it.
        more: whether the page itself says that there is more; None when it does not say it.
        count: the field of that name, or None. It may count the page or the whole list: that is not known.
        named: True when the page has a field of paging that is known here, be it null.
    """

    cursor: str | None
    missing: bool = False
    more: bool | None = None
    count: int | None = None
    named: bool = True


@attrs.frozen
class Flaw:
    """Why a walk cannot go on, or cannot end, without losing or repeating items.

    Attributes:
        reason: sentences for the error, with how to go on.
        cursor: where a later walk should begin, so that nothing is lost.
    """

    reason: str
    cursor: str | None

    def error(self, context: CallContext) -> PaginationError:
        """Returns the error that says so.

        Args:
            context: the call that brought the page.
        """
        error = PaginationError(f"{self.reason} {context.describe()}", **context.error_context())
        error.cursor = self.cursor
        return error


def position_of(page: Model, *, items: int) -> Mapping[str, Any]:
    """Returns what a page says of itself. The whole body is looked at only when the documented fields do not say it,
    since that means to decode it again.

    Args:
        page: the page as read.
        items: number of items on it.
    """
    try:
        more, cursor, count = (getattr(page, name, None) for name in ("more", "cursor", "count"))
    except (FieldDecodeError, ResponseDecodeError):
        return _whole_body(page)
    is_plain = items > 0 and (more is False or (more and cursor))
    return {"more": more, "cursor": cursor, "count": count} if is_plain else _whole_body(page)


def _whole_body(page: Model) -> Mapping[str, Any]:
    """Returns a page as it came, but for names of paging that differ from ours in the spec."""
    names = {theirs: ours for ours, theirs in page._json_name_of().items() if ours in _ENVELOPE}  # pyright: ignore[reportPrivateUsage]
    return {names.get(name, name): value for name, value in page.to_dict().items()}


def why_no_list(body: Mapping[str, Any], *, key: str) -> str | None:
    """Tells why an answer without items is not the answer of an empty list; None when it is one.

    Astra may leave the list out when there is nothing in it; `count` is 0 then. Anything else without the list is an
    answer under another name than the spec guesses, or no list at all.

    Args:
        body: the decoded answer.
        key: name of the field that should hold the list.
    """
    others = [name for name, value in body.items() if is_array(value) and any(map(is_object, value))]
    if others:
        found = f"has no items under {key!r}, and items under {names_of(others)}"
    elif body.get(key) is None and _whole(body.get("count")) != 0:
        found = f"has no list {key!r}, and no count of 0 that would say that the list is empty"
    else:
        return None
    return (
        f"The answer {found}; its fields are {names_of(body)}. The list may have come under another name than the SDK "
        "knows, so it is not taken for an empty one. Update the SDK, or report this with the request id; until then "
        "client.request() gives the answer as it came."
    )


def next_page(body: Mapping[str, Any], *, unpaged: bool = False) -> Next:
    """Reads where the next page is.

    Args:
        body: the decoded page.
        unpaged: True for a list that the documents know without pages, where any sign of more is a surprise.
    """
    found = next((body[name] for name in _CURSORS if body.get(name) not in _NOTHING), None)
    said = next((body[name] for name in _MORE if body.get(name) not in _NOTHING), None)
    more = _truth(said)
    cursor = str(found) if more is not False and (isinstance(found, str) or _is_whole(found)) else None
    # What cannot be read as "no more" is taken for more.
    is_open = more is not False and (said is not None or found is not None or _hints_at_more(body))
    return Next(
        cursor=None if unpaged else cursor,
        missing=is_open and (unpaged or cursor is None),
        more=more,
        count=next((count for name in _COUNTS if (count := _whole(body.get(name))) is not None), None),
        named=any(name in body for name in (*_CURSORS, *_MORE)),
    )


class Walk:
    """Judges the pages of one walk through a list, in order.

    `count` may be that of the page or that of the whole list. Of the page, it is never more than what came; of the
    list, it may change while the walk goes on, so the smallest one counts. A walk that began at a cursor has not seen
    what was before it, and is not judged by it.

    A full page without any field of paging may be the end (a page after the last one is null, empty or absent, the
    documents of the former list say), or one whose cursor has another name. Once a page of the walk, or the cursor that
    it began with, has shown that the names are right, their absence is the end. Otherwise `take` says that proof is
    needed, and a smaller page of the same list decides; see `is_proven`. So a complete list does not fail (but for ten
    items asked for by tens, where no page may be smaller: another `page_size` cures it), and none that was cut passes.

    Args:
        start: the cursor that the walk begins with, or None for the first page.
    """

    def __init__(self, start: str | None) -> None:
        self._from_start = start is None
        self._named = start is not None
        self._seen: set[str | None] = set()
        self._received = 0
        self._count: int | None = None

    def take(self, end: Next, *, items: int, asked: str | None, size: int | None) -> tuple[Next, bool]:
        """Counts a page in.

        Args:
            end: what the page says.
            items: number of items on it.
            asked: the cursor that it was asked for with.
            size: the `page_size` that was asked for, or None.

        Returns:
            The page that comes after it, and whether its being the last one needs proof.
        """
        self._seen.add(asked)
        self._received += items
        if end.count is not None:
            self._count = end.count if self._count is None else min(end.count, self._count)
        self._named = self._named or end.named
        if end.more is None and items == 0 and end.cursor == asked:
            # An empty page that only repeats the cursor it was asked for is the end, not a reason to ask forever.
            end = attrs.evolve(end, cursor=None)
        is_full = items in (size, DEFAULT_PAGE, LARGEST_PAGE)
        return end, is_full and not self._named and self.flaw(end, items=items, asked=asked) is None

    def flaw(self, end: Next, *, items: int, asked: str | None) -> Flaw | None:
        """Tells what is wrong with a page that was counted in; None when the walk can go on, or is at its end.

        Args:
            end: what `take` returned.
            items: number of items on the page.
            asked: the cursor that it was asked for with.
        """
        if end.missing:
            return Flaw(
                "The page says that there is more, or something that the SDK does not understand, and gives no cursor "
                f"that can be followed, so the rest of the list cannot be fetched. {_RENAMED}",
                asked,
            )
        if end.cursor is None:
            if self._from_start and self._count is not None and self._count > self._received:
                return Flaw(
                    f"The list ended after {self._received} items without a cursor to more, and its count says "
                    f"{self._count}. {_RENAMED}",
                    asked,
                )
            return None
        if end.cursor in self._seen:
            return Flaw("The server gave the same cursor twice; going on would never end.", asked)
        if items == 0 and end.more is None:
            return Flaw(
                "The page is empty and gives a cursor to another one, without saying whether there is more. To look "
                "there, list again with cursor=error.cursor.",
                end.cursor,
            )
        return None


_RENAMED: Final = (
    "Astra may have renamed a field: update the SDK, or report this with the request id. What was fetched before is "
    "good; iterate over the list, or over its pages(), to get it before this error."
)


def is_proven(smaller: Next, *, items: int, came: int, size: int | None) -> bool:
    """Tells whether a full first page was the whole list, by the answer to a smaller page of the same list.

    The smaller page cannot be the last one, so it shows how the server says that there is more: by names that are
    known here, which the first page did not have. Or it is smaller indeed: then the server heeds `page_size`, and a
    page that is not as large as was asked for is the last one.

    Args:
        smaller: what the smaller page says.
        items: number of items on the first page.
        came: number of items on the smaller page.
        size: the `page_size` of the first page, or None.
    """
    return smaller.cursor is not None or (size is not None and came < items < size)


def unproven(items: int, *, asked: str | None) -> Flaw:
    """Returns what is wrong with a full first page that may not be the last.

    Args:
        items: number of items on it.
        asked: the cursor that it was asked for with.
    """
    return Flaw(
        f"The page is full ({items} items) and no field that the SDK knows says whether there is more, so the list may "
        f"have been cut. If it was not, another page_size shows that. {_RENAMED}",
        asked,
    )


def repeated(*, asked: str | None) -> Flaw:
    """Returns what is wrong with a page that holds the very items of the page before it.

    Args:
        asked: the cursor that it was asked for with.
    """
    return Flaw(
        "The page holds the same items as the one before it, so the server did not heed the cursor: going on would "
        f"give them again and again. {_RENAMED}",
        asked,
    )


def names_of(names: Iterable[str]) -> str:
    """Returns field names for a message: quoted, and not more of them than a person would read."""
    shown = [repr(name[:40]) for name in names]
    rest = len(shown) - _NAMES_SHOWN
    return ", ".join(shown[:_NAMES_SHOWN]) + (f" and {rest} more" if rest > 0 else "") or "none"


def check_page_size(page_size: object) -> int | None:
    """Refuses a page size that Astra documents as not allowed.

    Raises:
        InvalidRequestError: no whole number, or not within 10 to 100.
    """
    if page_size is None:
        return None
    if not _is_whole(page_size) or not SMALLEST_PAGE <= page_size <= LARGEST_PAGE:
        raise InvalidRequestError(
            f"page_size must be {SMALLEST_PAGE} to {LARGEST_PAGE}, not {page_size!r}. "
            "To get fewer items, pass limit; to get more, just iterate.",
            argument="page_size",
        )
    return page_size


def check_limit(limit: object) -> int | None:
    """Refuses a limit that is no count.

    Raises:
        InvalidRequestError: no whole number, or negative.
    """
    if limit is None:
        return None
    if not _is_whole(limit) or limit < 0:
        raise InvalidRequestError(f"limit must be a whole number from 0 up, not {limit!r}.", argument="limit")
    return limit


def check_cursor(cursor: object) -> str | None:
    """Refuses a cursor that is no text, such as a page; an empty one is none.

    Raises:
        InvalidRequestError: no text.
    """
    if cursor is None or isinstance(cursor, str):
        return cursor or None
    raise InvalidRequestError(
        f"cursor must be text, from page.next_cursor or error.cursor, not {type(cursor).__name__}.", argument="cursor"
    )


def _hints_at_more(body: Mapping[str, Any], *, nested: bool = False) -> bool:
    """Tells whether a field that is not known here says, by its name, where the next page is."""
    for name, value in body.items():
        plain = "".join(letter for letter in name.lower() if letter.isalpha())
        if plain in _PAGING and is_object(value) and not nested:
            if _hints_at_more(value, nested=True):
                return True
        elif value and not is_array(value) and ("nextcursor" in plain or plain in _NEXT):
            return True
    return False


def _truth(value: object) -> bool | None:
    """Reads a boolean, also from the words that Astra writes elsewhere; None for anything else."""
    if isinstance(value, str):
        return {"true": True, "false": False}.get(value.lower())
    return value if isinstance(value, bool) else None


def _whole(value: object) -> int | None:
    """Reads a count, also from digits in text; None for anything else."""
    if isinstance(value, str) and value.isascii() and value.isdecimal() and len(value) < 19:
        return int(value)
    return value if _is_whole(value) else None


def _is_whole(value: object) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool)
