"""Reading a user's newest routines and transfers, until what is sought cannot be further down. Reads only."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from astra_api.api.routines import list_routines
from astra_api.api.transfers import list_transfers
from astra_api.models import Routine, RoutineList, TransferList
from astra_api.types import Model

from astra._names import model_in_our_names
from astra.errors import APITimeoutError
from astra.http._async.pipeline import AsyncPipeline
from astra.http.operations import Endpoint
from astra.resources._async.base import AsyncResource
from astra.resources._async.user_ref import AsyncUserRef
from astra.resources.reconcile import Listed, clock_ahead, earliest_creation, ends_look

L = TypeVar("L", bound=Model)
M = TypeVar("M", bound=Model)


class AsyncListWalk(AsyncResource):
    """Reads the lists that a payment may be in, newest first.

    Args:
        pipeline: of the client.
        owner: the user who paid.
        since: when the oldest of what is sought was first sent, by our clock, or None when that is not known.
        deadline: when all reading ends, on the monotonic clock; None: each read has the client's timeout.
    """

    def __init__(
        self,
        pipeline: AsyncPipeline,
        *,
        owner: AsyncUserRef | None,
        since: datetime | None,
        deadline: float | None,
    ) -> None:
        super().__init__(pipeline, owner=owner)
        self._since = since
        self._deadline = deadline
        self._ahead: timedelta | None = None

    def earliest(self, sent: datetime | None) -> datetime | None:
        """The moment, by Astra's clock, before which what was sent at a moment of ours cannot have been made."""
        return earliest_creation(sent, self._ahead)

    async def routines(self) -> AsyncIterator[tuple[Listed, Routine]]:
        """Yields the routines.

        Raises:
            APITimeoutError: there is more to read than there is time.
            AstraError: as every read.
        """
        async for page in self._pages(list_routines, RoutineList, lambda page: page.routines):
            listed = [Listed(model_in_our_names(row), row.created) for row in page]
            for one, row in zip(listed, page, strict=True):
                yield one, row
            if self._ends(listed):
                return

    async def transfers(self) -> AsyncIterator[Listed]:
        """Yields the transfers; raises as `routines`."""
        async for page in self._pages(list_transfers, TransferList, lambda page: page.transfers):
            listed = [Listed(model_in_our_names(row), row.initiated, is_transfer=True) for row in page]
            for one in listed:
                yield one
            if self._ends(listed):
                return

    async def _pages(
        self, endpoint: Endpoint[L], returns: type[L], items: Callable[[L], list[M]]
    ) -> AsyncIterator[list[M]]:
        pager = self._list(endpoint, returns, items, page_size=100, cursor=None, limit=None, options={})
        async for page in pager.pages():
            yield page.items

    async def _call(
        self, endpoint: Endpoint[M], returns: type[M], *path: str, options: Mapping[str, Any], **parts: Any
    ) -> M:
        started = time.monotonic()
        if self._deadline is not None:
            options = {**options, "timeout": self._deadline - started}
            if self._deadline <= started:
                raise APITimeoutError("The time to look for the payment was over before all was read.", sent=False)
        model = await super()._call(endpoint, returns, *path, options=options, **parts)
        self._learn_clock(model, seconds=time.monotonic() - started)
        return model

    def _learn_clock(self, model: Model, *, seconds: float) -> None:
        context: Any = model.context
        if context is None or context.sent_at is None:
            return
        received = datetime.fromtimestamp(context.sent_at + seconds, UTC)
        ahead = clock_ahead(context.headers.get("date"), received=received)
        if ahead is not None and (self._ahead is None or ahead > self._ahead):
            self._ahead = ahead

    def _ends(self, listed: list[Listed]) -> bool:
        return ends_look([one.created for one in listed], self.earliest(self._since))
