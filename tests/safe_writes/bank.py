"""A bank on loopback that speaks HTTP/1.1 and HTTP/2, and carries out one plan of misbehaviour for each payment."""

from __future__ import annotations

import contextlib
import json
import socket
import struct
import threading
import time
from collections import Counter
from datetime import UTC, datetime
from typing import Any, Literal

import attrs
import h2.config
import h2.connection
import h2.events

from tests.http.http2 import frame
from tests.http.servers import Listener
from tests.names import answer_at, request_at

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
HTML = b"<html><body>Welcome to the hotel network</body></html>"
TOKEN_ERROR = {"error": "invalid_token", "error_description": "The access token is not valid."}

Fault = Literal[
    "none",  # answers as a bank does
    "cut request",  # hangs up after some bytes of the request
    "reset request",  # the same with a TCP reset
    "stall request",  # reads some bytes of the request, and then neither reads nor says anything
    "cut answer",  # hangs up after some bytes of the answer
    "reset answer",  # the same with a TCP reset
    "hang",  # reads the request and says nothing more
    "drip",  # sends the head of the answer byte by byte, for longer than anybody waits
    "early hints",  # sends one 103 after the other
    "garbage",  # sends bytes that are no HTTP
    "bad frame",  # HTTP/2: breaks the protocol; HTTP/1.1: two Content-Lengths
    "goaway",  # HTTP/2: GOAWAY and hangs up; HTTP/1.1: hangs up
    "reset stream",  # HTTP/2: RST_STREAM; HTTP/1.1: hangs up
]
Body = Literal["routine", "empty", "html", "object", "error", "foreign", "truncated json"]


@attrs.define
class Plan:
    """What the bank does with the next payment.

    Attributes:
        fault: what goes wrong on the wire.
        at: after how many bytes it goes wrong.
        booked: True when the bank makes the payment before it answers; only an answer that may follow a payment.
        status: status of its answer.
        body: body of its answer.
    """

    fault: Fault = "none"
    at: int = 0
    booked: bool = True
    status: int = 201
    body: Body = "routine"


class Bank(Listener):
    """The server. `plan` is used up by the first payment that arrives; after it all goes well."""

    def __init__(self) -> None:
        self.plan: Plan | None = None
        self.made: Counter[str] = Counter()
        self.received: Counter[str] = Counter()
        self.routines: list[dict[str, Any]] = []
        self.lock = threading.Lock()
        super().__init__()

    def talk(self, connection: socket.socket) -> None:
        """Speaks what the client speaks, and hangs up."""
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with contextlib.suppress(OSError, h2.exceptions.ProtocolError):
            start = connection.recv(65536)
            if PREFACE.startswith(start[: len(PREFACE)]) and start:
                Http2(self, connection).run(start)
            else:
                Http1(self, connection).run(start)
        # A forked child may have a copy of the socket, and then closing it alone tells the client nothing.
        connection.shutdown(socket.SHUT_RDWR)

    def breaks_request(self, connection: socket.socket, arrived: int) -> bool:
        """Uses the plan up when the connection has to end after so many bytes of the request; tells whether it has."""
        if not self._goes_wrong_at(arrived, "cut request", "reset request"):
            return False
        if self._use_up().fault == "reset request":
            _end_by_reset(connection)
        return True

    def stalls_request(self, arrived: int) -> bool:
        """Uses the plan up when nothing may happen more after so many bytes of the request; tells whether so."""
        if not self._goes_wrong_at(arrived, "stall request"):
            return False
        self._use_up()
        return True

    def _goes_wrong_at(self, arrived: int, *faults: Fault) -> bool:
        return self.plan is not None and self.plan.fault in faults and arrived >= self.plan.at

    def _use_up(self) -> Plan:
        plan, self.plan = self.plan or Plan(), None
        return plan

    def handle(self, method: str, target: str, body: bytes) -> tuple[Plan, int, bytes, str]:
        """Takes a whole request, makes the payment if the plan says so, and returns the answer."""
        if method != "POST":
            found = self.routines if target.startswith("/v1/routines") else []
            name = "routines" if target.startswith("/v1/routines") else "transfers"
            page = {name: found[::-1][:100], "count": min(len(found), 100), "more": False}
            return Plan(), 200, answer_at(method, target, 200, json.dumps(page).encode()), "application/json"
        if "token" in target:
            token = {"access_token": "renewed", "expires_in": 7200, "refresh_token": "refresh"}
            return Plan(), 200, json.dumps(token).encode(), "application/json"
        sent = request_at(method, target, body)
        correlation = sent["client_correlation_id"]
        with self.lock:
            plan = self._use_up()
            if not plan.booked and plan.status < 300 and plan.body == "routine":
                plan = attrs.evolve(plan, status=503)  # no server answers with the routine that it did not make
            self.received[correlation] += 1
            number = sum(self.received.values())
            now = datetime.now(UTC).isoformat()
            routine = {**sent, "id": f"rtn_{number}", "status": "pending", "created": now, "user_id": "usr_1"}
            if plan.booked:
                self.made[correlation] += 1
                self.routines.append(routine)
        self.arrived.set()
        answer = answer_at(method, target, plan.status, _body(plan, routine))
        return plan, plan.status, answer, "text/html" if plan.body == "html" else "application/json"


def _body(plan: Plan, routine: dict[str, Any]) -> bytes:
    if plan.status == 401:
        return HTML if plan.body == "html" else json.dumps(TOKEN_ERROR).encode()
    if plan.status >= 300 and plan.body == "routine":
        return json.dumps({"code": plan.status, "name": "Error", "description": "As planned"}).encode()
    found: dict[Body, object] = {
        "routine": routine,
        "object": {},
        "error": {"code": 400, "name": "Bad Request", "description": "as planned"},
        "foreign": {**routine, "amount": 99.99, "client_correlation_id": "OTHER001", "id": "rtn_other"},
    }
    if plan.body in found:
        return json.dumps(found[plan.body]).encode()
    return {"empty": b"", "html": HTML, "truncated json": json.dumps(routine).encode()[:-9]}[plan.body]


class Http1:
    """One connection that speaks HTTP/1.1."""

    def __init__(self, bank: Bank, connection: socket.socket) -> None:
        self.bank, self.connection = bank, connection

    def run(self, data: bytes) -> None:
        while True:
            while b"\r\n\r\n" not in data or len(data) < _whole(data):
                if self._goes_wrong(len(data)):
                    return
                more = self.connection.recv(65536)
                if not more:
                    return
                data += more
            size = _whole(data)
            request, data = data[:size], data[size:]
            if self._goes_wrong(size):
                return
            head, _, body = request.partition(b"\r\n\r\n")
            method, target, _ = head.split(b"\r\n")[0].decode().split(" ")
            if not self._answer(*self.bank.handle(method, target, body)):
                return

    def _goes_wrong(self, arrived: int) -> bool:
        if self.bank.stalls_request(arrived):
            _wait_for_end(self.connection)
            return True
        return self.bank.breaks_request(self.connection, arrived)

    def _answer(self, plan: Plan, status: int, body: bytes, kind: str) -> bool:
        sock = self.connection
        length = b"" if status in (204, 304) else b"Content-Length: %d\r\n" % len(body)
        head = b"HTTP/1.1 %d Planned\r\nRequest-Id: req_%d\r\nContent-Type: %s\r\n" % (status, status, kind.encode())
        answer = head + length + b"\r\n" + (body if length else b"")
        match plan.fault:
            case "none" | "cut request" | "reset request" | "stall request":
                sock.sendall(answer)
                return True
            case "hang":
                _wait_for_end(sock)
            case "early hints":
                _drip(sock, [b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n"] * 1000)
            case "bad frame":
                sock.sendall(head + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\n" + body)
            case "goaway" | "reset stream":
                pass
            case _:
                _spoil(sock, plan, answer)
        return False


class Http2:
    """One connection that speaks HTTP/2 with prior knowledge. A stream that hangs leaves the others alone."""

    def __init__(self, bank: Bank, connection: socket.socket) -> None:
        self.bank, self.connection = bank, connection
        self.state = h2.connection.H2Connection(h2.config.H2Configuration(client_side=False))
        self.heads: dict[int, dict[bytes, bytes]] = {}
        self.bodies: dict[int, bytes] = {}

    def run(self, data: bytes) -> None:
        self.state.initiate_connection()
        self.connection.sendall(self.state.data_to_send())
        arrived, stalled = 0, False
        while data:
            arrived += len(data)
            stalled = stalled or self.bank.stalls_request(arrived)
            if self.bank.breaks_request(self.connection, arrived):
                return
            for event in self.state.receive_data(data):
                if isinstance(event, h2.events.RequestReceived):
                    self.heads[event.stream_id] = dict(event.headers)
                    self.bodies[event.stream_id] = b""
                elif isinstance(event, h2.events.DataReceived):
                    self.bodies[event.stream_id] += event.data
                    self.state.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
                elif isinstance(event, h2.events.StreamEnded):
                    arrived = 0
                    head = self.heads.pop(event.stream_id)
                    body = self.bodies.pop(event.stream_id)
                    method, target = head[b":method"].decode(), head[b":path"].decode()
                    if stalled:
                        stalled = False
                    elif not self._answer(event.stream_id, *self.bank.handle(method, target, body)):
                        return
            self.connection.sendall(self.state.data_to_send())
            data = self.connection.recv(65536)

    def _answer(self, stream: int, plan: Plan, status: int, body: bytes, kind: str) -> bool:
        sock, state = self.connection, self.state
        sock.sendall(state.data_to_send())
        # Nothing may be encoded that is not sent: both sides keep the table of headers.
        if plan.fault == "reset stream":
            sock.sendall(frame(3, stream, struct.pack(">I", plan.at % 14)))
        if plan.fault in ("reset stream", "hang"):
            return True
        if plan.fault == "early hints":
            hints = []
            for _ in range(1000):
                state.send_headers(stream, [(":status", "103"), ("link", "</x>")])
                hints.append(state.data_to_send())
            if not _drip(sock, hints):
                return False
        state.send_headers(stream, [(":status", str(status)), ("request-id", f"req_{status}"), ("content-type", kind)])
        state.send_data(stream, body, end_stream=True)
        answer = state.data_to_send()
        match plan.fault:
            case "none" | "early hints" | "cut request" | "reset request" | "stall request":
                sock.sendall(answer)
                return True
            case "bad frame":
                frames = (
                    frame(0, stream, b"early"),  # DATA before HEADERS
                    frame(1, stream, b"\xff" * 9, flags=4),  # HEADERS that HPACK cannot read
                    frame(8, stream, b"\0\0\0\0"),  # WINDOW_UPDATE of nothing
                )
                sock.sendall(frames[plan.at % 3])
                _wait_for_end(sock)
            case "goaway":
                sock.sendall(frame(7, 0, struct.pack(">II", 0, plan.at % 14)))
            case _:
                _spoil(sock, plan, answer)
        return False


def _whole(data: bytes) -> int:
    """Size of the first request in the data, as far as its head tells it."""
    head, end, _ = data.partition(b"\r\n\r\n")
    if not end:
        return len(data) + 1
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            return len(head) + 4 + int(line.split(b":")[1])
    return len(head) + 4


def _spoil(sock: socket.socket, plan: Plan, answer: bytes) -> None:
    """Sends some of the answer, or all of it for longer than anybody waits, or bytes that are no HTTP."""
    match plan.fault:
        case "cut answer":
            sock.sendall(answer[: plan.at])
        case "reset answer":
            sock.sendall(answer[: plan.at])
            _end_by_reset(sock)
        case "drip":
            _drip(sock, [answer[index : index + 1] for index in range(len(answer))])
        case "garbage":
            sock.sendall(b"\x00\xff\x00" * 20)
        case _:
            raise AssertionError(f"nobody carries out {plan.fault!r}")


def _drip(sock: socket.socket, pieces: list[bytes]) -> bool:
    """Sends the pieces 20 ms apart, for half a second or until the other side hangs up; tells whether all were sent."""
    until = time.monotonic() + 0.5
    sock.settimeout(0.02)
    try:
        for piece in pieces:
            sock.sendall(piece)
            with contextlib.suppress(TimeoutError):
                if not sock.recv(65536):
                    return False
            if time.monotonic() > until:
                return False
    except OSError:
        return False
    finally:
        sock.settimeout(None)
    return True


def _wait_for_end(sock: socket.socket) -> None:
    """Reads until the other side hangs up, for half a second at most: longer than anybody waits for an answer."""
    until = time.monotonic() + 0.5
    with contextlib.suppress(TimeoutError):
        while (left := until - time.monotonic()) > 0:
            sock.settimeout(left)
            if not sock.recv(65536):
                return


def _end_by_reset(sock: socket.socket) -> None:
    """Lets the end of the connection, which follows, be a reset."""
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
