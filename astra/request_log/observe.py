"""Watching calls as they happen: the hook that tracing and metrics use."""

from __future__ import annotations

import logging
from typing import Final, Protocol

import attrs

from astra._public import public
from astra.request_log.record import RequestRecord

logger: Final = logging.getLogger("astra.request_log")


@public("astra.request_log")
@attrs.frozen
class CallInfo:
    """A call that begins.

    Attributes:
        call_id: its local id.
        operation: name of the operation, for example "get_transfer".
        method: HTTP method.
        path: path template, for example "/v1/transfers/{id}".
        user_key: your key of the user, or None.
    """

    call_id: str
    operation: str
    method: str
    path: str
    user_key: str | None = None


@public("astra.request_log")
@attrs.frozen
class CallOutcome:
    """How a call ended.

    Attributes:
        status: HTTP status of the last answer, or None when none came.
        request_ids: Astra's request id of every attempt that was answered, in order.
        attempts: how many attempts were made.
        error: what the caller gets raised, or None for a success.
    """

    status: int | None
    request_ids: tuple[str, ...]
    attempts: int
    error: BaseException | None = None


@public("astra.request_log")
class CallObserver(Protocol):
    """Watches calls. All three run on the way of the call: be quick. What they raise is logged and goes no further."""

    def on_call_start(self, call: CallInfo) -> object:
        """A call begins, before its token is looked up.

        Args:
            call: the call.

        Returns:
            Anything; it comes back in `on_call_end`.
        """
        ...

    def on_attempt(self, record: RequestRecord) -> None:
        """An attempt ended.

        Args:
            record: what the request log keeps of it; `call_id` names its call.
        """
        ...

    def on_call_end(self, token: object, outcome: CallOutcome) -> None:
        """The call ended, in the same thread and task as it began.

        Args:
            token: what `on_call_start` returned.
            outcome: how it ended.
        """
        ...


@public("astra.request_log")
class CallObservers:
    """The observers of one client, told one after the other.

    Example:
        observers = CallObservers()
        observers.add(MyMetrics())
    """

    __slots__ = ("_members",)

    def __init__(self) -> None:
        self._members: tuple[CallObserver, ...] = ()

    def __bool__(self) -> bool:
        return bool(self._members)

    def add(self, observer: CallObserver) -> None:
        """Adds an observer; it is told of the calls that begin from now on.

        Args:
            observer: the observer.
        """
        self._members = (*self._members, observer)

    def remove(self, observer: CallObserver) -> None:
        """Removes an observer; it still hears the end of calls whose start it heard.

        Args:
            observer: the observer; nothing happens if it is not there.
        """
        self._members = tuple(member for member in self._members if member is not observer)

    def start(self, call: CallInfo) -> tuple[tuple[CallObserver, object], ...]:
        """Tells all of a call that begins.

        Args:
            call: the call.

        Returns:
            What `end` needs.
        """
        heard: list[tuple[CallObserver, object]] = []
        for member in self._members:
            try:
                heard.append((member, member.on_call_start(call)))
            except Exception as error:  # noqa: BLE001  (an observer must not break a call)
                _complain(member, error)
        return tuple(heard)

    def attempt(self, record: RequestRecord) -> None:
        """Tells all of an attempt.

        Args:
            record: the attempt.
        """
        for member in self._members:
            try:
                member.on_attempt(record)
            except Exception as error:  # noqa: BLE001
                _complain(member, error)

    def end(self, heard: tuple[tuple[CallObserver, object], ...], outcome: CallOutcome) -> None:
        """Tells those who heard the start of the end, the last one first.

        Args:
            heard: what `start` returned.
            outcome: how the call ended.
        """
        for member, token in reversed(heard):
            try:
                member.on_call_end(token, outcome)
            except Exception as error:  # noqa: BLE001
                _complain(member, error)


def _complain(member: CallObserver, error: Exception) -> None:
    logger.warning("call observer %s failed: %s", type(member).__name__, type(error).__name__, exc_info=error)
