"""What is planned and will happen. Some of what is planned stands for what has ended another way since."""

from __future__ import annotations

from astra.sandbox.engine.core import Engine
from astra.sandbox.engine.state import State
from astra.sandbox.engine.tables import Due


def happens(state: State, action: str, subject: str) -> bool:
    """Tells whether something that is planned changes anything, as things stand now.

    Args:
        state: all that the sandbox knows.
        action: what is planned.
        subject: the id of what it is planned for.
    """
    if action in ("run_routine", "give_up_routine"):
        routine = state.routines.get(subject)
        if routine is None or routine.removed:
            return False
        if action == "give_up_routine":
            return routine.status == "pending_account_authorization"
        return routine.status == "active" and not (routine.type == "one-time" and routine.started)
    if action in ("process_transfer", "return_transfer", "dispute_transfer"):
        transfer = state.transfers.get(subject)
        wanted = "pending" if action == "process_transfer" else "processed"
        disputed = action == "dispute_transfer" and transfer is not None and transfer.chargeback is not None
        return transfer is not None and transfer.status == wanted and not disputed
    if action == "review_intent":
        intent = state.intents.get(subject)
        person = intent if intent is None or intent.user_id is None else state.users.get(intent.user_id)
        return person is not None and person.status == "pending"
    if action == "review_user":
        user = state.users.get(subject)
        return user is not None and user.status == "pending"
    if action == "review_phone":
        user = state.users.get(subject)
        return user is not None and any(change["status"] == "pending" for change in user.phone_changes)
    return True


def first(engine: Engine, count: int, *, most: int) -> list[Due]:
    """Returns what happens first, in order; the caller holds the lock.

    Args:
        engine: the rules and their schedule.
        count: how much of what is planned is looked at; more, as long as nothing of it happens.
        most: how much is looked at in the end.
    """
    while True:
        planned = engine.state.schedule.first(count)
        found = [due for due in planned if happens(engine.state, due[2], due[3])]
        if found or len(planned) < count or count >= most:
            return found
        count = min(8 * count, most)


def next_due(engine: Engine) -> float | None:
    """Returns when something happens next (epoch seconds), or None; the caller holds the lock.

    Args:
        engine: the rules and their schedule.
    """
    found = first(engine, 8, most=len(engine.state.schedule) + 1)
    return found[0][0] if found else None
