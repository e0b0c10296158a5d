"""What instrumentation is told of a call and its attempts. No I/O."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from astra.http.resource_ids import resource_id_of
from astra.http.responses import AttemptOutcome, TransportResponse, request_id_of
from astra.instrumentation.hooks import CallInfo, CallOutcome
from astra.instrumentation.record import RequestRecord

if TYPE_CHECKING:
    from astra.http.calls import CallContext


@lru_cache(maxsize=16)
def server_of(origin: str) -> tuple[str | None, int | None]:
    """Returns host name and port of an origin.

    Args:
        origin: scheme, host and port, for example "https://api.astra.finance".
    """
    parts = urlsplit(origin)
    return parts.hostname, parts.port or (443 if parts.scheme == "https" else 80)


def call_info(context: CallContext, *, origin: str) -> CallInfo:
    """Returns what observers are told of a call when it begins.

    Args:
        context: the call.
        origin: where it is sent to.
    """
    operation = context.operation
    return CallInfo(
        context.call_id, operation.id, operation.method, operation.path, context.user_key, *server_of(origin)
    )


def call_outcome(context: CallContext, error: BaseException | None) -> CallOutcome:
    """Returns what observers are told of a call when it has ended."""
    return CallOutcome(context.status_code, context.request_ids, context.attempts, error)


def attempt_record(
    context: CallContext,
    outcome: AttemptOutcome | None,
    *,
    origin: str,
    error_name: str | None,
    started_at: float,
    duration_ms: float,
) -> RequestRecord:
    """Returns the record of an attempt that just ended: the template of its path, and no id in it but that of the
    object.

    Args:
        context: the call; the attempt is counted in it already.
        outcome: how the attempt ended, or None when it was interrupted.
        origin: where it was sent to.
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
        resource_id_of(operation.path, context.path, made=_made(operation.method, outcome)),
        context.client_correlation_id,
        *server_of(origin),
    )


def _made(method: str, outcome: AttemptOutcome | None) -> bytes | None:
    """Returns the body of the answer to a write that succeeded."""
    if method == "GET" or not isinstance(outcome, TransportResponse) or not 200 <= outcome.status < 300:
        return None
    return outcome.content
