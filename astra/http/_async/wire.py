"""The only module that speaks HTTP (and its derived twin): one attempt in, a reply or a failure out."""

from __future__ import annotations

import os
import time
import urllib.request
from collections.abc import AsyncIterable, Mapping
from typing import Final

import httpx

from astra.errors import ClientClosedError
from astra.http._async.lanes import IDLE, WIDTH, AsyncLanes
from astra.http.pools import AsyncLoopSlots
from astra.http.replies import Failure, Headers, Reply, without_frames

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

AsyncSender = httpx.AsyncClient | httpx.AsyncBaseTransport


class AsyncWire:
    """Sends requests over pooled connections.

    Args:
        http_client: a client of your own, with its proxies, certificates and hooks. It is used as it is and never
            closed here. A transport will do too. Without one, requests go straight to small pools of connections;
            when the environment names a proxy, through a client that honours it.
    """

    def __init__(self, *, http_client: AsyncSender | None = None) -> None:
        self._given = http_client
        self._slots: AsyncLoopSlots[AsyncLanes[httpx.AsyncBaseTransport] | httpx.AsyncClient] = AsyncLoopSlots()
        self._closed = False
        self._process = os.getpid()

    async def send(
        self,
        method: str,
        url: str,
        *,
        headers: Headers,
        content: bytes | None,
        connect: float,
        read: float,
        deadline: float,
    ) -> Reply | Failure:
        """Sends one request and reads its answer to the end.

        Args:
            method: HTTP method.
            url: absolute address.
            headers: everything but Host and Content-Length.
            content: body, or None.
            connect: seconds for a connection.
            read: seconds without a byte.
            deadline: moment of `time.monotonic()` after which reading stops.

        Raises:
            ClientClosedError: the client was closed, or belongs to another process.
        """
        self._check()
        limits = {"connect": connect, "read": read, "write": read, "pool": connect}
        request = httpx.Request(method, url, headers=headers, content=content, extensions={"timeout": limits})
        if self._given is not None:
            return await self._exchange(self._given, request, deadline)
        sender = self._slots.get() or await self._slots.put(_open())
        if isinstance(sender, httpx.AsyncClient):
            return await self._exchange(sender, request, deadline)
        lane = sender.take()
        try:
            return await self._exchange(lane.transport, request, deadline)
        finally:
            await sender.give_back(lane)

    async def _exchange(self, sender: AsyncSender, request: httpx.Request, deadline: float) -> Reply | Failure:
        try:
            if isinstance(sender, httpx.AsyncClient):
                response = await sender.send(request, stream=True, auth=None, follow_redirects=False)
            else:
                response = await sender.handle_async_request(request)
        except httpx.TransportError as error:
            return _failure(error)
        status, answered = response.status_code, _plain(response.headers)
        try:
            chunks: list[bytes] = []
            async for chunk in _body(response):
                chunks.append(chunk)
                if time.monotonic() > deadline:
                    return Failure(
                        "the answer did not end in time", sent=True, timed_out=True, status=status, headers=answered
                    )
            return Reply(status, answered, b"".join(chunks))
        except (httpx.TransportError, httpx.DecodingError) as error:
            return _failure(error, status=status, headers=answered)
        finally:
            await response.aclose()

    def _check(self) -> None:
        if self._closed:
            raise ClientClosedError("This client is closed. Make a new one; close() ends a client for good.")
        if self._process != os.getpid():
            raise ClientClosedError(
                "This client was made by another process, before a fork, and its connections are shared with it. "
                "Make the client after the fork: in gunicorn's post_fork hook, in Celery's worker_process_init."
            )

    async def close(self) -> None:
        """Closes the connections. A client that was handed in stays open."""
        self._closed = True
        for sender in self._slots.take_all():
            await sender.aclose()


def _open() -> AsyncLanes[httpx.AsyncBaseTransport] | httpx.AsyncClient:
    if urllib.request.getproxies():
        return httpx.AsyncClient(limits=_LIMITS, trust_env=True)
    trust = httpx.create_ssl_context()  # dear to make, so that the lanes share it
    return AsyncLanes(lambda: httpx.AsyncHTTPTransport(limits=_LANE_LIMITS, verify=trust))


def _body(response: httpx.Response) -> AsyncIterable[bytes]:
    # The stream by itself, unless httpx has something to do: decompress, or give again what a hook has read already.
    stream = response.stream
    if (
        "content-encoding" in response.headers
        or response.is_stream_consumed
        or not isinstance(stream, httpx.AsyncByteStream)
    ):
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


def _failure(
    error: httpx.TransportError | httpx.DecodingError,
    *,
    status: int | None = None,
    headers: Mapping[str, str] | None = None,
) -> Failure:
    return Failure(
        reason=f"{type(error).__name__}: {error}".rstrip(": "),
        sent=not isinstance(error, _NOT_SENT),
        timed_out=isinstance(error, httpx.TimeoutException),
        status=status,
        headers=headers or {},
        cause=without_frames(error),
    )
