"""A server on a bare socket that answers whatever bytes a test wants, and a payment sent to it by either client."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
import threading
from collections.abc import Callable
from typing import Any, Literal

import astra
from astra.request_log import RequestLog
from astra.request_log.memory import MemoryRequestLog
from astra.tokens import TokenAnswer

Flavour = Literal["blocking", "asyncio"]
FLAVOURS: tuple[Flavour, ...] = ("blocking", "asyncio")
Answer = bytes | Callable[[bytes], bytes]
PAYMENT: dict[str, Any] = {
    "type": "one-time",
    "name": "Top-up",
    "payment_type": "ach",
    "source_id": "acc_1",
    "destination_id": "acc_2",
    "amount": "20.10",
    "client_correlation_id": "INV00042",
}
MADE: dict[str, Any] = {"id": "rt_1", "amount": 20.10, "client_correlation_id": "INV00042", "name": "Top-up"}


def answer(body: Any = b"", *, status: int = 200, headers: str = "Request-Id: req_1\r\n") -> bytes:
    """An answer of HTTP/1.1, after which the connection is closed."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    head = f"HTTP/1.1 {status} X\r\n{headers}Connection: close\r\nContent-Length: {len(content)}\r\n\r\n"
    return head.encode("latin-1") + content


class RawServer:
    """Answers requests in order; the last answer is repeated. An empty answer is a connection that is closed.

    Attributes:
        requests: head and body of each request, as they came.
        arrived: set when the first request has come.
    """

    def __init__(self, *answers: Answer) -> None:
        self.answers = list(answers)
        self.requests: list[bytes] = []
        self.arrived = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self._threads = [threading.Thread(target=self._serve)]
        self._threads[0].start()

    def __enter__(self) -> RawServer:
        return self

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for thread in self._threads:
            thread.join()

    def posts(self, path: str = "/v1/routines") -> int:
        return sum(request.startswith(f"POST {path} ".encode()) for request in self.requests)

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            connection.settimeout(20)
            thread = threading.Thread(target=self._converse, args=(connection,))
            self._threads.append(thread)
            thread.start()

    def _converse(self, connection: socket.socket) -> None:
        with connection, contextlib.suppress(OSError):
            request = _request(connection)
            if not request:
                return
            self.requests.append(request)
            step = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
            self.arrived.set()
            connection.sendall(step if isinstance(step, bytes) else step(request))


def _request(connection: socket.socket) -> bytes:
    found = b""
    while b"\r\n\r\n" not in found:
        piece = connection.recv(65536)
        if not piece:
            return b""
        found += piece
    head, _, body = found.partition(b"\r\n\r\n")
    length = 0
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            length = int(line.partition(b":")[2])
    while len(body) < length:
        body += connection.recv(65536)
    return head + b"\r\n\r\n" + body


Act = Callable[[Any], Any]


def pay(user: Any) -> Any:
    return user.routines.create(**PAYMENT)


def read(user: Any) -> Any:
    return user.transfers.get("tr_1")


def run(flavour: Flavour, server: RawServer, act: Act = pay, *, log: RequestLog | None = None, **settings: Any) -> Any:
    """Does something with a user of a new client of the flavour."""
    token = settings.pop("token", "at-1")
    watch = settings.pop("watch", None)
    grant = TokenAnswer(access_token=token, expires_in=7200, refresh_token="rt-1")
    options: dict[str, Any] = {"base_url": server.url, "request_log": log or MemoryRequestLog(), **settings}
    if flavour == "blocking":
        with astra.Astra("client-id", "client-secret", **options) as client:
            client.tokens.store_answer("customer-42", grant, astra_user_id="u_1")
            if watch is not None:
                client.observers.add(watch)
            return act(client.user("customer-42"))

    async def on_a_loop() -> Any:
        async with astra.AsyncAstra("client-id", "client-secret", **options) as client:
            await client.tokens.store_answer("customer-42", grant, astra_user_id="u_1")
            if watch is not None:
                client.observers.add(watch)
            return await act(client.user("customer-42"))

    return asyncio.run(on_a_loop())
