"""Payments in a store, and the command line over them, for tests."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import attrs
import typer
from typer.testing import CliRunner, Result

from astra import Astra
from astra.cli import payments, trace
from astra.errors import UncertainOutcomeError
from astra.payments import HistoryEntry, PaymentRecord, PaymentState, open_idempotency_store
from astra.sandbox import Sandbox
from astra.testing.idempotency_contract import make_record
from astra.tokens import Identity

ME = Identity("sandbox@loopback", "client-1")
OTHER = Identity("production", "client-1")
REFERENCE = "INV00042"


def make(key: str = "payout-1", *, identity: Identity = ME, hours_ago: float = 48.0, **changes: Any) -> PaymentRecord:
    """A payment that was sent so many hours ago, and whose lease is over."""
    sent = datetime.now(UTC) - timedelta(hours=hours_ago)
    times = dict.fromkeys(("created", "updated", "first_sent", "sent"), sent)
    begun = HistoryEntry(time=sent, event="sent", state=PaymentState.SENDING, by="host:1:1")
    whose = {"environment": identity.environment, "client_id": identity.client_id}
    known = whose | times | {"lease_until": sent + timedelta(seconds=75), "history": (begun,)}
    return make_record(key, **(known | changes))


def uncertain(key: str = "payout-1", *, looked: str | None = None, **changes: Any) -> PaymentRecord:
    """A payment of unknown outcome, which was looked for or not."""
    record = make(key, state=PaymentState.UNCERTAIN, error="UncertainOutcomeError", **changes)
    if looked is None:
        return record
    entry = HistoryEntry(time=record.updated, event="looked", state=PaymentState.UNCERTAIN, detail=looked)
    return attrs.evolve(record, history=(*record.history, entry))


def put(url: str, *records: PaymentRecord) -> None:
    """Keeps payments in a store."""
    with open_idempotency_store(url) as store:
        for record in records:
            assert store.insert(record)


def rows(url: str) -> list[PaymentRecord]:
    """All payments in a store."""
    from astra.payments import PaymentQuery

    with open_idempotency_store(url) as store:
        return list(store.select(PaymentQuery()))


def run(app: typer.Typer, *arguments: str, say: str = "") -> Result:
    """Runs a command, which ends with an exit code and never with a traceback."""
    result = CliRunner().invoke(app, list(arguments), input=say)
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def astra(*arguments: str, say: str = "") -> Result:
    """Runs `astra payments`."""
    return run(payments.app, *arguments, say=say)


def traced(*arguments: str) -> Result:
    """Runs `astra trace`."""
    return run(trace.app, *arguments)


def as_json(result: Result) -> Any:
    """The one object that a command printed."""
    return json.loads(result.stdout)


def pay(client: Astra, key: str, *, amount: str = "20.00", reference: str | None = REFERENCE) -> str | None:
    """Pays under a key; returns Astra's id of the routine, or None when the answer was lost."""
    user = client.user("customer-42")
    source, destination = user.accounts.list(limit=2).to_list()
    try:
        return user.routines.create(
            type="one-time",
            name="Payout",
            payment_type="ach",
            source_id=source.id,
            destination_id=destination.id,
            amount=amount,
            client_correlation_id=reference,
            idempotency_key=key,
        ).id
    except UncertainOutcomeError:
        return None


class Clock:
    """The client's, which may be behind: what it sent is long over."""

    behind = 0.0

    def __call__(self) -> float:
        return time.time() - self.behind


def lose(sandbox: Sandbox, client: Astra, key: str, *, made: bool, reference: str | None = REFERENCE) -> None:
    """Loses the answer to a payment that Astra made, or the payment itself."""
    sandbox.faults.add(operation="create_routine", drop="after" if made else "before")
    assert pay(client, key, reference=reference) is None
