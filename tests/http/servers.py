"""Small servers on loopback that do with a connection whatever a test wants."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable
from typing import Self

Handler = Callable[[socket.socket, bytes], None]

OK = b'HTTP/1.1 200 OK\r\nRequest-Id: req_1\r\nContent-Length: 17\r\n\r\n{"bin": "400022"}'


class Listener:
    """Accepts connections, and serves each in a thread of its own.

    Attributes:
        origin: where it listens.
        connections: how many connections it has accepted.
        arrived: set when a request has come.
        stopped: set when it is closed.
    """

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=200)
        self.origin = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self.connections = 0
        self.arrived = threading.Event()
        self.stopped = threading.Event()
        self._open: set[socket.socket] = set()
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

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
            self.talk(connection)
        self._open.discard(connection)

    def talk(self, connection: socket.socket) -> None:
        """Serves a connection; when this ends, the connection is closed."""
        raise NotImplementedError


class RawServer(Listener):
    """Reads requests and hands each to a function with its connection.

    Attributes:
        requests: the heads and bodies that came.
    """

    def __init__(self, handler: Handler) -> None:
        self._handler = handler
        self.requests: list[bytes] = []
        super().__init__()

    def talk(self, connection: socket.socket) -> None:
        """Reads requests until the client has no more."""
        while request := read_request(connection):
            self.requests.append(request)
            self.arrived.set()
            self._handler(connection, request)


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


def serving(handler: Handler) -> RawServer:
    """A server that answers each request by `handler`; a context manager."""
    return RawServer(handler)


def answer(connection: socket.socket, _: bytes) -> None:
    """Answers with an object."""
    connection.sendall(OK)
