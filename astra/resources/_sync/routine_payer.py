# Derived from astra/resources/_async/routine_payer.py by scripts/unasync.py: edit that file.
"""Sending a payment, and finding out what became of one."""

from __future__ import annotations

import time
from collections.abc import Hashable
from typing import Literal

from astra.config import Timeout
from astra.errors import AstraError, InvalidRequestError, UncertainOutcomeError
from astra.http.calls import Call, CallOptions
from astra.http.operations import Endpoint, operation_of, parse
from astra.payments.record import PaymentRecord
from astra.resources._sync.money import MoneyResource
from astra.resources._sync.reconciliation import SECONDS_TO_LOOK, PaymentFinder
from astra.resources.payments import lost_payment
from astra.resources.reconcile import reference_of
from astra_api.models import Routine
from astra_api.types import Model

OnUncertain = Literal["raise", "reconcile"]


class RoutinePayer(MoneyResource):
    """The paying half of `user.routines`, below its methods."""

    def reconcile(self, error: UncertainOutcomeError, *, timeout: float | Timeout | None = None) -> Routine | None:
        """Looks once for the payment of an `UncertainOutcomeError`, in any process. Sends nothing but reads.

        Args:
            error: the error; it may have been pickled.
            timeout: seconds for all that is read; None is the client's.

        Returns:
            The routine when it is there, alone, and agrees with the payment in all that it gives. None when all of what
            may hold it was read and nothing in it can be the payment, which is no proof that it will never be made.

        Raises:
            AmbiguousPaymentError: something is there that may be the payment, or another one; it has the candidates. A
                payment without a `client_correlation_id` can end in no better way.
            InvalidRequestError: the error is about changing or stopping something, or about another user's payment.
            PaginationError: there is more to look at than could be read.
            AstraError: as every read; then nobody has looked.

        Example:
            routine = user.routines.reconcile(error, timeout=10)
        """
        if not error.match_fields:
            raise InvalidRequestError(
                f"There is no new payment to look for: {error.operation} makes none. Read again what it was about.",
                argument="error",
            )
        if self._owner is not None and error.user_key not in (None, self._owner.key()):
            raise InvalidRequestError(
                f"The payment is one of {error.user_key!r}, and this session is another user's, where it cannot be "
                "found: call reconcile() on astra.user(error.user_key).routines.",
                argument="error",
            )
        return self._finder(error, deadline=time.monotonic() + self._total(timeout)).find()

    def _pay(
        self,
        endpoint: Endpoint[Routine],
        body: Model,
        on_uncertain: OnUncertain,
        idempotency_key: str | None,
        options: CallOptions,
    ) -> Routine:
        operation = operation_of(endpoint).id
        payment: Hashable = object() if idempotency_key is None else (operation, idempotency_key)

        def send(call: Call) -> Routine:
            return self._send_payment(call, payment, on_uncertain, idempotency_key)

        return self._change_once(
            endpoint,
            Routine,
            body=body,
            idempotency_key=idempotency_key,
            options=options,
            look=self._find,
            send=send,
        )

    def _send_payment(
        self, call: Call, payment: Hashable, on_uncertain: OnUncertain, idempotency_key: str | None
    ) -> Routine:
        started = time.monotonic()
        user_key = None if self._owner is None else self._owner.key()
        reference = reference_of(user_key, call.match_fields)
        known, is_kept = self._pipeline.sent_payments, call.on_ended is not None
        known.begin(reference, payment)
        try:
            routine = self._send(call, lambda response: parse(response, Routine))
        except UncertainOutcomeError as error:
            known.rename(reference, payment, error.call_id)
            error.find_with(self.reconcile)
            if on_uncertain == "raise" or error.interrupted:  # whoever interrupts a call does not want it to go on
                raise
            uncertain = error
        except AstraError:
            known.drop(reference, payment)
            raise
        except BaseException:
            if is_kept:  # its record remembers it, also in other processes
                known.drop(reference, payment)
            raise
        else:
            known.settle(reference, payment, routine_id=routine.id)
            return routine
        deadline = min(started + self._total(call.options.get("timeout")), time.monotonic() + SECONDS_TO_LOOK)
        return self._finder(uncertain, deadline=deadline, idempotency_key=idempotency_key).wait()

    def _find(self, record: PaymentRecord, deadline: float) -> Routine | None:
        """Looks once for the payment of a record."""
        error = lost_payment(record)
        error.find_with(self.reconcile)
        return self._finder(error, deadline=deadline, idempotency_key=record.key).find()

    def _finder(
        self, error: UncertainOutcomeError, *, deadline: float, idempotency_key: str | None = None
    ) -> PaymentFinder:
        ledger = self._ledger

        def why_anothers(routine_id: str) -> str | None:
            if ledger is None:
                return None
            return ledger.why_anothers(
                routine_id,
                operation=error.operation or "",
                key=idempotency_key or error.idempotency_key or "",
                user_key=error.user_key,
                correlation_id=error.client_correlation_id,
            )

        return PaymentFinder(
            self._pipeline, owner=self._owner, error=error, deadline=deadline, why_anothers=why_anothers
        )
