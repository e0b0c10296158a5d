"""What an idempotency store has to do. Subclass `IdempotencyStore` for your own; `astra.testing` proves it."""

from __future__ import annotations

import abc
import os
from collections.abc import Collection, Iterator
from datetime import UTC, datetime, timedelta
from typing import ClassVar, Final

import attrs

from astra._closing import Closing
from astra.errors import IdempotencyStoreError
from astra.payments.record import PaymentRecord, PaymentState
from astra.storage.family import Family

PAYMENTS: Final = Family(
    name="idempotency store",
    example="sqlite:///payments.db",
    error=IdempotencyStoreError,
    kinds=frozenset({"memory", "sqlite", "sql"}),
    must_last=True,
)


@attrs.frozen(kw_only=True)
class PaymentQuery:
    """Which records.

    Attributes:
        environment: of one environment, or None for all.
        client_id: of one client, or None for all.
        states: in one of these states; None: in any.
        operation: of one operation, or None for all.
        key: under this key, or None.
        user_key: of one user, or None for all.
        any_id: with this key, correlation id, resource id, transfer id, call id or request id; None for all.
        since: first used at or after this (aware), or None.
        until: first used before this (aware), or None.
        sent_before: sent last before this (aware), or None.
        limit: at most so many, or None for all.
    """

    environment: str | None = None
    client_id: str | None = None
    states: Collection[PaymentState] | None = None
    operation: str | None = None
    key: str | None = None
    user_key: str | None = None
    any_id: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    sent_before: datetime | None = None
    limit: int | None = None


_LONG_AGO: Final = datetime(2000, 1, 1, tzinfo=UTC)


class IdempotencyStore(Closing, abc.ABC):
    """Keeps one record per environment, client id, operation and idempotency key.

    Methods block; the async client calls them in a worker thread. What makes it safe:

    * When `insert` or `change` has returned True, the record survives a power cut.
    * `insert` succeeds once per key, `change` once per version, in all processes that share the store.
    * Keys are compared exactly: "A" and "a" are two.

    Attributes:
        blocking: whether methods may take time (a file, a network). If not, the event loop calls them directly.
    """

    blocking: ClassVar[bool] = True

    @abc.abstractmethod
    def get(self, environment: str, client_id: str, operation: str, key: str) -> PaymentRecord | None:
        """Reads one record, or None when there is none."""

    @abc.abstractmethod
    def insert(self, record: PaymentRecord) -> bool:
        """Writes a record under a key that has none. Returns whether that was so."""

    @abc.abstractmethod
    def change(self, record: PaymentRecord, *, replaces: int) -> bool:
        """Writes a record in place of the one that has this version. Returns whether that was still there."""

    @abc.abstractmethod
    def select(self, query: PaymentQuery) -> Iterator[PaymentRecord]:
        """Yields records, used first longest ago first. Other calls of the store may come in between."""

    @abc.abstractmethod
    def prune(self, *, environment: str, client_id: str, before: datetime, states: Collection[PaymentState]) -> int:
        """Deletes records in these states that changed last before a moment (aware). Returns how many."""

    def exists(self) -> bool:
        """Whether there is a store, without making one: for tools, which a mistyped address must not go unnoticed."""
        return True

    def check_writable(self) -> None:
        """Writes a record that is no payment, and deletes it again: fails if a payment could not be kept.

        It makes a store that is not there yet.

        Raises:
            IdempotencyStoreError: it cannot be reached or written.

        Example:
            astra.payments.store.check_writable()
        """
        environment, client_id, state = "astra-probe", os.urandom(8).hex(), PaymentState.NOT_SENT
        record = PaymentRecord(
            environment=environment,
            client_id=client_id,
            operation="probe",
            key="astra-probe",
            user_key=None,
            fingerprint="",
            state=state,
            lease_until=_LONG_AGO,
            created=_LONG_AGO,
            updated=_LONG_AGO,
            first_sent=_LONG_AGO,
            sent=_LONG_AGO,
        )
        self.insert(record)
        before = _LONG_AGO + timedelta(days=1)
        self.prune(environment=environment, client_id=client_id, before=before, states=[state])

    def close(self) -> None:
        """Gives back files and connections. The store must not be used afterwards."""


def matches(record: PaymentRecord, query: PaymentQuery) -> bool:
    """Tells whether a record is one that a query asks for.

    Args:
        record: the record.
        query: the query; its limit does not count.
    """
    equal = ("environment", "client_id", "operation", "key", "user_key")
    return (
        all(getattr(query, name) in (None, getattr(record, name)) for name in equal)
        and (query.states is None or record.state in query.states)
        and (query.since is None or record.created >= query.since)
        and (query.until is None or record.created < query.until)
        and (query.sent_before is None or record.sent < query.sent_before)
        and (query.any_id is None or query.any_id in ids_of(record))
    )


def ids_of(record: PaymentRecord) -> tuple[str | None, ...]:
    """The ids by which a payment can be asked for.

    Args:
        record: the record.
    """
    return (
        record.key,
        record.client_correlation_id,
        record.resource_id,
        record.transfer_id,
        record.call_id,
        record.request_ids[-1] if record.request_ids else None,
    )
