"""A receiver of webhooks on this machine, which keeps what came and answers as a check wants."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import attrs

from astra._json import is_object

LARGEST = 1024 * 1024
MOST_DIGITS = 9


class Server(ThreadingHTTPServer):
    """Serves on when a sender goes before it was answered."""

    def handle_error(self, request: object, client_address: object) -> None:
        """Says nothing."""


@attrs.frozen
class Hook:
    """One webhook as it came.

    Attributes:
        headers: by lower-case name.
        body: the bytes.
        answered: the status that it got.
    """

    headers: dict[str, str] = attrs.field(repr=False)
    body: bytes = attrs.field(repr=False)
    answered: int

    @property
    def event(self) -> dict[str, Any]:
        """The payload; empty when it is no JSON object."""
        try:
            body = json.loads(self.body)
        except (ValueError, RecursionError):
            return {}
        return body if is_object(body) else {}


class Receiver:
    """Listens until it is closed.

    Args:
        host: address to listen on.
        port: port; 0 takes any free one.
    """

    def __init__(self, *, host: str = "127.0.0.1", port: int = 0) -> None:
        self.hooks: list[Hook] = []
        self.refuse_next: list[int] = []
        self.lock = threading.Lock()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            timeout = 10

            def do_POST(self) -> None:
                length = self.headers.get("Content-Length", "")
                known = length.isascii() and length.isdigit() and len(length) <= MOST_DIGITS
                body = self.rfile.read(min(int(length), LARGEST)) if known else b""
                status = outer.take(dict(self.headers.items()), body)
                self.send_response(status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:
                pass

        self.server = Server((host, port), Handler)
        self.url = f"http://{host}:{self.server.server_port}/"
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        self.thread.start()

    def take(self, headers: dict[str, str], body: bytes) -> int:
        """Keeps a webhook, and returns the status to answer with."""
        with self.lock:
            status = self.refuse_next.pop(0) if self.refuse_next else 200
            self.hooks.append(Hook({name.lower(): value for name, value in headers.items()}, body, status))
            return status

    def close(self) -> None:
        """Stops to listen."""
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()
