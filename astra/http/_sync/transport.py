# Derived from astra/http/_async/transport.py by scripts/unasync.py: edit that file.
"""Sends one attempt of a call: a response or a failure comes out, whatever happens on the wire."""

from __future__ import annotations

import os
from typing import Any

from astra._flavours import LoopLocal, require_asyncio
from astra.config import MAX_RESPONSE_SIZE, http_library
from astra.errors import ClientClosedError, ConfigurationError
from astra.http._sync.senders import GivenSender, OwnSender
from astra.http.library import library_of
from astra.http.responses import AttemptOutcome, Headers


class Transport:
    """Sends requests over pooled connections, of each event loop and each process its own.

    Args:
        http_client: a client or a transport of httpx or httpx2, with its proxies, certificates and hooks. It is never
            closed here. Without one, requests go over a pool of our own.
        max_response_size: bytes that the body of an answer may have, decompressed.

    Raises:
        ConfigurationError: `http_client` is neither, or the library that `ASTRA_HTTP` names is not there.
    """

    def __init__(self, *, http_client: Any = None, max_response_size: int = MAX_RESPONSE_SIZE) -> None:
        if http_client is None:
            http_library()
        else:
            library_of(http_client, client="Client", transport="BaseTransport")
        self._given = http_client
        self._given_used_by: int | None = None
        self._limit = max_response_size
        self._by_process: dict[int, LoopLocal[OwnSender | GivenSender]] = {}
        self._closed = False

    def send(
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
            ClientClosedError: the client was closed before the request was sent.
            ConfigurationError: the environment names a proxy that is none, no asyncio loop runs, or the parent of this
                process has used the client that was handed in.
        """
        if self._closed:
            raise ClientClosedError("This client is closed. Make a new one; close() ends a client for good.")
        require_asyncio()
        if self._given is not None:
            self._check_given()
        sender = self._senders().get(self._make)
        limits = {"connect": connect, "read": read, "write": read, "pool": connect}
        return sender.send(method, origin, target, headers=headers, content=content, limits=limits, deadline=deadline)

    def _check_given(self) -> None:
        process = os.getpid()
        if self._given_used_by is None:
            self._given_used_by = process
        elif self._given_used_by != process:
            # Its connections are open in both, and each would read answers to requests of the other.
            raise ConfigurationError(
                "The http_client was used before this process was forked: its connections are the parent's, too, "
                "and each could get the other's answers. Nothing was sent. Make it, and the client over it, after the "
                "fork, or leave http_client out: connections of the SDK's own survive a fork."
            )

    def close(self) -> None:
        """Ends what is under way and closes the connections. A client that was handed in stays open."""
        self._closed = True
        self._senders().close()

    def _senders(self) -> LoopLocal[OwnSender | GivenSender]:
        # After a fork the child opens connections of its own. The parent's stay where they are: closing them here
        # would end them there.
        process = os.getpid()
        return self._by_process.get(process) or self._by_process.setdefault(process, LoopLocal())

    def _make(self) -> OwnSender | GivenSender:
        if self._given is None:
            return OwnSender(limit=self._limit)
        return GivenSender(self._given, limit=self._limit)
