"""Finding a payment whose answer was lost. Reads only; nothing here can make a payment."""

from __future__ import annotations

import logging
import time
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import TYPE_CHECKING, Final, TypeVar

from astra_api.models import Routine
from astra_api.types import Model

from astra.errors import AstraError, ReauthorizationRequired, UncertainOutcomeError
from astra.http.retry import backoff
from astra.pagination._async.pager import AsyncPager
from astra.resources.reconcile import is_before, is_same_payment

if TYPE_CHECKING:
    from astra.resources._async.routines_reader import AsyncRoutinesReader
    from astra.resources._async.transfers import AsyncTransfers

M = TypeVar("M", bound=Model)
logger = logging.getLogger("astra")

SECONDS_TO_LOOK: Final = 20.0
# A look reads at most this many items; a payment is among the newest.
ITEMS_TO_LOOK_AT: Final = 1000


async def find_payment(
    routines: AsyncRoutinesReader, transfers: AsyncTransfers, error: UncertainOutcomeError
) -> Routine | None:
    """Looks for the payment among the routines, then among the transfers.

    The card endpoints are known to answer without `client_correlation_id`, which their transfers do carry.
    """
    if error.client_correlation_id is None:
        return None
    routine = await _match(routines.list(page_size=100, limit=ITEMS_TO_LOOK_AT), error, lambda item: item.created)
    if routine is not None:
        return routine
    newest = transfers.list(page_size=100, limit=ITEMS_TO_LOOK_AT)
    transfer = await _match(newest, error, lambda item: item.initiated)
    if transfer is None or not transfer.routine_id:
        return None
    return await routines.get(transfer.routine_id)


async def wait_for_payment(
    routines: AsyncRoutinesReader,
    transfers: AsyncTransfers,
    error: UncertainOutcomeError,
    *,
    sleep: Callable[[float], Awaitable[None]],
    seconds: float,
) -> Routine | None:
    """Looks again and again, for `seconds`: the request may still be on its way.

    Failures of the reads are no news about the payment, so they only cost time.
    """
    deadline = time.monotonic() + seconds
    looks = 0
    while True:
        try:
            found = await find_payment(routines, transfers, error)
            if found is not None:
                return found
        except ReauthorizationRequired:
            return None
        except AstraError:
            logger.debug("a look for a lost payment failed; looking again")
        wait = 0.25 + backoff(looks, retry_after=None)
        looks += 1
        if time.monotonic() + wait > deadline:
            return None
        await sleep(wait)


async def _match(
    pager: AsyncPager[M], error: UncertainOutcomeError, created: Callable[[M], datetime | None]
) -> M | None:
    async for item in pager:
        moment = created(item)
        if is_same_payment(item.to_dict(), error.match_fields, created=moment, sent_at=error.sent_at):
            return item
        if is_before(moment, error.sent_at):
            return None
    return None
