"""Stores that remember which webhooks are done: memory, SQLite, SQL, Redis."""

from astra.webhooks.dedupe.opening import open_dedupe
from astra.webhooks.dedupe.store import DEFAULT_LEASE, Claim, DedupeStore

__all__ = ["DEFAULT_LEASE", "Claim", "DedupeStore", "open_dedupe"]
