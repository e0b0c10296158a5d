"""Which requests belong to which payments? Decisions only."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import attrs

from astra.instrumentation.record import RequestRecord, storable
from astra.payments.record import PaymentRecord


@attrs.frozen(kw_only=True)
class Ids:
    """The ids by which requests are found, or payments.

    Attributes:
        calls: local ids of calls.
        requests: Astra's request ids.
        references: correlation ids.
        resources: Astra's ids of routines and transfers.
    """

    calls: tuple[str, ...] = ()
    requests: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    resources: tuple[str, ...] = ()

    @property
    def all(self) -> tuple[str, ...]:
        """All of them, those first that few things have in common."""
        return tuple(dict.fromkeys((*self.calls, *self.requests, *self.resources, *self.references)))


def ids_of_payments(records: Iterable[PaymentRecord]) -> Ids:
    """Returns what some payments are known by.

    Args:
        records: the payments.
    """
    known = list(records)
    history = [entry for record in known for entry in record.history]
    return Ids(
        calls=_some([record.call_id for record in known] + [entry.call_id for entry in history]),
        requests=_some(
            [one for record in known for one in record.request_ids] + [entry.request_id for entry in history]
        ),
        references=_some(record.client_correlation_id for record in known),
        resources=_some(one for record in known for one in (record.resource_id, record.transfer_id)),
    )


def ids_of_requests(requests: Iterable[RequestRecord]) -> Ids:
    """Returns what some requests tell of the payments that they belong to.

    Args:
        requests: from the log.
    """
    known = list(requests)
    return Ids(
        calls=_some(one.call_id for one in known),
        requests=_some(one.request_id for one in known),
        references=_some(one.client_correlation_id for one in known),
        resources=_some(one.resource_id for one in known),
    )


def key_of(request: RequestRecord, records: Sequence[PaymentRecord]) -> str | None:
    """Returns the idempotency key of the payment that a request belongs to, or None.

    Args:
        request: from the log.
        records: the payments that it may belong to. Several may have a correlation id, a user and a routine in common,
            so what only one has decides first.
    """
    for record in records:
        ids = ids_of_payments([record])
        if request.call_id in ids.calls or request.request_id in ids.requests:
            return record.key
    for record in records:
        if request.resource_id is not None and request.resource_id in (record.resource_id, record.transfer_id):
            return record.key
    for record in records:
        if _carries(request, record):
            return record.key
    return None


def _carries(request: RequestRecord, record: PaymentRecord) -> bool:
    """Whether a request carries the correlation id of a payment, and may be a sending of it."""
    reference = storable(record.client_correlation_id)
    mine = (reference, storable(record.user_key), record.operation)
    return reference is not None and (request.client_correlation_id, request.user_key, request.operation) == mine


def _some(values: Iterable[str | None]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(value for value in values if value))
