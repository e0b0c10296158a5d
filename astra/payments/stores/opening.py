"""From a URL to an idempotency store."""

from __future__ import annotations

import os

from astra._secret import hide_text
from astra.payments.stores.base import PAYMENTS, IdempotencyStore
from astra.storage.url import read_url


def open_idempotency_store(store: IdempotencyStore | str | os.PathLike[str]) -> IdempotencyStore:
    """Opens an idempotency store. Nothing is created or connected before the first payment.

    Args:
        store: a store, which is returned as it is, or a URL: "sqlite:///payments.db" (four slashes for an absolute
            path), a `pathlib.Path`, "postgresql://user:password@host/database" or any other SQLAlchemy URL, or
            "memory://" for tests.

    Returns:
        The store.

    Raises:
        ConfigurationError: an unknown scheme or option, a URL without what it needs, or a missing extra.

    Example:
        store = open_idempotency_store("sqlite:///payments.db")
    """
    store = hide_text(store)
    if isinstance(store, IdempotencyStore):
        return store
    place = read_url(store, family=PAYMENTS)
    if place.kind == "memory":
        from astra.payments.stores.memory import MemoryIdempotencyStore

        return MemoryIdempotencyStore()
    if place.kind == "sqlite":
        from astra.payments.stores.sqlite import SQLiteIdempotencyStore

        return SQLiteIdempotencyStore(place.path)
    from astra.payments.stores.sql import SQLIdempotencyStore

    return SQLIdempotencyStore(place.address)
