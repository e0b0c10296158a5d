"""Payment records in this process. For tests and for trying out: a key is forgotten with the process."""

from __future__ import annotations

import threading
from collections.abc import Collection, Iterator
from datetime import datetime
from typing import ClassVar

from astra.payments.record import PaymentRecord, PaymentState
from astra.payments.stores.base import IdempotencyStore, PaymentQuery, matches
from astra.storage.forks import FORK_GUARD


@FORK_GUARD.with_new_locks
class MemoryIdempotencyStore(IdempotencyStore):
    """Keeps records in a dict.

    Example:
        astra = Astra(..., idempotency_store="memory://")
    """

    blocking: ClassVar[bool] = False

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._records: dict[tuple[str, str, str, str], PaymentRecord] = {}

    def get(self, environment: str, client_id: str, operation: str, key: str) -> PaymentRecord | None:
        """See `IdempotencyStore.get`."""
        return self._records.get((environment, client_id, operation, key))

    def insert(self, record: PaymentRecord) -> bool:
        """See `IdempotencyStore.insert`."""
        with self._lock:
            return self._records.setdefault(_place(record), record) is record

    def change(self, record: PaymentRecord, *, replaces: int) -> bool:
        """See `IdempotencyStore.change`."""
        with self._lock:
            known = self._records.get(_place(record))
            if known is None or known.version != replaces:
                return False
            self._records[_place(record)] = record
            return True

    def select(self, query: PaymentQuery) -> Iterator[PaymentRecord]:
        """See `IdempotencyStore.select`."""
        found = sorted((one for one in tuple(self._records.values()) if matches(one, query)), key=_age)
        yield from found[: query.limit]

    def prune(self, *, environment: str, client_id: str, before: datetime, states: Collection[PaymentState]) -> int:
        """See `IdempotencyStore.prune`."""
        query = PaymentQuery(environment=environment, client_id=client_id, states=states)
        with self._lock:
            old = [p for p, one in self._records.items() if one.updated < before and matches(one, query)]
            for place in old:
                del self._records[place]
        return len(old)


def _place(record: PaymentRecord) -> tuple[str, str, str, str]:
    return record.environment, record.client_id, record.operation, record.key


def _age(record: PaymentRecord) -> tuple[datetime, tuple[str, str, str, str]]:
    return record.created, _place(record)
