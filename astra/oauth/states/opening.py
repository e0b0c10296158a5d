"""From a URL to a store of states."""

from __future__ import annotations

import os

from astra._secret import hide_text
from astra.oauth.states.store import STATES, StateStore
from astra.storage.url import read_url


def open_state_store(url: str | os.PathLike[str] | StateStore) -> StateStore:
    """Opens a store of states. Nothing is connected before the first one.

    Args:
        url: "memory://" (one process only), "sqlite:///relative.db", "sqlite:////absolute.db" or a `pathlib.Path`,
            "redis://host:6379/0" (also rediss:// and unix://), or any SQLAlchemy URL such as
            "postgresql://user:password@host/database". It may be the one of the token store: each has its own table. A
            store object is returned as it is.

    Returns:
        The store.

    Raises:
        ConfigurationError: an unknown scheme or option, a URL without what it needs, or a missing extra.

    Example:
        states = States(open_state_store("sqlite:///tokens.db"))     # the same as States("sqlite:///tokens.db")
    """
    url = hide_text(url)
    if isinstance(url, StateStore):
        return url
    place = read_url(url, family=STATES)
    if place.kind == "memory":
        from astra.oauth.states.memory import MemoryStates

        return MemoryStates()
    if place.kind == "sqlite":
        from astra.oauth.states.sqlite import SQLiteStates

        return SQLiteStates(place.path)
    if place.kind == "redis":
        from astra.oauth.states.redis import RedisStates

        return RedisStates(place.address)
    from astra.oauth.states.sql import SQLStates

    return SQLStates(place.address)
