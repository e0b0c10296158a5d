"""Servers that are unwell at first."""

from __future__ import annotations

import itertools
import socket

from tests.http.servers import Handler, answer


def unwell(status: int, *, times: int) -> Handler:
    """Answers some requests with a status and the others as they should be."""
    count = itertools.count(1)

    def handle(connection: socket.socket, request: bytes) -> None:
        if next(count) > times:
            answer(connection, request)
        else:
            head = f"HTTP/1.1 {status} No\r\nRequest-Id: req_0\r\nRetry-After: 0\r\nContent-Length: 2\r\n\r\n{{}}"
            connection.sendall(head.encode())

    return handle
