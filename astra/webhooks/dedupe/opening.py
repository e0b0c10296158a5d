"""From a URL to a de-duplication store."""

from __future__ import annotations

import os
from datetime import timedelta

from astra._secret import hide_text
from astra.errors import ConfigurationError
from astra.storage.url import read_days, read_url
from astra.webhooks.dedupe.store import DEDUPE, LEAST_RETENTION, DedupeStore


def open_dedupe(url: str | os.PathLike[str] | DedupeStore, *, retention: timedelta | None = None) -> DedupeStore:
    """Opens a de-duplication store. Nothing is connected before the first event.

    Args:
        url: "memory://" (one process only), "sqlite:///relative.db", "sqlite:////absolute.db" or a `pathlib.Path`,
            "redis://host:6379/0" (also rediss:// and unix://), or any SQLAlchemy URL such as
            "postgresql://user:password@host/database". All but memory take "?retention_days=400". A store object is
            returned as it is.
        retention: how long a done event is remembered, at least a day; None forever. Astra signs no time, so whoever
            has a copy of a delivery can have it handled once more when its event is forgotten.

    Returns:
        The store.

    Raises:
        ConfigurationError: an unknown scheme or option, a URL without what it needs, a retention that is too short or
            given twice, or a missing extra.

    Example:
        dedupe = open_dedupe("sqlite:///webhooks.db")
    """
    url = hide_text(url)
    if isinstance(url, DedupeStore):
        return url
    place = read_url(url, family=DEDUPE)
    if (of_url := read_days(place, least=LEAST_RETENTION)) is not None:
        if retention is not None:
            raise ConfigurationError("retention is given twice: as an argument, and in the URL as retention_days.")
        retention = of_url
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
