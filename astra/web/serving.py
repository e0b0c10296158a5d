"""Serves an ASGI app on the loopback, from a thread, until told to stop."""

from __future__ import annotations

import socket
import threading
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

import uvicorn

HOST = "127.0.0.1"


def listen(port: int) -> socket.socket:
    """Reserves a port of this machine, for this machine only.

    Args:
        port: the port; 0 takes any free one.

    Raises:
        OSError: somebody has it.
        OverflowError: it is none.
    """
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((HOST, port))
    except (OSError, OverflowError):
        listener.close()
        raise
    return listener


@contextmanager
def serving(app: Any, *, listener: socket.socket) -> Generator[None]:
    """Serves during the block.

    Args:
        app: the app.
        listener: from `listen`; it is closed at the end.
    """
    # No access log: the URL of a first request has the token in it.
    config = uvicorn.Config(
        app, http="h11", ws="none", lifespan="off", log_config=None, access_log=False, server_header=False
    )
    server = uvicorn.Server(config)
    started = threading.Event()
    startup = server.startup

    async def start(sockets: list[socket.socket] | None = None) -> None:
        await startup(sockets)
        started.set()

    server.startup = start  # type: ignore[method-assign]
    thread = threading.Thread(target=server.run, args=([listener],), name="astra-web", daemon=True)
    thread.start()
    try:
        started.wait(timeout=30)
        yield
    finally:
        server.should_exit = server.force_exit = True
        thread.join(timeout=10)
        listener.close()
