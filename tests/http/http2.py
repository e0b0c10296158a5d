"""A server on loopback that speaks HTTP/2, as it should or as a test wants."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable, Iterable

import h2.config
import h2.connection
import h2.events
import h2.exceptions

from tests.http.servers import Listener

Reply = tuple[int, bytes, list[tuple[str, str]]]
Work = Callable[["Http2Server", socket.socket, h2.connection.H2Connection, int], None]


class Http2Server(Listener):
    """Speaks HTTP/2 without TLS: replies in order, and repeats the last one; or does some work in place of a reply.

    Attributes:
        paths: method and path of each request.
        release: for tests whose work waits; set when the server is closed.
    """

    def __init__(self, *replies: Reply | Work) -> None:
        self._replies = list(replies)
        self.paths: list[str] = []
        self.release = threading.Event()
        super().__init__()

    @property
    def payments(self) -> int:
        return self.paths.count("POST /v1/routines")

    def close(self) -> None:
        self.release.set()
        super().close()

    def talk(self, connection: socket.socket) -> None:
        """Replies to requests until the client has no more, or breaks the protocol."""
        peer = h2.connection.H2Connection(h2.config.H2Configuration(client_side=False))
        peer.initiate_connection()
        asked: dict[int, str] = {}
        with contextlib.suppress(h2.exceptions.ProtocolError):
            connection.sendall(peer.data_to_send())
            while data := connection.recv(65536):
                for event in peer.receive_data(data):
                    if isinstance(event, h2.events.RequestReceived):
                        head = dict(event.headers)
                        asked[event.stream_id] = f"{head[b':method'].decode()} {head[b':path'].decode()}"
                    if isinstance(event, h2.events.StreamEnded):
                        self.paths.append(asked[event.stream_id])
                        self.arrived.set()
                        reply = self._replies.pop(0) if len(self._replies) > 1 else self._replies[0]
                        if callable(reply):
                            reply(self, connection, peer, event.stream_id)
                        else:
                            send(connection, peer, event.stream_id, *reply)
                connection.sendall(peer.data_to_send())


def head_of(peer: h2.connection.H2Connection, stream: int, status: int, headers: Iterable[tuple[str, str]]) -> None:
    peer.send_headers(stream, [(":status", str(status)), ("request-id", "req_1"), *headers])


def send(
    connection: socket.socket,
    peer: h2.connection.H2Connection,
    stream: int,
    status: int,
    body: bytes,
    headers: list[tuple[str, str]],
) -> None:
    """Sends an answer, and waits for the windows of the client to open."""
    head_of(peer, stream, status, headers)
    while body:
        room = min(peer.local_flow_control_window(stream), peer.max_outbound_frame_size)
        if room:
            peer.send_data(stream, body[:room])
            body = body[room:]
        connection.sendall(peer.data_to_send())
        if not room:
            peer.receive_data(connection.recv(65536))
    peer.end_stream(stream)


def frame(kind: int, stream: int, body: bytes = b"", flags: int = 0) -> bytes:
    return len(body).to_bytes(3, "big") + bytes([kind, flags]) + stream.to_bytes(4, "big") + body
