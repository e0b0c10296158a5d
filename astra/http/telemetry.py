"""What instrumentation is told of a call and its attempts. No I/O."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from astra.http.responses import AttemptOutcome, request_id_of
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
    context: CallContext,
    outcome: AttemptOutcome | None,
    *,
    error_name: str | None,
    started_at: float,
    duration_ms: float,
) -> RequestRecord:
    """Returns the record of an attempt that just ended: the template of its path, never the ids in it.

    Args:
        context: the call; the attempt is counted in it already.
        outcome: how the attempt ended, or None when it was interrupted.
        error_name: name of the error that it stands for, None for a success.
        started_at: when it began, as epoch seconds.
        duration_ms: milliseconds that it took.
    """
    operation = context.operation
    return RequestRecord(
        context.call_id,
        None if outcome is None else request_id_of(outcome.headers),
        datetime.fromtimestamp(started_at, UTC),
        operation.id,
        operation.method,
        operation.path,
        None if outcome is None else outcome.status,
        duration_ms,
        context.attempts,
        context.user_key,
        error_name,
    )
