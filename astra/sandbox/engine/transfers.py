"""Transfers: reading, segments, cancelling, and how they end."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from astra.errors import InvalidRequestError
from astra.sandbox.engine import ledger
from astra.sandbox.engine.calendar import cancel_deadline
from astra.sandbox.engine.core import Answer, Call, Engine
from astra.sandbox.engine.paging import page
from astra.sandbox.engine.problems import missing, refused
from astra.sandbox.engine.records import Card, Transfer
from astra.sandbox.engine.routine_runs import announce_transfer, set_status


def show_transfer(engine: Engine, transfer: Transfer) -> dict[str, Any]:
    """Returns a transfer as Astra sends it."""
    routine = engine.state.routines.rows[transfer.routine_id]
    status = transfer.status
    return {
        "id": transfer.id,
        "routine_type": routine.type,
        "routine_name": routine.name,
        "routine_id": routine.id,
        "client_correlation_id": routine.client_correlation_id,
        "source_id": routine.source_id,
        "destination_id": routine.destination_id,
        "destination_user_id": routine.destination_user_id,
        "amount": engine.money(transfer.amount),
        "payment_type": routine.payment_type,
        "initiated": engine.stamp(transfer.created),
        "updated": engine.stamp(transfer.updated),
        "estimated_clearing_date": engine.stamp(transfer.clearing),
        "astra_settlement_reason": transfer.settlement_reason,
        "failure_reason": transfer.failure_reason,
        "chargeback": None if transfer.chargeback is None else show_chargeback(engine, transfer, transfer.chargeback),
        "status": engine.quirks.canceled if status == "cancelled" else status,
    }


def show_chargeback(engine: Engine, transfer: Transfer, chargeback: Mapping[str, Any]) -> dict[str, Any]:
    """Returns a transfer's chargeback as Astra sends it; the disputed amount is the transfer's."""
    amount = engine.money(transfer.amount)
    return {**chargeback, "exception_settled_amount": amount, "original_settled_amount": amount}


def list_transfers(engine: Engine, call: Call) -> Answer:
    """Serves `GET /v1/transfers`."""
    records = engine.state.transfers.of(call.person().id)
    return page(engine, call.query, plural="transfers", records=records, show=show_transfer)


def list_routine_transfers(engine: Engine, call: Call) -> Answer:
    """Serves `GET /v1/routines/{id}/transfers`."""
    routine = engine.state.routines.owned_by(call.person().id, call.path["id"])
    if routine is None or routine.removed:
        raise missing()
    records = engine.state.by_routine.get(routine.id, [])
    return page(engine, call.query, plural="transfers", records=records, show=show_transfer)


def owned_transfer(engine: Engine, call: Call) -> Transfer:
    """Returns the transfer that the path names, when it is the user's."""
    transfer = engine.state.transfers.owned_by(call.person().id, call.path["id"])
    if transfer is None:
        raise missing()
    return transfer


def get_transfer(engine: Engine, call: Call) -> Answer:
    """Serves `GET /v1/transfers/{id}`."""
    return Answer(200, show_transfer(engine, owned_transfer(engine, call)))


def list_transfer_segments(engine: Engine, call: Call) -> Answer:
    """Serves `GET /v1/transfers/{id}/segments`: the pull from the source and the push to the destination."""
    transfer = owned_transfer(engine, call)
    routine = engine.state.routines.rows[transfer.routine_id]
    pulled, pushed = ledger.amounts(routine, transfer)
    legs: list[dict[str, Any]] = []
    for number, leg in enumerate(("pull", "push"), 1):
        card = engine.state.cards.get(routine.source_id if leg == "pull" else routine.destination_id)
        status = (transfer.pull if leg == "pull" else transfer.push) or transfer.status
        legs.append(
            {
                "id": f"{transfer.id}-{number}",
                "source_id": routine.source_id if leg == "pull" else None,
                "destination_id": routine.destination_id if leg == "push" else None,
                "payment_type": "debit" if card is not None else "ach",
                "amount": engine.money(pulled if leg == "pull" else pushed),
                "status": engine.quirks.canceled if status == "cancelled" else status,
                "return_code": transfer.failure_reason if status == "failed" else None,
            }
        )
    return Answer(200, {"count": len(legs), "segments": legs})


def cancel_transfer(engine: Engine, call: Call) -> Answer:
    """Serves `POST /v1/transfers/{id}/cancel`: a pending ACH transfer, until 5 pm Eastern on the next banking day."""
    transfer = owned_transfer(engine, call)
    routine = engine.state.routines.rows[transfer.routine_id]
    instant = routine.payment_type != "ach" or routine.speed == "real-time"
    if transfer.status != "pending" or instant or engine.now() > cancel_deadline(transfer.created):
        raise refused("The transfer can no longer be canceled.")
    end_transfer(engine, transfer, "cancelled")
    return Answer(200, show_transfer(engine, transfer))


def end_transfer(engine: Engine, transfer: Transfer, status: str, *, reason: str | None = None) -> None:
    """Gives a transfer its end, which is booked already; a one-time routine ends with it."""
    routine = engine.state.routines.rows[transfer.routine_id]
    ledger.release(engine.state, routine, transfer)
    transfer.status, transfer.failure_reason, transfer.updated = status, reason, engine.now()
    announce_transfer(engine, transfer, "transfer_updated")
    if routine.type == "one-time":
        set_status(engine, routine, {"processed": "completed"}.get(status, status))


def process(engine: Engine, transfer_id: str) -> None:
    """Clears a pending transfer."""
    transfer = engine.state.transfers.get(transfer_id)
    if transfer is not None and transfer.status == "pending":
        routine = engine.state.routines.rows[transfer.routine_id]
        ledger.pull(engine.state, routine, transfer)
        ledger.push(engine.state, routine, transfer)
        end_transfer(engine, transfer, "processed")


def card_of(engine: Engine, transfer: Transfer) -> Card | None:
    """Returns the card that a transfer took money from, or else the one that it sent money to."""
    routine = engine.state.routines.rows[transfer.routine_id]
    return engine.state.cards.get(routine.source_id) or engine.state.cards.get(routine.destination_id)


def charge_back(engine: Engine, transfer: Transfer, *, code: str, description: str) -> dict[str, Any]:
    """Opens a chargeback of a transfer, as its cardholder disputes it."""
    now = engine.stamp(engine.now())
    card = card_of(engine, transfer)
    transfer.chargeback = {
        "cb_id": engine.ids.chargeback(),
        "action_status": "Open - Merchant debited",
        "dispute_status": "Open",
        "created": now,
        "updated": now,
        "status_date": now,
        "exception_date": now,
        "original_creation_date": engine.stamp(transfer.created),
        "original_processed_date": engine.stamp(transfer.clearing),
        "exception_code": code,
        "exception_description": description,
        "exception_id": engine.ids.hex("exception"),
        "exception_type": "Chargeback",
        "exception_settled_amount": None,
        "original_settled_amount": None,
        "merchant_reference_id": engine.ids.hex("merchant reference"),
        "network_id": "Visa" if card is None else card.card_company,
        "user_id": transfer.owner,
    }
    ledger.dispute(engine.state, engine.state.routines.rows[transfer.routine_id], transfer, won=False)
    announce_chargeback(engine, transfer, "chargeback_created")
    return show_chargeback(engine, transfer, transfer.chargeback)


def update_chargeback(engine: Engine, transfer: Transfer, *, action_status: str, dispute_status: str) -> dict[str, Any]:
    """Moves a chargeback on, or ends it."""
    if transfer.chargeback is None:
        raise InvalidRequestError("The transfer has no chargeback.")
    now = engine.stamp(engine.now())
    transfer.chargeback = {
        **transfer.chargeback,
        "action_status": action_status,
        "dispute_status": dispute_status,
        "status_date": now,
        "updated": now,
    }
    routine = engine.state.routines.rows[transfer.routine_id]
    ledger.dispute(engine.state, routine, transfer, won=dispute_status == "Won")
    announce_chargeback(engine, transfer, "chargeback_updated")
    return show_chargeback(engine, transfer, transfer.chargeback)


def announce_chargeback(engine: Engine, transfer: Transfer, type: str) -> None:
    """Sends `chargeback_created` or `chargeback_updated`, about the chargeback, with the transfer as its parent."""
    client_id = engine.state.users.rows[transfer.owner].owner
    held = transfer.chargeback or {}
    engine.emit(
        type,
        client_id=client_id,
        user_id=transfer.owner,
        resource_id=str(held["cb_id"]),
        resource_parent_id=transfer.id,
    )
