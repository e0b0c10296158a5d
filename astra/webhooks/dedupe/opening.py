"""From a URL to a de-duplication store."""

from __future__ import annotations

import os
from datetime import timedelta

from astra.storage.url import read_url
from astra.webhooks.dedupe.store import DEDUPE, DEFAULT_RETENTION, DedupeStore


def open_dedupe(url: str | os.PathLike[str] | DedupeStore, *, retention: timedelta = DEFAULT_RETENTION) -> DedupeStore:
    """Opens a de-duplication store. Nothing is connected before the first event.

    Args:
        url: "memory://" (one process only), "sqlite:///relative.db", "sqlite:////absolute.db" or a `pathlib.Path`,
            "redis://host:6379/0" (also rediss:// and unix://), or any SQLAlchemy URL such as
            "postgresql://user:password@host/database". A store object is returned as it is.
        retention: how long a done event is remembered; longer than the hours over which Astra repeats deliveries.

    Returns:
        The store.

    Raises:
        ConfigurationError: an unknown scheme or option, a URL without what it needs, or a missing extra.

    Example:
        dedupe = open_dedupe("sqlite:///webhooks.db")
    """
    if isinstance(url, DedupeStore):
        return url
    place = read_url(url, family=DEDUPE)
    if place.kind == "memory":
        from astra.webhooks.dedupe.memory import MemoryDedupe

        return MemoryDedupe(retention=retention)
    if place.kind == "sqlite":
        from astra.webhooks.dedupe.sqlite import SQLiteDedupe

        return SQLiteDedupe(place.path, retention=retention)
    if place.kind == "redis":
        from astra.webhooks.dedupe.redis import RedisDedupe

        return RedisDedupe(place.address, retention=retention)
    from astra.webhooks.dedupe.sql import SQLDedupe

    return SQLDedupe(place.address, retention=retention)
