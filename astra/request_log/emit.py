"""What happens with the record of an attempt: the log, the captures, the observers, the `astra` logger."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Final

from astra.request_log.capture import active_captures

if TYPE_CHECKING:
    from astra.request_log.log import RequestLog
    from astra.request_log.observe import CallObservers
    from astra.request_log.record import RequestRecord

logger: Final = logging.getLogger("astra")


def is_listening(*, log: RequestLog | None, observers: CallObservers | None = None) -> bool:
    """Tells whether anybody wants a record, so that nobody builds one in vain.

    Args:
        log: the client's log, or None.
        observers: the client's observers, or None.
    """
    return log is not None or bool(observers) or bool(active_captures()) or logger.isEnabledFor(logging.INFO)


def emit(record: RequestRecord, *, log: RequestLog | None = None, observers: CallObservers | None = None) -> None:
    """Hands a record to everybody who wants it. It does no I/O of its own and does not raise.

    Args:
        record: the attempt that just ended.
        log: the client's log, or None.
        observers: the client's observers, or None.
    """
    if log is not None:
        try:
            log.append(record)
        except Exception as error:
            logger.warning("request log refused a record: %s", type(error).__name__, exc_info=error)
    for calls in active_captures():
        calls.add(record)
    if observers:
        observers.attempt(record)
    if logger.isEnabledFor(logging.INFO):
        logger.info(
            "%s %s %s -> %s in %.0f ms, attempt %d, request id %s, call id %s",
            record.operation,
            record.method,
            record.path,
            record.error_name if record.status is None else record.status,
            record.duration_ms,
            record.attempt,
            record.request_id or "none",
            record.call_id,
            extra=_extra(record),
        )


def _extra(record: RequestRecord) -> dict[str, object]:
    # For structured logging. The user key stays out: it is yours, and may be an email address.
    return {
        "astra_call_id": record.call_id,
        "astra_request_id": record.request_id,
        "astra_operation": record.operation,
        "astra_status": record.status,
        "astra_duration_ms": record.duration_ms,
        "astra_attempt": record.attempt,
        "astra_error": record.error_name,
    }
