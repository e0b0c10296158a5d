# Derived from astra/resources/_async/reconciliation.py by scripts/unasync.py: edit that file.
"""Finding a payment whose answer was lost. Reads only; nothing here can make a payment."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable
from typing import Final

from astra._names import model_in_our_names
from astra.errors import (
    AmbiguousPaymentError,
    AstraError,
    ClientClosedError,
    ReauthorizationRequired,
    UncertainOutcomeError,
)
from astra.http._sync.pipeline import Pipeline
from astra.http.payment_match import PaymentCandidate
from astra.http.responses import without_frames
from astra.http.retry import backoff
from astra.instrumentation.raw_response import active_raw_captures, not_captured
from astra.resources._sync.list_walk import ListWalk
from astra.resources._sync.user_ref import UserRef
from astra.resources.reconcile import (
    Listed,
    reference_of,
    search,
    why_another,
)
from astra_api.api.routines import get_routine
from astra_api.models import Routine

SECONDS_TO_LOOK: Final = 20.0


class PaymentFinder(ListWalk):
    """Looks for one payment.

    Args:
        pipeline: of the client.
        owner: the user who paid.
        error: what is known of the payment.
        deadline: when all reading ends, on the monotonic clock.
        why_anothers: tells why a routine may belong to another payment, beside those that this client remembers; None
            where nobody else can tell.
    """

    def __init__(
        self,
        pipeline: Pipeline,
        *,
        owner: UserRef | None,
        error: UncertainOutcomeError,
        deadline: float,
        why_anothers: Callable[[str], str | None] | None = None,
    ) -> None:
        super().__init__(pipeline, owner=owner, since=error.sent_at, deadline=deadline)
        self._error = error
        self._until = deadline
        self._why_anothers = why_anothers

    def find(self) -> Routine | None:
        """Looks once, among the routines and then among the transfers.

        The card endpoints are known to answer without `client_correlation_id`, which their transfers do carry.

        Returns:
            The routine, or None when nothing that was read can be the payment.

        Raises:
            AmbiguousPaymentError: something is there that may be the payment.
            AstraError: not all could be read that may be the payment.

        Astra's reference: get_v1-routines.

        Example:
            found = finder.find()
        """
        with not_captured():
            found = self._look()
        if found is not None and active_raw_captures():
            # Whoever wants the response as it came gets that of the routine; the payment's own is lost.
            return self._call(get_routine, Routine, found.id, options={})
        return found

    def wait(self) -> Routine:
        """Looks again and again until the deadline: the request may still be on its way.

        Returns:
            The routine.

        Raises:
            UncertainOutcomeError: the payment was not found, or could not be looked for; `search` says which.

        Astra's reference: get_v1-routines.

        Example:
            routine = finder.wait()
        """
        try:
            return self._wait()
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

    def _wait(self) -> Routine:
        looks = 0
        failures = 0
        problem: AstraError | None = None
        while time.monotonic() < self._until:
            try:
                found = self.find()
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
            if time.monotonic() + wait > self._until:
                break
            self._pipeline.sleep(wait)
        if isinstance(problem, AmbiguousPaymentError):
            raise problem from self._error.__cause__
        self._error.looked(_result(looks, problem))
        raise self._error

    def _look(self) -> Routine | None:
        rows: dict[str | None, Routine] = {}
        routines: list[Listed] = []
        for listed, routine in self.routines():
            routines.append(listed)
            rows[listed.routine_id] = routine
        found = self._search(routines)
        if found is not None:
            return rows[found]
        transfers = [listed for listed in self.transfers()]
        found = self._search([*routines, *transfers], is_last=True)
        if found is None:
            return None
        routine = self._call(get_routine, Routine, found, options={})
        differing = why_another(model_in_our_names(routine), self._error.match_fields)
        if differing is not None:
            raise self._ambiguous(PaymentCandidate(found, None, routine.created, differing))
        return routine

    def _search(self, items: list[Listed], *, is_last: bool = False) -> str | None:
        """Returns the id of the routine that the payment has become; None when it is not among the items."""
        sent, known = self._error.match_fields, self._pipeline.sent_payments
        reference, payment = reference_of(self._error.user_key, sent), self._error.call_id
        found = search(
            items,
            sent,
            earliest=self.earliest(self._error.sent_at),
            taken=known.taken(reference, payment),
        )
        if found.routine_id is None:
            if is_last and found.candidates:
                raise self._ambiguous(*found.candidates)
            return None
        reason = None if self._why_anothers is None else self._why_anothers(found.routine_id)
        if reason is None and known.undecided(reference, payment):
            reason = "another payment of this client has this correlation id and an unknown outcome"
        if reason is not None:
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
