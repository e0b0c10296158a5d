"""What magic values do to routines: a fate that cannot apply is refused, the others come true at settlement."""

from __future__ import annotations

import difflib
import re
from decimal import Decimal

from astra.sandbox.engine import failures, transfers
from astra.sandbox.engine.calendar import MORNING, at_eastern, banking_day_after, eastern
from astra.sandbox.engine.core import Engine
from astra.sandbox.engine.problems import invalid, refused
from astra.sandbox.engine.records import Routine
from astra.sandbox.magic import table
from astra.sandbox.magic.table import Magic

PREFIX = "astra:"
LOOKS_MAGIC = re.compile(r"astra:.*|R\d\d(-late)?")
LOOKS_CORRELATED = re.compile(r"(astra)?R\d\d(late)?|astraD\d\d")
RETURN_BANKING_DAYS, DISPUTE_SECONDS = 2, 24 * 3600.0


def rail_of(engine: Engine, routine: Routine) -> str:
    """Returns the kind of payment, as the table names it."""
    if routine.payment_type == "ach":
        return "real-time" if routine.speed == "real-time" else "ach"
    if routine.payment_type == "debit":
        return "card" if engine.state.cards.get(routine.source_id) is not None else "push"
    return "book"


def named(name: str) -> Magic | None:
    """Returns the fate that a routine's name asks for."""
    return table.find("name", name.removeprefix(PREFIX))


def correlated(text: str | None) -> Magic | None:
    """Returns the fate that a correlation id asks for: `R01`, or `astraR01` where eight characters are needed."""
    if text is None:
        return None
    spelled = f"astra{text}" if re.fullmatch(r"R\d\d(late)?", text) else text
    return next((row for row in table.rows("name") if row.correlation == spelled), None)


def numbered(engine: Engine, routine: Routine) -> Magic | None:
    """Returns the fate that the source or the destination carries in its number."""
    for id in (routine.source_id, routine.destination_id):
        account = engine.state.accounts.get(id)
        row = None if account is None else table.find("account_number", account.origin.partition(":")[2])
        if row is not None and (id == routine.source_id or row.result in table.UNREACHABLE):
            return row
        card = engine.state.cards.get(id)
        for row in table.rows("card_number"):
            if card is not None and (card.number_start, card.number_end) == (row.value[:6], row.value[-4:]):
                return row if row.then in ("fail", "dispute") else None
    return None


def check(engine: Engine, routine: Routine) -> None:
    """Refuses a magic value that cannot apply to this payment.

    Raises:
        Problem: 400, with the reason and the nearest that can.
    """
    rail = rail_of(engine, routine)
    check_name(routine.name, rail=rail)
    text = routine.client_correlation_id or ""
    row = correlated(text)
    if row is None and LOOKS_CORRELATED.fullmatch(text):
        known = [row.correlation for row in table.rows("name") if row.correlation]
        raise invalid({"client_correlation_id": [unknown(text, known)]})
    require(row, "client_correlation_id", rail=rail)
    require(numbered(engine, routine), "source" if routine.shape == "party" else "source_id", rail=rail)
    for limit in table.rows("amount"):
        if routine.amount == Decimal(limit.value):
            raise refused(limit.result)


def check_name(name: str, *, rail: str) -> None:
    """Refuses a routine name that looks magic and is not, or cannot apply.

    Raises:
        Problem: 400, with the reason and the nearest that can.
    """
    row = named(name)
    if row is None and LOOKS_MAGIC.fullmatch(name):
        raise invalid({"name": [unknown(name, [row.value for row in table.rows("name")])]})
    require(row, "name", rail=rail)


def unknown(text: str, known: list[str]) -> str:
    """Says that a value that looks magic is not, and which one may be meant."""
    near = difflib.get_close_matches(text.removeprefix(PREFIX), known, n=1, cutoff=0) or known[:1]
    return f"`{text}` is not a magic value of the sandbox. The nearest is `{near[0] if near else 'none'}`."


def require(row: Magic | None, field: str, *, rail: str) -> None:
    """Refuses a fate that this kind of payment cannot have.

    Raises:
        Problem: 400, with the reason and the nearest that can.
    """
    if row is None or rail in row.rails:
        return
    fits = [other for other in table.rows("name") if rail in other.rails]
    fits.sort(key=lambda other: other.then != row.then)
    nearest = f"The nearest that can: `{fits[0].value}` as the name." if fits else "No magic value applies to it."
    reason = f"`{row.value}` is magic for {' and '.join(row.rails)} payments; this is a {rail} payment."
    raise invalid({field: [f"{reason} {nearest}"]})


def fate_of(engine: Engine, routine: Routine) -> Magic | None:
    """Returns how a routine's transfers end; the name counts first, then the correlation id, then the numbers."""
    row = named(routine.name) or correlated(routine.client_correlation_id) or numbered(engine, routine)
    return row if row is not None and rail_of(engine, routine) in row.rails else None


def leg_of(engine: Engine, routine: Routine, fate: Magic) -> failures.Leg:
    """Returns the leg that a fate stops: a number stops the leg of its own account or card."""
    if routine.source_id in engine.state.instruments.rows or rail_of(engine, routine) == "push":
        return "push"
    account = engine.state.accounts.get(routine.source_id)
    if fate.field == "account_number" and (account is None or account.origin.partition(":")[2] != fate.value):
        return "push"
    return "pull"


def clear(engine: Engine, transfer_id: str) -> None:
    """Clears a pending transfer as its request chose."""
    transfer = engine.state.transfers.get(transfer_id)
    if transfer is None or transfer.status != "pending":
        return
    routine = engine.state.routines.rows[transfer.routine_id]
    fate = fate_of(engine, routine)
    if fate is not None and fate.then == "fail":
        failures.fail(engine, transfer, reason=fate.result, leg=leg_of(engine, routine, fate))
        return
    if fate is not None and fate.then == "reroute" and not transfer.rerouted:
        failures.reject(engine, transfer, reason=fate.result)
        return
    if found := failures.obstacle(engine, transfer):
        failures.fail(engine, transfer, leg=found[0], reason=found[1])
        return
    transfers.process(engine, transfer_id)
    if fate is not None and fate.then == "return":
        day = banking_day_after(eastern(engine.now()).date(), RETURN_BANKING_DAYS)
        engine.state.at(at_eastern(day, MORNING), "return_transfer", transfer_id)
    elif fate is not None and fate.then == "dispute":
        engine.state.at(engine.now() + DISPUTE_SECONDS, "dispute_transfer", transfer_id)


def give_back(engine: Engine, transfer_id: str) -> None:
    """Returns a processed transfer, as its request chose."""
    transfer = engine.state.transfers.get(transfer_id)
    if transfer is None or transfer.status != "processed":
        return
    fate = fate_of(engine, engine.state.routines.rows[transfer.routine_id])
    if fate is not None:
        failures.give_back(engine, transfer, code=fate.result, leg=failures.usual_leg(engine, transfer))


def dispute(engine: Engine, transfer_id: str) -> None:
    """Charges a processed transfer back, as its request chose."""
    transfer = engine.state.transfers.get(transfer_id)
    if transfer is not None and transfer.status == "processed" and transfer.chargeback is None:
        transfers.charge_back(engine, transfer, code="10.4", description="Fraud - card absent")
