"""Tells those who watch a client's calls: the request log, captures, observers, the `astra` logger."""

from __future__ import annotations

import logging
import sys
import traceback
from collections.abc import Callable, Iterator
from typing import Final, Protocol

import attrs

from astra._public import public
from astra.errors import ConfigurationError
from astra.instrumentation.capture import active_captures
from astra.instrumentation.hooks import CallInfo, CallObserver, CallOutcome
from astra.instrumentation.interruptions import came_from_a_signal
from astra.instrumentation.record import RequestRecord

logger: Final = logging.getLogger("astra")

ObserverTokens = tuple[tuple[CallObserver, object], ...]


class RecordTarget(Protocol):
    """What takes the record of every attempt: a request log."""

    def append(self, record: RequestRecord) -> None:
        """Takes a record without waiting for I/O."""
        ...


class AnswerTarget(Protocol):
    """What looks at the answers themselves."""

    def look(self, operation: str, status: int, content: bytes, request_id: str | None) -> None:
        """Looks at an answer without waiting for I/O."""
        ...


@attrs.define
class Telling:
    """An attempt that has ended, and how far those who want to know were told of it.

    Attributes:
        make: makes its record.
        record: the record, once somebody wanted it.
        step: how many of the kinds of those who watch were told.
    """

    make: Callable[[], RequestRecord]
    record: RequestRecord | None = None
    step: int = 0


@public("astra.instrumentation")
class ObserverList:
    """Observers, in the order in which they were added.

    Example:
        astra.observers.add(MyMetrics())
    """

    __slots__ = ("_members",)

    def __init__(self) -> None:
        self._members: tuple[CallObserver, ...] = ()

    def __iter__(self) -> Iterator[CallObserver]:
        return iter(self._members)

    def add(self, observer: CallObserver) -> None:
        """Adds an observer; it is told of the calls that begin from now on.

        Args:
            observer: the observer.

        Raises:
            ConfigurationError: it is not a `CallObserver`.
        """
        if not isinstance(observer, CallObserver):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise ConfigurationError(
                f"An observer is an instance of a subclass of astra.instrumentation.CallObserver, not {observer!r}."
            )
        self._members = (*self._members, observer)

    def remove(self, observer: CallObserver) -> None:
        """Removes an observer; it still hears the end of calls whose start it heard.

        Args:
            observer: the observer; nothing happens if it is not there.
        """
        self._members = tuple(member for member in self._members if member is not observer)


ALL_CLIENTS: Final = ObserverList()
"""Observers of every client of this process, present and future, beside those of each client itself.

For instrumentation that a program is given from outside, as by `opentelemetry-instrument`: it never sees the clients.
An observer here is not told of the calls of a client that has one of the same class itself, so that nothing is counted
twice. This is the one list of the process because such instrumentation is turned on and off for a process.
"""


@public("astra.instrumentation")
class CallObservers(ObserverList):
    """The observers of one client, told one after the other.

    Nothing here does I/O of its own, and nothing raises into a call: not an observer, not a request log, not a filter
    or handler of the application's logging. Only what is about the caller passes: what a signal handler of the
    application raises, and what is no `Exception`, such as Ctrl-C.

    Args:
        log: takes every record, or None.
        drift: looks at every answer, or None.

    Example:
        astra.observers.add(MyMetrics())
    """

    __slots__ = ("_drift", "_log")

    def __init__(self, *, log: RecordTarget | None = None, drift: AnswerTarget | None = None) -> None:
        super().__init__()
        self._log = log
        self._drift = drift

    def __bool__(self) -> bool:
        return bool(self._members or ALL_CLIENTS._members)

    def _watching(self) -> tuple[CallObserver, ...]:
        if not ALL_CLIENTS._members:
            return self._members
        own = {type(member) for member in self._members}
        return (*(member for member in ALL_CLIENTS if type(member) not in own), *self._members)

    def start(self, call: CallInfo) -> ObserverTokens:
        """Tells the observers of a call that begins.

        Args:
            call: the call.

        Returns:
            What `end` needs.
        """
        tokens: list[tuple[CallObserver, object]] = []
        for member in self._watching():
            try:
                tokens.append((member, member.on_call_start(call)))
            except Exception as error:  # noqa: BLE001  (an observer must not break a call)
                _complain(member, error)
        return tuple(tokens)

    def wants_records(self) -> bool:
        """Tells whether anybody wants the record of an attempt, so that none is built for nobody."""
        return self._log is not None or bool(self) or bool(active_captures()) or _is_logged()

    def tell(self, ended: Telling) -> None:
        """Tells everybody who wants to know of an attempt.

        When an exception of a signal handler, or Ctrl-C, cuts it short, a second call goes on where the first one was:
        the request log gets the record at least once, all others at most once.

        Args:
            ended: the attempt that just ended.
        """
        if ended.record is None:
            if not self.wants_records():
                return
            try:
                ended.record = ended.make()
            except Exception as error:  # noqa: BLE001
                _warn("an attempt could not be recorded: %s", type(error).__name__, error=error)
                return
        record = ended.record
        if ended.step == 0:
            if self._log is not None:
                try:
                    self._log.append(record)
                except Exception as error:  # noqa: BLE001
                    _warn("request log refused a record: %s", type(error).__name__, error=error)
            ended.step = 1
        if ended.step == 1:
            ended.step = 2
            for calls in active_captures():
                try:
                    calls.add(record)
                except Exception as error:  # noqa: BLE001
                    _warn("a capture refused a record: %s", type(error).__name__, error=error)
        if ended.step == 2:
            ended.step = 3
            for member in self._watching():
                try:
                    member.on_attempt(record)
                except Exception as error:  # noqa: BLE001
                    _complain(member, error)
        if ended.step == 3:
            ended.step = 4
            if _is_logged():
                try:
                    _log_line(record)
                except Exception as error:  # noqa: BLE001
                    _print(error)

    def look(self, operation: str, status: int, content: bytes, request_id: str | None) -> None:
        """Has an answer compared with the spec, where that was asked for.

        Args:
            operation: name of the operation.
            status: HTTP status.
            content: the body, decompressed.
            request_id: of the answer.
        """
        if self._drift is None:
            return
        try:
            self._drift.look(operation, status, content, request_id)
        except Exception as error:  # noqa: BLE001
            error.__traceback__ = None  # its frames hold the answer
            _warn("an answer could not be compared with the spec: %s", type(error).__name__, error=error)

    def end(self, tokens: ObserverTokens, outcome: CallOutcome) -> None:
        """Tells those who heard the start of the end, the last one first.

        Args:
            tokens: what `start` returned.
            outcome: how the call ended.
        """
        for member, token in reversed(tokens):
            try:
                member.on_call_end(token, outcome)
            except Exception as error:  # noqa: BLE001
                _complain(member, error)


def _complain(member: CallObserver, error: Exception) -> None:
    _warn("call observer %s failed: %s", type(member).__name__, type(error).__name__, error=error)


def _warn(message: str, *args: str, error: Exception) -> None:
    if came_from_a_signal(error):
        raise error
    try:
        logger.warning(message, *args, exc_info=error)
    except Exception as broken:  # noqa: BLE001
        _print(broken)


def _is_logged() -> bool:
    try:
        return logger.isEnabledFor(logging.INFO)
    except Exception as error:  # noqa: BLE001
        _print(error)
        return False


def _print(error: Exception) -> None:
    if came_from_a_signal(error):
        raise error
    # The logging of the application is broken, so it goes where `logging` itself puts the failures of its handlers.
    stderr = sys.stderr
    if not logging.raiseExceptions or stderr is None:  # pyright: ignore[reportUnnecessaryComparison]  (pythonw)
        return
    try:
        stderr.write("--- Logging error of the astra logger ---\n")
        traceback.print_exception(error, file=stderr)
    except (OSError, ValueError):
        return


def _log_line(record: RequestRecord) -> None:
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
        # For structured logging. The user key stays out: it is yours, and may be an email address.
        extra={
            "astra_call_id": record.call_id,
            "astra_request_id": record.request_id,
            "astra_operation": record.operation,
            "astra_status": record.status,
            "astra_duration_ms": record.duration_ms,
            "astra_attempt": record.attempt,
            "astra_error": record.error_name,
        },
    )
