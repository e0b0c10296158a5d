"""psycopg connections that give up a wait when its time is over.

A server that was stopped, or whose disk hangs, still has a kernel that acknowledges packets: neither its statement
timeout nor TCP's limits end a wait for it. So the limit is the client's.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Generator
from typing import Any, Final

import psycopg
from psycopg import pq

PARAMETERS: Final = frozenset(option.keyword.decode() for option in pq.Conninfo.get_defaults())
"""Names of the connection parameters that the installed libpq knows; a URL may set them."""


class _Connection(psycopg.Connection[Any]):
    """Asks before and during each wait how much time is left, and closes itself when there is none."""

    remaining: Callable[[], float]

    def wait(self, gen: Generator[Any, Any, Any], *args: Any, **kwargs: Any) -> Any:
        """Waits for the server as its base class does, within the time that is left."""
        if not hasattr(self, "remaining"):
            return super().wait(gen, *args, **kwargs)
        return super().wait(self._bounded(gen), *args, **kwargs)

    def _bounded(self, gen: Generator[Any, Any, Any]) -> Generator[Any, Any, Any]:
        # psycopg sends the readiness of the socket, or ten times a second that nothing is ready.
        give_up = time.monotonic() + self.remaining()
        try:
            wanted = next(gen)
            while True:
                ready = yield wanted
                if not ready and time.monotonic() >= give_up:
                    self.close()
                    raise psycopg.errors.ConnectionTimeout("the server did not answer in time")
                wanted = gen.send(ready)
        except StopIteration as done:
            return done.value


def make_connector(remaining: Callable[[], float]) -> Callable[..., _Connection]:
    """Makes a function that connects, for SQLAlchemy's event "do_connect".

    Args:
        remaining: says how many seconds the calling thread has left.
    """

    def connect(_dialect: Any, _record: Any, arguments: Any, options: Any) -> _Connection:
        if remaining() <= 0:
            raise psycopg.errors.ConnectionTimeout("there is no time left to connect")
        connection = _Connection.connect(*arguments, **options)
        connection.remaining = remaining
        return connection

    return connect
