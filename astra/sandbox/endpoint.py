"""A URL that webhooks are sent to, and what waits for it."""

from __future__ import annotations

import contextlib
import heapq
import http.client
import itertools
import socket
import ssl
import threading
import time
from typing import Final, Generic, TypeVar
from urllib.parse import urlsplit

T = TypeVar("T")

MOST_ANSWER: Final = 65_536
"""Bytes of an answer that are read; only its status counts."""


class Endpoint(Generic[T]):
    """The queue of one URL. Whoever calls it holds the lock of the sender, but for `post` and `abort`.

    Args:
        url: where to send.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self.is_busy = False
        self.is_over = False
        self.thread: threading.Thread | None = None
        self.under_way: tuple[float, T] | None = None
        self._waiting: list[tuple[float, int, T]] = []
        self._counter = itertools.count()
        self._connection: http.client.HTTPConnection | None = None
        self._ends = 0.0

    def add(self, item: T, *, due: float) -> None:
        """Plans an item for a moment (epoch seconds)."""
        heapq.heappush(self._waiting, (due, next(self._counter), item))

    def due(self) -> float | None:
        """Returns when the next item is due, or None."""
        return self._waiting[0][0] if self._waiting else None

    def is_due(self, now: float) -> bool:
        """Whether an item is due."""
        return bool(self._waiting) and self._waiting[0][0] <= now

    def take(self) -> tuple[float, T]:
        """Takes the next item; returns when it was due, and it."""
        due, _, item = heapq.heappop(self._waiting)
        self.under_way = due, item
        return due, item

    def take_all(self) -> list[tuple[float, int, T]]:
        """Takes all items: when each is due, its place in line, and it."""
        taken, self._waiting = self._waiting, []
        return taken

    def waiting(self) -> list[tuple[float, T]]:
        """Returns what waits or is under way, and when it is due, in this order."""
        waiting = [(due, item) for due, _, item in sorted(self._waiting, key=lambda one: one[:2])]
        return waiting if self.under_way is None else [self.under_way, *waiting]

    def post(self, body: bytes, headers: dict[str, str], *, timeout: float) -> int:
        """Posts a body; returns the status.

        Args:
            body: the body.
            headers: its headers.
            timeout: seconds until the whole answer has to be here; `abort_late` sees to it.

        Raises:
            OSError: nobody answered, or too late.
            HTTPException: what answered is no HTTP.
        """
        parts = urlsplit(self.url)
        host = parts.hostname or ""
        connection: http.client.HTTPConnection
        if parts.scheme == "https":
            context = ssl.create_default_context()
            connection = http.client.HTTPSConnection(host, parts.port, timeout=timeout, context=context)
        else:
            connection = http.client.HTTPConnection(host, parts.port, timeout=timeout)
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        self._ends = time.monotonic() + timeout
        self._connection = connection
        try:
            connection.request("POST", target, body, headers)
            with connection.getresponse() as response:
                response.read(MOST_ANSWER)
            if time.monotonic() < self._ends:
                return response.status
            raise TimeoutError
        except Exception:
            if time.monotonic() < self._ends:
                raise
            raise TimeoutError(f"no whole answer within {timeout:g} seconds") from None
        finally:
            self._connection = None
            connection.close()

    def abort_late(self) -> None:
        """Ends the request that is under way if its time is over: one that drips never exceeds the time of a step."""
        if self._connection is not None and time.monotonic() >= self._ends:
            self.abort()

    def abort(self) -> None:
        """Ends the request that is under way."""
        connection = self._connection
        held = None if connection is None else connection.sock
        if held is not None:
            with contextlib.suppress(OSError):
                held.shutdown(socket.SHUT_RDWR)
