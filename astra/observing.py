"""Joins the calls of a client to those who watch them: the request log, captures, the `astra` logger, observers."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from astra.http.answers import error_class
from astra.http.observers import Attempt
from astra.request_log.emit import emit, is_listening
from astra.request_log.observe import CallInfo, CallObserver, CallObservers, CallOutcome
from astra.request_log.record import RequestRecord

if TYPE_CHECKING:
    from os import PathLike

    from astra.http.calls import CallContext
    from astra.request_log.log import RequestLog

Heard = tuple[tuple[CallObserver, object], ...]


class ClientObserver:
    """Told of every call of one client.

    Args:
        request_log: the ledger, or None.
        owns_log: whether `close` closes it.
    """

    def __init__(self, request_log: RequestLog | None, *, owns_log: bool) -> None:
        self.request_log = request_log
        self.observers = CallObservers()
        self._owns_log = owns_log

    def begin(self, context: CallContext) -> Heard | None:
        """Tells the observers that a call begins."""
        if not self.observers:
            return None
        operation = context.operation
        return self.observers.start(
            CallInfo(context.call_id, operation.id, operation.method, operation.path, context.user_key)
        )

    def attempt(self, attempt: Attempt) -> None:
        """Keeps the record of an attempt, if anybody wants it."""
        if is_listening(log=self.request_log, observers=self.observers):
            emit(as_record(attempt), log=self.request_log, observers=self.observers)

    def end(self, heard: Heard | None, context: CallContext, error: BaseException | None) -> None:
        """Tells the observers how the call ended."""
        if heard:
            self.observers.end(heard, CallOutcome(context.status_code, context.request_ids, context.attempts, error))

    def close(self) -> None:
        """Writes the request log out, and closes it if the client opened it."""
        if self.request_log is None:
            return
        if self._owns_log:
            self.request_log.close()
        else:
            self.request_log.flush()


def as_record(attempt: Attempt) -> RequestRecord:
    """Returns what the request log keeps of an attempt: the path's template, never its ids."""
    context, operation = attempt.context, attempt.context.operation
    return RequestRecord(
        context.call_id,
        attempt.request_id,
        datetime.fromtimestamp(attempt.started_at, UTC),
        operation.id,
        operation.method,
        operation.path,
        attempt.status,
        attempt.duration_ms,
        context.attempts,
        context.user_key,
        _error_name(attempt),
    )


def open_observer(request_log: RequestLog | str | PathLike[str] | None) -> ClientObserver:
    """Makes the observer of a client from what its `request_log` argument says.

    Raises:
        ConfigurationError: the URL names no kind of log.
    """
    if request_log is None:
        return ClientObserver(None, owns_log=False)
    from astra.request_log.opening import open_request_log

    log = open_request_log(request_log)
    return ClientObserver(log, owns_log=log is not request_log)


def _error_name(attempt: Attempt) -> str | None:
    if attempt.failure is not None:
        return "APITimeoutError" if attempt.failure.timed_out else "APIConnectionError"
    if attempt.status is not None and not 200 <= attempt.status < 300:
        return error_class(attempt.status).__name__
    return None
