"""De-duplication in Redis, shared by many hosts."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final, Protocol

from astra.errors import ConfigurationError
from astra.webhooks.dedupe.store import DEFAULT_RETENTION, DONE, IN_PROGRESS, Claim, new_token

if TYPE_CHECKING:
    import redis

_RELEASE: Final = """
if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end
return 0
"""
_DONE_MARK: Final = "done"


class RedisDedupe:
    """Remembers each event in a Redis key that ends by itself: a claim after its lease, a done mark after `retention`.

    The leases run on the server's clock; `now` is not used. Give the database `maxmemory-policy noeviction`: an evicted
    mark is a forgotten event.

    Args:
        client: a `redis.Redis` client.
        retention: how long a done event is remembered.
        prefix: start of every key.
    """

    def __init__(
        self, client: redis.Redis, *, retention: timedelta = DEFAULT_RETENTION, prefix: str = "astra:webhook:"
    ) -> None:
        # The annotations of redis-py cover both of its flavours at once, so that no call of it passes a strict checker.
        self._client: _Commands = client
        self._retention_ms = int(retention.total_seconds() * 1000)
        self._prefix = prefix

    @classmethod
    def from_url(cls, url: str, *, retention: timedelta = DEFAULT_RETENTION) -> RedisDedupe:
        """Opens a store; nothing is connected before the first event.

        Args:
            url: "redis://", "rediss://" or "unix://" URL.
            retention: how long a done event is remembered.

        Raises:
            ConfigurationError: the extra "redis" is not installed, or the URL cannot be read.
        """
        try:
            import redis
        except ImportError:
            raise ConfigurationError(
                "Redis de-duplication needs an extra: pip install 'astra-finance[redis]'."
            ) from None
        try:
            client: redis.Redis = redis.Redis.from_url(  # pyright: ignore[reportUnknownMemberType]
                url, socket_timeout=5, socket_connect_timeout=5
            )
        except ValueError as error:
            raise ConfigurationError(f"The Redis URL cannot be read: {error}.") from None
        return cls(client, retention=retention)

    def claim(self, event_id: str, *, lease: float, now: float) -> Claim:  # noqa: ARG002  (the server's clock decides)
        """See `DedupeStore.claim`."""
        key, token = self._prefix + event_id, new_token()
        while True:
            if self._client.set(key, token, nx=True, px=max(1, int(lease * 1000))):
                return Claim("claimed", token)
            held = self._client.get(key)
            if held is not None:
                return DONE if held in (_DONE_MARK, _DONE_MARK.encode()) else IN_PROGRESS
            # It ended between the two commands.

    def done(self, event_id: str, *, now: float) -> None:  # noqa: ARG002
        """See `DedupeStore.done`."""
        self._client.set(self._prefix + event_id, _DONE_MARK, px=self._retention_ms)

    def release(self, event_id: str, *, token: str) -> None:
        """See `DedupeStore.release`."""
        self._client.eval(_RELEASE, 1, self._prefix + event_id, token)

    def close(self) -> None:
        """See `DedupeStore.close`."""
        self._client.close()


class _Commands(Protocol):
    def set(self, name: str, value: str, *, px: int, nx: bool = False) -> Any: ...
    def get(self, name: str) -> Any: ...
    def eval(self, script: str, numkeys: int, *keys_and_args: str) -> Any: ...
    def close(self) -> None: ...
