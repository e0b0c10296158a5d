"""What one attempt ended in, a response or a failure, and the response of a whole call.

None of them is an exception, so no frame that holds a token is kept.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

import attrs
from astra_api.origin import loads

if TYPE_CHECKING:
    from astra.http.calls import CallContext


@attrs.define
class TransportResponse:
    """A response of any status whose body was read to its end.

    Attributes:
        status: HTTP status.
        headers: by lower-case name.
        content: the body, decompressed.
    """

    status: int
    headers: Mapping[str, str]
    content: bytes = attrs.field(repr=False)


@attrs.define
class TransportFailure:
    """An attempt without a complete response.

    Attributes:
        reason: one line for people.
        sent: False when the request certainly never left this machine.
        timed_out: True when time ran out.
        too_large: True when the body is larger than the client accepts; it would be the next time, too.
        status: status, when at least the head of the response arrived.
        headers: headers of that head.
        cause: the transport's exception, without its traceback.
    """

    reason: str
    sent: bool
    timed_out: bool
    status: int | None = None
    headers: Mapping[str, str] = attrs.field(factory=dict[str, str])
    cause: BaseException | None = None
    too_large: bool = False


AttemptOutcome = TransportResponse | TransportFailure


@attrs.define
class Response:
    """The successful response of a call.

    Attributes:
        context: the call, with status, headers and request ids.
        content: the body, decompressed.
    """

    context: CallContext
    content: bytes = attrs.field(repr=False)

    @property
    def status_code(self) -> int:
        """HTTP status."""
        return self.context.status_code or 0

    def json(self) -> Any:
        """Decodes the body; numbers with a fraction become `Decimal`, a number that no type can hold stays text.

        Raises:
            ValueError: it is not JSON.
            RecursionError: it is nested too deeply.
        """
        return loads(self.content)


LONGEST_REQUEST_ID: Final = 255


def request_id_of(headers: Mapping[str, str]) -> str | None:
    """Returns the request id of an answer: as it came, or, since it goes into logs, errors and databases, bounded and
    with a question mark for each character that cannot be printed everywhere.

    Args:
        headers: by lower-case name.
    """
    text = headers.get("request-id")
    if not text:
        return None
    if len(text) <= LONGEST_REQUEST_ID and text.isascii() and text.isprintable():
        return text
    return "".join(each if " " <= each <= "~" else "?" for each in text[:LONGEST_REQUEST_ID])


def without_frames(error: BaseException) -> BaseException:
    """Drops the tracebacks of an exception and of those it came from: their frames hold the request's headers."""
    seen: set[int] = set()
    current: BaseException | None = error
    while current is not None and id(current) not in seen:
        seen.add(id(current))
        current.__traceback__ = None
        current = current.__cause__ or current.__context__
    return error


class Headers(list[tuple[bytes, bytes]]):
    """Request headers. Their repr shows names only, because one of them is a credential."""

    __slots__ = ()

    def __repr__(self) -> str:
        return f"<headers {[name.decode('ascii', 'replace') for name, _ in self]}>"
