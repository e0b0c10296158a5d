"""The life of a routine: when it starts, waits, makes a transfer, ends."""

from __future__ import annotations

from datetime import date, timedelta

from astra.sandbox.engine import ledger
from astra.sandbox.engine.calendar import clearing_time, start_of_pacific_day
from astra.sandbox.engine.core import Engine
from astra.sandbox.engine.records import Routine, Transfer, User

TERMINAL = ("failed", "completed", "cancelled", "user_suspended")
OVER = ("failed", "completed", "cancelled")
"""Statuses that no routine comes back from; a suspended user may be approved again."""

AUTHORIZATION_GRACE = 7 * 24 * 3600.0
FREQUENCY_DAYS = {"weekly": 7, "bi-weekly": 14}
UNCHECKED = ("pending", "retry", "document")


def set_status(engine: Engine, routine: Routine, status: str) -> None:
    """Gives a routine a status and announces it."""
    if routine.status != status:
        routine.status = status
        announce(engine, routine)


def announce(engine: Engine, routine: Routine) -> None:
    """Sends `routine_updated`."""
    client_id = engine.state.users.rows[routine.owner].owner
    engine.emit("routine_updated", client_id=client_id, user_id=routine.owner, resource_id=routine.id)


def due_status(engine: Engine, routine: Routine) -> str:
    """Returns the status that the user and the accounts allow."""
    user = engine.state.users.rows[routine.owner]
    if user.status == "suspended":
        return "user_suspended"
    if user.status in UNCHECKED:
        return "requires_user_verification"
    for id in (routine.source_id, routine.destination_id):
        account = engine.state.accounts.get(id)
        if account is not None and account.connection_status != "connected":
            return "pending_account_authorization"
    return "active"


def launch(engine: Engine, routine: Routine) -> None:
    """Starts a new routine, or lets it wait for its user, its account or its date."""
    routine.status = due_status(engine, routine)
    engine.state.routines.add(routine)
    announce(engine, routine)
    start = start_of(routine)
    if routine.status == "active":
        if start <= engine.now():
            run(engine, routine.id)
        else:
            engine.state.at(start, "run_routine", routine.id)
    elif routine.status == "pending_account_authorization" and routine.type == "one-time":
        engine.state.at(max(start, engine.now()) + AUTHORIZATION_GRACE, "give_up_routine", routine.id)


def start_of(routine: Routine) -> float:
    """Returns when a routine may first run (epoch seconds)."""
    return start_of_pacific_day(date.fromisoformat(routine.start_date))


def run(engine: Engine, routine_id: str) -> None:
    """Makes the transfer of an active routine; a recurring one plans the next."""
    routine = engine.state.routines.get(routine_id)
    if routine is None or routine.removed or routine.status in OVER:
        return
    if routine.type == "recurring":
        engine.state.at(next_run(routine), "run_routine", routine.id)
        routine.runs += 1
    elif routine.started:
        return
    if routine.status != "active":
        return
    routine.started = True
    make_transfer(engine, routine)


def next_run(routine: Routine) -> float:
    """Returns when a recurring routine runs after its `runs`th time (epoch seconds)."""
    day, count = date.fromisoformat(routine.start_date), routine.runs + 1
    if routine.frequency == "monthly":
        months = day.month - 1 + count
        year, month = day.year + months // 12, months % 12 + 1
        last = (date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)).day
        day = date(year, month, min(day.day, last))
    else:
        day += timedelta(days=FREQUENCY_DAYS[routine.frequency or "weekly"] * count)
    return start_of_pacific_day(day)


def make_transfer(engine: Engine, routine: Routine) -> Transfer:
    """Begins one movement of money."""
    now = engine.now()
    speed = "real-time" if routine.payment_type == "debit" else routine.speed
    transfer = Transfer(
        id=engine.ids.hex("transfer"),
        owner=routine.owner,
        seq=engine.state.next_seq(),
        created=now,
        routine_id=routine.id,
        updated=now,
        clearing=clearing_time(now, speed=speed),
        amount=routine.amount,
        receiver=routine.destination_user_id,
    )
    routine.transfer_id = transfer.id
    engine.state.add_transfer(transfer)
    ledger.hold(engine.state, routine, transfer)
    announce_transfer(engine, transfer, "transfer_created")
    if routine.settlement_mode == "net_debit":
        engine.actions["add_to_batch"](engine, transfer.id)
    engine.state.at(transfer.clearing, "process_transfer", transfer.id)
    return transfer


def announce_transfer(engine: Engine, transfer: Transfer, type: str) -> None:
    """Sends `transfer_created` or `transfer_updated`."""
    client_id = engine.state.users.rows[transfer.owner].owner
    engine.emit(type, client_id=client_id, user_id=transfer.owner, resource_id=transfer.id)


def user_changed(engine: Engine, user: User) -> None:
    """Lets go on what waited for a user's new status, and stops what it forbids."""
    for routine in list(engine.state.routines.of(user.id)):
        if user.status == "suspended":
            if routine.status not in TERMINAL:
                set_status(engine, routine, "user_suspended")
        elif routine.status == "requires_user_verification":
            if user.status == "rejected":
                set_status(engine, routine, "failed")
            else:
                resume(engine, routine)
        elif routine.status == "user_suspended" and routine.type != "one-time":
            resume(engine, routine)


def accounts_changed(engine: Engine, user: User) -> None:
    """Lets routines go on or wait, as an account's authorization was given or lost."""
    for routine in list(engine.state.routines.of(user.id)):
        if routine.status == "pending_account_authorization":
            resume(engine, routine)
        elif routine.status == "active" and not (routine.type == "one-time" and routine.started):
            set_status(engine, routine, due_status(engine, routine))


def resume(engine: Engine, routine: Routine) -> None:
    """Lets a waiting routine go on if nothing holds it any more."""
    status = due_status(engine, routine)
    set_status(engine, routine, status)
    if status == "active" and not (routine.runs or routine.started):
        start = start_of(routine)
        if start <= engine.now():
            run(engine, routine.id)
        else:
            engine.state.at(start, "run_routine", routine.id)


def give_up(engine: Engine, routine_id: str) -> None:
    """Fails a one-time routine that has waited for its account for seven days after its start date."""
    routine = engine.state.routines.get(routine_id)
    if routine is not None and routine.status == "pending_account_authorization":
        set_status(engine, routine, "failed")
