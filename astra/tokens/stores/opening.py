"""From a URL to a token store."""

from __future__ import annotations

import os

from astra._secret import hide_text
from astra.storage.url import read_url
from astra.tokens.stores.base import TOKENS, TokenStore


def open_store(url: str | os.PathLike[str] | TokenStore | None) -> TokenStore:
    """Opens the token store that a URL names. Nothing is read, written or connected to yet.

    To read or write grants yourself, take the view of a client: `open_store(url).for_identity(...)`.

    Args:
        url: a store object, which is returned as it is; None or `memory://`; `sqlite:///tokens.db` (relative),
            `sqlite:////var/lib/app/tokens.db` (absolute) or a `pathlib.Path`; `postgresql://user@host/db` or any other
            SQLAlchemy URL (extra `sql`); `redis://host:6379/0`, `rediss://` or `unix://` (extra `redis`).

    Returns:
        The store.

    Raises:
        ConfigurationError: an unknown scheme or option, a URL without what it needs, or a missing extra.

    Example:
        astra = Astra(..., token_store=open_store("sqlite:///tokens.db"))     # the same as token_store="sqlite:///…"
    """
    url = hide_text(url)
    if isinstance(url, TokenStore):
        return url
    place = read_url("memory://" if url is None else url, family=TOKENS)
    if place.kind == "memory":
        from astra.tokens.stores.memory import MemoryStore

        return MemoryStore()
    if place.kind == "sqlite":
        from astra.tokens.stores.sqlite import SQLiteStore

        return SQLiteStore(place.path)
    if place.kind == "redis":
        from astra.tokens.stores.redis import RedisStore

        return RedisStore(place.address)
    from astra.tokens.stores.sql import SQLStore

    return SQLStore(place.address)
