"""Lists: their envelope, their order, and the way from page to page. The names are guesses of the spec."""

from __future__ import annotations

from typing import Any, Final

from astra._json import is_array, is_object
from astra.conformance.outcome import CannotTell, Failed, check
from astra.conformance.wire import Exchange
from astra.conformance.world import World

PAGINATION = "reference/pagination"
OBSERVED = "integrating code of 2022 for the names; reference/pagination for the rest"
SIZE, CURSOR, MORE = "page_size", "cursor", "more"
LISTS: Final = ("accounts", "cards", "routines", "transfers")
DEFAULT: Final = 25
SMALLEST: Final = 10
MOST_PAGES: Final = 20


def page(world: World, plural: str, **query: object) -> tuple[Exchange, list[dict[str, Any]]]:
    """Returns one page of a list, and its items."""
    answer = world.call("GET", f"/v1/{plural}", query=query).expect(200)
    items: object = answer.object().get(plural)
    if not is_array(items):
        raise Failed(f"{answer.name} has no list in `{plural}`")
    found = [item for item in items if is_object(item)]
    if len(found) < len(items):
        raise Failed(f"{answer.name} has {len(items) - len(found)} items in `{plural}` that are no objects")
    return answer, found


def long_list(world: World, *, longer_than: int) -> str:
    """Returns a list of the user that is longer than a page.

    Raises:
        CannotTell: none is.
    """
    for plural in ("transfers", "routines", "accounts", "cards"):
        items = world.call("GET", f"/v1/{plural}", query={SIZE: 100}).object().get(plural)
        if is_array(items) and len(items) > longer_than:
            return plural
    raise CannotTell(f"no list of this user has more than {longer_than} items (--with-payments makes them)")


@check("list.envelope", "A list is an object that has its items under the plural of its path.",
       evidence="observed", source=OBSERVED, needs=["person"])  # fmt: skip
def list_envelope(world: World) -> None:
    """The four lists of a user."""
    for plural in LISTS:
        page(world, plural)


@check("list.size-range", "A page size below 10 or above 100 is refused with 400.",
       evidence="inferred", source=PAGINATION, needs=["person"])  # fmt: skip
def size_range(world: World) -> None:
    """Sizes outside of the range, and at its ends."""
    for size in (9, 101):
        world.call("GET", "/v1/accounts", query={SIZE: size}).expect(400)
    for size in (10, 100):
        world.call("GET", "/v1/accounts", query={SIZE: size}).expect(200)


@check("list.default-size", "A page has 25 items by default.", evidence="documented", source=PAGINATION,
       needs=["person"])  # fmt: skip
def default_size(world: World) -> None:
    """A long list without a size."""
    answer, items = page(world, long_list(world, longer_than=DEFAULT))
    if len(items) != DEFAULT:
        raise Failed(f"{answer.name} has {len(items)} items, not {DEFAULT}")


@check("list.newest-first", "A list is sorted by creation date, newest first.", evidence="documented",
       source=PAGINATION, needs=["person"])  # fmt: skip
def newest_first(world: World) -> None:
    """The dates of a list."""
    plural = long_list(world, longer_than=1)
    answer, items = page(world, plural)
    dates = [str(item.get("created") or item.get("initiated") or "") for item in items]
    if not all(dates) or len(set(dates)) < 2:
        raise CannotTell(f"the items of {answer.name} have no dates that differ")
    if dates != sorted(dates, reverse=True):
        raise Failed(f"{answer.name} is not sorted by creation date, newest first")


@check("list.pages", "Following the cursor gives every item once, in pages of the size that was asked for.",
       evidence="inferred", source=OBSERVED, needs=["person"])  # fmt: skip
def pages(world: World) -> None:
    """A long list, from page to page."""
    plural = long_list(world, longer_than=SMALLEST)
    whole = [item.get("id") for item in page(world, plural, **{SIZE: 100})[1]]
    if len(whole) <= SMALLEST:
        raise CannotTell(f"/v1/{plural} has become shorter than two pages")
    seen: list[object] = []
    cursor: object = None
    for _ in range(MOST_PAGES):
        answer, items = page(world, plural, **{SIZE: SMALLEST, **({CURSOR: cursor} if cursor else {})})
        if len(items) > SMALLEST:
            raise Failed(f"{answer.name} has {len(items)} items, not at most {SMALLEST}")
        seen += [item.get("id") for item in items]
        cursor = answer.object().get(CURSOR)
        if not cursor:
            break
    if len(seen) != len(set(map(str, seen))):
        raise Failed(f"pages of /v1/{plural} repeat items")
    if seen[: len(whole)] != whole:
        raise Failed(f"the pages of /v1/{plural} give {len(seen)} items, other than the {len(whole)} of one page")


@check("list.end", "`more` says whether there is another page: true with a cursor, false without.",
       evidence="observed", source=OBSERVED, needs=["person"])  # fmt: skip
def end(world: World) -> None:
    """The first page and a last one."""
    plural = long_list(world, longer_than=SMALLEST)
    answer, _ = page(world, plural, **{SIZE: SMALLEST})
    if answer.object().get(MORE) is not True or not answer.object().get(CURSOR):
        raise Failed(f"{answer.name} has more pages, but not `{MORE}: true` with a cursor")
    answer, _ = page(world, "accounts", **{SIZE: 100})
    if answer.object().get(MORE) is not False or answer.object().get(CURSOR):
        raise Failed(f"{answer.name} is the last page, but not `{MORE}: false` without a cursor")


@check("list.bad-cursor", "A cursor that is none is refused with 400.", evidence="inferred", source=PAGINATION,
       needs=["person"])  # fmt: skip
def bad_cursor(world: World) -> None:
    """A cursor that never was."""
    world.call("GET", "/v1/accounts", query={CURSOR: "conformance"}).expect(400)


LISTINGS = (list_envelope, size_range, default_size, newest_first, pages, end, bad_cursor)
