"""What requests are handed to: connections of our own, or what a user gave. One of each per event loop."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, Final, NamedTuple

from astra._flavours import AsyncApart, async_within
from astra.config import http_library, proxy_for
from astra.errors import ClientClosedError, ConfigurationError
from astra.http._async.streams import AsyncDeadlineBackend
from astra.http.decoding import Body
from astra.http.exchange import CURRENT, QUIET, Exchange, end_if_more_came
from astra.http.failures import by_name, flat_headers, is_of, is_ours, outcome_of, transport_failure
from astra.http.library import Library, Place, is_plain, library_of
from astra.http.responses import AttemptOutcome, Headers, TransportFailure, TransportResponse
from astra.instrumentation.interruptions import came_from_a_signal

CONNECTIONS: Final = 100
KEPT: Final = 20
"""Connections that stay open when nobody uses them; a pool looks at each of them on every request."""

IDLE: Final = 30.0
"""Seconds after which a connection that nobody uses is closed."""

SLACK: Final = 0.1
"""Seconds that a given client has after the deadline, so that its own limits, which say more, come first."""

SETTLE: Final = 1.0
"""Seconds that closing waits for exchanges that it has ended."""


class AsyncSender:
    """What both kinds have in common: an exchange from the request to the end of the answer.

    Args:
        library: the library that requests are made with.
        limit: bytes that the body of an answer may have.
        apart: whether cancellation must not reach the library.
    """

    owns_connections = False

    def __init__(self, library: Library, *, limit: int, apart: bool) -> None:
        self.library = library
        self.closed = False
        self._limit = limit
        self._apart = AsyncApart() if apart else None
        self._running: set[Exchange] = set()

    async def send(
        self,
        method: str,
        origin: str,
        target: str,
        *,
        headers: Headers,
        content: bytes | None,
        limits: dict[str, float],
        deadline: float,
    ) -> AttemptOutcome:
        """Sends one request and reads its answer to the end; see `AsyncTransport.send`."""
        exchange = Exchange(deadline)

        async def work() -> AttemptOutcome:
            self._running.add(exchange)
            token = CURRENT.set(exchange if self.owns_connections else None)
            try:
                return await self._exchange(exchange, method, origin, target, headers, content, limits)
            finally:
                CURRENT.reset(token)
                exchange.finish()
                self._running.discard(exchange)

        outcome = await (work() if self._apart is None else self._apart.run(work, interrupt=exchange.end))
        if self.closed and isinstance(outcome, TransportFailure) and not outcome.sent:
            raise ClientClosedError("This client was closed before the request was sent. Make a new client.")
        return outcome

    async def aclose(self) -> None:
        """Ends what is under way and closes the connections."""
        self.closed = True
        for exchange in list(self._running):
            exchange.end()
        if self._apart is not None:
            await self._apart.settle(seconds=SETTLE)

    async def _exchange(
        self,
        exchange: Exchange,
        method: str,
        origin: str,
        target: str,
        headers: Headers,
        content: bytes | None,
        limits: dict[str, float],
    ) -> AttemptOutcome:
        raise NotImplementedError

    async def _receive(self, response: Any, deadline: float) -> AttemptOutcome:
        status, answered = response.status_code, flat_headers(response.headers)
        if not response.is_stream_consumed:
            return await self._read(response, response.stream, status, answered, deadline)
        # A hook has read it, or it was never on a wire.
        try:
            body = Body(None, limit=self._limit)
            body.feed(response.content)
            return TransportResponse(status, answered, body.end())
        except Exception as error:
            if came_from_a_signal(error):
                raise
            return transport_failure(error, status=status, headers=answered)

    async def _read(
        self, response: Any, stream: Any, status: int, answered: Mapping[str, str], deadline: float
    ) -> AttemptOutcome:
        try:
            body = Body(answered.get("content-encoding"), limit=self._limit)
            body.expect(answered.get("content-length"))
            late = False
            async for piece in stream:
                if late:
                    raise TimeoutError("the answer did not end in time")
                body.feed(piece)
                late = time.monotonic() > deadline
            end_if_more_came(response, stream)
            return TransportResponse(status, answered, body.end())
        except Exception as error:
            if came_from_a_signal(error):
                raise
            # Whatever it is, the request was sent.
            return transport_failure(error, status=status, headers=answered)
        finally:
            try:
                await response.aclose()
            except Exception as error:
                if came_from_a_signal(error):
                    raise


class Route(NamedTuple):
    """How requests to one origin travel."""

    place: Place
    transport: Any
    pool: Any


class AsyncOwnSender(AsyncSender):
    """Connections of our own: one pool for all that goes without a proxy, one for each proxy.

    Args:
        limit: bytes that the body of an answer may have.
    """

    owns_connections = True

    def __init__(self, *, limit: int) -> None:
        library = Library(http_library())
        # httpx 0.28 loses a connection for good when a call is cancelled at the wrong moment; httpx2 does not.
        super().__init__(library, limit=limit, apart=library.name == "httpx")
        self._lock = threading.Lock()
        self._routes: dict[str, Route] = {}
        self._by_proxy: dict[str | None, Any] = {}
        self._clients: dict[Any, Any] = {}
        self._own_send: Any = None
        self._own_handle: Any = None

    async def aclose(self) -> None:
        """Ends what is under way and closes the connections."""
        await super().aclose()
        with self._lock:
            transports = list(self._by_proxy.values())
        for transport in transports:
            with suppress(Exception):
                await transport.aclose()

    async def _exchange(
        self,
        exchange: Exchange,
        method: str,
        origin: str,
        target: str,
        headers: Headers,
        content: bytes | None,
        limits: dict[str, float],
    ) -> AttemptOutcome:
        route = self._routes.get(origin) or self._open(origin)
        try:
            pool = route.pool if is_plain(target) and self._is_unwatched() else None
            try:
                if pool is not None:
                    request = self.library.core_request(
                        method, route.place, target, headers=headers, content=content, limits=limits
                    )
                    response = await pool.handle_async_request(request)
                else:
                    request = self.library.request(
                        method, origin + target, headers=headers, content=content, limits=limits
                    )
                    client = self._client(route.transport)
                    response = await client.send(request, stream=True, auth=None, follow_redirects=False)
            except Exception as error:
                if is_ours(error) or came_from_a_signal(error):
                    raise
                return outcome_of(error, wrote=exchange.wrote)
            if pool is None:
                return await self._receive(response, exchange.deadline)
            return await self._read(
                response, response.stream, response.status, by_name(response.headers), exchange.deadline
            )
        except BaseException as error:
            if isinstance(error, KeyboardInterrupt) or came_from_a_signal(error):
                self._retire(route.transport)
            raise

    def _retire(self, transport: Any) -> None:
        # The exception of a signal handler may have come while the pool took one of its locks, which nobody gives back
        # then: the next request would wait forever, and so would closing the pool. Others that use it now may end.
        with self._lock:
            self._routes = {origin: route for origin, route in self._routes.items() if route.transport is not transport}
            self._by_proxy = {proxy: each for proxy, each in self._by_proxy.items() if each is not transport}
            self._clients.pop(transport, None)

    def _open(self, origin: str) -> Route:
        proxy = proxy_for(origin)
        with self._lock:
            if self.closed:
                raise ClientClosedError("This client is closed. Make a new one; close() ends a client for good.")
            transport = self._by_proxy.get(proxy)
            if transport is None:
                transport = self._by_proxy[proxy] = self._make(proxy)
            clocked = hasattr(transport, "_pool") and isinstance(transport._pool._network_backend, AsyncDeadlineBackend)
            pool = transport._pool if clocked else None
            route = self._routes[origin] = Route(self.library.place(origin), transport, pool)
            return route

    def _make(self, proxy: str | None) -> Any:
        module = self.library.module
        limits = module.Limits(max_connections=CONNECTIONS, max_keepalive_connections=KEPT, keepalive_expiry=IDLE)
        try:
            transport = module.AsyncHTTPTransport(limits=limits, proxy=proxy)
        except ImportError as error:
            raise ConfigurationError(
                f"The environment names a SOCKS proxy: pip install {self.library.name}[socks]."
            ) from error
        except OSError as error:
            raise ConfigurationError(
                f"TLS cannot be set up ({type(error).__name__}): SSL_CERT_FILE, SSL_CERT_DIR or SSLKEYLOGFILE names a "
                "file that cannot be used. Nothing was sent. Correct or remove the variable."
            ) from error
        watch_the_clock(transport)
        return transport

    def _is_unwatched(self) -> bool:
        # Sentry and Datadog replace Client.send; OpenTelemetry and recorders replace what transports do. Without
        # them the requests go straight to the pool, which is the same and costs less.
        send = self.library.module.AsyncClient.send
        handle = self.library.module.AsyncHTTPTransport.handle_async_request
        if send is self._own_send and handle is self._own_handle:
            return True
        if self.library.watched(send) or self.library.watched(handle):
            return False
        self._own_send, self._own_handle = send, handle
        return True

    def _client(self, transport: Any) -> Any:
        client = self._clients.get(transport)
        if client is None:
            logging.getLogger(self.library.name).addFilter(QUIET)
            client = self._clients[transport] = self.library.module.AsyncClient(transport=transport, trust_env=False)
        return client


def watch_the_clock(transport: Any) -> bool:
    """Makes the connections of a transport keep the deadline of their exchange; tells whether that worked.

    httpx has no way to hand in a network backend, so this takes two of its private names. Should they go, the
    deadline is looked at between the pieces of a body only; a test fails then.
    """
    pool = getattr(transport, "_pool", None)
    backend = getattr(pool, "_network_backend", None)
    if not hasattr(backend, "connect_tcp"):
        return False
    pool._network_backend = AsyncDeadlineBackend(backend)  # type: ignore[union-attr]
    return True


class AsyncGivenSender(AsyncSender):
    """A client or a transport of the user. It is never closed here.

    Args:
        given: what the user handed in.
        limit: bytes that the body of an answer may have.
    """

    def __init__(self, given: Any, *, limit: int) -> None:
        name = library_of(given, client="AsyncClient", transport="AsyncBaseTransport")
        super().__init__(Library(name), limit=limit, apart=name == "httpx" and not is_of(given, "httpx_aiohttp"))
        self._given = given
        self._is_client = isinstance(given, self.library.module.AsyncClient)

    async def _exchange(
        self,
        exchange: Exchange,
        method: str,
        origin: str,
        target: str,
        headers: Headers,
        content: bytes | None,
        limits: dict[str, float],
    ) -> AttemptOutcome:
        outcome: AttemptOutcome | None = None
        try:
            async with async_within(exchange.deadline - time.monotonic() + SLACK):
                response = await self._hand_over(method, origin + target, headers, content, limits)
                outcome = await self._receive(response, exchange.deadline)
        except Exception as error:
            if is_ours(error) or came_from_a_signal(error):
                raise
            # Time may also run out while a connection is given back; the answer is there by then.
            return outcome if outcome is not None else outcome_of(error, wrote=True)
        return outcome

    async def _hand_over(
        self, method: str, url: str, headers: Headers, content: bytes | None, limits: dict[str, float]
    ) -> Any:
        if not self._is_client:
            request = self.library.request(method, url, headers=headers, content=content, limits=limits)
            return await self._given.handle_async_request(request)
        extensions = {"timeout": limits}
        request = self._given.build_request(method, url, headers=headers, content=content, extensions=extensions)
        return await self._given.send(request, stream=True, auth=None, follow_redirects=False)
