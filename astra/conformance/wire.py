"""One HTTP exchange with the standard library alone, kept for those who read the answers later."""

from __future__ import annotations

import contextlib
import http.client
import json
import socket
import threading
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import attrs

from astra._json import is_object
from astra._names import names_of_the_spec
from astra.conformance.outcome import Failed, NoAnswer
from astra.drift.names import harmless_id

LARGEST = 10 * 1024 * 1024


@attrs.frozen(kw_only=True)
class Exchange:
    """A request and its answer. Its repr shows neither body nor header, as both hold secrets and personal data.

    Attributes:
        method: of the request.
        path: as the documents write it, `/v1/transfers/{id}`.
        url: the whole address.
        asked: headers of the request.
        sent: the request's body.
        status: of the answer.
        headers: of the answer, by lower-case name.
        content: the answer's body.
        operation: of the spec; empty when it has none of this method and path.
    """

    method: str
    path: str
    url: str = attrs.field(repr=False)
    asked: Mapping[str, str] = attrs.field(repr=False)
    sent: bytes | None = attrs.field(repr=False)
    status: int
    headers: Mapping[str, str] = attrs.field(repr=False)
    content: bytes = attrs.field(repr=False)
    operation: str = ""

    @property
    def request_id(self) -> str | None:
        """What Astra's support asks for; None when what stands there does not look like one."""
        return harmless_id(self.headers.get("request-id"))

    @property
    def name(self) -> str:
        """How a report names it."""
        return f"{self.method} {self.path} ({self.status}, request id {self.request_id or 'missing'})"

    def json(self) -> Any:
        """Reads the body, with our names of what the spec has.

        Raises:
            Failed: it is not JSON.
        """
        try:
            body = json.loads(self.content)
        except (ValueError, RecursionError):
            raise Failed(f"{self.name} has a body that is not JSON") from None
        names = names_of_the_spec() if self.operation and 200 <= self.status < 300 else None
        return body if names is None else names.read(self.operation, body)

    def object(self) -> dict[str, Any]:
        """Reads the body, which must be a JSON object.

        Raises:
            Failed: it is none.
        """
        body = self.json()
        if not is_object(body):
            raise Failed(f"{self.name} is not a JSON object")
        return body

    def text(self, name: str) -> str:
        """Returns a field that must be there, as text that is not empty.

        Raises:
            Failed: it is not.
        """
        value = self.object().get(name)
        if not isinstance(value, str) or not value:
            raise Failed(f"{self.name} has no text in `{name}`")
        return value

    def expect(self, *statuses: int) -> Exchange:
        """Returns this exchange, when its status is one of these.

        Raises:
            Failed: it is another one.
        """
        if self.status not in statuses:
            wanted = " or ".join(map(str, statuses))
            raise Failed(f"{self.method} {self.path} answered {self.status}, not {wanted} ({self.request_id})")
        return self


def send(
    url: str, method: str, *, path: str, headers: Mapping[str, str], body: bytes | None = None, timeout: float
) -> Exchange:
    """Sends one request over a connection of its own; follows no redirect.

    Args:
        url: the whole address.
        method: the HTTP method.
        path: how a report names the address.
        headers: of the request.
        body: of the request.
        timeout: seconds for the whole of it.

    Raises:
        NoAnswer: there was no answer in that time.
    """
    parts = urlsplit(url)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = kind(parts.hostname or "", parts.port, timeout=timeout)
    # The timeout of a socket begins anew with each byte.
    over, sockets = threading.Event(), list[socket.socket]()
    watch = threading.Timer(timeout, _cut, [connection, sockets, over])
    watch.daemon = True
    watch.start()
    try:
        connection.connect()
        sockets.append(connection.sock)
        target = f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"
        connection.request(method, target, body, dict(headers))
        response = connection.getresponse()
        # What `read` makes room for, a piece that says to be smaller than nothing decides.
        room = bytearray(LARGEST + 1)
        content = bytes(memoryview(room)[: response.readinto(room)])
        answered = {name.lower(): value for name, value in response.getheaders()}
        if over.is_set():
            raise TimeoutError
        if len(content) > LARGEST:
            raise NoAnswer(f"{method} {path} got no answer that can be taken: it is larger than {LARGEST} bytes")
        if response.length:
            raise NoAnswer(f"{method} {path} got no whole answer: {response.length} bytes are missing")
    except (OSError, http.client.HTTPException, ValueError) as error:
        why = "TimeoutError" if over.is_set() else type(error).__name__
        raise NoAnswer(f"{method} {path} got no answer: {why}") from None
    finally:
        watch.cancel()
        connection.close()
    return Exchange(
        method=method,
        path=path,
        url=url,
        asked=headers,
        sent=body,
        status=response.status,
        headers=answered,
        content=content,
    )


def _cut(connection: http.client.HTTPConnection, sockets: list[socket.socket], over: threading.Event) -> None:
    """Ends a call that another thread waits for, which has to know that what it reads then is no end of an answer.

    A connection forgets its socket, which the answer still reads from, where the answer does not tell its length.
    """
    over.set()
    with contextlib.suppress(OSError, AttributeError):
        (sockets[0] if sockets else connection.sock).shutdown(socket.SHUT_RDWR)
