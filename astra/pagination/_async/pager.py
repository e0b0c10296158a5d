"""Pages, and walking through them one item at a time."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Generic, TypeVar

import attrs

from astra._public import public
from astra.errors import PaginationError
from astra.http.calls import CallContext
from astra.pagination.cursors import Next

T = TypeVar("T")


@public("astra")
@attrs.frozen
class AsyncPage(Generic[T]):
    """One page of a list, newest items first.

    Attributes:
        items: the items of this page.
        next_cursor: where the next page starts, or None on the last one.
        request_id: Astra's request id of the answer that held this page.
        context: everything known of that call.
    """

    items: list[T]
    next_cursor: str | None
    context: CallContext = attrs.field(repr=False)
    end: Next = attrs.field(repr=False)

    @property
    def request_id(self) -> str | None:
        """Astra's request id of this page, or None."""
        return self.context.request_id

    @property
    def has_more(self) -> bool:
        """True when there is a page after this one."""
        return self.next_cursor is not None


@public("astra")
class AsyncPager(Generic[T]):
    """A list, fetched page by page while you iterate. Nothing is sent before you do.

    Attributes:
        request_ids: request ids of the pages fetched so far, in order.
        truncated: True once `limit` ended the walk while there were more items.

    Example:
        pager = user.transfers.list(limit=500)
        async for transfer in pager:
            print(transfer.id, transfer.amount)
        if pager.truncated:
            print("there are more")
    """

    def __init__(
        self,
        fetch: Callable[[str | None], Awaitable[AsyncPage[T]]],
        *,
        cursor: str | None = None,
        limit: int | None = None,
    ) -> None:
        self._fetch = fetch
        self._cursor = cursor
        self._limit = limit
        self.request_ids: list[str] = []
        self.truncated = False

    async def page(self) -> AsyncPage[T]:
        """Fetches the first page only, whole, whatever `limit` says.

        Raises:
            AstraError: as every read.

        Example:
            page = await user.transfers.list(page_size=50).page()
            print(page.request_id, len(page.items), page.next_cursor)
        """
        return await self._fetch_page(self._cursor)

    async def pages(self) -> AsyncIterator[AsyncPage[T]]:
        """Walks through the pages.

        Raises:
            PaginationError: a page says that there is more and gives no cursor, or a cursor comes back again.
                What was fetched before is yours already; nothing is skipped in silence.

        Example:
            async for page in user.transfers.list().pages():
                print(page.request_id, len(page.items))
        """
        cursor = self._cursor
        seen: set[str] = set()
        while True:
            page = await self._fetch_page(cursor)
            yield page
            if page.end.missing:
                raise PaginationError(
                    "The page says that there is more and gives no cursor to it, so the rest of the list cannot be "
                    f"fetched. Astra may have renamed the field; update the SDK, or report this with the request id. "
                    f"{page.context.describe()}",
                    **page.context.error_context(),
                )
            cursor = page.next_cursor
            if cursor is None:
                return
            if cursor in seen:
                raise PaginationError(
                    f"The server gave the same cursor twice; going on would never end. {page.context.describe()}",
                    **page.context.error_context(),
                )
            seen.add(cursor)

    async def __aiter__(self) -> AsyncIterator[T]:
        """Walks through the items of all pages, up to `limit`."""
        left = self._limit
        self.truncated = False
        if left == 0:
            self.truncated = True
            return
        async for page in self.pages():
            for position, item in enumerate(page.items, start=1):
                yield item
                if left is not None:
                    left -= 1
                    if left == 0:
                        self.truncated = position < len(page.items) or page.has_more or page.end.missing
                        return

    async def to_list(self) -> list[T]:
        """Fetches everything, up to `limit`, into a list.

        Example:
            accounts = await user.accounts.list().to_list()
        """
        return [item async for item in self]

    async def first(self) -> T | None:
        """Fetches the newest item, or None when the list is empty.

        Example:
            newest = await user.transfers.list().first()
        """
        page = await self._fetch_page(self._cursor)
        return page.items[0] if page.items else None

    async def _fetch_page(self, cursor: str | None) -> AsyncPage[T]:
        page = await self._fetch(cursor)
        if page.request_id is not None:
            self.request_ids.append(page.request_id)
        return page
