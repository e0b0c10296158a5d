"""The stand-in on loopback: takes what a client sends, asks the sandbox in our words, answers in its own."""

from __future__ import annotations

import contextlib
import http.client
import json
import re
import threading
from collections.abc import Iterator, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import attrs

from scripts.spec_document.load import Document
from scripts.spec_document.walk import Operation, operations, resolve
from scripts.stand_in.errors import reshaped
from scripts.stand_in.paging import Pages
from scripts.stand_in.plan import Plan
from scripts.stand_in.translate import Translator
from scripts.stand_in.troubles import Troubles

KEPT_HEADERS = ("authorization", "accept", "content-type", "idempotency-key", "cookie")
ANSWERED_HEADERS = ("request-id", "location", "set-cookie", "allow", "retry-after")


@attrs.frozen
class StandIn:
    """A stand-in that runs.

    Attributes:
        url: its address.
        plan: what it does differently.
        shown: places of the differences that it has shown so far.
    """

    url: str
    plan: Plan
    shown: set[str]


class Layer:
    """Turns one exchange into another.

    Args:
        document: our spec.
        plan: what is different.
        behind: address of the sandbox.
        is_troubled: whether it answers with troubles, too.
    """

    def __init__(self, document: Document, plan: Plan, behind: str, *, is_troubled: bool = False) -> None:
        self._document, self._plan = document, plan
        self._behind = urlsplit(behind).netloc
        self._troubles = Troubles(plan) if is_troubled else None
        self.shown: set[str] = set()
        self._translator = Translator(document, plan, self.shown)
        self._pages = Pages(plan.paging, self.shown)
        self._routes = [(route(plan.paths.get(one.path, one.path)), one) for one in operations(document)]
        self._old = [(route(path), path) for path in plan.paths]
        self._schemas = {one.id: self._bodies(one) for one in operations(document)}

    def exchange(
        self, method: str, target: str, headers: dict[str, str], body: bytes
    ) -> tuple[int, list[tuple[str, str]], bytes]:
        """Answers one request: status, headers, body."""
        parts = urlsplit(target)
        found = self._operation(method, parts.path)
        if found is None and any(pattern.fullmatch(parts.path) for pattern, _ in self._old):
            self._note_path(method, parts.path)
            status, content = (
                404,
                json.dumps({"code": 404, "name": "Not Found", "description": "No such URL."}).encode(),
            )
            content, reply = self._error(content, status, []), [("Request-Id", "stand-in")]
            return status, [*reply, ("Content-Type", "application/json")], content
        if found is None or found[0].id == "exchange_token":
            return self._ask(method, target, headers, body)
        operation, path = found
        if self._troubles is not None:
            bearer = headers.get("authorization", "").startswith("Bearer ")
            if (trouble := self._troubles.instead(method, path, bearer=bearer)) is not None:
                return trouble
        sent, answered = self._schemas[operation.id]
        pairs = parse_qsl(parts.query, keep_blank_values=True)
        paged = any(one["name"] == "cursor" for one in operation.parameters)
        who = f"{headers.get('authorization', '')} {path}"
        query = self._parameters(operation, pairs)
        if paged:
            query = self._pages.query(query, who=who)
        unknown: list[str] = []
        asked: object = None
        if body and sent:
            with contextlib.suppress(ValueError):
                asked = json.loads(body)
                unknown = self._translator.unknown(asked, sent) if self._plan.strict else []
                body = json.dumps(self._translator.question(asked, sent)).encode()
        status, reply, content = self._ask(method, f"{path}?{urlencode(query)}" if query else path, headers, body)
        if status >= 300:
            return status, reply, self._error(content, status, sent, unknown, asked=asked)
        with contextlib.suppress(ValueError):
            value = json.loads(content)
            written = self._translator.answer(value, answered)
            if paged and isinstance(written, dict):
                written = self._pages.envelope(written, pairs, who=who)
            content = json.dumps(written).encode()
        return status, reply, content

    def _operation(self, method: str, path: str) -> tuple[Operation, str] | None:
        """The operation of a request, and the path that the sandbox has for it."""
        for pattern, one in self._routes:
            match = pattern.fullmatch(path)
            if match and one.method == method.lower():
                values = iter(match.groups())
                steps = [next(values) if step.startswith("{") else step for step in one.path.split("/")]
                return one, "/".join(steps)
        return None

    def _note_path(self, method: str, path: str) -> None:
        for pattern, old in self._old:
            if pattern.fullmatch(path) and method.lower() in self._document["paths"][old]:
                self.shown.add(f"paths.{old}.{method.lower()}")

    def _parameters(self, operation: Operation, pairs: list[tuple[str, str]]) -> list[tuple[str, str]]:
        theirs = {new: old for old, new in self._plan.parameters.items()}
        taken = []
        for name, value in pairs:
            if name in self._plan.parameters:
                self.shown.add(f"paths.{operation.path}.{operation.method}.parameters.{name}")
            else:
                taken.append((theirs.get(name, name), value))
        return taken

    def _error(
        self, content: bytes, status: int, sent: list[Any], unknown: Sequence[str] = (), *, asked: object = None
    ) -> bytes:
        try:
            body = json.loads(content)
        except ValueError:
            return content
        owners = self._translator.owners(sent)
        written, other = reshaped(
            body,
            status,
            style=self._plan.errors,
            called=lambda name: self._translator.called(name, owners),
            unknown=unknown,
            asked=asked,
        )
        if other:
            self.shown.add("errors")
        return json.dumps(written).encode()

    def _bodies(self, operation: Operation) -> tuple[list[Any], list[Any]]:
        responses = operation.node["responses"]
        answers = [resolve(self._document, responses[key]) for key in sorted(responses) if str(key).startswith("2")]
        return _schemas(resolve(self._document, operation.node.get("requestBody", {}))), next(
            filter(None, map(_schemas, answers)), []
        )

    def _ask(
        self, method: str, target: str, headers: dict[str, str], body: bytes
    ) -> tuple[int, list[tuple[str, str]], bytes]:
        connection = http.client.HTTPConnection(self._behind, timeout=30)
        try:
            kept = {name: value for name, value in headers.items() if name in KEPT_HEADERS}
            connection.request(method, target, body or None, kept)
            answer = connection.getresponse()
            content = answer.read()
            names = (*ANSWERED_HEADERS, "content-type")
            reply = [(name, value) for name, value in answer.getheaders() if name.lower() in names]
            return answer.status, reply, content
        finally:
            connection.close()


def route(path: str) -> re.Pattern[str]:
    """What matches a path with ids in the place of its parameters."""
    return re.compile("/".join("([^/]+)" if step.startswith("{") else re.escape(step) for step in path.split("/")))


def _schemas(holder: dict[str, Any]) -> list[Any]:
    media = next(iter(holder.get("content", {}).values()), {})
    return [media["schema"]] if "schema" in media else []


@contextlib.contextmanager
def standing_in(
    document: Document, plan: Plan, *, behind: str, port: int = 0, is_troubled: bool = False
) -> Iterator[StandIn]:
    """Runs a stand-in in front of a sandbox.

    Args:
        document: our spec.
        plan: what is different.
        behind: address of the sandbox.
        port: to listen on; 0 takes any free one.
        is_troubled: whether it answers with the troubles of the plan, too.
    """
    layer = Layer(document, plan, behind, is_troubled=is_troubled)

    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            given = {name.lower(): value for name, value in self.headers.items()}
            status, headers, content = layer.exchange(self.command, self.path, given, body)
            self.send_response_only(status)
            for name, value in headers:
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = answer

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield StandIn(f"http://127.0.0.1:{server.server_port}", plan, layer.shown)
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
