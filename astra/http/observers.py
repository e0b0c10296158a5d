"""Who is told of calls and attempts: the request log, the `astra` logger, tracing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

import attrs

if TYPE_CHECKING:
    from astra.http.calls import CallContext
    from astra.http.replies import Failure


@attrs.define
class Attempt:
    """One attempt of a call, told right after it ended.

    Attributes:
        context: the call.
        started_at: epoch seconds.
        duration_ms: milliseconds until the answer was read, or the attempt failed.
        status: HTTP status, or None when not even the head of an answer came.
        request_id: Astra's request id, or None.
        failure: why there is no complete answer, or None.
    """

    context: CallContext
    started_at: float
    duration_ms: float
    status: int | None
    request_id: str | None
    failure: Failure | None


class Observer(Protocol):
    """Told of every call. It must be quick and must not raise."""

    def begin(self, context: CallContext) -> Any:
        """A call begins; what this returns comes back in `end`."""
        ...

    def attempt(self, attempt: Attempt) -> None:
        """An attempt ended."""
        ...

    def end(self, heard: Any, context: CallContext, error: BaseException | None) -> None:
        """The call ended, with an error or None."""
        ...
