"""Small servers on loopback that do with a connection whatever a test wants."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

Handler = Callable[[socket.socket, bytes], None]

OK = b'HTTP/1.1 200 OK\r\nRequest-Id: req_1\r\nContent-Length: 17\r\n\r\n{"bin": "400022"}'


class RawServer:
    """Reads requests and hands each to a function with its connection.

    Attributes:
        origin: where it listens.
        requests: the heads and bodies that came.
        connections: how many connections it has accepted.
        arrived: set when a request has come.
    """

    def __init__(self, handler: Handler) -> None:
        self._handler = handler
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=200)
        self.origin = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self.requests: list[bytes] = []
        self.connections = 0
        self.arrived = threading.Event()
        self.stopped = threading.Event()
        self._open: set[socket.socket] = set()
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        self.stopped.set()
        self._listener.close()
        for connection in list(self._open):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            self._open.add(connection)
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with contextlib.suppress(OSError), connection:
            while request := read_request(connection):
                self.requests.append(request)
                self.arrived.set()
                self._handler(connection, request)
        self._open.discard(connection)


def read_request(connection: socket.socket) -> bytes:
    """Reads one request with its body; empty when the connection has ended."""
    data = b""
    while b"\r\n\r\n" not in data:
        piece = connection.recv(65536)
        if not piece:
            return b""
        data += piece
    head, _, body = data.partition(b"\r\n\r\n")
    length = next(
        (int(line.partition(b":")[2]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length")), 0
    )
    while len(body) < length:
        body += connection.recv(65536)
    return head + b"\r\n\r\n" + body


@contextmanager
def serving(handler: Handler) -> Iterator[RawServer]:
    """A server that answers each request by `handler`."""
    server = RawServer(handler)
    try:
        yield server
    finally:
        server.close()


def answer(connection: socket.socket, _: bytes) -> None:
    """Answers with an object."""
    connection.sendall(OK)
