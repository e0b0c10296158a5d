# Derived from astra/payments/_async/ledger.py by scripts/unasync.py: edit that file.
"""The idempotency store as one client sees it: its own records only, its clock, and the store's failures as ours."""

from __future__ import annotations

import itertools
import logging
import os
import socket
from collections.abc import Callable, Collection, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Final, TypeVar

import attrs

from astra._flavours import Workers, sleep
from astra.errors import AstraError, IdempotencyStoreError
from astra.payments.record import OPEN, PaymentRecord, PaymentState
from astra.payments.stores.base import IdempotencyStore, PaymentQuery
from astra.payments.transitions import FAILED_LOOK, not_found
from astra.storage.family import strip

T = TypeVar("T")

logger = logging.getLogger("astra.payments")

CHUNK: Final = 500
"""Records that are read at once."""

PAUSES: Final = (0.05, 0.2)
"""Seconds before each further try to write down what became of a payment."""

_counter = itertools.count(1)


class PaymentLedger:
    """The records of one client.

    Args:
        store: where they are kept.
        environment: where the client's calls go.
        client_id: its client id.
        resend_after: how long after it was sent a payment may be sent again that a complete look has not found; None:
            never.
        clock: epoch seconds.
    """

    def __init__(
        self,
        store: IdempotencyStore,
        *,
        environment: str,
        client_id: str,
        resend_after: timedelta | None,
        clock: Callable[[], float],
    ) -> None:
        self.store = store
        self.environment = environment
        self.client_id = client_id
        self.resend_after = resend_after
        self._clock = clock
        self._workers = Workers()

    def now(self) -> datetime:
        """The time by the client's clock."""
        return datetime.fromtimestamp(self._clock(), UTC)

    def new_holder(self) -> str:
        """A name for one sending, different from all others."""
        return f"{socket.gethostname()[:200]}:{os.getpid()}:{next(_counter)}-{os.urandom(4).hex()}"

    def get(self, operation: str, key: str) -> PaymentRecord | None:
        """Reads the record under a key, or None when there is none.

        Raises:
            IdempotencyStoreError: the store failed, or the record cannot be read.
        """
        return self._run(lambda: self.store.get(self.environment, self.client_id, operation, key))

    def write(self, record: PaymentRecord, replaces: PaymentRecord | None) -> bool:
        """Writes a record in place of the one that was read. Returns False when somebody else was faster.

        Args:
            record: the record.
            replaces: what was read, or None when there was none.

        Raises:
            IdempotencyStoreError: the store failed.
        """
        if replaces is None:
            return self._run(lambda: self.store.insert(record))
        version = replaces.version
        return self._run(lambda: self.store.change(record, replaces=version))

    def update(self, record: PaymentRecord, decide: Callable[[PaymentRecord], PaymentRecord | None]) -> PaymentRecord:
        """Changes a record by what is decided of it, anew each time when somebody else was faster.

        Args:
            record: as it was read last.
            decide: gives the record to write, or None to leave it.

        Returns:
            The record as it is now.

        Raises:
            IdempotencyStoreError: the store failed, or the record is gone.
        """
        while True:
            changed = decide(record)
            if changed is None or self.write(changed, record):
                return record if changed is None else changed
            found = self.get(record.operation, record.key)
            if found is None:
                raise IdempotencyStoreError(
                    f"The record under the idempotency key {record.key!r} was deleted while it was in use."
                )
            record = found

    def note_look(self, record: PaymentRecord, what: str | AstraError) -> PaymentRecord:
        """Notes a look that has not found the payment.

        Args:
            record: as it was read last.
            what: one line, or why it could not be looked for.

        Returns:
            The record as it is now.

        Raises:
            IdempotencyStoreError: as of `update`.
        """
        detail = what if isinstance(what, str) else f"{FAILED_LOOK}: {type(what).__name__}"
        decide = partial(not_found, now=self.now(), detail=detail, resend_after=self.resend_after)
        return self.update(record, decide)

    def settle(self, record: PaymentRecord, decide: Callable[[PaymentRecord], PaymentRecord | None]) -> PaymentRecord:
        """As `update`, and tries again when the store fails: what is to be written is known to nobody else.

        Raises:
            IdempotencyStoreError: the store goes on failing.
        """
        for pause in PAUSES:
            try:
                return self.update(record, decide)
            except IdempotencyStoreError:
                sleep(pause)
        return self.update(record, decide)

    def why_anothers(
        self, routine_id: str, *, operation: str, key: str, user_key: str | None, correlation_id: str | None
    ) -> str | None:
        """Tells why a routine may belong to another key of this client, also in other processes; None when it does not.

        Ask after the routine was read: whoever made it wrote that down before, so that nobody is overlooked.

        Args:
            routine_id: what was found.
            operation, key, user_key, correlation_id: of the payment that was looked for.

        Raises:
            IdempotencyStoreError: the store failed.
        """
        for other in self.select(PaymentQuery(any_id=routine_id, states=[PaymentState.MADE])):
            is_it = other.is_creation and other.resource_id == routine_id
            if is_it and (other.operation, other.key) != (operation, key):
                return f"it is the payment under the key {other.key!r}"
        if correlation_id is None:
            return None
        for other in self.select(PaymentQuery(any_id=correlation_id, states=OPEN)):
            may_be = (other.client_correlation_id, other.user_key) == (correlation_id, user_key)
            if may_be and (other.operation, other.key) != (operation, key):
                return f"the payment under the key {other.key!r} has this correlation id and an unknown outcome"
        return None

    def select(self, query: PaymentQuery) -> list[PaymentRecord]:
        """Reads some records of this client.

        Args:
            query: which; environment and client id are filled in.
        """
        mine = attrs.evolve(query, environment=self.environment, client_id=self.client_id)
        return self._run(lambda: list(self.store.select(mine)))

    def iterate(self, query: PaymentQuery) -> Iterator[PaymentRecord]:
        """Yields records of this client, a chunk at a time, in memory that does not grow with their number.

        Args:
            query: which; environment and client id are filled in.
        """
        mine = attrs.evolve(query, environment=self.environment, client_id=self.client_id)
        records = self.store.select(mine)
        while chunk := self._run(lambda: list(itertools.islice(records, CHUNK))):
            for record in chunk:
                yield record

    def prune(self, *, before: datetime, states: Collection[PaymentState]) -> int:
        """Deletes records of this client; see `IdempotencyStore.prune`."""
        whose = {"environment": self.environment, "client_id": self.client_id}
        return self._run(lambda: self.store.prune(**whose, before=before, states=states))

    def close(self, *, owned: bool) -> None:
        """Ends the worker threads, and closes the store if it is our own."""
        self._workers.close()
        if owned:
            self.store.close()

    def _run(self, function: Callable[[], T]) -> T:
        if self.store.blocking:
            # A caller who is cancelled leaves after the step, so that nobody overtakes it.
            value, error = self._workers.run_to_its_end(_attempt, function)
        else:
            value, error = _attempt(function)
        if error is not None:
            raise error
        return value  # type: ignore[return-value]  # without an error there is a value


def _attempt(function: Callable[[], T]) -> tuple[T | None, AstraError | None]:
    """Calls the store, which may be foreign code. Its frames hold the values of statements."""
    try:
        return function(), None
    except AstraError as error:
        strip(error)
        return None, error
    except Exception as error:  # noqa: BLE001
        first = (str(error).splitlines() or [""])[0][:200]
        return None, IdempotencyStoreError(f"The idempotency store failed: {type(error).__name__}: {first}")
