"""What belongs to the client itself: payment instruments and batch transfers."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from astra.sandbox.engine import ledger
from astra.sandbox.engine.calendar import MORNING, at_eastern, banking_day_after, eastern
from astra.sandbox.engine.core import Answer, Call, Engine
from astra.sandbox.engine.problems import missing
from astra.sandbox.engine.records import Batch, Client, Instrument


def show_instrument(engine: Engine, instrument: Instrument) -> dict[str, Any]:
    """Returns a payment instrument as Astra sends it."""
    return {
        "id": instrument.id,
        "name": instrument.name,
        "account_id": instrument.account_id,
        "account_number": instrument.account_number,
        "routing_number": instrument.routing_number,
        "available_balance": engine.money(ledger.available(engine.state, instrument.id)),
    }


def add_instrument(engine: Engine, client: Client, *, name: str, balance: Decimal) -> Instrument:
    """Gives a client an account at the partner bank."""
    instrument = Instrument(
        id=engine.ids.uuid("instrument"),
        owner=client.id,
        seq=engine.state.next_seq(),
        created=engine.now(),
        name=name,
        account_id=engine.ids.hex("account"),
        account_number=engine.ids.digits("account number", 10),
        routing_number="222222226",
        balance=balance,
    )
    ledger.opened(engine.state, balance)
    return engine.state.instruments.add(instrument)


def list_payment_instruments(engine: Engine, call: Call) -> Answer:
    """Serves `GET /v1/payment_instruments`."""
    held = [show_instrument(engine, instrument) for instrument in reversed(engine.state.instruments.of(call.client.id))]
    return Answer(200, {"count": len(held), "payment_instruments": held})


def get_payment_instrument(engine: Engine, call: Call) -> Answer:
    """Serves `GET /v1/payment_instruments/{id}`."""
    instrument = engine.state.instruments.owned_by(call.client.id, call.path["id"])
    if instrument is None:
        raise missing()
    return Answer(200, show_instrument(engine, instrument))


def receive_payment(engine: Engine, instrument: Instrument, *, amount: Decimal, type: str) -> None:
    """Adds money that arrives from outside; its event has no user."""
    ledger.move(engine.state, source=ledger.OUTSIDE, destination=instrument.id, amount=amount)
    engine.emit(
        "inbound_payment_received",
        client_id=instrument.owner,
        user_id=None,
        resource_id=instrument.id,
        metadata={"amount": engine.money(amount), "type": type},
    )


def add_to_batch(engine: Engine, transfer_id: str) -> None:
    """Adds a net-debit payout to the batch of its banking day; a new batch is announced."""
    transfer = engine.state.transfers.rows[transfer_id]
    client_id = engine.state.users.rows[transfer.owner].owner
    source = engine.state.routines.rows[transfer.routine_id].source_id
    held = engine.state.batches.of(client_id)
    batch = next((b for b in reversed(held) if b.source_id == source and b.closes > transfer.clearing), None)
    fresh = batch is None
    if batch is None:
        day = banking_day_after(eastern(engine.now()).date(), 1)
        batch = Batch(
            id=engine.ids.hex("batch"),
            owner=client_id,
            seq=engine.state.next_seq(),
            created=engine.now(),
            source_id=source,
            updated=engine.now(),
            closes=at_eastern(day, MORNING),
            user_id=transfer.owner,
        )
        engine.state.batches.add(batch)
        engine.state.at(batch.closes, "close_batch", batch.id)
    batch.amount += transfer.amount
    batch.count += 1
    batch.updated = engine.now()
    transfer.batch_id = batch.id
    announce_batch(engine, batch, "batch_transfer_created" if fresh else "batch_transfer_updated")


def close_batch(engine: Engine, batch_id: str) -> None:
    """Debits the client's account with the sum of a batch, on the next banking day, unless it is short."""
    batch = engine.state.batches.rows[batch_id]
    free = ledger.available(engine.state, batch.source_id)
    short = free is not None and free < batch.amount
    batch.status, batch.updated = "failed" if short else "processed", engine.now()
    if not short:
        ledger.move(engine.state, source=batch.source_id, destination=ledger.CLEARING, amount=batch.amount)
    announce_batch(engine, batch, "batch_transfer_updated")


def return_batch(engine: Engine, batch: Batch) -> None:
    """Returns the debit of a batch: its payouts stay paid, and clearing has the loss."""
    ledger.move(engine.state, source=ledger.CLEARING, destination=batch.source_id, amount=batch.amount)
    batch.status, batch.updated = "failed", engine.now()
    announce_batch(engine, batch, "batch_transfer_updated")


def announce_batch(engine: Engine, batch: Batch, type: str) -> None:
    """Sends `batch_transfer_created` or `batch_transfer_updated`."""
    engine.emit(type, client_id=batch.owner, user_id=batch.user_id, resource_id=batch.id)


def get_batch_transfer(engine: Engine, call: Call) -> Answer:
    """Serves `GET /v1/batch_transfers/{id}`."""
    batch = engine.state.batches.owned_by(call.client.id, call.path["id"])
    if batch is None:
        raise missing()
    return Answer(
        200,
        {
            "id": batch.id,
            "amount": engine.money(batch.amount),
            "status": batch.status,
            "created": engine.stamp(batch.created),
            "updated": engine.stamp(batch.updated),
        },
    )
