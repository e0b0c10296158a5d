"""The user of a token: profile, email, KYC upgrade and capabilities."""

from __future__ import annotations

from typing import Any

from astra.sandbox.engine.core import Answer, Call, Engine
from astra.sandbox.engine.intents import EMAIL
from astra.sandbox.engine.people import announce_user
from astra.sandbox.engine.problems import missing, refused
from astra.sandbox.engine.reader import Reader
from astra.sandbox.engine.records import User

YEAR = 365 * 24 * 3600.0
EMAIL_CHANGES_BEFORE_DOWNGRADE = 2
UPGRADES = {"unverified": ("verified",), "receive-only": ("verified", "unverified"), "verified": ()}


def get_user(_: Engine, call: Call) -> Answer:
    """Serves `GET /v1/user`."""
    return Answer(200, show_user(call.person()))


def show_user(user: User) -> dict[str, Any]:
    """Returns a user as Astra sends it."""
    shown: dict[str, Any] = {"id": user.id}
    for name in ("email", "phone", "first_name", "last_name"):
        shown[name] = user.profile.get(name)
    shown["status"] = user.status
    shown["kyc_type"] = user.kyc_type
    return shown


def update_user(engine: Engine, call: Call) -> Answer:
    """Serves `PATCH /v1/users/{user_id}`: the email; the third change within 365 days downgrades capabilities."""
    user = call.person()
    if call.path["user_id"] != user.id:
        raise missing()
    body = Reader(call.body)
    email = body.text("email", pattern=EMAIL, message="Not a valid email address.")
    body.finish()
    if email != user.profile.get("email"):
        now = engine.now()
        user.email_changes = (*(moment for moment in user.email_changes if moment > now - YEAR), now)
        user.downgraded = user.downgraded or len(user.email_changes) > EMAIL_CHANGES_BEFORE_DOWNGRADE
        user.profile = {**user.profile, "email": email}
        announce_user(engine, user)
    return Answer(200, show_user(user))


def upgrade_kyc_type(engine: Engine, call: Call) -> Answer:
    """Serves `POST /v1/upgrade_kyc_type`: personal users only, upwards only."""
    user = call.person()
    body = Reader(call.body)
    wanted = body.text("kyc_type", choices=("verified", "unverified"))
    ssn = body.maybe_text("ssn", pattern=r"\d{4}|\d{9}", message="Must be the last four or all nine digits.", null=True)
    born = body.maybe_date("date_of_birth")
    needs_ssn = wanted == "verified" and not ssn and not user.profile.get("ssn_last_four")
    if needs_ssn:
        body.complain("ssn", "Missing data for required field.")
    if not born and not user.profile.get("date_of_birth"):
        body.complain("date_of_birth", "Missing data for required field.")
    body.finish()
    if user.business_profile_id is not None:
        raise refused("Only personal users can be upgraded.")
    if wanted not in UPGRADES[user.kyc_type]:
        raise refused(f"The KYC type cannot be changed from {user.kyc_type} to {wanted}.")
    user.kyc_type = wanted
    if ssn:
        user.profile = {**user.profile, "ssn_last_four": ssn[-4:]}
    if born:
        user.profile = {**user.profile, "date_of_birth": born}
    announce_user(engine, user)
    return Answer(200, show_user(user))


def get_capabilities(_: Engine, call: Call) -> Answer:
    """Serves `GET /v1/users/{id}/capabilities`."""
    user = call.person()
    if call.path["id"] != user.id:
        raise missing()
    return Answer(200, capabilities(user))


def capabilities(user: User) -> dict[str, Any]:
    """Returns what a user may do; `transfer_count_limit` is null when there is none."""
    low = user.downgraded or user.kyc_type == "unverified"
    return {
        "account_to_account": {"max_settlement_speed": "T+4" if low else "real-time"},
        "account_to_card": {"is_eligible": not low},
        "card_to_card": {"transfer_count_limit": 1 if low else None},
    }
