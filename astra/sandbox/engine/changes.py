"""Requests to change a phone number or an address."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from astra.sandbox.engine.core import Answer, Call, Engine
from astra.sandbox.engine.intents import PHONE, PHONE_MESSAGE
from astra.sandbox.engine.people import announce_user
from astra.sandbox.engine.problems import refused
from astra.sandbox.engine.reader import Reader

DAY = 24 * 3600.0
PHONE_CHANGE_DAYS = 30
ADDRESS_CHANGES, ADDRESS_CHANGE_DAYS = 2, 120
ADDRESS_PATTERNS = {"state": r"[A-Za-z]{2}", "postal_code": r"\d{5}"}
ADDRESS_FIELDS = ("address1", "address2", "city", "state", "postal_code")


def request_phone_number_update(engine: Engine, call: Call) -> Answer:
    """Serves `POST /v1/request_user_phone_number_update`: one in 30 days; it is reviewed before it counts."""
    user, now = call.person(), engine.now()
    body = Reader(call.body)
    phone = body.text("phone", pattern=PHONE, message=PHONE_MESSAGE)
    body.finish()
    recent = [change for change in user.phone_changes if change["created"] > now - PHONE_CHANGE_DAYS * DAY]
    if any(change["status"] != "rejected" for change in recent):
        raise refused(f"The phone number can be changed once in {PHONE_CHANGE_DAYS} days.")
    change = {"id": engine.ids.hex("change"), "phone": phone, "status": "pending", "created": now, "updated": now}
    user.phone_changes = (*user.phone_changes, change)
    engine.after(engine.options.review_seconds, "review_phone", user.id)
    return Answer(200, show_change(engine, change))


def show_change(engine: Engine, change: Mapping[str, Any]) -> dict[str, Any]:
    """Returns a phone number change request as Astra sends it."""
    return {
        "id": change["id"],
        "phone": change["phone"],
        "status": change["status"],
        "created": engine.stamp(change["created"]),
    }


def list_phone_number_change_requests(engine: Engine, call: Call) -> Answer:
    """Serves `GET /v1/phone_number_change_requests`, newest first."""
    user = call.person()
    shown = [show_change(engine, change) for change in reversed(user.phone_changes)]
    return Answer(200, {"count": len(shown), "phone_number_change_requests": shown})


def request_address_change(engine: Engine, call: Call) -> Answer:
    """Serves `POST /v1/request_address_change`: two in 120 days, without nulls and empty strings."""
    user, now = call.person(), engine.now()
    body = Reader(call.body)
    changes = {
        name: body.maybe_text(name, pattern=ADDRESS_PATTERNS.get(name, "")) for name in ADDRESS_FIELDS if body.has(name)
    }
    if not changes:
        body.complain("_schema", "At least one address field is required.")
    body.finish()
    recent = [moment for moment in user.address_changes if moment > now - ADDRESS_CHANGE_DAYS * DAY]
    if len(recent) >= ADDRESS_CHANGES:
        raise refused(f"The address can be changed {ADDRESS_CHANGES} times in {ADDRESS_CHANGE_DAYS} days.")
    user.address_changes = (*recent, now)
    user.profile = {**user.profile, **changes}
    return Answer(200, {"id": engine.ids.hex("change"), "status": "pending"})


def review_phone(engine: Engine, user_id: str, *, status: str = "approved") -> None:
    """Ends the review of a phone number. The intent keeps the old number, as documented."""
    user = engine.state.users.get(user_id)
    if user is None:
        return
    pending = [change for change in user.phone_changes if change["status"] == "pending"]
    done = {"status": status, "updated": engine.now()}
    user.phone_changes = [{**one, **done} if one["status"] == "pending" else one for one in user.phone_changes]
    for change in pending if status == "approved" else ():
        user.profile = {**user.profile, "phone": change["phone"], "phone_changed": True}
        announce_user(engine, user)
