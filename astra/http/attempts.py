"""The record of an attempt, as the request log and observers get it. No I/O."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from astra.http.error_mapping import error_class
from astra.http.responses import AttemptOutcome, TransportFailure
from astra.instrumentation.record import RequestRecord

if TYPE_CHECKING:
    from astra.http.calls import CallContext


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
