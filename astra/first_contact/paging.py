"""How a list is paged: the names that its parameters really have, found out by whether they change the answer.

What is asked and in which order is decided here; the calls are made by who gives `fetch`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from typing import Any, Final

from astra._json import is_array, is_object
from astra._spec import Spec
from astra.drift.names import harmless
from astra.first_contact.alike import likeness, words_of
from astra.first_contact.judge import Verdict, shown
from astra.first_contact.pairing import look

Fetch = Callable[[Mapping[str, str]], object]
"""Returns the body of a list that was asked for with a query; `REFUSED` when the query was refused, and None when there
is no answer that says anything of it."""

REFUSED: Final[object] = "(refused)"
CURSOR_FORM: Final = re.compile(r"[!-?A-~]{1,2048}")
"""What may be an opaque cursor: no blank, and no "@"."""

SMALLEST: Final = 10
MOST_IDS: Final = 3
MOST_TOKENS: Final = 4
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
    hidden = _hidden(spec, schema)
    maybe = [
        key
        for key, value in envelope.items()
        if isinstance(value, str) and CURSOR_FORM.fullmatch(value) and key not in hidden
    ]
    fields = [known] if envelope.get(known) else sorted(maybe, key=lambda key: -likeness("cursor", key))[:MOST_TOKENS]
    tokens = {key: str(envelope[key]) for key in fields}
    cursor, field = _cursor(operation, fetch, given, first, tokens, last=last_ids(first, hidden=hidden))
    if field and field != known and harmless(field) == field:
        detail = f"it is called {field} in {operation}"
        found[PAGE_CURSOR] = Verdict(PAGE_CURSOR, "contradicted", detail, called=field)
    return found | {cursor.place: cursor}


def _hidden(spec: Spec, schema: Mapping[str, Any] | None) -> set[str]:
    """Returns names of the list and of its items that hold what is nobody's to send on."""
    own = {} if schema is None else spec.fields(schema)
    inner = [spec.items(field.schema) for field in own.values()]
    all_fields = [*own.items(), *(pair for item in inner if item is not None for pair in spec.fields(item).items())]
    return {name for name, field in all_fields if field.is_hidden}


def _ends(spec: Spec, operation: str, body: object) -> bool:
    schema = spec.answer(operation)
    sights = [] if schema is None else look(spec, schema, [body], place=operation, facts={})
    more = next((one.called for one in sights if (one.owner, one.name) == ("Page", "more") and one.called), "")
    return not is_object(body) or body.get(more) is not True


def _size(operation: str, fetch: Fetch, whole: int) -> tuple[Verdict, object]:
    """Finds what limits a page to the smallest size, by trying."""
    unanswered = ""
    for name in ("page_size", *SIZES):
        body = fetch({name: str(SMALLEST)})
        if body is None:
            unanswered = unanswered or name
        if unanswered == "page_size":
            return Verdict(SIZE, "open", f"{operation}: no answer to page_size says anything of it"), None
        if len(ids_of(body)) == SMALLEST:
            if name == "page_size":
                return Verdict(SIZE, "confirmed", f"{operation}: of {whole} items it gives {SMALLEST}"), body
            return Verdict(SIZE, "contradicted", f"it is called {name} in {operation}", called=name), body
    if unanswered:
        return Verdict(SIZE, "open", f"{operation}: page_size does nothing, and no answer says whether others do"), None
    tried = ", ".join(("page_size", *SIZES))
    return Verdict(SIZE, "contradicted", f"{operation} pays no heed to it; nor to {tried}"), None


def _cursor(
    operation: str,
    fetch: Fetch,
    given: Mapping[str, str],
    page: object,
    tokens: Mapping[str, str],
    *,
    last: Collection[str],
) -> tuple[Verdict, str]:
    """Finds what leads to the page behind a page, by trying; and which field of the page held it."""
    first = set(ids_of(page))
    names = dict.fromkeys(("cursor", *tokens, *CURSORS))
    ways = [
        *((name, token, "", field) for field, token in tokens.items() for name in names),
        *((name, one, ", and takes the id of the last item", "") for one in last for name in names),
        *((name, "2", ", and takes the number of a page", "") for name in NUMBERS),
        *((name, str(len(first)), ", and takes how many items to leave out", "") for name in OFFSETS),
    ]
    unanswered = set[str]()
    for name, value, takes, field in ways:
        body = fetch({**given, name: value})
        if body is None:
            unanswered.add(name)
        behind = ids_of(body)
        if not behind or set(behind) & first:
            continue
        if name != "cursor" and "cursor" in unanswered:
            detail = f"{operation}: {harmless(name)} leads to the next page, and no answer says whether cursor does"
            return Verdict(CURSOR, "open", detail), ""
        if name != "cursor":
            called = name if harmless(name) == name else None
            detail = f"it is called {harmless(name)} in {operation}{takes}"
            return Verdict(CURSOR, "contradicted", detail, called=called), field
        if field:
            return Verdict(CURSOR, "confirmed", f"{operation}: it leads to the next page"), field
        return Verdict(CURSOR, "contradicted", f"{operation} has it{takes}"), ""
    if unanswered:
        return Verdict(CURSOR, "open", f"{operation}: not every way that was tried got an answer"), ""
    return Verdict(CURSOR, "contradicted", f"{operation}: nothing that was tried leads to the next page"), ""


def rows_of(body: object) -> list[dict[str, Any]]:
    """Returns the items of the longest list in a body."""
    lists: list[list[Any]] = [value for value in body.values() if is_array(value)] if is_object(body) else []
    longest = max(lists, key=len) if lists else []
    return [item for item in longest if is_object(item)]


def ids_of(body: object) -> list[str]:
    """Returns what tells the items of the longest list in a body apart."""
    return [str(next((item[name] for name in item if _is_id(name)), item)) for item in rows_of(body)]


def last_ids(body: object, *, hidden: Collection[str] = ()) -> list[str]:
    """Returns what may be the id of the last item, the likeliest first: texts under the name of an id that no other
    item has. Any other text may be about a person, and would be in the logs of the server.

    Args:
        body: of a list.
        hidden: names that hold what is nobody's to send on.
    """
    rows = rows_of(body)
    if not rows:
        return []
    names = [
        name
        for name, value in rows[-1].items()
        if isinstance(value, str)
        and _is_id(name)
        and name not in hidden
        and sum(row.get(name) == value for row in rows) == 1
    ]
    return [rows[-1][name] for name in sorted(names, key=len)[:MOST_IDS]]


def _is_id(name: str) -> bool:
    return "id" in words_of(name)
