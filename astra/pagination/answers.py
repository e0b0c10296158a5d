"""From the answer of a list, as a model, to what it says: what comes after it, and that it is a list at all."""

from __future__ import annotations

from typing import cast

from astra_api.types import Model

from astra.errors import ResponseDecodeError
from astra.http.calls import CallContext
from astra.pagination.cursors import Next, Walk, next_page, position_of, why_no_list


def context_of(page: Model) -> CallContext:
    """Returns the call that an answer came from."""
    return cast("CallContext", page.context)


def read_end(page: Model, *, items: int, unpaged: bool = False) -> Next:
    """Reads what an answer says of the page after it.

    Args:
        page: the answer.
        items: number of its items.
        unpaged: True for a list that the documents know without pages.

    Raises:
        ResponseDecodeError: it has no items, and does not say that there are none.
    """
    body = position_of(page, items=items)
    key = type(page)._items_name or ""  # pyright: ignore[reportPrivateUsage]
    problem = why_no_list(body, key=key) if items == 0 else None
    if problem is not None:
        context = context_of(page)
        raise ResponseDecodeError(
            f"{problem} {context.describe()}", status_code=context.status_code, field=key, **context.error_context()
        )
    return next_page(body, unpaged=unpaged)


def check_whole(page: Model) -> None:
    """Refuses the answer of a list without pages that does not hold the whole list.

    Raises:
        ResponseDecodeError: as `read_end`.
        PaginationError: it says that there is more.
    """
    items = len(list(page))
    walk = Walk(None)
    end, _ = walk.take(read_end(page, items=items, unpaged=True), items=items, asked=None, size=None)
    flaw = walk.flaw(end, items=items, asked=None)
    if flaw is not None:
        raise flaw.error(context_of(page))
