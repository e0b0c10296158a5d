"""What the sandbox answered, beside its journal: for people who look. It is not saved with the state."""

from __future__ import annotations

import threading
from collections import OrderedDict, deque
from collections.abc import Sequence
from typing import Any, Final

import attrs

MOST_BODY: Final = 65_536
MOST_BYTES: Final = 32 * 2**20
"""Bytes of all bodies together that are kept."""

STRUCK: Final = 50
"""Answers that a fault has hit, which are found without looking through all."""


@attrs.frozen
class SentAnswer:
    """What was answered to one request.

    Attributes:
        request_id: the `Request-Id` of the answer.
        headers: the headers.
        body: the body, up to 64 KiB of it; with a fault that cuts the connection, what would have been sent.
        size: bytes of the whole body.
        event_ids: ids of the webhooks that the request caused at once.
        fault: the fault that hit it, in its own words.
        added: the arguments with which that fault is added.
        made: the id of what the request has made, or None.
        client_id: the client whose credentials were looked at and found right, or None.
        target: the path and the query as they came, or an empty text.
        peer: the address and the port that the request came from.
    """

    request_id: str
    headers: Sequence[tuple[bytes, bytes]] = ()
    body: bytes = attrs.field(default=b"", repr=False)
    size: int = 0
    event_ids: tuple[str, ...] = ()
    fault: str | None = None
    added: dict[str, Any] = attrs.field(factory=dict[str, Any])
    made: str | None = None
    client_id: str | None = None
    target: str = ""
    peer: tuple[str, int] | None = None


class Answers:
    """The latest answers.

    Args:
        keep: how many are remembered.
    """

    def __init__(self, *, keep: int) -> None:
        self._keep = keep
        self._held: OrderedDict[str, SentAnswer] = OrderedDict()
        self._makers: dict[str, str] = {}
        self._struck: deque[SentAnswer] = deque(maxlen=STRUCK)
        self._bytes = 0
        self._guard = threading.Lock()

    def add(self, answer: SentAnswer) -> None:
        """Remembers an answer, and no more than the beginning of a large body."""
        if len(answer.body) > MOST_BODY:
            answer = attrs.evolve(answer, body=answer.body[:MOST_BODY])
        with self._guard:
            self._held[answer.request_id] = answer
            if answer.made is not None:
                self._makers[answer.made] = answer.request_id
            if answer.fault is not None:
                self._struck.append(attrs.evolve(answer, body=b"", headers=()))
            self._bytes += len(answer.body)
            while self._held and (len(self._held) > self._keep or self._bytes > MOST_BYTES):
                _, oldest = self._held.popitem(last=False)
                self._bytes -= len(oldest.body)
                if oldest.made is not None:
                    self._makers.pop(oldest.made, None)

    def get(self, request_id: str) -> SentAnswer | None:
        """Returns the answer to a request, or None when it is not kept."""
        with self._guard:
            return self._held.get(request_id)

    def maker_of(self, id: str) -> str | None:
        """Returns the id of the request that has made something, or None when it is not kept."""
        with self._guard:
            return self._makers.get(id)

    def latest_of(self, peer: tuple[str, int]) -> SentAnswer | None:
        """Returns the latest answer to an address and a port, or None when it is not kept."""
        with self._guard:
            return next((answer for answer in reversed(self._held.values()) if answer.peer == peer), None)

    def struck(self) -> list[SentAnswer]:
        """Returns the latest answers that a fault has hit, oldest first, without what they were."""
        with self._guard:
            return list(self._struck)

    def clear(self) -> None:
        """Forgets the answers."""
        with self._guard:
            self._held.clear()
            self._makers.clear()
            self._struck.clear()
            self._bytes = 0
