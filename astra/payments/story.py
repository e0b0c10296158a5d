"""Finds what is known under any id: the payments, and their attempts in the request log. Reads only."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Final

import attrs

from astra.instrumentation.record import RequestRecord, storable
from astra.payments.links import Ids, ids_of_payments, ids_of_requests, key_of
from astra.payments.record import PaymentRecord

if TYPE_CHECKING:
    from astra.request_log.log import RequestLog

MOST: Final = 200
"""Attempts that are read by one id, the newest: a routine may have been read a million times."""

Select = Callable[[str], Iterator[PaymentRecord]]
"""Yields the payments of a client that have an id."""


@attrs.frozen(kw_only=True)
class Story:
    """What is known under an id.

    Attributes:
        payments: the payments.
        requests: the attempts of the request log, the oldest first.
        is_cut: whether there are more attempts.
    """

    payments: tuple[PaymentRecord, ...] = ()
    requests: tuple[RequestRecord, ...] = ()
    is_cut: bool = False


def find_story(any_id: str, *, payments: Select | None, log: RequestLog | None) -> Story:
    """Finds the story of an id.

    Args:
        any_id: a payment's key, correlation id, Astra's id of a routine or transfer, a call id, or a request id.
        payments: where payments are, or None.
        log: where attempts are, or None.

    Raises:
        StorageError: one of them cannot be read.
    """
    own = _payments(payments, [any_id])
    ids = Ids(calls=(any_id,), requests=(any_id,), references=(any_id,), resources=(any_id,))
    requests = _requests(log, ids)
    if not own:
        # Of a payment's many calls and answers its record is found by the last one.
        own = _payments(payments, ids_of_requests(requests).all)
    if not own:
        return Story(requests=_ordered(requests), is_cut=len(requests) >= MOST)
    own = _payments(payments, [one.key for one in own] + [one.resource_id for one in own])
    found = _requests(log, ids_of_payments(own))
    # Others that carry the same correlation id have requests of their own.
    others = _payments(payments, [one.client_correlation_id for one in own])
    mine = {one.key for one in own}
    known = [*own, *(one for one in others if one.key not in mine)]
    kept = [one for one in found if key_of(one, known) in mine]
    return Story(payments=tuple(own), requests=_ordered(kept), is_cut=len(found) >= MOST)


def _payments(select: Select | None, ids: Iterable[str | None]) -> list[PaymentRecord]:
    if select is None:
        return []
    known: dict[tuple[str, str], PaymentRecord] = {}
    for one in dict.fromkeys(ids):
        if one:
            for record in select(one):
                known[record.operation, record.key] = record
    return sorted(known.values(), key=lambda record: record.created)


def _requests(log: RequestLog | None, ids: Ids) -> list[RequestRecord]:
    if log is None:
        return []
    found: dict[RequestRecord, None] = {}
    calls = list(ids.calls)
    for request_id in ids.requests:
        calls += [one.call_id for one in log.query(request_id=storable(request_id), limit=MOST)]
    for call in dict.fromkeys(calls):
        found |= dict.fromkeys(log.query(call_id=call, limit=MOST))
    for resource in ids.resources:
        found |= dict.fromkeys(log.query(resource_id=resource, limit=MOST))
    for reference in ids.references:
        found |= dict.fromkeys(log.query(client_correlation_id=reference, limit=MOST))
    return list(found)


def _ordered(requests: Iterable[RequestRecord]) -> tuple[RequestRecord, ...]:
    return tuple(sorted(requests, key=lambda one: (one.time, one.attempt)))
