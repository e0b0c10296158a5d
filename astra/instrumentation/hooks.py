"""The hook that tracing and metrics use to watch calls as they happen."""

from __future__ import annotations

from abc import ABC, abstractmethod

import attrs

from astra._public import public
from astra.instrumentation.record import RequestRecord


@public("astra.instrumentation")
@attrs.frozen
class CallInfo:
    """A call that begins.

    Attributes:
        call_id: its local id.
        operation: name of the operation, for example "get_transfer".
        method: HTTP method.
        path: path template, for example "/v1/transfers/{id}".
        user_key: your key of the user, or None.
        server_address: host name that it is sent to.
        server_port: its port.
    """

    call_id: str
    operation: str
    method: str
    path: str
    user_key: str | None = None
    server_address: str | None = None
    server_port: int | None = None


@public("astra.instrumentation")
@attrs.frozen
class CallOutcome:
    """How a call ended.

    Attributes:
        status: HTTP status of the last response, or None when none came.
        request_ids: Astra's request id of every attempt that got a response, in order.
        attempts: how many attempts were made.
        error: what the caller gets raised, or None for a success.
    """

    status: int | None
    request_ids: tuple[str, ...]
    attempts: int
    error: BaseException | None = None


@public("astra.instrumentation")
class CallObserver(ABC):
    """Watches calls. Subclass it, and add an instance to `client.observers`.

    All three methods run inside the call: be quick. What they raise is logged and goes no further. All three are
    abstract, so that a misspelled one is an error and not a hook that is never called.

    Example:
        class Metrics(CallObserver):
            def on_call_start(self, call):
                return time.monotonic()

            def on_attempt(self, record):
                attempts.labels(record.operation, record.status).inc()

            def on_call_end(self, token, outcome):
                seconds.observe(time.monotonic() - token)

        astra.observers.add(Metrics())
    """

    @abstractmethod
    def on_call_start(self, call: CallInfo) -> object:
        """A call begins, before its token is looked up.

        Args:
            call: the call.

        Returns:
            Anything; it comes back in `on_call_end`.
        """

    @abstractmethod
    def on_attempt(self, record: RequestRecord) -> None:
        """An attempt ended.

        Args:
            record: what the request log keeps of it; `call_id` names its call.
        """

    @abstractmethod
    def on_call_end(self, token: object, outcome: CallOutcome) -> None:
        """The call ended, in the same thread and task as it began.

        Args:
            token: what `on_call_start` returned.
            outcome: how it ended.
        """
