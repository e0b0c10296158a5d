"""What instrumentation is told of a call and its attempts. No I/O."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from astra.http.error_mapping import error_class
from astra.http.resource_ids import resource_id_of
from astra.http.responses import AttemptOutcome, TransportFailure, TransportResponse
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
    """Returns the record of an attempt that just ended: the template of its path, and no id in it but that of the
    object.

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
        resource_id_of(operation.path, context.path, made=_made(operation.method, outcome)),
        context.client_correlation_id,
    )


def _made(method: str, outcome: AttemptOutcome) -> bytes | None:
    """Returns the body of the answer to a write that succeeded."""
    is_success = isinstance(outcome, TransportResponse) and 200 <= outcome.status < 300
    return outcome.content if is_success and method != "GET" else None


def _error_name(outcome: AttemptOutcome) -> str | None:
    if isinstance(outcome, TransportFailure):
        return "APITimeoutError" if outcome.timed_out else "APIConnectionError"
    return None if 200 <= outcome.status < 300 else error_class(outcome.status).__name__
