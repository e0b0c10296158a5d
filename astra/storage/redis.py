"""One Redis server: a client from a URL, with limits for every wait."""

from __future__ import annotations

import re
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any, Final, cast
from urllib.parse import parse_qsl, unquote, urlsplit

from astra._secret import hide_text, without_inner_frames
from astra.errors import ConfigurationError
from astra.storage.family import Family
from astra.storage.forks import FORK_GUARD
from astra.storage.url import unknown_option

try:
    from redis import Redis
    from redis.backoff import NoBackoff
    from redis.exceptions import RedisError
    from redis.retry import Retry
except ImportError:
    raise ConfigurationError("Stores in Redis need an extra: pip install 'astra-finance[redis]'.") from None

__all__ = ["Redis", "RedisServer"]

TIMEOUT: Final = 2.0
"""Seconds to wait for a connection, and for each answer."""

SECONDS: Final = re.compile(r"(?=.*[1-9])[0-9]{0,6}\.?[0-9]{0,6}")
TRUTH: Final = re.compile("true|false|yes|no|1|0", re.IGNORECASE)
ANY: Final = re.compile(".+")
OPTIONS: Final = {
    "client_name": ANY,
    "db": re.compile("[0-9]{0,9}"),
    "health_check_interval": re.compile("[0-9]{1,6}"),
    "max_connections": re.compile("[1-9][0-9]{0,8}"),
    "protocol": re.compile("[23]"),
    "socket_connect_timeout": SECONDS,
    "socket_keepalive": TRUTH,
    "socket_timeout": SECONDS,
}
"""What a URL may set after its question mark, and what each looks like."""

SECURE_OPTIONS: Final = {
    "ssl_ca_certs": ANY,
    "ssl_cert_reqs": re.compile("none|optional|required"),
    "ssl_certfile": ANY,
    "ssl_check_hostname": TRUTH,
    "ssl_keyfile": ANY,
}
"""The same for "rediss://" alone."""


class RedisServer:
    """A client, its own or the caller's. Nothing is connected to until the first use.

    Args:
        client: a URL ("redis://", "rediss://" or "unix://"), or a client made with `decode_responses=True`, which stays
            the caller's to close.
        family: what is kept there.

    Raises:
        ConfigurationError: the URL cannot be read, or the client gives bytes.
    """

    def __init__(self, client: str | Redis, *, family: Family) -> None:
        client = hide_text(client)
        self._owned = isinstance(client, str)
        self._family = family
        # The library's types leave open whether an answer is awaitable and whether it is text.
        self._client: Any = client
        if isinstance(client, str):
            self._client = without_inner_frames(lambda: _connect(client, family=family))
        if not self._client.get_encoder().decode_responses:
            raise ConfigurationError(f"The Redis client of a {family.name} needs decode_responses=True.")

    @contextmanager
    def commands(self) -> Generator[Any]:
        """Lends the client.

        Raises:
            StorageError: Redis failed or did not answer in time.
        """
        with FORK_GUARD.inside(), self._family.translating(RedisError):
            yield self._client

    def script(self, text: str) -> Any:
        """Prepares a Lua script, to be called within `commands`.

        Args:
            text: its source.
        """
        return self._client.register_script(text)

    def close(self) -> None:
        """Closes the connections of an own client."""
        if self._owned:
            with FORK_GUARD.inside():
                self._client.close()


def _connect(url: str, *, family: Family) -> Redis:
    try:
        parts = urlsplit(url)
        _ = parts.port
        options = dict(parse_qsl(parts.query, keep_blank_values=True))
    except ValueError:
        raise ConfigurationError(f"The URL of the {family.name} has no port number where one should be.") from None
    known = OPTIONS | SECURE_OPTIONS if parts.scheme == "rediss" else OPTIONS
    unknown = [name for name in options if name not in known]
    if unknown:
        raise unknown_option(unknown, known=frozenset(known), family=family)
    wrong = [name for name, value in options.items() if not known[name].fullmatch(value)]
    if wrong:
        raise ConfigurationError(f"The URL of the {family.name} gives {wrong[0]!r} a value that cannot be right.")
    number = options.get("db", "") if parts.scheme == "unix" or "db" in options else unquote(parts.path).strip("/")
    if number and not number.isdecimal():
        raise ConfigurationError(f"The URL of the {family.name} needs a number for its database: redis://host:6379/0.")
    if parts.fragment or not (parts.path if parts.scheme == "unix" else parts.hostname):
        raise ConfigurationError(
            f"The URL of the {family.name} cannot be read. It looks like redis://:password@host:6379/0 or "
            "unix:///run/redis.sock?db=0; write # as %23."
        )
    try:
        client: Redis = cast("Any", Redis).from_url(
            url,
            decode_responses=True,
            # What is no text is told row by row, rather than failing for all.
            encoding_errors="surrogateescape",
            # A repeated command may have been done already, and repeating takes time that the call does not have.
            retry=Retry(NoBackoff(), 0),
            socket_timeout=TIMEOUT,
            socket_connect_timeout=TIMEOUT,
        )
    except (ValueError, TypeError) as error:
        raise ConfigurationError(f"The URL of the {family.name} cannot be read: {error}") from None
    return client
