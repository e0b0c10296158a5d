"""The API: from an ASGI request to the rule that answers it, and back; with faults on the way."""

from __future__ import annotations

import asyncio
import itertools
import logging
from collections.abc import Sequence
from email.utils import formatdate
from typing import Any, Final
from urllib.parse import parse_qsl

import attrs
from astra_api.operations import Operation

from astra._json import is_object
from astra._names import names_of_the_spec
from astra.sandbox.answers import SentAnswer
from astra.sandbox.backend import Backend
from astra.sandbox.engine import oauth
from astra.sandbox.engine.core import NULL, Answer, Call
from astra.sandbox.engine.encoding import dumps, loads
from astra.sandbox.engine.problems import Problem, generic, refused
from astra.sandbox.faults import HTML, Fault, arguments_of
from astra.sandbox.handlers import handler_of
from astra.sandbox.http.router import Router
from astra.sandbox.http.wire import Transports, cut
from astra.sandbox.journal import Journal, ReceivedRequest, shown_headers

log = logging.getLogger("astra.sandbox")
JSON_TYPE = (b"content-type", b"application/json")
FORM_TYPE = b"application/x-www-form-urlencoded"
NOT_JSON = "Did not attempt to load JSON data because the request Content-Type was not 'application/json'."
BAD_JSON = "Failed to decode JSON object."
PIECES = 10
MOST_SENT: Final = 16_777_216
"""Bytes of a request's body; what is more is read and thrown away."""


@attrs.define(eq=False)
class Exchange:
    """One request on its way through the sandbox."""

    scope: dict[str, Any]
    method: str
    path: str
    headers: dict[bytes, bytes]
    body: bytes
    size: int
    request_id: str
    journal: Journal
    resets: int
    operation: Operation | None = None
    user_id: str | None = None
    client_id: str | None = None
    event_ids: tuple[str, ...] = ()
    made: str | None = None
    fault: Fault | None = None


def read_json(exchange: Exchange) -> Any:
    """Reads the JSON body of a request.

    Raises:
        Problem: there is none, or it is not JSON.
    """
    if not exchange.body:
        raise refused(BAD_JSON)
    if b"json" not in exchange.headers.get(b"content-type", b"").lower():
        raise refused(NOT_JSON)
    try:
        return loads(exchange.body)
    except (ValueError, RecursionError):
        raise refused(BAD_JSON) from None


def read_form(exchange: Exchange) -> dict[str, str]:
    """Reads the form body of a request; anything else reads as an empty form."""
    if FORM_TYPE not in exchange.headers.get(b"content-type", b"").lower():
        return {}
    try:
        return dict(parse_qsl(exchange.body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=100))
    except ValueError:
        return {}


def accepts_json(accept: bytes) -> bool:
    """Tells whether an Accept header leaves room for JSON."""
    if not accept:
        return True
    kinds = {part.split(b";")[0].strip().lower() for part in accept.split(b",")}
    return bool(kinds & {b"*/*", b"application/*", b"application/json"})


class Api:
    """The part of the sandbox below `/v1`.

    Args:
        backend: the rules, what should go wrong, and where requests are noted.
        router: which operations are served here.
        transports: the open connections.
    """

    def __init__(self, backend: Backend, *, router: Router, transports: Transports) -> None:
        self.backend = backend
        self.engine = backend.engine
        self.router = router
        self.transports = transports

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Serves one request."""
        pieces: list[bytes] = []
        size = 0
        while True:
            message = await receive()
            if message["type"] != "http.request":
                return
            piece: bytes = message.get("body", b"")
            size += len(piece)
            if size <= MOST_SENT:
                pieces.append(piece)
            if not message.get("more_body"):
                break
        status, payload = 500, b""
        headers: list[tuple[bytes, bytes]] = []
        # A reset finds each request done and noted, or not begun.
        with self.engine.lock:
            exchange = Exchange(
                scope=scope,
                method=scope["method"],
                path=scope["path"],
                headers=dict(scope["headers"]),
                body=b"".join(pieces),
                size=size,
                request_id=self.engine.ids.hex("request"),
                journal=self.backend.journal,
                resets=self.engine.resets,
            )
            path: dict[str, str] = {}
            unrouted: Problem | None = None
            try:
                exchange.operation, path = self.router.find(exchange.method, exchange.path)
                if size > MOST_SENT:
                    unrouted = generic(413)
            except Problem as problem:
                unrouted = problem
            fault = exchange.fault = self.backend.faults.take(exchange.operation.id if exchange.operation else None)
            if fault is None:
                status, headers, payload = self.outcome(exchange, path, unrouted)
                self.note(exchange, status, headers, payload)
        if fault is not None:
            await self.serve_faulty(exchange, path, unrouted, fault, send)
            return
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": payload if exchange.method != "HEAD" else b""})

    def outcome(
        self, exchange: Exchange, path: dict[str, str], unrouted: Problem | None
    ) -> tuple[int, list[tuple[bytes, bytes]], bytes]:
        """Acts, and returns status, headers and body of the answer."""
        more: dict[str, str] = {}
        names, operation = names_of_the_spec(), exchange.operation
        try:
            if unrouted is not None or operation is None:
                raise unrouted or generic(404)
            answer = self.act(exchange, operation, path)
            if names is not None:
                answer = Answer(answer.status, names.answered(operation.id, answer.body))
        except Problem as problem:
            answer, more = Answer(problem.status, problem.body), problem.headers
            if names is not None and operation is not None:
                answer = Answer(problem.status, names.refused(operation.id, problem.body))
        except Exception:
            log.exception("the sandbox failed at %s %s", exchange.method, exchange.path)
            answer = Answer(500, generic(500).body)
        return self.encode(exchange, answer.status, answer.body, more)

    def act(self, exchange: Exchange, operation: Operation, path: dict[str, str]) -> Answer:
        """Authenticates, reads the body, and asks the rule.

        Raises:
            Problem: whatever Astra would refuse.
        """
        if not accepts_json(exchange.headers.get(b"accept", b"")):
            raise generic(406)
        engine = self.engine
        given = exchange.headers.get(b"authorization")
        header = given.decode("latin-1") if given is not None else None
        with engine.lock:
            if engine.resets != exchange.resets:
                raise generic(503, "The sandbox was reset while a fault held this request; nothing was done.")
            engine.settle()
            if operation.auth == "bearer":
                client, user = oauth.grant_of_bearer(engine, header)
                exchange.user_id = user.id
            else:
                client, user = oauth.client_of_basic(engine, header, token_endpoint=operation.body == "form"), None
            exchange.client_id = client.id
            call = Call(client, user, path)
            if raw := exchange.scope["query_string"]:
                call.query = dict(parse_qsl(raw.decode("latin-1"), keep_blank_values=True))
            if operation.body == "form":
                call.body = read_form(exchange)
            elif operation.body == "json":
                call.body = read_json(exchange)
            if (names := names_of_the_spec()) is not None:
                call.query = names.heard(operation.id, call.query)
                call.body = names.received(operation.id, call.body)
            before = engine.event_total
            try:
                answer = handler_of(operation.id)(engine, call)
                exchange.made = made_by(exchange.method, answer.body)
                return answer
            finally:
                latest = itertools.islice(reversed(engine.events), engine.event_total - before)
                exchange.event_ids = tuple(event.id for event in latest)[::-1]

    def encode(
        self, exchange: Exchange, status: int, body: Any, more: dict[str, str]
    ) -> tuple[int, list[tuple[bytes, bytes]], bytes]:
        """Returns status, headers and bytes of an answer."""
        # By the sandbox's clock: the SDK measures by it how far the clocks are apart.
        date = formatdate(self.engine.clock(), usegmt=True).encode()
        headers = [(b"request-id", exchange.request_id.encode()), (b"date", date)]
        payload = b""
        if body is not None:
            payload = b"null" if body is NULL else dumps(body).encode()
            headers.append(JSON_TYPE)
        if status != 204:
            headers.append((b"content-length", str(len(payload)).encode()))
        return status, with_headers(headers, more), payload

    def note(
        self, exchange: Exchange, status: int | None, headers: Sequence[tuple[bytes, bytes]], payload: bytes
    ) -> None:
        """Remembers a request, and what was answered or would have been."""
        exchange.journal.answers.add(
            SentAnswer(
                request_id=exchange.request_id,
                headers=headers,
                body=payload,
                size=len(payload),
                event_ids=exchange.event_ids,
                fault=None if exchange.fault is None else str(exchange.fault),
                added={} if exchange.fault is None else arguments_of(exchange.fault),
                made=exchange.made,
                client_id=exchange.client_id,
                target=target_of(exchange.scope),
                peer=tuple(exchange.scope["client"]),
            )
        )
        exchange.journal.add(
            ReceivedRequest(
                time=self.engine.clock(),
                method=exchange.method,
                path=exchange.path,
                query=exchange.scope["query_string"].decode("latin-1"),
                operation=exchange.operation.id if exchange.operation else None,
                status=status,
                request_id=exchange.request_id,
                user_id=exchange.user_id,
                body=exchange.body,
                size=exchange.size,
                headers=shown_headers(exchange.scope["headers"]),
            )
        )

    async def serve_faulty(
        self, exchange: Exchange, path: dict[str, str], unrouted: Problem | None, fault: Fault, send: Any
    ) -> None:
        """Serves a request that a fault hits."""
        if fault.hold:
            await asyncio.sleep(fault.hold)
        status, payload = 500, b""
        headers: list[tuple[bytes, bytes]] = []
        if fault.acts():
            status, headers, payload = self.outcome(exchange, path, unrouted)
        transport = self.transports.get(tuple(exchange.scope["client"]))
        if fault.delay:
            await asyncio.sleep(fault.delay)
        if fault.drop is not None and transport is not None:
            self.note(exchange, None, headers, payload)
            await cut(transport, reset=fault.reset)
            return
        if fault.status is not None or fault.garbage or fault.body is not None:
            status, headers, payload = self.spoiled(exchange, fault, status)
        elif fault.headers:
            headers = with_headers(headers, fault.headers)
        if fault.after_bytes is not None and transport is not None:
            self.note(exchange, None, headers, payload)
            await cut(transport, sent=raw_answer(status, headers, payload)[: fault.after_bytes], reset=fault.reset)
            return
        self.note(exchange, status, headers, payload)
        await send({"type": "http.response.start", "status": status, "headers": headers})
        size = -(-len(payload) // PIECES) or 1
        for start in range(0, len(payload), size) if fault.slow else ():
            await asyncio.sleep(fault.slow / PIECES)
            piece = payload[start : start + size]
            await send({"type": "http.response.body", "body": piece, "more_body": True})
        await send({"type": "http.response.body", "body": b"" if fault.slow else payload})

    def spoiled(self, exchange: Exchange, fault: Fault, status: int) -> tuple[int, list[tuple[bytes, bytes]], bytes]:
        """Returns the answer that a fault puts in the place of the real one."""
        if fault.status is not None:
            status = fault.status
        elif status == 204:
            status = 200  # an answer without a body gets one
        if fault.garbage or isinstance(fault.body, bytes | str):
            raw = fault.body if fault.body is not None else HTML if fault.garbage is True else fault.garbage
            payload = raw.encode() if isinstance(raw, str) else bytes(raw)
            status, headers, _ = self.encode(exchange, status, None, fault.headers)
            headers = [pair for pair in headers if pair[0] != b"content-length"]
            headers.append((b"content-length", str(len(payload)).encode()))
            if not any(name == b"content-type" for name, _ in headers):
                headers.append((b"content-type", b"text/html; charset=utf-8"))
            return status, headers, payload
        body = fault.body if fault.body is not None else generic(status).body if status >= 400 else None
        return self.encode(exchange, status, body, fault.headers)


def made_by(method: str, body: Any) -> str | None:
    """Returns the id of what a request has made, by its answer; None for one that has made nothing."""
    made = body.get("id") if method == "POST" and is_object(body) else None
    return made if isinstance(made, str) else None


def target_of(scope: dict[str, Any]) -> str:
    """Returns the path and the query of a request as they came."""
    raw: bytes = scope["raw_path"] + (b"?" + scope["query_string"] if scope["query_string"] else b"")
    return raw.decode("latin-1")


def with_headers(headers: list[tuple[bytes, bytes]], more: dict[str, str]) -> list[tuple[bytes, bytes]]:
    """Returns headers with more of them, which replace those of their name."""
    given = [(name.lower().encode(), value.encode("latin-1")) for name, value in more.items()]
    named = {name for name, _ in given}
    return [pair for pair in headers if pair[0] not in named] + given


def raw_answer(status: int, headers: list[tuple[bytes, bytes]], payload: bytes) -> bytes:
    """Returns a whole HTTP/1.1 answer as it goes over the wire."""
    lines = b"".join(name + b": " + value + b"\r\n" for name, value in headers)
    return b"HTTP/1.1 %d Sandbox\r\n" % status + lines + b"\r\n" + payload
