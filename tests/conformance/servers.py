"""Servers on loopback that are no Astra, each in its own way."""

from __future__ import annotations

import contextlib
import json
import socket
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import attrs


@attrs.frozen
class Asked:
    """A request, and when it was not the first of its kind, how many came before."""

    method: str
    path: str
    query: dict[str, str]
    body: bytes
    before: int

    @property
    def sent(self) -> Any:
        return json.loads(self.body) if self.body.startswith(b"{") else {}


Answer = tuple[int, object] | tuple[int, object, dict[str, str]]


@contextlib.contextmanager
def scripted(rule: Callable[[Asked], Answer]) -> Iterator[str]:
    """Answers as a rule says: a status, what becomes JSON or bytes as they are, and headers."""
    counts: dict[tuple[str, str], int] = {}

    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            parts = urlsplit(self.path)
            key = (self.command, parts.path)
            asked = Asked(self.command, parts.path, dict(parse_qsl(parts.query)), body, counts.get(key, 0))
            counts[key] = asked.before + 1
            status, value, *rest = rule(asked)
            if status == 0:
                self.close_connection = True  # no answer at all
                return
            content = value if isinstance(value, bytes) else json.dumps(value).encode()
            headers = {"Content-Type": "application/json", "Request-Id": f"r{sum(counts.values())}"}
            headers |= {"Content-Length": str(len(content)), **(rest[0] if rest else {})}
            self.send_response(status)
            for name, text in headers.items():
                self.send_header(name, text)
            self.end_headers()
            with contextlib.suppress(OSError):
                self.wfile.write(content)

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = answer

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@contextlib.contextmanager
def answering(status: int, content: bytes, *, content_type: str) -> Iterator[str]:
    """Answers everything alike."""
    with scripted(lambda _: (status, content, {"Content-Type": content_type})) as base:
        yield base


@contextlib.contextmanager
def hanging(*, drips: bool) -> Iterator[str]:
    """Takes calls and never ends an answer: it says nothing, or a header's next letter from time to time."""
    listener = socket.create_server(("127.0.0.1", 0))
    over = threading.Event()
    taken: list[threading.Thread] = []

    def serve(connection: socket.socket) -> None:
        with connection, contextlib.suppress(OSError):
            connection.sendall(b"HTTP/1.1 200 OK\r\nX-Long: ")
            while not over.wait(0.02):
                if drips:
                    connection.sendall(b"a")

    def accept() -> None:
        with contextlib.suppress(OSError):
            while True:
                taken.append(threading.Thread(target=serve, args=[listener.accept()[0]]))
                taken[-1].start()

    thread = threading.Thread(target=accept)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        over.set()
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        for one in [thread, *taken]:
            one.join()
