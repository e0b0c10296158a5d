"""Routines of the classic kind (card to card, account to account), and what all routines share."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any

import attrs
from astra_api.literals import SENT_VALUES
from astra_api.models.payment_type import PaymentType
from astra_api.models.routine_type import RoutineType

from astra.sandbox.engine import endpoints, limits, routine_runs
from astra.sandbox.engine.calendar import pacific_date
from astra.sandbox.engine.core import Answer, Call, Engine
from astra.sandbox.engine.paging import page
from astra.sandbox.engine.problems import invalid, missing, refused
from astra.sandbox.engine.reader import Reader
from astra.sandbox.engine.records import Routine, User
from astra.sandbox.engine.users import capabilities
from astra.sandbox.magic import fates

SPEEDS = ("real-time", "T+0", "T+1", "T+2", "T+4")
FREQUENCIES = ("weekly", "bi-weekly", "monthly")
CORRELATION_LENGTHS = {"debit": 8, "ach": 80, "instant": 140}
MOST_PER_ACCOUNT_TRANSFER = 100_000
ULTIMATE = ("ultimate_receiver_user_id", "ultimate_sender_user_id")


def show_routine(engine: Engine, routine: Routine) -> dict[str, Any]:
    """Returns a routine in the shape of the endpoint that made it."""
    active = routine.status == "active"
    blocked = engine.state.users.rows[routine.owner].status == "suspended"
    shown: dict[str, Any] = {"id": routine.id, "type": routine.type, "name": routine.name, "status": routine.status}
    shown["amount"] = engine.money(routine.amount)
    shown["start_date"] = routine.start_date
    shown["blocked"] = blocked
    shown["created"] = engine.stamp(routine.created)
    if routine.shape == "party":
        shown["active"] = active
        shown["source"] = {"id": routine.source_id}
        shown["destination"] = {"id": routine.destination_id, "user_id": routine.destination_user_id}
        shown["payment_route"] = routine.payment_route
        shown["debit_fee_percent"] = engine.money(routine.fee_percent or Decimal(0))
        if routine.client_correlation_id is not None:
            shown["client_correlation_id"] = routine.client_correlation_id
        return shown
    shown["active"] = str(active) if engine.quirks.string_active else active
    shown["payment_type"] = routine.payment_type
    shown["source_id"] = routine.source_id
    shown["destination_id"] = routine.destination_id
    shown["destination_user_id"] = routine.destination_user_id
    shown["preferred_settlement_speed"] = routine.speed
    shown["frequency"] = routine.frequency
    shown["client_correlation_id"] = routine.client_correlation_id
    return shown


def list_routines(engine: Engine, call: Call) -> Answer:
    """Serves `GET /v1/routines`."""
    records = engine.state.routines.of(call.person().id)
    return page(engine, call.query, plural="routines", records=records, show=show_routine)


def owned_routine(engine: Engine, call: Call) -> Routine:
    """Returns the routine that the path names, when it is the user's."""
    routine = engine.state.routines.owned_by(call.person().id, call.path["id"])
    if routine is None or routine.removed:
        raise missing()
    return routine


def get_routine(engine: Engine, call: Call) -> Answer:
    """Serves `GET /v1/routines/{id}`."""
    return Answer(200, show_routine(engine, owned_routine(engine, call)))


def delete_routine(engine: Engine, call: Call) -> Answer:
    """Serves `DELETE /v1/routines/{id}`: stops a recurring routine; a one-time routine goes on, as documented."""
    routine = owned_routine(engine, call)
    if routine.type == "recurring":
        routine.removed = True
        routine.status = "inactive"
        engine.state.routines.hide(routine)
        routine_runs.announce(engine, routine)
    return engine.done()


def correlation_id(body: Reader, *, longest: int, exactly: bool = False, required: bool = False) -> str | None:
    """Reads an alphanumeric correlation id of the length that the rail has room for."""
    pattern = f"[A-Za-z0-9]{{{longest}}}" if exactly else f"[A-Za-z0-9]{{1,{longest}}}"
    message = f"Must be {'exactly' if exactly else 'at most'} {longest} alphanumeric characters."
    return body.maybe_text("client_correlation_id", pattern=pattern, message=message, required=required)


def fee_percent(body: Reader) -> Decimal | None:
    """Reads the fee, 1.25 meaning 1.25 percent."""
    value = body.maybe_number("debit_fee_percent")
    if value is not None and not 0 <= value <= 100:
        body.complain("debit_fee_percent", "Must be a percentage from 0 to 100.")
    return value


def sent_value(body: Reader, name: str, *, enum: str, known: Iterable[str]) -> str:
    """Reads a value of one of the spec's enums; one that only older documents have is refused with that reason."""
    value = body.text(name, choices=SENT_VALUES[enum])
    if value in set(known) - set(SENT_VALUES[enum]):
        body.complain(name, f"`{value}` is of older documents of Astra; the current ones do not take it.")
    return value


def read_classic(body: Reader, *, today: date) -> dict[str, Any]:
    """Reads the fields of `POST /v1/routines`, and checks them one by one and against each other."""
    values: dict[str, Any] = {
        "type": sent_value(body, "type", enum="RoutineType", known=RoutineType),
        "name": body.text("name"),
        "payment_type": sent_value(body, "payment_type", enum="PaymentType", known=PaymentType),
        "source_id": body.text("source_id"),
        "destination_id": body.text("destination_id"),
        "destination_user_id": body.maybe_text("destination_user_id", null=True),
        "amount": body.amount("amount"),
        "start_date": body.maybe_date("start_date") or today.isoformat(),
        "speed": body.maybe_text("preferred_settlement_speed", choices=SPEEDS, null=True),
        "frequency": body.maybe_text("frequency", choices=FREQUENCIES, null=True),
        "fee_percent": fee_percent(body),
    }
    debit = values["payment_type"] == "debit"
    rail = "debit" if debit else "instant" if values["speed"] == "real-time" else "ach"
    values["client_correlation_id"] = correlation_id(body, longest=CORRELATION_LENGTHS[rail])
    values["alternative_routing"] = not body.flag("disable_alternative_routing")
    for name in ULTIMATE:
        body.maybe_text(name, null=True)
    if values["start_date"] < today.isoformat():
        body.complain("start_date", "Must not be in the past.")
    if debit and values["start_date"] > today.isoformat():
        body.complain("start_date", "Must not be in the future for debit.")
    if values["fee_percent"] is not None and not debit:
        body.complain("debit_fee_percent", "Only for the debit payment type.")
    if values["type"] == "recurring":
        if not values["frequency"]:
            body.complain("frequency", "Missing data for required field.")
        if debit:
            body.complain("payment_type", "Recurring routines support ach only.")
    if not debit and values["amount"] > MOST_PER_ACCOUNT_TRANSFER:
        body.complain("amount", "At most 100000 per transaction.")
    return values


def create_routine(engine: Engine, call: Call) -> Answer:
    """Serves `POST /v1/routines`."""
    user = call.person()
    body = Reader(call.body)
    values = read_classic(body, today=pacific_date(engine.now()))
    body.finish()
    may_start(user)
    if values["source_id"] == values["destination_id"]:
        raise refused("The source and the destination are the same.")
    kinds = endpoints.check(
        engine,
        call.client,
        user,
        source_id=values["source_id"],
        destination_id=values["destination_id"],
        destination_user_id=values["destination_user_id"],
    )
    if values["payment_type"] == "debit":
        if kinds != ("card", "card"):
            raise refused("The debit payment type needs a card as source and as destination.")
        check_card_to_card(engine, user)
        values["speed"] = "real-time"
    else:
        if "card" in kinds:
            raise refused("The ach payment type needs an account as source and as destination.")
        values["speed"] = account_speed(user, values["speed"], source=kinds[0])
    return Answer(201, show_routine(engine, add(engine, user, shape="classic", **values)))


def account_speed(user: User, wanted: str | None, *, source: str) -> str:
    """Returns the settlement speed of an account-to-account routine, within the user's capabilities."""
    fastest = SPEEDS.index(capabilities(user)["account_to_account"]["max_settlement_speed"])
    if wanted is None:
        return SPEEDS[max(fastest, SPEEDS.index("T+2"))]
    if SPEEDS.index(wanted) < fastest:
        raise refused(f"The user's capabilities allow {SPEEDS[fastest]} at most.")
    if wanted in ("real-time", "T+0") and source != "instrument":
        raise invalid({"source_id": [f"{wanted} needs the id of a payment instrument."]})
    return wanted


def check_card_to_card(engine: Engine, user: User) -> None:
    """Refuses a card-to-card transfer above the daily count, when the user's is limited."""
    limit = capabilities(user)["card_to_card"]["transfer_count_limit"]
    since = engine.now() - 24 * 3600
    recent = [r for r in engine.state.routines.of(user.id) if r.payment_type == "debit" and r.created > since]
    if limit is not None and len(recent) >= limit:
        raise refused("The daily limit of card-to-card transfers has been reached.")


def may_start(user: User) -> None:
    """Refuses users who may not start routines at all."""
    if user.status == "rejected":
        raise refused("The user is not approved to create routines.")
    if user.kyc_type == "receive-only":
        raise refused("A receive-only user cannot create routines.")


def add(engine: Engine, user: User, *, shape: str, **values: Any) -> Routine:
    """Stores and starts a routine."""
    now = engine.now()
    routine = Routine(
        id=engine.ids.hex("routine"), owner=user.id, seq=engine.state.next_seq(), created=now, shape=shape, **values
    )
    fates.check(engine, routine)
    limits.check(engine, user, routine)
    routine_runs.launch(engine, routine)
    return routine


def update_routine(engine: Engine, call: Call) -> Answer:
    """Serves `PUT /v1/routines/{id}`: non-required fields of the type; a recurring schedule is fixed."""
    routine = owned_routine(engine, call)
    today = pacific_date(engine.now()).isoformat()
    body = Reader(call.body)
    changes: dict[str, Any] = {}
    if body.has("type") and body.values["type"] != routine.type:
        body.complain("type", "The type cannot be changed.")
    for name in ("name", "destination_user_id"):
        if (text := body.maybe_text(name)) is not None:
            changes[name] = text
    if body.has("amount"):
        changes["amount"] = body.amount("amount")
    if (start := body.maybe_date("start_date")) is not None:
        changes["start_date"] = start
        if start < today or (routine.payment_type == "debit" and start > today):
            body.complain("start_date", "Not a valid start date for this routine.")
    if (frequency := body.maybe_text("frequency", choices=FREQUENCIES)) is not None:
        changes["frequency"] = frequency
    if (speed := body.maybe_text("preferred_settlement_speed", choices=SPEEDS)) is not None:
        changes["speed"] = speed
    longest = CORRELATION_LENGTHS["debit" if routine.payment_type == "debit" else "ach"]
    if (correlation := correlation_id(body, longest=longest)) is not None:
        changes["client_correlation_id"] = correlation
    active = body.flag("active", default=routine.status == "active") if body.has("active") else None
    body.finish()
    changed = attrs.evolve(routine, **changes)
    fates.check(engine, changed)
    limits.check(engine, call.person(), changed)
    apply_changes(engine, call, routine, changes, active=active)
    return Answer(200, show_routine(engine, routine))


def apply_changes(
    engine: Engine, call: Call, routine: Routine, changes: dict[str, Any], *, active: bool | None
) -> None:
    """Changes a routine that can still be changed."""
    fixed = {"amount", "start_date", "frequency"} & {n for n, v in changes.items() if v != getattr(routine, n)}
    if routine.status in routine_runs.TERMINAL or (routine.type == "one-time" and routine.started):
        if changes or active is not None:
            raise refused("The routine can no longer be changed.")
    elif routine.type == "recurring" and fixed:
        raise refused("The amount, start date and frequency of a recurring routine cannot be changed.")
    if routine.type == "one-time" and changes.get("frequency"):
        raise invalid({"frequency": ["Not a field of one-time routines."]})
    if "speed" in changes:
        source = endpoints.kind_of(engine, call.client, call.person(), routine.source_id)
        changes["speed"] = account_speed(call.person(), changes["speed"], source=source or "account")
    started_before = routine_runs.start_of(routine)
    for name, value in changes.items():
        setattr(routine, name, value)
    if active is False and routine.status == "active":
        routine_runs.set_status(engine, routine, "inactive")
    elif active and routine.status == "inactive":
        routine_runs.resume(engine, routine)
    elif changes:
        routine_runs.announce(engine, routine)
    if routine.type == "one-time" and not routine.started and routine_runs.start_of(routine) != started_before:
        if routine_runs.start_of(routine) <= engine.now():
            routine_runs.run(engine, routine.id)
        else:
            engine.state.at(routine_runs.start_of(routine), "run_routine", routine.id)
