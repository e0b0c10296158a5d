"""The steps of a process at which it can be killed: around each use of the store, and around each request."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
from collections.abc import Callable, Collection, Iterator
from datetime import datetime
from typing import Any

from astra.config import http_library
from astra.http.library import Library
from astra.payments import IdempotencyStore, PaymentQuery, PaymentRecord, PaymentState
from tests.payments.histories.story import Cut

HTTP: Any = Library(http_library()).module


class Points:
    """Counts the steps of what a process does, and ends it at one of them."""

    def __init__(self) -> None:
        self.passed: list[str] = []
        self._cut: Cut | None = None
        self._cancel: Callable[[], Any] | None = None

    def start(self, cut: Cut | None, *, cancel: Callable[[], Any] | None = None) -> None:
        """Begins to count anew.

        Args:
            cut: where to end.
            cancel: ends what is done, and lets the process live; None interrupts the main thread.
        """
        self.passed, self._cut, self._cancel = [], cut, cancel

    def end(self) -> None:
        """Nothing is to be ended any more."""
        self._cut = None

    def is_next(self) -> bool:
        """Whether it ends with the next step."""
        return self._cut is not None and len(self.passed) + 1 == self._cut.step

    @property
    def cancels(self) -> bool:
        """Whether its end is that of a task."""
        return self._cut is not None and self._cut.how == "cancel" and self._cancel is not None

    def reach(self, name: str) -> None:
        """Makes a step."""
        ends = self.is_next()
        self.passed.append(name)
        if not ends or self._cut is None:
            return
        if self._cut.how == "kill":
            os.kill(os.getpid(), signal.SIGKILL)
        if self._cancel is None:
            os.kill(os.getpid(), signal.SIGINT)
        else:
            self._cancel()

    def on_interrupt(self, *_: object) -> None:
        """What Ctrl-C does, while something is done that can be interrupted."""
        if self._cut is not None:
            raise KeyboardInterrupt


class SteppedStore(IdempotencyStore):
    """A store of which each use is two steps."""

    def __init__(self, store: IdempotencyStore, points: Points) -> None:
        self._store = store
        self._points = points

    def get(self, environment: str, client_id: str, operation: str, key: str) -> PaymentRecord | None:
        return self._do("get", lambda: self._store.get(environment, client_id, operation, key))

    def insert(self, record: PaymentRecord) -> bool:
        return self._do("insert", lambda: self._store.insert(record))

    def change(self, record: PaymentRecord, *, replaces: int) -> bool:
        return self._do(f"change to {record.state}", lambda: self._store.change(record, replaces=replaces))

    def select(self, query: PaymentQuery) -> Iterator[PaymentRecord]:
        yield from self._do("select", lambda: list(self._store.select(query)))

    def prune(self, *, environment: str, client_id: str, before: datetime, states: Collection[PaymentState]) -> int:
        return self._store.prune(environment=environment, client_id=client_id, before=before, states=states)

    def close(self) -> None:
        self._store.close()

    def _do(self, name: str, function: Callable[[], Any]) -> Any:
        self._points.reach(f"before {name}")
        value = function()
        self._points.reach(f"after {name}")
        return value


class SteppedTransport(HTTP.BaseTransport):  # type: ignore[misc]  # the library is chosen when it runs
    """Sends over a real connection; each request is four steps."""

    def __init__(self, points: Points) -> None:
        self._points = points
        self._inner = HTTP.HTTPTransport(verify=False)

    def handle_request(self, request: Any) -> Any:
        start(request, self._points)
        answer = self._inner.handle_request(request)
        self._points.reach("answer is here")
        return answer

    def close(self) -> None:
        self._inner.close()


class AsyncSteppedTransport(HTTP.AsyncBaseTransport):  # type: ignore[misc]
    """As `SteppedTransport`, for an event loop."""

    def __init__(self, points: Points) -> None:
        self._points = points
        self._inner = HTTP.AsyncHTTPTransport(verify=False)

    async def handle_async_request(self, request: Any) -> Any:
        start(request, self._points)
        answer = await self._inner.handle_async_request(request)
        self._points.reach("answer is here")
        return answer

    async def aclose(self) -> None:
        await self._inner.aclose()


def start(request: Any, points: Points) -> None:
    """Makes the steps up to the last byte of a request."""
    points.reach(f"before {request.method}")
    for share, name in ((0.5, "half of the bytes are out"), (1.0, "all bytes are out")):
        if points.is_next() and not points.cancels:
            # Whoever ends here has to have sent just so much, and not to wait for the answer.
            content = wire(request)
            with socket.create_connection((request.url.host, request.url.port)) as connection:
                connection.sendall(content[: int(len(content) * share)])
                points.reach(name)
        points.reach(name)


def wire(request: Any) -> bytes:
    """A request as it goes over the wire."""
    lines = [request.method.encode() + b" " + request.url.raw_path + b" HTTP/1.1"]
    lines += [name + b": " + value for name, value in request.headers.raw]
    return b"\r\n".join([*lines, b"", b""]) + bytes(request.read() if hasattr(request, "read") else b"")


def cancel_soon(loop: asyncio.AbstractEventLoop, task: asyncio.Task[Any]) -> Callable[[], Any]:
    """Cancels a task from any thread."""
    return lambda: loop.call_soon_threadsafe(task.cancel)
