"""States in Redis, shared by many hosts."""

from __future__ import annotations

import json
import math
from typing import Final

from astra._secret import hide_text
from astra.oauth.states.store import STATES, StateStore, read_ticket
from astra.oauth.states.tickets import Ticket
from astra.storage.redis import Redis, RedisServer

_TAKE: Final = """
local kept = redis.call('GET', KEYS[1])
if kept then redis.call('DEL', KEYS[1]) end
return kept
"""


class RedisStates(StateStore):
    """Keeps each ticket in a Redis key that ends by itself.

    Args:
        client: a URL (`redis://`, `rediss://`, `unix://`), or a client of yours made with `decode_responses=True`,
            which then stays yours to close. Nothing is connected before the first ticket.
        prefix: start of every key.

    Raises:
        ConfigurationError: the extra "redis" is not installed, the URL cannot be read, or the client gives bytes.
    """

    def __init__(self, client: str | Redis, *, prefix: str = "astra:state:") -> None:
        client = hide_text(client)
        self._server = RedisServer(client, family=STATES)
        self._prefix = prefix

    def put(self, id: str, ticket: Ticket, *, now: float) -> None:
        """See `StateStore.put`."""
        kept = json.dumps([ticket.key, ticket.browser, ticket.expires_at])
        with self._server.commands() as redis:
            redis.set(self._prefix + id, kept, px=max(1, math.ceil((ticket.expires_at - now) * 1000)))

    def take(self, id: str) -> Ticket | None:
        """See `StateStore.take`."""
        with self._server.commands() as redis:
            kept: str | None = redis.eval(_TAKE, 1, self._prefix + id)
        if kept is None:
            return None
        try:
            values = json.loads(kept)
        except (ValueError, RecursionError):
            values = None
        return read_ticket(values)

    def close(self) -> None:
        """See `StateStore.close`; a client that you passed in stays open."""
        self._server.close()
