"""Payments under idempotency keys: what is kept of them, and settling those of unknown outcome."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, MutableSequence, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Final

from astra_api.api.routines import get_routine
from astra_api.models import Routine

from astra._names import model_in_our_names
from astra.config import Timeout, as_timeout
from astra.errors import ConfigurationError, InvalidRequestError
from astra.http._async.pipeline import AsyncPipeline
from astra.http.payment_match import why_not_the_payment
from astra.payments._async.ledger import AsyncPaymentLedger, logger
from astra.payments.record import CLOSED, OPEN, PaymentRecord, PaymentState
from astra.payments.report import ReconcileReport
from astra.payments.stores.base import IdempotencyStore, PaymentQuery
from astra.payments.transitions import expire, found, resolve_not_made
from astra.resources._async.base import AsyncResource
from astra.resources._async.payment_search import AsyncPaymentSearch, Finding
from astra.resources._async.user_ref import AsyncKeyFinder, AsyncUserRef
from astra.resources.inputs import check_idempotency_key, require
from astra.resources.payments import kept
from astra.webhooks.events import RoutineEvent, TransferEvent, WebhookEvent

AT_ONCE: Final = 500
"""Payments of one user that are looked for together."""


class AsyncPayments:
    """The payments of this client that were sent under an idempotency key.

    Args:
        pipeline: of the client.
        ledger: its payment records, or None when it has no idempotency store.
        users: what knows which of your keys belongs to which user of Astra.
    """

    def __init__(self, pipeline: AsyncPipeline, ledger: AsyncPaymentLedger | None, *, users: AsyncKeyFinder) -> None:
        self._pipeline = pipeline
        self._ledger = ledger
        self._users = users

    @property
    def store(self) -> IdempotencyStore:
        """Where the payments are kept."""
        return self._records.store

    @property
    def resend_after(self) -> timedelta | None:
        """When a payment that a complete look has not found may be sent once more; None: never."""
        return self._records.resend_after

    async def list(
        self,
        *,
        state: PaymentState | str | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        user: str | None = None,
        operation: str | None = None,
        limit: int | None = None,
    ) -> AsyncIterator[PaymentRecord]:
        """Yields records, those first whose keys were first used longest ago.

        Args:
            state: only in this state: "sending", "made", "refused", "not_sent" or "uncertain".
            since: only keys first used at or after this, an aware datetime.
            until: only keys first used before this, an aware datetime.
            user: only payments of this user, by your key.
            operation: only of this operation, for example "create_routine".
            limit: at most so many.

        Yields:
            The records.

        Raises:
            InvalidRequestError: an unknown state, or a datetime without a time zone.
            IdempotencyStoreError: the store failed.

        Example:
            async for payment in astra.payments.list(state="uncertain"):
                print(payment.key, payment.sent, payment.client_correlation_id)
        """
        query = PaymentQuery(
            states=None if state is None else [_state(state)],
            since=_aware(since, argument="since"),
            until=_aware(until, argument="until"),
            user_key=user,
            operation=operation,
            limit=limit,
        )
        async for record in self._records.iterate(query):
            yield record

    async def get(self, key: str, *, operation: str | None = None) -> PaymentRecord | None:
        """Reads the record under a key.

        Args:
            key: the idempotency key.
            operation: name of the operation, when the key was used for more than one.

        Returns:
            The record, or None when the key was never used.

        Raises:
            InvalidRequestError: the key was used for several operations: name one.
            IdempotencyStoreError: the store failed.

        Example:
            payment = await astra.payments.get("payout-17")
        """
        check_idempotency_key(key)
        known = await self._records.select(PaymentQuery(key=key, operation=operation))
        if len(known) > 1:
            operations = ", ".join(record.operation for record in known)
            raise InvalidRequestError(
                f"The key {key!r} was used for {operations}: name the operation.", argument="operation"
            )
        return known[0] if known else None

    async def find(self, any_id: str) -> Sequence[PaymentRecord]:
        """Finds payments by any id.

        It may be the idempotency key, the correlation id, Astra's id of the routine or transfer, the call id, or the
        request id of the last answer.

        Args:
            any_id: the id.

        Returns:
            The payments, mostly one or none.

        Raises:
            InvalidRequestError: the id is empty.
            IdempotencyStoreError: the store failed.

        Example:
            for payment in await astra.payments.find("rt_1"):
                print(payment.key)
        """
        return await self._records.select(PaymentQuery(any_id=require(any_id, argument="any_id")))

    async def reconcile(
        self,
        *,
        key: str | None = None,
        user: str | None = None,
        older_than: timedelta = timedelta(0),
        timeout: float | Timeout | None = None,
        progress: Callable[[ReconcileReport], None] | None = None,
    ) -> ReconcileReport:
        """Looks for all payments of unknown outcome, and writes down what it finds. Sends nothing but reads.

        Args:
            key: only the payment under this key.
            user: only payments of this user, by your key.
            older_than: only payments that were sent longer ago than this.
            timeout: seconds for all that is read of one user; None: as long as it takes.
            progress: called with the report so far, after each user.

        Returns:
            What was found. What could not be looked for is counted there, not raised.

        Raises:
            IdempotencyStoreError: the store failed.

        Example:
            report = await astra.payments.reconcile()
            print(report.made, report.not_found, report.ambiguous)
        """
        counts: Counter[str] = Counter()
        problems: MutableSequence[tuple[str, str]] = []
        before = self._records.now() - older_than if older_than else None
        query = PaymentQuery(states=OPEN, key=key, user_key=user, sent_before=before)
        waiting: dict[str | None, MutableSequence[PaymentRecord]] = {}
        async for record in self._records.iterate(query):
            waiting.setdefault(record.user_key, []).append(record)
        for user_key, records in waiting.items():
            for start in range(0, len(records), AT_ONCE):
                await self._reconcile(user_key, records[start : start + AT_ONCE], timeout, counts, problems)
                if progress is not None:
                    progress(_report(counts, problems))
        return _report(counts, problems)

    async def _reconcile(
        self,
        user_key: str | None,
        records: Sequence[PaymentRecord],
        timeout: float | Timeout | None,
        counts: Counter[str],
        problems: MutableSequence[tuple[str, str]],
    ) -> None:
        now = self._records.now()
        sought: MutableSequence[PaymentRecord] = []
        for record in records:
            known = await self._records.update(record, lambda each: expire(each, now=now))
            if known.state is PaymentState.UNCERTAIN:
                sought.append(known)
            elif known.is_open:
                counts["in_progress"] += 1
        owner = self._owner(user_key)
        deadline = None if timeout is None else time.monotonic() + as_timeout(timeout).total
        search = AsyncPaymentSearch(
            self._pipeline, owner=owner, records=sought, why_anothers=self._why_anothers, deadline=deadline
        )
        async for record, finding in search.findings():
            counts[await self._note(record, finding)] += 1
            if finding.is_ambiguous or finding.error is not None:
                problems.append((record.key, finding.detail or f"{type(finding.error).__name__}: {finding.error}"))

    async def _note(self, record: PaymentRecord, finding: Finding) -> str:
        if finding.error is not None:
            await self._records.note_look(record, finding.error)
            return "failed"
        if finding.result is None:
            known = await self._records.note_look(record, finding.detail)
            if known.state in (PaymentState.REFUSED, PaymentState.NOT_SENT):
                return "refused"
            return "ambiguous" if finding.is_ambiguous else "not_found"
        decide = partial(
            found,
            resource_id=finding.resource_id,
            result=finding.result,
            event="looked",
            now=self._records.now(),
            detail=finding.detail,
        )
        try:
            await self._records.update(record, decide)
        except InvalidRequestError as error:
            logger.error("%s", error)
            return "ambiguous"
        return "made"

    async def resolve(
        self,
        key: str,
        *,
        by: str,
        made: str | None = None,
        not_made: bool = False,
        operation: str | None = None,
    ) -> PaymentRecord:
        """Notes what a person has decided about a payment of unknown outcome.

        Args:
            key: the idempotency key.
            by: who decides; it is kept in the record's history.
            made: Astra's id of the routine that the payment has become. It is read, and must not contradict it.
            not_made: True: it was not made, so the key may send it again. If it is made all the same, it is made twice.
            operation: name of the operation, when the key was used for more than one.

        Returns:
            The record as it is now.

        Raises:
            InvalidRequestError: not exactly one of made and not_made; the key was never used; the routine is another
                payment; the payment was made, or may still be on its way.
            AstraError: the routine could not be read.
            IdempotencyStoreError: the store failed.

        Example:
            await astra.payments.resolve("payout-17", made="rt_1", by="jane@example.com")
        """
        if (made is not None) is not_made:
            raise InvalidRequestError("Say exactly one of made=<Astra's id of the routine> and not_made=True.")
        if not by or not by.strip():
            raise InvalidRequestError("by= must say who decides; it is kept.", argument="by")
        record = await self.get(key, operation=operation)
        if record is None:
            raise InvalidRequestError(f"The idempotency key {key!r} was never used by this client.", argument="key")
        now = self._records.now()
        if made is None:
            return await self._records.update(record, lambda known: resolve_not_made(known, by=by, now=now))
        resource_id, result = require(made, argument="made"), "null"
        reader = _AsyncReader(self._pipeline, owner=self._owner(record.user_key))
        if record.is_creation:
            routine = await reader.routine(made)
            differing = why_not_the_payment(model_in_our_names(routine), record.match_fields)
            if differing is not None:
                raise InvalidRequestError(f"{made} is another payment: {differing}.", argument="made")
            reason = await self._records.why_anothers(
                made, operation=record.operation, key=record.key, user_key=record.user_key, correlation_id=None
            )
            if reason is not None:
                raise InvalidRequestError(f"{made} is another payment: {reason}.", argument="made")
            result = kept(routine)
        elif made != record.resource_id:
            raise InvalidRequestError(
                f"{record.operation} under the key {key!r} is about {record.resource_id}, not {made}.", argument="made"
            )
        elif record.operation == "update_routine":
            routine = await reader.routine(made)
            result = kept(routine)
        return await self._records.update(
            record,
            lambda known: found(known, resource_id=resource_id, result=result, event="resolved", now=now, by=by),
        )

    async def settle(self, event: WebhookEvent) -> PaymentRecord | None:
        """Settles the payment that a webhook is about, without looking through lists. Call it in your webhook callback.

        Args:
            event: any event; only those about routines and transfers are looked into, and only while a payment of their
                user is of unknown outcome.

        Returns:
            The record when the event has settled it, else None.

        Raises:
            AstraError: the object could not be read; the event may be delivered again.
            IdempotencyStoreError: the store failed.

        Example:
            def on_event(event):
                astra.payments.settle(event)
        """
        if not isinstance(event, RoutineEvent | TransferEvent) or event.resource_id is None or event.user_id is None:
            return None
        user_key = await self._users.find_key(event.user_id)
        if user_key is None:
            return None
        waiting = await self._records.select(PaymentQuery(states=OPEN, user_key=user_key))
        if not waiting:
            return None
        is_transfer = isinstance(event, TransferEvent)
        search = AsyncPaymentSearch(
            self._pipeline,
            owner=self._owner(user_key),
            records=waiting,
            why_anothers=self._why_anothers,
            deadline=None,
        )
        routine_id, transfer_id = (None, event.resource_id) if is_transfer else (event.resource_id, None)
        told = await search.of_event(routine_id=routine_id, transfer_id=transfer_id)
        if told is None:
            return None
        record, finding = told
        decide = partial(
            found,
            resource_id=finding.resource_id,
            result=finding.result or "null",
            event="webhook",
            now=self._records.now(),
            transfer_id=transfer_id,
            detail=f"{event.type} {event.id}",
        )
        return await self._records.update(record, decide)

    async def _why_anothers(self, record: PaymentRecord, routine_id: str) -> str | None:
        return await self._records.why_anothers(
            routine_id,
            operation=record.operation,
            key=record.key,
            user_key=record.user_key,
            correlation_id=record.client_correlation_id,
        )

    async def prune(self, *, older_than: timedelta) -> int:
        """Deletes records whose outcome is known and that have not changed for a while.

        Their keys are forgotten: the same key pays once more. Nothing is deleted unless you call this.

        Args:
            older_than: how long they have not changed; at least a day.

        Returns:
            How many were deleted. Payments of unknown outcome stay.

        Raises:
            InvalidRequestError: less than a day.
            IdempotencyStoreError: the store failed.

        Example:
            await astra.payments.prune(older_than=timedelta(days=400))
        """
        if older_than < timedelta(days=1):
            raise InvalidRequestError("older_than must be a day or more.", argument="older_than")
        return await self._records.prune(before=self._records.now() - older_than, states=CLOSED)

    @property
    def _records(self) -> AsyncPaymentLedger:
        if self._ledger is None:
            raise ConfigurationError(
                "No payments are kept: make the client with idempotency_store=, such as 'sqlite:///payments.db', or "
                "set ASTRA_IDEMPOTENCY_STORE."
            )
        return self._ledger

    def _owner(self, user_key: str | None) -> AsyncUserRef | None:
        return None if user_key is None else AsyncUserRef(self._users, key=user_key, astra_user_id=None)


class _AsyncReader(AsyncResource):
    async def routine(self, routine_id: str) -> Routine:
        return await self._call(get_routine, Routine, routine_id, options={})


def _state(value: PaymentState | str) -> PaymentState:
    try:
        return PaymentState(value)
    except ValueError:
        known = ", ".join(PaymentState)
        raise InvalidRequestError(f"state must be one of {known}, not {value!r}.", argument="state") from None


def _aware(value: datetime | None, *, argument: str) -> datetime | None:
    if value is not None and value.tzinfo is None:
        raise InvalidRequestError(f"{argument} must have a time zone.", argument=argument)
    return value


def _report(counts: Counter[str], problems: Sequence[tuple[str, str]]) -> ReconcileReport:
    return ReconcileReport(**counts, problems=tuple(problems))
