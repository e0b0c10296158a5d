"""A TCP proxy on loopback that breaks an exchange at a chosen byte."""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
from typing import Literal

import attrs

Harm = Literal["none", "close", "reset", "hang", "html 200", "html 502", "garbage"]
HTML = b"<html><body>Welcome to the hotel network</body></html>"


@attrs.define
class Plan:
    """What to do to the next exchange.

    Attributes:
        direction: which stream is harmed.
        after: how many of its bytes still pass.
        harm: what happens then.
    """

    direction: Literal["request", "answer"] = "request"
    after: int = 0
    harm: Harm = "none"
    passed: int = 0
    done: bool = False


class FaultyProxy:
    """Forwards to a server and carries out one plan at a time."""

    def __init__(self, host: str, port: int) -> None:
        self.target = (host, port)
        self.plan = Plan(done=True)
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.listener.getsockname()[1]}"
        self.open: set[socket.socket] = set()
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        self.listener.close()
        for connection in list(self.open):
            with contextlib.suppress(OSError):
                connection.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            server = socket.create_connection(self.target)
            for one in (client, server):
                one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.open |= {client, server}
            for source, sink, direction in ((client, server, "request"), (server, client, "answer")):
                threading.Thread(target=self._pump, args=(source, sink, client, direction), daemon=True).start()

    def _pump(self, source: socket.socket, sink: socket.socket, client: socket.socket, direction: str) -> None:
        try:
            while chunk := source.recv(65536):
                plan = self.plan
                if plan.done or plan.direction != direction or plan.harm == "none":
                    sink.sendall(chunk)
                    continue
                left = plan.after - plan.passed
                if len(chunk) <= left:
                    plan.passed += len(chunk)
                    sink.sendall(chunk)
                    continue
                if left:
                    sink.sendall(chunk[:left])
                plan.done = True
                self._harm(plan, client, source, sink)
                return
        except OSError:
            pass
        finally:
            if not (self.plan.done and self.plan.harm == "hang"):
                self._end(source, sink)

    def _harm(self, plan: Plan, client: socket.socket, source: socket.socket, sink: socket.socket) -> None:
        if plan.harm == "hang":
            return
        if plan.harm == "reset":
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        elif plan.harm.startswith("html") and plan.after == 0:
            status = plan.harm.split()[1]
            head = f"HTTP/1.1 {status} Proxy\r\nContent-Type: text/html\r\nContent-Length: {len(HTML)}\r\n"
            client.sendall(head.encode() + b"Connection: close\r\n\r\n" + HTML)
        elif plan.harm == "garbage":
            client.sendall(b"\x00\xff\x00" * 20)
        self._end(source, sink)

    def _end(self, *sockets: socket.socket) -> None:
        for one in sockets:
            self.open.discard(one)
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            with contextlib.suppress(OSError):
                one.close()
