"""Finding a payment whose answer was lost. Reads only; nothing here can make a payment."""

from __future__ import annotations

import contextlib
import time
from collections.abc import AsyncIterator, Callable, Collection, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final, TypeVar

from astra_api.api.routines import get_routine, list_routines
from astra_api.api.transfers import list_transfers
from astra_api.models import Routine, RoutineList, TransferList
from astra_api.types import Model

from astra.errors import (
    AmbiguousPaymentError,
    APITimeoutError,
    AstraError,
    ClientClosedError,
    PaginationError,
    ReauthorizationRequired,
    UncertainOutcomeError,
)
from astra.http._async.pipeline import AsyncPipeline
from astra.http.operations import Endpoint
from astra.http.payment_match import PaymentCandidate
from astra.http.responses import without_frames
from astra.http.retry import backoff
from astra.instrumentation.raw_response import active_raw_captures, not_captured
from astra.resources._async.base import AsyncResource
from astra.resources._async.user_ref import AsyncUserRef
from astra.resources.reconcile import (
    Listed,
    clock_ahead,
    earliest_creation,
    ends_look,
    reference_of,
    search,
    why_another,
)

L = TypeVar("L", bound=Model)
M = TypeVar("M", bound=Model)

SECONDS_TO_LOOK: Final = 20.0
# A look reads about this many items of each list; a payment is among the newest.
ITEMS_TO_LOOK_AT: Final = 1000


class AsyncPaymentFinder(AsyncResource):
    """Looks for one payment.

    Args:
        pipeline: of the client.
        owner: the user who paid.
        error: what is known of the payment.
        deadline: when all reading ends, on the monotonic clock.
        taken: routines that other payments have become, beside those that this client remembers.
        undecided: how many other payments may be what is found, beside those that this client remembers.
    """

    def __init__(
        self,
        pipeline: AsyncPipeline,
        *,
        owner: AsyncUserRef | None,
        error: UncertainOutcomeError,
        deadline: float,
        taken: Collection[str] = (),
        undecided: int = 0,
    ) -> None:
        super().__init__(pipeline, owner=owner)
        self._error = error
        self._deadline = deadline
        self._taken = frozenset(taken)
        self._undecided = undecided
        self._ahead: timedelta | None = None

    async def find(self) -> Routine | None:
        """Looks once, among the routines and then among the transfers.

        The card endpoints are known to answer without `client_correlation_id`, which their transfers do carry.

        Returns:
            The routine, or None when nothing that was read can be the payment.

        Raises:
            AmbiguousPaymentError: something is there that may be the payment.
            AstraError: not all could be read that may be the payment.

        Astra's reference: get_v1-routines.

        Example:
            found = await finder.find()
        """
        with not_captured():
            found = await self._look()
        if found is not None and active_raw_captures():
            # Whoever wants the response as it came gets that of the routine; the payment's own is lost.
            return await self._call(get_routine, Routine, found.id, options={})
        return found

    async def wait(self) -> Routine:
        """Looks again and again until the deadline: the request may still be on its way.

        Returns:
            The routine.

        Raises:
            UncertainOutcomeError: the payment was not found, or could not be looked for; `search` says which.

        Astra's reference: get_v1-routines.

        Example:
            routine = await finder.wait()
        """
        try:
            return await self._wait()
        except AstraError:
            raise
        except Exception as surprise:  # noqa: BLE001
            # Of a signal handler, or of what came back: neither says anything about the payment.
            self._error.looked(f"Looking for it was cut short by {type(surprise).__name__}.")
            raise self._error from without_frames(surprise)
        except BaseException as interruption:
            with contextlib.suppress(Exception):
                interruption.add_note(f"Interrupted while this was being looked into: {self._error}")
            raise

    async def _wait(self) -> Routine:
        looks = 0
        failures = 0
        problem: AstraError | None = None
        while time.monotonic() < self._deadline:
            try:
                found = await self.find()
            except AstraError as error:
                # It is no news about the payment, so it only costs time.
                problem = error
                failures += 1
                if isinstance(error, (ReauthorizationRequired, ClientClosedError)):
                    break
            else:
                if found is not None:
                    return found
                problem = None
                looks += 1
            wait = 0.25 + backoff(looks + failures, retry_after=None)
            if time.monotonic() + wait > self._deadline:
                break
            await self._pipeline.sleep(wait)
        if isinstance(problem, AmbiguousPaymentError):
            raise problem from self._error.__cause__
        self._error.looked(_result(looks, problem))
        raise self._error

    async def _look(self) -> Routine | None:
        rows: dict[str | None, Routine] = {}
        routines: list[Listed] = []
        async for page in self._pages(list_routines, RoutineList, lambda page: page.routines):
            listed = [Listed(row.to_dict(), row.created) for row in page]
            rows.update((one.routine_id, row) for one, row in zip(listed, page, strict=True))
            routines += listed
            if self._ends(listed):
                break
        found = self._search(routines)
        if found is not None:
            return rows[found]
        transfers: list[Listed] = []
        async for rows_of_page in self._pages(list_transfers, TransferList, lambda page: page.transfers):
            listed = [Listed(row.to_dict(), row.initiated, is_transfer=True) for row in rows_of_page]
            transfers += listed
            if self._ends(listed):
                break
        found = self._search([*routines, *transfers], is_last=True)
        if found is None:
            return None
        routine = await self._call(get_routine, Routine, found, options={})
        differing = why_another(routine.to_dict(), self._error.match_fields)
        if differing is not None:
            raise self._ambiguous(PaymentCandidate(found, None, routine.created, differing))
        return routine

    async def _pages(
        self, endpoint: Endpoint[L], returns: type[L], items: Callable[[L], list[M]]
    ) -> AsyncIterator[list[M]]:
        pager = self._list(endpoint, returns, items, page_size=100, cursor=None, limit=None, options={})
        seen = 0
        async for page in pager.pages():
            if seen >= ITEMS_TO_LOOK_AT:
                raise PaginationError(
                    f"The newest {seen} were read, and the payment may be among those behind them. "
                    f"{page.context.describe()}",
                    **page.context.error_context(),
                )
            seen += len(page.items)
            yield page.items

    async def _call(
        self, endpoint: Endpoint[M], returns: type[M], *path: str, options: Mapping[str, Any], **parts: Any
    ) -> M:
        started = time.monotonic()
        left = self._deadline - started
        if left <= 0:
            raise APITimeoutError("The time to look for the payment was over before all was read.", sent=False)
        model = await super()._call(endpoint, returns, *path, options={**options, "timeout": left}, **parts)
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

    def _earliest(self) -> datetime | None:
        return earliest_creation(self._error.sent_at, self._ahead)

    def _ends(self, listed: list[Listed]) -> bool:
        return ends_look([one.created for one in listed], self._earliest())

    def _search(self, items: list[Listed], *, is_last: bool = False) -> str | None:
        """Returns the id of the routine that the payment has become; None when it is not among the items."""
        sent, known = self._error.match_fields, self._pipeline.sent_payments
        reference, payment = reference_of(self._error.user_key, sent), self._error.call_id
        found = search(items, sent, earliest=self._earliest(), taken=self._taken | known.taken(reference, payment))
        if found.routine_id is None:
            if is_last and found.candidates:
                raise self._ambiguous(*found.candidates)
            return None
        if self._undecided or known.undecided(reference, payment):
            reason = "another payment of this client has this correlation id and an unknown outcome"
            raise self._ambiguous(PaymentCandidate(found.routine_id, None, None, reason))
        known.settle(reference, payment, routine_id=found.routine_id)
        return found.routine_id

    def _ambiguous(self, *candidates: PaymentCandidate) -> AmbiguousPaymentError:
        return AmbiguousPaymentError.about(self._error, candidates)


def _result(looks: int, problem: AstraError | None) -> str:
    times = "once" if looks == 1 else f"{looks} times"
    if problem is not None:
        return f"It was looked for {times} in full and not found, and then could not be looked for: {problem}"
    if not looks:
        return "No time was left to look for it."
    return f"It was looked for {times} in full, and was not there. That is no proof that it will never be made."
