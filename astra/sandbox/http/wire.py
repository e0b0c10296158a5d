"""Below HTTP: the sockets of open connections, so that a fault can cut one off at any byte."""

from __future__ import annotations

import asyncio
import socket
import struct
from typing import Any

from uvicorn.protocols.http.h11_impl import H11Protocol

Peer = tuple[str, int]
Transports = dict[Peer, asyncio.Transport]


def protocol_class(transports: Transports) -> type[asyncio.Protocol]:
    """Returns a protocol for uvicorn that notes every connection's transport under the client's address."""
    base: Any = H11Protocol
    try:
        from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

        base = HttpToolsProtocol
    except ImportError:
        pass

    class NotingProtocol(base):  # type: ignore[misc]
        noted: Any = None

        def connection_made(self, transport: asyncio.Transport) -> None:
            base.connection_made(self, transport)
            self.noted = transport.get_extra_info("peername")
            if self.noted is not None:
                transports[(self.noted[0], self.noted[1])] = transport

        def connection_lost(self, exc: Exception | None) -> None:
            if self.noted is not None:
                transports.pop((self.noted[0], self.noted[1]), None)
            base.connection_lost(self, exc)

    made: type[asyncio.Protocol] = NotingProtocol
    return made


async def cut(transport: asyncio.Transport, *, sent: bytes = b"", reset: bool = False) -> None:
    """Sends some bytes as they are and ends the connection, by closing it or by a TCP reset."""
    if sent:
        transport.write(sent)
    if reset:
        raw = transport.get_extra_info("socket")
        if raw is not None:
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        transport.abort()
    else:
        transport.close()
    # The loop tells the protocol in its next turns; until then uvicorn would still answer by itself.
    for _ in range(3):
        await asyncio.sleep(0)
