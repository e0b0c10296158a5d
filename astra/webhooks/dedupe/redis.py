"""De-duplication in Redis, shared by many hosts."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from astra._secret import hide_text
from astra.storage.redis import Redis, RedisServer
from astra.webhooks.dedupe.store import DEDUPE, DONE, IN_PROGRESS, Claim, DedupeStore, check_retention, new_token

_RELEASE: Final = """
if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end
return 0
"""
_DONE_MARK: Final = "done"


class RedisDedupe(DedupeStore):
    """Remembers each event in a Redis key that ends by itself: a claim after its lease, a done mark
    after `retention`, if it has one.

    The leases run on the server's clock; `now` is not used. Give the database `maxmemory-policy noeviction`: an evicted
    mark is a forgotten event.

    Args:
        client: a URL (`redis://`, `rediss://`, `unix://`), or a client of yours made with `decode_responses=True`,
            which then stays yours to close. Nothing is connected before the first event.
        retention: how long a done event is remembered, at least a day; None forever. A copy of a delivery that comes
            after it is handled once more: Astra signs no time.
        prefix: start of every key.

    Raises:
        ConfigurationError: the extra "redis" is not installed, the URL cannot be read, or the client gives bytes.
    """

    def __init__(
        self, client: str | Redis, *, retention: timedelta | None = None, prefix: str = "astra:webhook:"
    ) -> None:
        client = hide_text(client)
        self._server = RedisServer(client, family=DEDUPE)
        given = check_retention(retention)
        self._retention_ms = None if given is None else int(given.total_seconds() * 1000)
        self._prefix = prefix

    def claim(self, event_id: str, *, lease: float, now: float) -> Claim:  # noqa: ARG002  (the server's clock decides)
        """See `DedupeStore.claim`."""
        key, token = self._prefix + event_id, new_token()
        with self._server.commands() as redis:
            while True:
                if redis.set(key, token, nx=True, px=max(1, int(lease * 1000))):
                    return Claim("claimed", token)
                held = redis.get(key)
                if held is not None:
                    return DONE if held == _DONE_MARK else IN_PROGRESS
                # It ended between the two commands.

    def done(self, event_id: str, *, now: float) -> None:  # noqa: ARG002
        """See `DedupeStore.done`."""
        with self._server.commands() as redis:
            redis.set(self._prefix + event_id, _DONE_MARK, px=self._retention_ms)

    def release(self, event_id: str, *, token: str) -> None:
        """See `DedupeStore.release`."""
        with self._server.commands() as redis:
            redis.eval(_RELEASE, 1, self._prefix + event_id, token)

    def close(self) -> None:
        """See `DedupeStore.close`; a client that you passed in stays open."""
        self._server.close()
