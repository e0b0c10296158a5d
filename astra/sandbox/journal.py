"""What the sandbox received, and how often each operation was called."""

from __future__ import annotations

import json
import threading
from collections import Counter, deque
from collections.abc import Iterable
from typing import Any, Final

import attrs

from astra.sandbox.answers import MOST_BODY, Answers

MOST_KEPT: Final = 67_108_864
"""Bytes of all requests that are remembered, bodies, headers and addresses."""
SECRET_HEADERS: Final = (b"authorization", b"cookie", b"proxy-authorization")


@attrs.frozen
class ReceivedRequest:
    """One request to the API, in `sandbox.requests`.

    Attributes:
        time: when, in epoch seconds of the sandbox's clock.
        method: HTTP method.
        path: the path, without the query.
        query: the query string.
        operation: the operation's name; None when there is none.
        status: the status answered; None when the connection was dropped.
        request_id: the `Request-Id` of the answer.
        user_id: the user of the access token, when there was a valid one.
        body: the raw body, up to 64 KiB of it; not in the repr, as it may hold secrets.
        size: bytes of the whole body.
        headers: the headers by lower-case name; credentials are replaced by their scheme and `***`.
    """

    time: float
    method: str
    path: str
    query: str
    operation: str | None
    status: int | None
    request_id: str
    user_id: str | None = None
    body: bytes = attrs.field(default=b"", repr=False)
    headers: dict[str, str] = attrs.field(factory=dict[str, str], repr=False)
    size: int = 0

    def json(self) -> Any:
        """Decodes the body.

        Returns:
            The JSON values.

        Raises:
            ValueError: the body is not JSON, or was too large to be kept.

        Example:
            sandbox.requests[-1].json()["amount"]
        """
        if self.size > len(self.body):
            raise ValueError(f"the body of {self.size} bytes was not kept whole: the first {len(self.body)} are")
        return json.loads(self.body)


def shown_headers(raw: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    """Returns headers by lower-case name, with credentials replaced by their scheme and `***`."""
    shown: dict[str, str] = {}
    for name, value in raw:
        text = value.decode("latin-1")
        if name in SECRET_HEADERS:
            scheme, space, _ = text.partition(" ")
            text = f"{scheme} ***" if space else "***"
        shown[name.decode("latin-1")] = text
    return shown


def weight(request: ReceivedRequest) -> int:
    """Returns about how many bytes it takes to remember a request."""
    headers = sum(len(name) + len(value) for name, value in request.headers.items())
    return len(request.body) + len(request.path) + len(request.query) + headers


class Journal:
    """The latest requests and the counts of all.

    Args:
        keep: how many requests are remembered, as long as they take no more than `MOST_KEPT` bytes.
    """

    def __init__(self, *, keep: int = 10_000) -> None:
        self.requests: deque[ReceivedRequest] = deque(maxlen=keep)
        self.counts: Counter[str] = Counter()
        self.guard = threading.Lock()
        self.total = 0
        self.forgotten = 0
        self.acts = 0
        """How many actions of the controls have ended, for pages that show what they have changed."""
        self._weight: int | None = None
        self.answers = Answers(keep=keep)

    def add(self, request: ReceivedRequest) -> None:
        """Remembers a request, and no more than the beginning of a large body; in its place the oldest are let go."""
        size = max(request.size, len(request.body))
        request = attrs.evolve(request, size=size, body=request.body[:MOST_BODY])
        with self.guard:
            self.total += 1
            if self._weight is None:  # of those of a saved state
                self._weight = sum(map(weight, self.requests))
            if len(self.requests) == self.requests.maxlen and self.requests:
                self._weight -= weight(self.requests.popleft())
            self.requests.append(request)
            self._weight += weight(request)
            while self._weight > MOST_KEPT and len(self.requests) > 1:
                self._weight -= weight(self.requests.popleft())
            self.counts[request.operation or "unknown"] += 1

    def all(self) -> list[ReceivedRequest]:
        """Returns the requests, oldest first."""
        with self.guard:
            return list(self.requests)

    def clear(self) -> None:
        """Forgets the requests and the counts."""
        with self.guard:
            self.requests.clear()
            self._weight = 0
            self.counts.clear()
            self.forgotten = self.total
        self.answers.clear()
