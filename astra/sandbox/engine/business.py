"""Business profiles: `POST /v1/business_profile` and `GET /v1/business_profile/{business_profile_id}`."""

from __future__ import annotations

from typing import Any

from astra._json import is_array, is_object
from astra.sandbox.engine.core import Answer, Call, Engine
from astra.sandbox.engine.intents import EMAIL, PHONE, PHONE_MESSAGE
from astra.sandbox.engine.people import KYC_TYPES
from astra.sandbox.engine.problems import missing, refused
from astra.sandbox.engine.reader import Reader
from astra.sandbox.engine.records import BusinessProfile

MOST_PROFILES_PER_PHONE = 3


def create_business_profile(engine: Engine, call: Call) -> Answer:
    """Serves `POST /v1/business_profile`: at most three per phone number."""
    body = Reader(call.body)
    phone = body.text("phone", pattern=PHONE, message=PHONE_MESSAGE)
    body.maybe_text("email", pattern=EMAIL, message="Not a valid email address.", null=True)
    for name in ("first_name", "last_name", "user_id"):
        body.maybe_text(name, null=True, blank=True)
    kyb_type = body.maybe_text("kyb_type", choices=KYC_TYPES, null=True) or "verified"
    info = body.section("business_info")
    sole = False
    if info is not None:
        sole = info.maybe_text("business_type", null=True) == "soleProprietorship"
        info.maybe_text("business_name", null=True)
    body.section("business_admin")
    if body.section("business_controller", required=not sole) is None and sole:
        body.errors.pop("business_controller", None)
    owners = body.values.get("beneficial_owners")
    if owners is not None and not (is_array(owners) and owners and all(map(is_object, owners))):
        body.complain("beneficial_owners", "Not a valid list.")
    body.finish()
    held = engine.state.business_profiles.of(call.client.id)
    if sum(profile.values.get("phone") == phone for profile in held) >= MOST_PROFILES_PER_PHONE:
        raise refused("The maximum number of business profiles for this phone number has been reached.")
    user_id = body.values.get("user_id")
    if user_id and engine.state.users.owned_by(call.client.id, user_id) is None:
        raise refused("Invalid user_id")
    profile = BusinessProfile(
        id=engine.ids.hex("business profile"),
        owner=call.client.id,
        seq=engine.state.next_seq(),
        created=engine.now(),
        values=stored(dict(body.values) | {"kyb_type": kyb_type}),
        user_id=user_id or None,
    )
    engine.state.business_profiles.add(profile)
    return Answer(201, show_business_profile(profile))


def stored(value: Any) -> Any:
    """Returns what was submitted, without social security numbers."""
    if is_object(value):
        return {name: stored(inner) for name, inner in value.items() if name != "ssn"}
    if is_array(value):
        return [stored(inner) for inner in value]
    return value


def get_business_profile(engine: Engine, call: Call) -> Answer:
    """Serves `GET /v1/business_profile/{business_profile_id}`."""
    profile = engine.state.business_profiles.owned_by(call.client.id, call.path["business_profile_id"])
    if profile is None:
        raise missing()
    return Answer(200, show_business_profile(profile))


def show_business_profile(profile: BusinessProfile) -> dict[str, Any]:
    """Returns a business profile: its id and what was submitted."""
    shown = {"id": profile.id, **{name: value for name, value in profile.values.items() if name != "id"}}
    if profile.user_id is not None:
        shown["user_id"] = profile.user_id
    return shown
