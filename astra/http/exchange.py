"""One request and its answer while they are under way: until when, and over which connection."""

from __future__ import annotations

import logging
import select
import socket
import time
from collections.abc import Callable
from contextlib import suppress
from contextvars import ContextVar
from typing import Any, Final, Protocol

from astra.http.failures import DeadlinePassed, ExchangeEnded

GRACE: Final = 0.25
"""Seconds after the deadline in which what has arrived already is still read: an answer that is there counts."""

_AT_ONCE: Final = 0.001


class Connection(Protocol):
    """What an exchange uses of a connection."""

    def shut_down(self) -> None:
        """Ends it at once, so that whoever waits for it wakes up."""
        ...


class Exchange:
    """One request and its answer.

    Args:
        deadline: moment of `time.monotonic()` at which it has to be over.
    """

    __slots__ = ("__weakref__", "_connection", "deadline", "ended", "wrote")

    def __init__(self, deadline: float) -> None:
        self.deadline = deadline
        self.ended = False
        self.wrote = False
        self._connection: Connection | None = None

    def limit(self, connection: Connection | None, seconds: float | None) -> float:
        """Returns how long the next read or write may take.

        Args:
            connection: what it is done with, or None while there is no connection yet.
            seconds: the limit of this one step.

        Raises:
            ExchangeEnded: somebody has ended the exchange.
            DeadlinePassed: there is no time left.
        """
        self._connection = connection
        if self.ended:
            raise ExchangeEnded("it was given up")
        left = self.deadline - time.monotonic()
        if left < _AT_ONCE:
            if left < -GRACE:
                raise DeadlinePassed("the time of the call is up")
            left = _AT_ONCE
        return left if seconds is None or left < seconds else seconds

    def end(self) -> None:
        """Gives the exchange up, from whatever task or thread: its connection ends, and it fails."""
        self.ended = True
        connection = self._connection
        if connection is not None:
            connection.shut_down()

    def finish(self) -> None:
        """Called when it is over: its connection may serve another exchange from now on."""
        self._connection = None


CURRENT: Final[ContextVar[Exchange | None]] = ContextVar("astra_exchange", default=None)
"""The exchange that this task or thread is in; the streams have no other way to know."""


class _Quiet(logging.Filter):
    """Drops what a library logs of our exchanges: its lines show whole addresses, with ids and routing numbers."""

    def filter(self, record: logging.LogRecord) -> bool:  # noqa: ARG002 - all of them
        return CURRENT.get() is None


QUIET: Final = _Quiet()


def readable(stream: Any) -> Callable[[], bool]:
    """Returns a function that tells whether something waits to be read, or the other side has ended the connection.

    Args:
        stream: the stream of httpcore; what it would answer by itself costs several times as much.
    """
    sock = stream.get_extra_info("socket")
    if not hasattr(select, "poll") or sock is None:
        return lambda: bool(stream.get_extra_info("is_readable"))
    poller = select.poll()
    poller.register(sock.fileno(), select.POLLIN)

    def probe() -> bool:
        try:
            return bool(poller.poll(0))
        except RuntimeError:  # two threads at once; the pool's lock keeps them apart
            return bool(stream.get_extra_info("is_readable"))

    return probe


_TO_THE_PARSER: Final = ("_stream", "_httpcore_stream", "_connection")


def end_if_more_came(response: Any, stream: Any) -> None:
    """Ends the connection of an answer when more has come over it than that answer, which was just read to its end.

    A pool would take the rest for the answer to its next request, whoever sends that. Only the parser knows of it,
    which httpcore has under private names; what has none of them, as a transport of another library, is left alone.

    Args:
        response: the answer, of httpx or httpcore, before its connection is given back.
        stream: its body.
    """
    step = stream
    while step is not None:
        parser = getattr(step, "_h11_state", None)
        if parser is not None:
            if parser.trailing_data[0]:
                shut_down(response.extensions["network_stream"].get_extra_info("socket"))
            return
        step = next((found for name in _TO_THE_PARSER if (found := getattr(step, name, None)) is not None), None)


def shut_down(sock: Any) -> None:
    """Ends the connection of a socket, whoever else holds it; the descriptor stays theirs to close."""
    with suppress(OSError, AttributeError, TypeError):
        if isinstance(sock, socket.socket):
            socket.socket.shutdown(sock, socket.SHUT_RDWR)  # that of SSLSocket would drop its TLS state as well
        else:  # the stand-in of an event loop, which may lack shutdown()
            with socket.fromfd(sock.fileno(), socket.AF_INET, socket.SOCK_STREAM) as copy:
                copy.shutdown(socket.SHUT_RDWR)
