# Derived from astra/resources/_async/once.py by scripts/unasync.py: edit that file.
"""One payment under an idempotency key. What to do is decided in `astra.payments.transitions`; here it is done."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any, Final, Generic, TypeVar

import attrs

from astra._candidates import may_be
from astra.config import Timeout
from astra.errors import (
    AmbiguousPaymentError,
    APIError,
    AstraError,
    AuthenticationError,
    IdempotencyConflictError,
    PaymentInProgressError,
    RateLimitError,
    StorageError,
    UncertainOutcomeError,
)
from astra.http._sync.pipeline import Pipeline
from astra.http.calls import Call, CallContext
from astra.payments._sync.ledger import PaymentLedger, logger
from astra.payments.record import PaymentRecord, PaymentState
from astra.payments.transitions import (
    NOT_THERE,
    Conflict,
    Look,
    Outcome,
    Replay,
    Send,
    Wait,
    Wanted,
    arrive,
    expire,
    found,
    send_again,
    settle,
)
from astra.resources.payments import lost_payment

T = TypeVar("T")

LEASE_SLACK: Final = timedelta(seconds=15)
"""Time that writing down the outcome may take after the time of a call is up."""

POLLS: Final = (0.02, 0.05, 0.1, 0.2, 0.5)
"""Seconds between looks at the record of a payment that another call sends; the last one repeats."""

_NOT_PROCESSED: Final = (AuthenticationError, RateLimitError)


@attrs.frozen(kw_only=True)
class Deed(Generic[T]):
    """What is to be done once.

    Attributes:
        build: makes the call that carries this correlation id; None where the operation knows none.
        send: sends it.
        pack: what is kept of a result: Astra's id, and JSON.
        unpack: makes the result of what was kept.
        look: looks for it, until a moment of `time.monotonic()`; None when it is not there.
        is_repeatable: whether doing it twice comes to the same.
    """

    build: Callable[[str | None], Call]
    send: Callable[[Call], T]
    pack: Callable[[T], tuple[str | None, str]]
    unpack: Callable[[PaymentRecord], T]
    look: Callable[[PaymentRecord, float], T | None]
    is_repeatable: bool = False


class Once(Generic[T]):
    """Does a deed once.

    Args:
        pipeline: of the client.
        ledger: its payment records.
        deed: what is to be done.
        call: it, with the correlation id of `wanted`.
        wanted: what is asked for.
        limits: for all of it.
    """

    def __init__(
        self,
        pipeline: Pipeline,
        ledger: PaymentLedger,
        deed: Deed[T],
        *,
        call: Call,
        wanted: Wanted,
        limits: Timeout,
    ) -> None:
        self._pipeline = pipeline
        self._ledger = ledger
        self._deed = deed
        self._call = call
        self._wanted = attrs.evolve(wanted, lease=timedelta(seconds=limits.total) + LEASE_SLACK)
        self._deadline = time.monotonic() + limits.total
        self._limits = limits
        self._polls = 0
        self._has_left = False
        self._may_be_made = False
        self._written: PaymentRecord | None = None

    def run(self) -> T:
        """Does it, or returns what it has come to before.

        Raises:
            IdempotencyConflictError: the key belongs to another payment.
            PaymentInProgressError: another call has it under way.
            UncertainOutcomeError: nobody knows whether it was done.
            IdempotencyStoreError: it cannot be written down, so it was not done.
            AstraError: as the call.
        """
        record: PaymentRecord | None = None
        while True:
            step = arrive(record, self._now())
            if isinstance(step, Send):
                if self._ledger.write(step.record, step.replaces):
                    return self._send(step.record)
            elif isinstance(step, Replay):
                return self._deed.unpack(step.record)
            elif isinstance(step, Conflict):
                raise _conflict(step.record)
            elif isinstance(step, Wait):
                self._wait(step.record)
            else:
                known = self._look(step)
                if isinstance(known, Send):
                    return self._send(known.record)
                if known is not None:
                    return self._deed.unpack(known)
            record = self._ledger.get(self._wanted.operation, self._wanted.key)

    def _now(self) -> Wanted:
        return attrs.evolve(self._wanted, now=self._ledger.now())

    def _wait(self, record: PaymentRecord) -> None:
        pause = POLLS[min(self._polls, len(POLLS) - 1)]
        self._polls += 1
        if time.monotonic() + pause >= self._deadline:
            left = (record.lease_until - self._ledger.now()).total_seconds()
            raise PaymentInProgressError(
                f"The payment under the idempotency key {record.key!r} is being sent by {record.holder}, and has not "
                "ended within the timeout of this call, which sent nothing. Call again with the same key: it returns "
                "what became of it.",
                idempotency_key=record.key,
                operation=record.operation,
                retry_after=max(left, 0.0),
            )
        self._pipeline.sleep(pause)

    def _look(self, step: Look) -> PaymentRecord | Send | None:
        """Looks for a payment of unknown outcome. Returns its record, what to send, or None when the record changed."""
        record = step.record
        expired = expire(record, now=self._ledger.now())
        if expired is not None:
            if not self._ledger.write(expired, record):
                return None
            record = expired
        error = lost_payment(record)
        try:
            result = self._deed.look(record, self._deadline)
        except AmbiguousPaymentError as ambiguous:
            self._ledger.note_look(record, f"it {may_be(ambiguous.candidates)}")
            ambiguous.idempotency_key = record.key
            raise
        except AstraError as problem:
            self._ledger.note_look(record, problem)
            error.looked(f"It could not be looked for: {problem}")
            raise error from problem
        if result is not None:
            resource_id, content = self._deed.pack(result)
            now = self._ledger.now()
            return self._ledger.update(
                record, lambda known: found(known, resource_id=resource_id, result=content, event="looked", now=now)
            )
        again = send_again(record, self._now(), resend_after=self._ledger.resend_after)
        if again is not None:
            return again if self._ledger.write(again.record, again.replaces) else None
        self._ledger.note_look(record, NOT_THERE)
        error.looked("It was looked for in full, and was not there. That is no proof that it will never be made.")
        raise error

    def _send(self, record: PaymentRecord) -> T:
        is_same = record.client_correlation_id == self._wanted.client_correlation_id
        call = self._call if is_same else self._deed.build(record.client_correlation_id)
        left = max(self._deadline - time.monotonic(), 0.001)
        call.options["timeout"] = attrs.evolve(self._limits, total=left)
        call.on_ended = lambda value, error, context: self._ended(record, value, error, context)
        try:
            value = self._deed.send(call)
        except UncertainOutcomeError as error:
            error.idempotency_key = record.key
            self._settle(record, _failed(error, PaymentState.UNCERTAIN))
            raise
        except AstraError as error:
            self._settle(record, _failed(error, self._state_after(error)))
            raise
        except BaseException as interruption:
            self._has_left = True
            is_open = call.in_flight or self._may_be_made
            state = PaymentState.UNCERTAIN if is_open else PaymentState.NOT_SENT
            self._settle(record, {"state": state, "error": type(interruption).__name__})
            raise
        if self._written is None or self._written.state is not PaymentState.MADE:
            self._settle(record, self._made(value))
        return value

    def _state_after(self, error: AstraError) -> PaymentState:
        if self._may_be_made:
            return PaymentState.UNCERTAIN
        # A call for a token fails, too, and that says nothing about the payment.
        is_answer = isinstance(error, APIError) and error.operation == self._wanted.operation
        is_refusal = is_answer and not isinstance(error, _NOT_PROCESSED)
        return PaymentState.REFUSED if is_refusal else PaymentState.NOT_SENT

    def _ended(self, record: PaymentRecord, value: Any, error: AstraError | None, context: CallContext) -> None:
        """Writes down what an attempt has come to, also when nobody waits for it any more."""
        # From here on an interruption must not be taken for proof that nothing was made.
        self._may_be_made = error is None or isinstance(error, UncertainOutcomeError)
        if isinstance(error, UncertainOutcomeError):
            self._settle(record, _failed(error, PaymentState.UNCERTAIN))
        elif error is not None:
            if self._has_left:  # nobody is there who would try again
                self._settle(record, _failed(error, self._state_after(error)))
        else:
            told = {"call_id": context.call_id, "request_ids": context.request_ids, "status_code": context.status_code}
            self._settle(record, self._made(value) | told)

    def _made(self, value: T) -> dict[str, Any]:
        resource_id, content = self._deed.pack(value)
        return {"state": PaymentState.MADE, "resource_id": resource_id, "result": content}

    def _settle(self, record: PaymentRecord, outcome: dict[str, Any]) -> None:
        learned = Outcome(holder=record.holder, now=self._ledger.now(), **outcome)
        try:
            # The end of an attempt has been written down already when its caller gets to hear of it.
            self._written = self._ledger.settle(self._written or record, lambda known: settle(known, learned))
        except StorageError as error:
            # What became of the payment is known, and its caller has to hear that, not this.
            logger.error(
                "what became of the payment under the idempotency key %r (%s) could not be written down: it is %s. The "
                "next call with the key looks for it. %s",
                record.key,
                record.operation,
                learned.state,
                error,
            )


def _failed(error: AstraError, state: PaymentState) -> dict[str, Any]:
    return {
        "state": state,
        "call_id": error.call_id,
        "request_ids": getattr(error, "request_ids", ()),
        "status_code": getattr(error, "status_code", None),
        "error": type(error).__name__,
        "detail": str(getattr(error, "description", None) or ""),
    }


def _conflict(record: PaymentRecord) -> IdempotencyConflictError:
    return IdempotencyConflictError(
        f"The idempotency key {record.key!r} belongs to another {record.operation}, first sent on "
        f"{record.created:%Y-%m-%d %H:%M:%S} UTC ({record.state}). Nothing was sent. One key makes one payment: give "
        "this one a key of its own, or ask for what was sent before.",
        idempotency_key=record.key,
        operation=record.operation,
        state=record.state.value,
    )
