"""Looks at the idempotency store. Nothing is made but one record that is no payment, which is deleted again."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from astra._secret import hide_text
from astra.doctor.findings import Finding, Kept
from astra.doctor.payments import CHECK, judge_memory, judge_open, judge_payers, judge_shared
from astra.doctor.probe_stores import FOR_A_LOCK, FOR_ROWS, Store, look, unreachable
from astra.errors import ConfigurationError, StorageError
from astra.payments.record import OPEN
from astra.payments.stores.base import PAYMENTS, IdempotencyStore, PaymentQuery
from astra.payments.stores.opening import open_idempotency_store
from astra.payments.stores.sqlite import MIGRATIONS, SQLiteIdempotencyStore
from astra.storage.url import StoreURL, read_url
from astra.tokens.identity import Identity
from astra.tokens.stores.base import TOKENS

PAID: Final = Store(
    kept=Kept(
        check=CHECK,
        name="idempotency store",
        variable="ASTRA_IDEMPOTENCY_STORE",
        version=len(MIGRATIONS),
        is_vital=True,
    ),
    family=PAYMENTS,
    schema="payments_schema",
    table="astra_payments",
)


def probe_idempotency_store(
    url: str, *, token_store: str | None, identity: Identity | None, is_production: bool, limit: float
) -> Iterator[Finding]:
    """Looks at the idempotency store.

    Args:
        url: where it is.
        token_store: where grants are kept, or None.
        identity: whose payments; None when that is not known: then they are not looked at.
        is_production: whether real money is moved.
        limit: seconds for all of it.
    """
    url, token_store = hide_text(url), hide_text(token_store)
    give_up = time.monotonic() + limit * FOR_ROWS
    place = read_url(url, family=PAYMENTS)
    if place.kind == "memory":
        yield judge_memory(is_production=is_production)
        return
    if _is_file_of_grants(place, token_store):
        yield judge_shared()
    try:
        if not (yield from look(place, PAID, limit=limit)):
            return
    except StorageError as error:
        yield unreachable(PAID, place, error)
        return
    with _open(place, limit=limit) as store:
        if identity is not None:
            yield from _look_at_payments(store, identity, give_up=give_up)
        yield _check_write(store)


def _is_file_of_grants(place: StoreURL, token_store: str | None) -> bool:
    if token_store is None or place.kind != "sqlite":
        return False
    try:
        grants = read_url(token_store, family=TOKENS)
    except ConfigurationError:  # its own check tells
        return False
    return grants.kind == "sqlite" and os.path.realpath(grants.path) == os.path.realpath(place.path)


def _open(place: StoreURL, *, limit: float) -> IdempotencyStore:
    if place.kind == "sqlite":
        return SQLiteIdempotencyStore(Path(place.path).absolute(), busy_timeout=limit * FOR_A_LOCK)
    return open_idempotency_store(place.address)


def _look_at_payments(store: IdempotencyStore, identity: Identity, *, give_up: float) -> Iterator[Finding]:
    whose: Any = {"environment": identity.environment, "client_id": identity.client_id}
    count, first, is_complete, now = 0, None, True, datetime.now(UTC)
    try:
        has_own = next(store.select(PaymentQuery(**whose, limit=1)), None) is not None
        anybody = next(store.select(PaymentQuery(limit=1)), None)
        for record in store.select(PaymentQuery(**whose, states=OPEN)):
            if record.is_live(now):
                continue
            count += 1
            first = record.sent if first is None else min(first, record.sent)
            if time.monotonic() >= give_up:
                is_complete = False
                break
    except StorageError as error:
        yield Finding(
            check=f"{CHECK}.read",
            status="fail",
            message=f"the payments cannot be read: {error}",
            advice="Give the account of your programs the right to read the table, or find out what holds it.",
            details={"error": type(error).__name__, "timed_out": error.timed_out},
        )
        return
    other = None if anybody is None or has_own else Identity(anybody.environment, anybody.client_id)
    yield judge_payers(has_own=has_own, other=other, mine=identity)
    yield judge_open(count, first=first, now=now, is_complete=is_complete)


def _check_write(store: IdempotencyStore) -> Finding:
    check = f"{CHECK}.write"
    try:
        store.check_writable()
    except StorageError as error:
        return Finding(
            check=check,
            status="fail",
            message=f"a payment cannot be kept: {error}",
            advice="Give this account the right to write and to delete (in a file and its folder, in the table, on a "
            "primary server), or find out what holds it. Until then every payment under a key is refused.",
            details={"error": type(error).__name__, "timed_out": error.timed_out},
        )
    return Finding(check=check, status="ok", message="a record was saved and deleted again")
