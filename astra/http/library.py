"""The library that sends requests, httpx2 or httpx. Neither is imported before it is needed."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator
from importlib import import_module
from pathlib import Path
from typing import Any, Final, NamedTuple, Self

from astra.errors import ConfigurationError
from astra.http.failures import root_package
from astra.http.responses import Headers

_NAMES: Final = ("httpx", "httpx2")
_SENDERS: Final = ("Client", "BaseTransport", "AsyncClient", "AsyncBaseTransport")
_WITH_LENGTH: Final = frozenset(("POST", "PUT", "PATCH"))


_PLAIN_TARGET: Final = re.compile(r"(?:/(?!\.)[A-Za-z0-9._~%-]*)+(?:\?[A-Za-z0-9._~%+&=-]*)?")


class Place(NamedTuple):
    """An origin, taken apart; `origin` is the same as the pool knows it."""

    scheme: bytes
    host: bytes
    port: int | None
    netloc: bytes
    path: bytes
    origin: Any


class Content:
    """The body of a request for the pool, for blocking code and for event loops. An empty one is no piece at all."""

    __slots__ = ("_pieces",)

    def __init__(self, content: bytes | None) -> None:
        self._pieces = (content,) if content else ()

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._pieces)

    def __aiter__(self) -> AsyncIterator[bytes]:
        return _Pieces(self._pieces)


class _Pieces:
    # An async generator would say the same, and event loops keep a list of those.
    __slots__ = ("_left",)

    def __init__(self, pieces: tuple[bytes, ...]) -> None:
        self._left = iter(pieces)

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> bytes:
        for piece in self._left:
            return piece
        raise StopAsyncIteration


class Address:
    """What the pool reads of an address."""

    __slots__ = ("host", "origin", "port", "scheme", "target")

    def __init__(self, place: Place, target: str) -> None:
        self.scheme, self.host, self.port, self.origin = place.scheme, place.host, place.port, place.origin
        self.target = place.path + target.encode("ascii")


class CoreRequest:
    """What the pool reads of a request. The library's own class checks the types of all of it again."""

    __slots__ = ("extensions", "headers", "method", "stream", "url")

    def __init__(
        self, method: bytes, url: Address, headers: Headers, stream: Content, extensions: dict[str, Any]
    ) -> None:
        self.method = method
        self.url = url
        self.headers = headers
        self.stream = stream
        self.extensions = extensions


def is_plain(target: str) -> bool:
    """Tells whether the library would leave path and query as they are: quoted, and without dot segments.

    Args:
        target: path and query.
    """
    return _PLAIN_TARGET.fullmatch(target) is not None


class Library:
    """One of the two libraries. What the SDK uses of them has the same names and means the same in both.

    Args:
        name: "httpx" or "httpx2".
    """

    __slots__ = ("_folder", "core", "module", "name")

    def __init__(self, name: str) -> None:
        self.name = name
        self.module: Any = import_module(name)
        self.core: Any = import_module(name.replace("httpx", "httpcore"))
        self._folder = str(Path(str(self.module.__file__)).parent)

    def request(
        self, method: str, url: str, *, headers: Headers, content: bytes | None, limits: dict[str, float]
    ) -> Any:
        """Makes a request of these headers, with Host and Content-Length added.

        Args:
            method: HTTP method.
            url: the whole address, quoted.
            headers: everything but Host and Content-Length.
            content: the body, or None.
            limits: seconds to connect, read, write, and wait for a connection of the pool.
        """
        address = self.module.URL(url)
        # With a stream, httpx leaves the headers alone instead of working out which of them are missing.
        added: list[tuple[bytes, bytes]] = [(b"Host", address.netloc)]
        if content or method in _WITH_LENGTH:
            added.append((b"Content-Length", b"%d" % len(content or b"")))
        stream = self.module.ByteStream(content or b"")
        extensions = {"timeout": limits}
        request = self.module.Request(method, address, headers=added + headers, stream=stream, extensions=extensions)
        request.read()  # so that hooks, recorders and other transports find the body as they would otherwise
        return request

    def core_request(
        self,
        method: str,
        place: Place,
        target: str,
        *,
        headers: Headers,
        content: bytes | None,
        limits: dict[str, float],
    ) -> CoreRequest:
        """Makes the same request for the pool below the library, which does without a second look at the address.

        Args:
            method: HTTP method.
            place: where it goes.
            target: path and query, plain in the sense of `is_plain`.
            headers: everything but Host and Content-Length.
            content: the body, or None.
            limits: as for `request`.
        """
        added = Headers([(b"Host", place.netloc)])
        if content or method in _WITH_LENGTH:
            added.append((b"Content-Length", b"%d" % len(content or b"")))
        added += headers
        return CoreRequest(method.encode("ascii"), Address(place, target), added, Content(content), {"timeout": limits})

    def place(self, origin: str) -> Place:
        """Takes an origin apart, as the library does.

        Args:
            origin: scheme, host and port, and whatever stands before each path.
        """
        url = self.module.URL(origin)
        origin = self.core.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port).origin
        return Place(url.raw_scheme, url.raw_host, url.port, url.netloc, url.raw_path.rstrip(b"/"), origin)

    def watched(self, send: Any) -> bool:
        """Tells whether a method of this library was replaced, as tracing tools do.

        Args:
            send: the method, as its class has it now.
        """
        code = getattr(send, "__code__", None)
        return hasattr(send, "__wrapped__") or code is None or not code.co_filename.startswith(self._folder)


def library_of(sender: object, *, client: str, transport: str) -> str:
    """Returns which library a client or a transport is of, without importing either.

    Args:
        sender: what a user handed in as `http_client`.
        client: name of the class that clients are of, "Client" or "AsyncClient".
        transport: name of the class that transports are of.

    Raises:
        ConfigurationError: it is neither, or belongs to the other flavour.
    """
    kinds = {(root_package(kind), kind.__name__) for kind in type(sender).__mro__}
    for name in _NAMES:
        if (name, client) in kinds or (name, transport) in kinds:
            return name
    given = f"{type(sender).__module__}.{type(sender).__qualname__}"
    hint = "A session of aiohttp goes into httpx_aiohttp.AiohttpTransport(client=session)."
    if isinstance(sender, type):
        given, hint = f"the class {sender.__qualname__}", "Pass an object of it."
    elif any((name, other) in kinds for name in _NAMES for other in _SENDERS):
        hint = f"This one is for {'AsyncAstra' if client == 'Client' else 'Astra'}."
    raise ConfigurationError(f"http_client must be of httpx or httpx2, {client} or {transport}, not {given}. {hint}")
