"""Pages, and walking through them one item at a time."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import Generic, TypeVar

import attrs

from astra._misuse import AsyncListMisuse, OfOneProcess
from astra._public import public
from astra._secret import shown
from astra.errors import AstraError, PaginationError
from astra.http.calls import CallContext
from astra.pagination.cursors import SMALLEST_PAGE, Next, Walk, is_proven, repeated, unproven

T = TypeVar("T")


@public("astra")
@attrs.frozen
class AsyncPage(Generic[T]):
    """One page of a list, newest items first. Iterating it, or its `len`, is that of its items.

    Attributes:
        items: the items of this page.
        request_id: Astra's request id of the answer that held this page.
        context: everything known of that call.
        error: why it is not known whether there is another page; None when that is known.

    Example:
        page = await user.transfers.list(page_size=50).page()
        for transfer in page:
            print(transfer.id)
    """

    items: list[T]
    context: CallContext = attrs.field(repr=False)
    end: Next = attrs.field(repr=False)
    error: PaginationError | None = attrs.field(default=None, repr=False)

    def __iter__(self) -> Iterator[T]:
        return iter(self.items)

    def __len__(self) -> int:
        return len(self.items)

    @property
    def request_id(self) -> str | None:
        """Astra's request id of this page, or None."""
        return self.context.request_id

    @property
    def next_cursor(self) -> str | None:
        """Where the next page starts, or None on the last one.

        Raises:
            PaginationError: the page does not say reliably whether there is another one.
        """
        if self.error is not None:
            raise self.error
        return self.end.cursor

    @property
    def has_more(self) -> bool:
        """True when there is a page after this one.

        Raises:
            PaginationError: as `next_cursor`.
        """
        return self.next_cursor is not None


@public("astra")
class AsyncPager(AsyncListMisuse, OfOneProcess, Generic[T]):
    """A list, fetched page by page while you iterate. Nothing is sent before you do.

    Attributes:
        request_ids: request ids of the pages fetched so far, in order.
        truncated: True once `limit` ended the walk while there were more items.
        cursor: cursor of the page that the walk is at, or None while it is at the first one, and when it has ended.
            After an error or a `break`, `list(cursor=pager.cursor)` goes on from there, with that page once more.

    Example:
        pager = user.transfers.list(limit=500)
        async for transfer in pager:
            print(transfer.id, transfer.amount)
        if pager.truncated:
            print("there are more")
    """

    def __init__(
        self,
        fetch: Callable[[str | None, int | None], Awaitable[AsyncPage[T]]],
        *,
        cursor: str | None = None,
        page_size: int | None = None,
        limit: int | None = None,
    ) -> None:
        self._fetch = fetch
        self._start = cursor
        self._page_size = page_size
        self._limit = limit
        self.request_ids: list[str] = []
        self.truncated = False
        self.cursor = cursor

    @shown
    def __repr__(self) -> str:
        which = "" if self._limit is None else f" of at most {self._limit} items"
        pages = len(self.request_ids)
        state = f"{pages} page{'s' * (pages != 1)} fetched"
        if not pages:
            state = "nothing fetched yet: `async for item in pager`, or await pager.first(), .page() or .to_list()"
        return f"<{type(self).__name__}{which}, {state}>"

    async def page(self) -> AsyncPage[T]:
        """Fetches the first page only, whole, whatever `limit` says.

        Raises:
            ResponseDecodeError: the answer holds no list under the name that the SDK knows.
            AstraError: as every read.

        Example:
            page = await user.transfers.list(page_size=50).page()
            print(page.request_id, len(page.items), page.next_cursor)
        """
        return await self._fetch_page(self._start, Walk(self._start))

    async def pages(self) -> AsyncIterator[AsyncPage[T]]:
        """Walks through the pages.

        Raises:
            PaginationError: the list cannot be followed to its end without losing or repeating items. What was fetched
                before is yours already; nothing is skipped in silence. `error.cursor` is where to go on.
            ResponseDecodeError: an answer holds no list under the name that the SDK knows.

        Example:
            async for page in user.transfers.list().pages():
                print(page.request_id, len(page.items))
        """
        walk = Walk(self._start)
        self.cursor = self._start
        former: list[T] = []
        while True:
            page = await self._fetch_page(self.cursor, walk)
            if page.items and page.items == former:
                raise page.error or repeated(asked=self.cursor).error(page.context)
            former = page.items
            yield page
            self.cursor = page.next_cursor
            if self.cursor is None:
                return

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
                        rest = position < len(page.items) or page.error is not None or page.end.cursor is not None
                        self.truncated = rest
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
        async for page in self.pages():
            if page.items:
                return page.items[0]
        return None

    async def _fetch_page(self, cursor: str | None, walk: Walk) -> AsyncPage[T]:
        page = await self._answer(cursor, self._page_size)
        items = len(page.items)
        end, needs_proof = walk.take(page.end, items=items, asked=cursor, size=self._page_size)
        flaw = walk.flaw(end, items=items, asked=cursor)
        if needs_proof and not await self._is_proven(cursor, items):
            flaw = unproven(items, asked=cursor)
        return attrs.evolve(page, end=end, error=None if flaw is None else flaw.error(page.context))

    async def _is_proven(self, cursor: str | None, items: int) -> bool:
        if items <= SMALLEST_PAGE:
            return False
        smaller = await self._answer(cursor, SMALLEST_PAGE)
        return is_proven(smaller.end, items=items, came=len(smaller.items), size=self._page_size)

    async def _answer(self, cursor: str | None, size: int | None) -> AsyncPage[T]:
        try:
            page = await self._fetch(cursor, size)
        except AstraError as error:
            error.cursor = cursor
            raise
        if page.request_id is not None:
            self.request_ids.append(page.request_id)
        return page
