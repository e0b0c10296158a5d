"""Stores that do not keep what they promise, to see that the histories find it."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime

from astra.payments import IdempotencyStore, PaymentQuery, PaymentRecord, PaymentState


class _Around(IdempotencyStore):
    def __init__(self, store: IdempotencyStore) -> None:
        self.store = store

    def get(self, environment: str, client_id: str, operation: str, key: str) -> PaymentRecord | None:
        return self.store.get(environment, client_id, operation, key)

    def insert(self, record: PaymentRecord) -> bool:
        return self.store.insert(record)

    def change(self, record: PaymentRecord, *, replaces: int) -> bool:
        return self.store.change(record, replaces=replaces)

    def select(self, query: PaymentQuery) -> Iterator[PaymentRecord]:
        return self.store.select(query)

    def prune(self, *, environment: str, client_id: str, before: datetime, states: Collection[PaymentState]) -> int:
        return self.store.prune(environment=environment, client_id=client_id, before=before, states=states)

    def close(self) -> None:
        self.store.close()


class LosesTheFirstWrite(_Around):
    """Says that a record is written before it is: a crash in between forgets that something was sent."""

    def __init__(self, store: IdempotencyStore) -> None:
        super().__init__(store)
        self.unwritten: dict[str, PaymentRecord] = {}

    def insert(self, record: PaymentRecord) -> bool:
        if self.get(record.environment, record.client_id, record.operation, record.key) is not None:
            return False
        self.unwritten[record.key] = record
        return True

    def change(self, record: PaymentRecord, *, replaces: int) -> bool:
        first = self.unwritten.pop(record.key, None)
        if first is not None:
            self.store.insert(first)
        return self.store.change(record, replaces=replaces)


class HasNoLease(_Around):
    """Lets nobody see that somebody is sending: whoever comes then sends as well."""

    def get(self, environment: str, client_id: str, operation: str, key: str) -> PaymentRecord | None:
        import attrs

        found = self.store.get(environment, client_id, operation, key)
        if found is None or found.state is not PaymentState.SENDING:
            return found
        return attrs.evolve(found, state=PaymentState.NOT_SENT)


class TakesLossForRefusal(_Around):
    """Writes down that a payment was refused when its answer was lost."""

    def change(self, record: PaymentRecord, *, replaces: int) -> bool:
        import attrs

        if record.state is PaymentState.UNCERTAIN:
            record = attrs.evolve(record, state=PaymentState.REFUSED)
        return self.store.change(record, replaces=replaces)
