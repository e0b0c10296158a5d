"""A payment that is sent, by either client, to a server that answers whatever bytes a test wants."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import Callable
from typing import Any, Literal

import astra
from astra.request_log import RequestLog
from astra.request_log.memory import MemoryRequestLog
from astra.tokens import TokenAnswer
from tests.http.servers import RawServer
from tests.names import answer_at

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


def _as_it_travels(request: bytes, answer: bytes) -> bytes:
    head, blank, content = answer.partition(b"\r\n\r\n")
    if not content:
        return answer
    method, path = request.decode("latin-1").split(" ")[:2]
    travels = answer_at(method, path, int(head.split(b" ")[1]), content)
    return head.replace(b"Length: %d" % len(content), b"Length: %d" % len(travels)) + blank + travels


class AnsweringServer(RawServer):
    """Answers requests in order and closes each connection then; the last answer is repeated, an empty one is none."""

    def __init__(self, *answers: Answer) -> None:
        self._answers = list(answers)
        super().__init__(self._answer)

    def posts(self, path: str = "/v1/routines") -> int:
        return sum(request.startswith(f"POST {path} ".encode()) for request in self.requests)

    def _answer(self, connection: socket.socket, request: bytes) -> None:
        step = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        connection.sendall(_as_it_travels(request, step if isinstance(step, bytes) else step(request)))
        connection.shutdown(socket.SHUT_RDWR)


Act = Callable[[Any], Any]


def pay(user: Any) -> Any:
    return user.routines.create(**PAYMENT)


def read(user: Any) -> Any:
    return user.transfers.get("tr_1")


def run(
    flavour: Flavour, server: AnsweringServer, act: Act = pay, *, log: RequestLog | None = None, **settings: Any
) -> Any:
    """Does something with a user of a new client of the flavour."""
    token = settings.pop("token", "at-1")
    watch = settings.pop("watch", None)
    grant = TokenAnswer(access_token=token, expires_in=7200, refresh_token="rt-1")
    options: dict[str, Any] = {"base_url": server.origin, "request_log": log or MemoryRequestLog(), **settings}
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
