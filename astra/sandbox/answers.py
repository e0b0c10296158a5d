"""What the sandbox answered, beside its journal: for people who look. It is not saved with the state."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Sequence
from typing import Final

import attrs

MOST_BODY: Final = 65_536
MOST_BYTES: Final = 32 * 2**20
"""Bytes of all bodies together that are kept."""


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
    """

    request_id: str
    headers: Sequence[tuple[bytes, bytes]] = ()
    body: bytes = attrs.field(default=b"", repr=False)
    size: int = 0
    event_ids: tuple[str, ...] = ()
    fault: str | None = None


class Answers:
    """The latest answers.

    Args:
        keep: how many are remembered.
    """

    def __init__(self, *, keep: int) -> None:
        self._keep = keep
        self._held: OrderedDict[str, SentAnswer] = OrderedDict()
        self._bytes = 0
        self._guard = threading.Lock()

    def add(self, answer: SentAnswer) -> None:
        """Remembers an answer, and no more than the beginning of a large body."""
        if len(answer.body) > MOST_BODY:
            answer = attrs.evolve(answer, body=answer.body[:MOST_BODY])
        with self._guard:
            self._held[answer.request_id] = answer
            self._bytes += len(answer.body)
            while self._held and (len(self._held) > self._keep or self._bytes > MOST_BYTES):
                _, oldest = self._held.popitem(last=False)
                self._bytes -= len(oldest.body)

    def get(self, request_id: str) -> SentAnswer | None:
        """Returns the answer to a request, or None when it is not kept."""
        with self._guard:
            return self._held.get(request_id)

    def all(self) -> list[SentAnswer]:
        """Returns the answers, oldest first."""
        with self._guard:
            return list(self._held.values())

    def clear(self) -> None:
        """Forgets the answers."""
        with self._guard:
            self._held.clear()
            self._bytes = 0
