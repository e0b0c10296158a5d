"""What instrumentation is told of a call and its attempts. No I/O."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from astra.http.error_mapping import error_class
from astra.http.responses import AttemptOutcome, TransportFailure
from astra.instrumentation.hooks import CallInfo, CallOutcome
from astra.instrumentation.record import RequestRecord

if TYPE_CHECKING:
    from astra.http.calls import CallContext


def call_info(context: CallContext) -> CallInfo:
    """Returns what observers are told of a call when it begins."""
    operation = context.operation
    return CallInfo(context.call_id, operation.id, operation.method, operation.path, context.user_key)


def call_outcome(context: CallContext, error: BaseException | None) -> CallOutcome:
    """Returns what observers are told of a call when it has ended."""
    return CallOutcome(context.status_code, context.request_ids, context.attempts, error)


def attempt_record(
    context: CallContext, outcome: AttemptOutcome, *, started_at: float, duration_ms: float
) -> RequestRecord:
    """Returns the record of an attempt that just ended: the template of its path, never the ids in it.

    Args:
        context: the call; the attempt is counted in it already.
        outcome: how the attempt ended.
        started_at: when it began, as epoch seconds.
        duration_ms: milliseconds that it took.
    """
    operation = context.operation
    return RequestRecord(
        context.call_id,
        outcome.headers.get("request-id"),
        datetime.fromtimestamp(started_at, UTC),
        operation.id,
        operation.method,
        operation.path,
        outcome.status,
        duration_ms,
        context.attempts,
        context.user_key,
        _error_name(outcome),
    )


def _error_name(outcome: AttemptOutcome) -> str | None:
    if isinstance(outcome, TransportFailure):
        return "APITimeoutError" if outcome.timed_out else "APIConnectionError"
    return None if 200 <= outcome.status < 300 else error_class(outcome.status).__name__
