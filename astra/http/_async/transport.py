"""The only module that speaks HTTP (and its derived twin): one attempt in, a response or a failure out."""

from __future__ import annotations

import os
import re
import time
from collections.abc import AsyncIterable, Mapping
from typing import Final

import httpx

from astra._flavours import AsyncLoopLocal
from astra.config import proxies_of_environment
from astra.errors import ClientClosedError
from astra.http._async.lanes import IDLE, WIDTH, AsyncLanes
from astra.http.responses import AttemptOutcome, Headers, TransportFailure, TransportResponse, without_frames

_NOT_SENT: Final = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.ProxyError,
    httpx.UnsupportedProtocol,
    httpx.LocalProtocolError,
)
_LANE_LIMITS: Final = httpx.Limits(max_connections=WIDTH, max_keepalive_connections=WIDTH, keepalive_expiry=IDLE)
_LIMITS: Final = httpx.Limits(max_connections=100, max_keepalive_connections=20, keepalive_expiry=IDLE)

_PLAIN_TARGET: Final = re.compile(r"(?:/(?!\.)[A-Za-z0-9._~%-]*)+(?:\?[A-Za-z0-9._~%+&=-]*)?")
_WITH_LENGTH: Final = frozenset(("POST", "PUT", "PATCH"))

AsyncSender = httpx.AsyncClient | httpx.AsyncBaseTransport


class AsyncTransport:
    """Sends requests over pooled connections.

    Args:
        http_client: a client of your own, with its proxies, certificates and hooks. It is used as it is and never
            closed here. A transport will do too. Without one, requests go straight to small pools of connections;
            when the environment names a proxy, through a client that honours it.
    """

    def __init__(self, *, http_client: AsyncSender | None = None) -> None:
        self._given = http_client
        self._by_process: dict[int, AsyncLoopLocal[AsyncLanes[httpx.AsyncBaseTransport] | httpx.AsyncClient]] = {}
        self._origins: dict[str, httpx.URL] = {}
        self._closed = False

    async def send(
        self,
        method: str,
        origin: str,
        target: str,
        *,
        headers: Headers,
        content: bytes | None,
        connect: float,
        read: float,
        deadline: float,
    ) -> AttemptOutcome:
        """Sends one request and reads its response to the end.

        Args:
            method: HTTP method.
            origin: scheme, host and port, and whatever stands before each path.
            target: path and query, quoted.
            headers: everything but Host and Content-Length.
            content: body, or None.
            connect: seconds for a connection.
            read: seconds without a byte.
            deadline: moment of `time.monotonic()` after which reading stops.

        Raises:
            ClientClosedError: the client was closed.
        """
        self._check()
        limits = {"connect": connect, "read": read, "write": read, "pool": connect}
        request = _request(method, self._address(origin, target), headers, content, limits)
        if self._given is not None:
            return await self._exchange(self._given, request, deadline)
        senders = self._senders()
        sender = senders.get() or await senders.put(_open())
        if isinstance(sender, httpx.AsyncClient):
            return await self._exchange(sender, request, deadline)
        lane = sender.take()
        try:
            return await self._exchange(lane.transport, request, deadline)
        finally:
            await sender.give_back(lane)

    async def _exchange(self, sender: AsyncSender, request: httpx.Request, deadline: float) -> AttemptOutcome:
        try:
            if isinstance(sender, httpx.AsyncClient):
                response = await sender.send(request, stream=True, auth=None, follow_redirects=False)
            else:
                response = await sender.handle_async_request(request)
        except Exception as error:
            if not _is_transport_error(error):
                raise
            return _failure(error)
        status, answered = response.status_code, _plain(response.headers)
        try:
            chunks: list[bytes] = []
            async for chunk in _body(response, compressed="content-encoding" in answered):
                chunks.append(chunk)
                if time.monotonic() > deadline:
                    return TransportFailure(
                        "the answer did not end in time", sent=True, timed_out=True, status=status, headers=answered
                    )
            return TransportResponse(status, answered, b"".join(chunks))
        except Exception as error:
            if not _is_transport_error(error):
                raise
            return _failure(error, status=status, headers=answered)
        finally:
            await response.aclose()

    def _address(self, origin: str, target: str) -> httpx.URL:
        base = self._origins.get(origin)
        if base is None:
            base = self._origins[origin] = httpx.URL(origin)
        return _join(base, target)

    def _check(self) -> None:
        if self._closed:
            raise ClientClosedError("This client is closed. Make a new one; close() ends a client for good.")

    def _senders(self) -> AsyncLoopLocal[AsyncLanes[httpx.AsyncBaseTransport] | httpx.AsyncClient]:
        # After a fork the child opens connections of its own. The parent's stay where they are: closing them here
        # would end them there.
        process = os.getpid()
        return self._by_process.get(process) or self._by_process.setdefault(process, AsyncLoopLocal())

    async def close(self) -> None:
        """Closes the connections. A client that was handed in stays open."""
        self._closed = True
        for sender in self._senders().take_all():
            await sender.aclose()


def _open() -> AsyncLanes[httpx.AsyncBaseTransport] | httpx.AsyncClient:
    if proxies_of_environment():
        return httpx.AsyncClient(limits=_LIMITS, trust_env=True)
    trust = httpx.create_ssl_context()  # expensive to make, so the lanes share it
    return AsyncLanes(lambda: httpx.AsyncHTTPTransport(limits=_LANE_LIMITS, verify=trust))


def _join(base: httpx.URL, target: str) -> httpx.URL:
    """Puts a target behind an origin.

    httpx parses, checks and quotes a whole address, which costs as much as everything else that is done to a request.
    That would change nothing in a target that is quoted already and has no dot segments; any other takes the long way.
    """
    if not _PLAIN_TARGET.fullmatch(target):
        return httpx.URL(str(base).rstrip("/") + target)
    path, mark, query = target.partition("?")
    address = httpx.URL(base)
    parts = base._uri_reference  # pyright: ignore[reportPrivateUsage]
    address._uri_reference = parts._replace(  # pyright: ignore[reportPrivateUsage]
        path=parts.path.rstrip("/") + path, query=query if mark else None
    )
    return address


def _request(
    method: str, address: httpx.URL, headers: Headers, content: bytes | None, limits: dict[str, float]
) -> httpx.Request:
    # With a stream, httpx leaves the headers alone instead of working out which of them are missing.
    added: list[tuple[bytes, bytes]] = [(b"Host", address.netloc)]
    if content or method in _WITH_LENGTH:
        added.append((b"Content-Length", b"%d" % len(content or b"")))
    stream = httpx.ByteStream(content or b"")
    request = httpx.Request(method, address, headers=added + headers, stream=stream, extensions={"timeout": limits})
    request.read()  # so that hooks, recorders and other transports find the body as they would otherwise
    return request


def _body(response: httpx.Response, *, compressed: bool) -> AsyncIterable[bytes]:
    # The stream by itself, unless httpx has something to do: decompress, or give again what a hook has read already.
    stream = response.stream
    if compressed or response.is_stream_consumed or not isinstance(stream, httpx.AsyncByteStream):
        return response.aiter_bytes()
    return stream


def _plain(headers: httpx.Headers) -> Mapping[str, str]:
    found: dict[str, str] = {}
    try:
        for raw_name, raw_value in headers.raw:
            name, value = raw_name.decode("ascii").lower(), raw_value.decode("ascii")
            found[name] = f"{found[name]}, {value}" if name in found else value
    except UnicodeDecodeError:
        return dict(headers.items())
    return found


def _is_transport_error(error: Exception) -> bool:
    # The aiohttp transport lets through what it has no name for.
    return isinstance(error, (httpx.TransportError, httpx.DecodingError)) or _is_of_aiohttp(error)


def _never_left(error: Exception) -> bool:
    # A lost connection of aiohttp comes as a ConnectTimeout of httpx, even after the request was sent. Only the error
    # that aiohttp has for opening connections proves that nothing was.
    cause = error.__cause__
    if cause is not None and _is_of_aiohttp(cause):
        return any(kind.__name__ == "ClientConnectorError" for kind in type(cause).__mro__)
    return isinstance(error, _NOT_SENT)


def _is_of_aiohttp(error: BaseException) -> bool:
    return type(error).__module__.partition(".")[0] == "aiohttp"


def _failure(
    error: Exception, *, status: int | None = None, headers: Mapping[str, str] | None = None
) -> TransportFailure:
    return TransportFailure(
        reason=f"{type(error).__name__}: {error}".rstrip(": "),
        sent=not _never_left(error),
        timed_out=isinstance(error, httpx.TimeoutException),
        status=status,
        headers=headers or {},
        cause=without_frames(error),
    )
