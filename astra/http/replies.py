"""What one attempt ended in: a reply, or a failure. Neither is an exception, so no frame with a token is kept."""

from __future__ import annotations

from collections.abc import Mapping

import attrs


@attrs.define
class Reply:
    """An answer whose body was read to its end.

    Attributes:
        status: HTTP status.
        headers: by lower-case name.
        content: the body, decompressed.
    """

    status: int
    headers: Mapping[str, str]
    content: bytes = attrs.field(repr=False)


@attrs.define
class Failure:
    """An attempt without a complete answer.

    Attributes:
        reason: one line for people.
        sent: False when the request certainly never left this machine.
        timed_out: True when time ran out.
        status: status, when at least the head of the answer arrived.
        headers: headers of that head.
        cause: the transport's exception, without its traceback.
    """

    reason: str
    sent: bool
    timed_out: bool
    status: int | None = None
    headers: Mapping[str, str] = attrs.field(factory=dict[str, str])
    cause: BaseException | None = None


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
