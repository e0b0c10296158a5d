"""Network streams that keep the deadline of the exchange they serve. They wrap those of httpcore, of either version.

httpcore limits each read and write by itself: an answer that trickles in would never end. These streams know the
exchange, and give each step no more than what is left of its time.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from astra.http.exchange import CURRENT, readable, shut_down


class AsyncDeadlineStream:
    """One connection.

    Args:
        inner: the stream of httpcore.
    """

    __slots__ = ("_inner", "_probe")

    def __init__(self, inner: Any) -> None:
        self._inner = inner
        self._probe: Callable[[], bool] | None = None

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Reads what has come."""
        exchange = CURRENT.get()
        if exchange is not None:
            timeout = exchange.limit(self, timeout)
        found: bytes = await self._inner.read(max_bytes, timeout)
        return found

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Writes all of it."""
        if not buffer:  # the end of a body of known length
            return
        exchange = CURRENT.get()
        if exchange is not None:
            timeout = exchange.limit(self, timeout)
            exchange.wrote = True
        await self._inner.write(buffer, timeout)

    async def start_tls(
        self, ssl_context: Any, server_hostname: str | None = None, timeout: float | None = None
    ) -> AsyncDeadlineStream:
        """Begins TLS."""
        exchange = CURRENT.get()
        if exchange is not None:
            timeout = exchange.limit(self, timeout)
        try:
            return AsyncDeadlineStream(await self._inner.start_tls(ssl_context, server_hostname, timeout))
        except BaseException:
            await self._inner.aclose()  # httpcore does so for exceptions, and forgets cancellation
            raise

    def get_extra_info(self, info: str) -> Any:
        """Tells of the socket."""
        if info != "is_readable":
            return self._inner.get_extra_info(info)
        # A pool asks this of each idle connection, before and after each request.
        if self._probe is None:
            self._probe = readable(self._inner)
        return self._probe()

    def shut_down(self) -> None:
        """Ends the connection at once; whoever reads finds that it has ended."""
        shut_down(self._inner.get_extra_info("socket"))

    async def aclose(self) -> None:
        """Closes the connection."""
        await self._inner.aclose()


class AsyncDeadlineBackend:
    """Opens such streams.

    Args:
        inner: the backend of httpcore.
    """

    __slots__ = ("_inner",)

    def __init__(self, inner: Any) -> None:
        self._inner = inner

    async def connect_tcp(self, host: str, port: int, timeout: float | None = None, **options: Any) -> Any:
        """Connects to a host."""
        exchange = CURRENT.get()
        if exchange is not None:
            timeout = exchange.limit(None, timeout)
        return AsyncDeadlineStream(await self._inner.connect_tcp(host, port, timeout=timeout, **options))

    async def connect_unix_socket(self, path: str, timeout: float | None = None, **options: Any) -> Any:
        """Connects to a socket of this machine."""
        exchange = CURRENT.get()
        if exchange is not None:
            timeout = exchange.limit(None, timeout)
        return AsyncDeadlineStream(await self._inner.connect_unix_socket(path, timeout=timeout, **options))

    async def sleep(self, seconds: float) -> None:
        """Waits."""
        await self._inner.sleep(seconds)
