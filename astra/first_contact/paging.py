"""How a list is paged: the names that its parameters really have, found out by whether they change the answer.

What is asked and in which order is decided here; the calls are made by who gives `fetch`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from astra._json import is_array, is_object
from astra.drift.names import harmless
from astra.first_contact.alike import likeness
from astra.first_contact.judge import Verdict, shown
from astra.first_contact.pairing import look
from astra.first_contact.spec import Spec

Fetch = Callable[[Mapping[str, str]], object]
"""Returns the body of a list that was asked for with a query; None when it is no success."""

SMALLEST: Final = 10
MOST_IDS: Final = 3
SIZES: Final = ("limit", "per_page", "batch_size", "pageSize", "size", "max_results", "first")
CURSORS: Final = ("starting_after", "after", "page_token", "next_cursor", "cursor_id", "pageToken", "after_id", "next")
NUMBERS: Final = ("page", "page_number", "pageNumber")
OFFSETS: Final = ("offset", "skip")
SIZE, CURSOR = "components.parameters.PageSize", "components.parameters.Cursor"
PAGE_CURSOR, PAGE_MORE = "components.schemas.Page.cursor", "components.schemas.Page.more"


def find_out(spec: Spec, operation: str, fetch: Fetch) -> dict[str, Verdict]:
    """Returns verdicts on page size and cursor.

    Args:
        spec: our spec.
        operation: that lists something.
        fetch: asks for the list.
    """
    whole = fetch({})
    if len(ids_of(whole)) <= SMALLEST:
        return {}
    size, page = _size(operation, fetch, len(ids_of(whole)))
    found = {size.place: size}
    name = "page_size" if size.outcome == "confirmed" else size.called
    given = {name: str(SMALLEST)} if name is not None else {}
    first = page if name is not None else whole
    if name is None and _ends(spec, operation, whole):
        return found  # a first page that may be the whole of it says nothing of the next
    schema = spec.answer(operation)
    sights = [] if schema is None else look(spec, schema, [first], place=operation, facts={})
    called = {one.name: one.called for one in sights if one.owner == "Page" and one.outcome != "absent"}
    envelope = first if is_object(first) else {}
    for field, place in (("cursor", PAGE_CURSOR), ("more", PAGE_MORE)):
        if field not in called or not envelope.get(called[field]):
            suspects = (
                {key for key, value in envelope.items() if not is_array(value)} - set(called.values()) - {"count"}
            )
            rest = f"; it has {shown(suspects)}" if suspects else ""
            found[place] = Verdict(place, "contradicted", f"{operation}: a page with more behind it lacks it{rest}")
    known = called.get("cursor", "")
    maybe = [key for key, value in envelope.items() if value and isinstance(value, str)]
    fields = [known] if envelope.get(known) else sorted(maybe, key=lambda key: -likeness("cursor", key))
    tokens = {key: str(envelope[key]) for key in fields}
    cursor, field = _cursor(operation, fetch, given, first, tokens)
    if field and field != known and harmless(field) == field:
        detail = f"it is called {field} in {operation}"
        found[PAGE_CURSOR] = Verdict(PAGE_CURSOR, "contradicted", detail, called=field)
    return found | {cursor.place: cursor}


def _ends(spec: Spec, operation: str, body: object) -> bool:
    schema = spec.answer(operation)
    sights = [] if schema is None else look(spec, schema, [body], place=operation, facts={})
    more = next((one.called for one in sights if (one.owner, one.name) == ("Page", "more") and one.called), "")
    return not is_object(body) or body.get(more) is not True


def _size(operation: str, fetch: Fetch, whole: int) -> tuple[Verdict, object]:
    """Finds what limits a page to the smallest size, by trying."""
    for name in ("page_size", *SIZES):
        body = fetch({name: str(SMALLEST)})
        if len(ids_of(body)) == SMALLEST:
            if name == "page_size":
                return Verdict(SIZE, "confirmed", f"{operation}: of {whole} items it gives {SMALLEST}"), body
            return Verdict(SIZE, "contradicted", f"it is called {name} in {operation}", called=name), body
    tried = ", ".join(("page_size", *SIZES))
    return Verdict(SIZE, "contradicted", f"{operation} pays no heed to it; nor to {tried}"), None


def _cursor(
    operation: str, fetch: Fetch, given: Mapping[str, str], page: object, tokens: Mapping[str, str]
) -> tuple[Verdict, str]:
    """Finds what leads to the page behind a page, by trying; and which field of the page held it."""
    first = set(ids_of(page))
    names = dict.fromkeys(("cursor", *tokens, *CURSORS))
    ways = [
        *((name, token, "", field) for field, token in tokens.items() for name in names),
        *((name, last, ", and takes the id of the last item", "") for last in last_ids(page) for name in names),
        *((name, "2", ", and takes the number of a page", "") for name in NUMBERS),
        *((name, str(len(first)), ", and takes how many items to leave out", "") for name in OFFSETS),
    ]
    for name, value, takes, field in ways:
        behind = ids_of(fetch({**given, name: value}))
        if not behind or set(behind) & first:
            continue
        if name != "cursor":
            called = name if harmless(name) == name else None
            detail = f"it is called {harmless(name)} in {operation}{takes}"
            return Verdict(CURSOR, "contradicted", detail, called=called), field
        if field:
            return Verdict(CURSOR, "confirmed", f"{operation}: it leads to the next page"), field
        return Verdict(CURSOR, "contradicted", f"{operation} has it{takes}"), ""
    return Verdict(CURSOR, "contradicted", f"{operation}: nothing that was tried leads to the next page"), ""


def rows_of(body: object) -> list[dict[str, Any]]:
    """Returns the items of the longest list in a body."""
    lists: list[list[Any]] = [value for value in body.values() if is_array(value)] if is_object(body) else []
    longest = max(lists, key=len) if lists else []
    return [item for item in longest if is_object(item)]


def ids_of(body: object) -> list[str]:
    """Returns what tells the items of the longest list in a body apart."""
    return [str(next((item[name] for name in item if _is_id(name)), item)) for item in rows_of(body)]


def last_ids(body: object) -> list[str]:
    """Returns what may be the id of the last item, the likeliest first: texts that no other item has."""
    rows = rows_of(body)
    if not rows:
        return []
    names = [
        name
        for name, value in rows[-1].items()
        if isinstance(value, str) and sum(row.get(name) == value for row in rows) == 1
    ]
    return [rows[-1][name] for name in sorted(names, key=lambda name: not _is_id(name))[:MOST_IDS]]


def _is_id(name: str) -> bool:
    return name.lower() == "id" or name.endswith(("_id", "Id"))
