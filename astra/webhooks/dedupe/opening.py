"""From a URL to a de-duplication store."""

from __future__ import annotations

from datetime import timedelta

from astra.errors import ConfigurationError
from astra.webhooks.dedupe.store import DEFAULT_RETENTION, DedupeStore


def open_dedupe(url: str, *, retention: timedelta = DEFAULT_RETENTION) -> DedupeStore:
    """Opens a de-duplication store. Nothing is connected before the first event.

    Args:
        url: "memory://" (one process only), "sqlite:///relative.db" or "sqlite:////absolute.db", "redis://host/0"
            (also rediss:// and unix://), or any SQLAlchemy URL such as "postgresql://user:password@host/database".
        retention: how long a done event is remembered; longer than the hours over which Astra repeats deliveries.

    Returns:
        The store.

    Raises:
        ConfigurationError: the URL cannot be read, or its extra is not installed.

    Example:
        dedupe = open_dedupe("sqlite:///webhooks.db")
    """
    scheme, separator, rest = url.partition("://")
    if not separator:
        raise ConfigurationError(
            "A de-duplication store is named by a URL, such as sqlite:///webhooks.db or memory://."
        )
    if scheme == "memory":
        from astra.webhooks.dedupe.memory import MemoryDedupe

        return MemoryDedupe(retention=retention)
    if scheme == "sqlite":
        from astra.webhooks.dedupe.sqlite import SQLiteDedupe

        if not rest.startswith("/") or len(rest) < 2:
            raise ConfigurationError("A SQLite URL has three slashes and a path: sqlite:///webhooks.db.")
        return SQLiteDedupe(rest[1:], retention=retention)
    if scheme in {"redis", "rediss", "unix"}:
        from astra.webhooks.dedupe.redis import RedisDedupe

        return RedisDedupe.from_url(url, retention=retention)
    from astra.webhooks.dedupe.sql import SQLDedupe

    return SQLDedupe(url, retention=retention)
