"""How transfers fail: before they settle, by a leg, or returned afterwards; and what becomes of the money."""

from __future__ import annotations

from typing import Literal

from astra.sandbox.engine import ledger
from astra.sandbox.engine.calendar import clearing_time, next_banking_morning
from astra.sandbox.engine.core import Engine
from astra.sandbox.engine.instruments import announce_batch
from astra.sandbox.engine.records import Routine, Transfer
from astra.sandbox.engine.routine_runs import announce_transfer
from astra.sandbox.engine.transfers import end_transfer

Leg = Literal["pull", "push"]
REROUTED = "The instant network refused it; sent as same-day ACH."
INSUFFICIENT, NO_PULL, NO_PUSH = "insufficient funds", "card not enabled for pull", "card not enabled for push"


def obstacle(engine: Engine, transfer: Transfer) -> tuple[Leg, str] | None:
    """Returns which leg of a pending transfer cannot be done, and why; None when nothing is in the way."""
    routine = engine.state.routines.rows[transfer.routine_id]
    source, destination = engine.state.cards.get(routine.source_id), engine.state.cards.get(routine.destination_id)
    if ledger.is_short(engine.state, routine, transfer):
        return "pull", "R01" if engine.state.instruments.get(routine.source_id) is None else INSUFFICIENT
    if source is not None and not source.pull_enabled:
        return "pull", NO_PULL
    return ("push", NO_PUSH) if destination is not None and not destination.push_enabled else None


def fail(engine: Engine, transfer: Transfer, *, reason: str, leg: Leg) -> None:
    """Fails a pending transfer of which nothing has been done."""
    transfer.pull, transfer.push = ("failed", "cancelled") if leg == "pull" else ("cancelled", "failed")
    leave_batch(engine, transfer)
    end_transfer(engine, transfer, "failed", reason=reason)


def fail_half(engine: Engine, transfer: Transfer, *, reason: str, leg: Leg) -> None:
    """Fails one leg of a pending transfer after the other one was done."""
    routine = engine.state.routines.rows[transfer.routine_id]
    ledger.release(engine.state, routine, transfer)
    if leg == "pull":
        ledger.push(engine.state, routine, transfer)
    else:
        ledger.pull(engine.state, routine, transfer)
        leave_batch(engine, transfer)
    end_half(engine, routine, transfer, reason=reason, leg=leg)


def give_back(engine: Engine, transfer: Transfer, *, code: str, leg: Leg) -> None:
    """Returns one leg of a processed transfer."""
    routine = engine.state.routines.rows[transfer.routine_id]
    if leg == "pull":
        ledger.refund(engine.state, routine, transfer)
    else:
        ledger.recall(engine.state, routine, transfer)
    end_half(engine, routine, transfer, reason=code, leg=leg)


def end_half(engine: Engine, routine: Routine, transfer: Transfer, *, reason: str, leg: Leg) -> None:
    """Ends a transfer of which one leg was done; a push that failed leaves Astra with money, which goes back."""
    transfer.pull, transfer.push = ("failed", "processed") if leg == "pull" else ("processed", "failed")
    if leg == "push" and routine.settlement_mode != "net_debit":
        if routine.source_id in engine.state.instruments.rows:
            refund(engine, transfer.id)
        else:
            engine.state.at(next_banking_morning(engine.now()), "refund_transfer", transfer.id)
    end_transfer(engine, transfer, "failed", reason=reason)


def refund(engine: Engine, transfer_id: str) -> None:
    """Gives the source the money back that could not be pushed."""
    transfer = engine.state.transfers.rows[transfer_id]
    ledger.refund(engine.state, engine.state.routines.rows[transfer.routine_id], transfer)


def reject(engine: Engine, transfer: Transfer, *, reason: str) -> None:
    """Lets the instant network refuse a pending transfer: it goes by same-day ACH, or fails if that was ruled out."""
    if not engine.state.routines.rows[transfer.routine_id].alternative_routing:
        fail(engine, transfer, reason=reason, leg="push")
        return
    now = engine.now()
    transfer.rerouted, transfer.settlement_reason, transfer.updated = True, REROUTED, now
    transfer.clearing = clearing_time(now, speed="T+0")
    announce_transfer(engine, transfer, "transfer_updated")
    engine.state.at(transfer.clearing, "process_transfer", transfer.id)


def usual_leg(engine: Engine, transfer: Transfer) -> Leg:
    """Returns the leg that fails when none is named: what leaves a payment instrument is only pushed."""
    source = engine.state.routines.rows[transfer.routine_id].source_id
    return "push" if source in engine.state.instruments.rows else "pull"


def leave_batch(engine: Engine, transfer: Transfer) -> None:
    """Takes a payout that was never pushed off its batch, which is still open: no batch closes before its payouts."""
    batch = engine.state.batches.get(transfer.batch_id or "")
    if batch is not None:
        batch.amount -= transfer.amount
        batch.count -= 1
        batch.updated = engine.now()
        announce_batch(engine, batch, "batch_transfer_updated")
