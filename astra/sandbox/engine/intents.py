"""UserIntents: `POST /v1/user_intent` and `GET /v1/user_intent/{id}`."""

from __future__ import annotations

import re
from typing import Any

from astra._json import is_object
from astra.sandbox.engine.core import Answer, Call, Engine
from astra.sandbox.engine.people import KYC_TYPES
from astra.sandbox.engine.problems import invalid, missing
from astra.sandbox.engine.reader import Reader
from astra.sandbox.engine.records import Intent, MetaData

EMAIL = r"[^@\s]+@[^@\s]+\.[^@\s]+"
PHONE = r"\+1\d{10}"
PHONE_MESSAGE = "Not a valid US phone number; use +1 and ten digits."
MOST_INTENTS_PER_EMAIL = 3
METADATA_KEY = re.compile(r"[a-zA-Z0-9_.-]{1,64}")
MOST_METADATA_PAIRS, LONGEST_METADATA_VALUE = 25, 256
PREFERRED = ("preferred_first_name", "preferred_last_name", "preferred_pronouns")


def read_metadata(body: Reader) -> MetaData | None:
    """Reads the metadata of a request, within the documented limits."""
    value = body.values.get("metadata")
    if value is None:
        return None
    if not is_object(value):
        body.complain("metadata", "Not a valid mapping type.")
        return None
    if len(value) > MOST_METADATA_PAIRS:
        body.complain("metadata", f"At most {MOST_METADATA_PAIRS} pairs are allowed.")
    for key, text in value.items():
        if not METADATA_KEY.fullmatch(key):
            body.complain("metadata", "Keys are 1 to 64 characters from a-z, A-Z, 0-9, '_', '.' and '-'.")
        if not isinstance(text, str) or not 1 <= len(text) <= LONGEST_METADATA_VALUE:
            body.complain("metadata", f"Values are strings of 1 to {LONGEST_METADATA_VALUE} characters.")
    return dict(value)


def read_profile(body: Reader, *, kyc_type: str) -> dict[str, Any]:
    """Reads the person's data of a UserIntent."""
    profile: dict[str, Any] = {
        "email": body.text("email", pattern=EMAIL, message="Not a valid email address."),
        "phone": body.text("phone", pattern=PHONE, message=PHONE_MESSAGE),
        "first_name": body.text("first_name"),
        "last_name": body.text("last_name"),
        "address1": body.text("address1"),
        "address2": body.maybe_text("address2", blank=True),
        "city": body.text("city"),
        "state": body.text("state", pattern=r"[A-Za-z]{2}", message="Must be a two-letter state."),
        "postal_code": body.text("postal_code", pattern=r"\d{5}", message="Must be five digits."),
        "date_of_birth": body.maybe_date("date_of_birth", required=kyc_type != "receive-only"),
    }
    ssn = body.maybe_text(
        "ssn",
        pattern=r"\d{4}|\d{9}",
        message="Must be the last four or all nine digits.",
        required=kyc_type == "verified",
        null=kyc_type != "verified",
    )
    profile["ssn_last_four"] = ssn[-4:] if ssn else None
    profile["ip_address"] = body.maybe_text("ip_address", null=True, blank=True)
    for name in PREFERRED:
        profile[name] = body.maybe_text(name, null=True, blank=True)
    return profile


def create_user_intent(engine: Engine, call: Call) -> Answer:
    """Serves `POST /v1/user_intent`: at most three per email, and never idempotent."""
    body = Reader(call.body)
    kyc_type = body.maybe_text("kyc_type", choices=KYC_TYPES) or "verified"
    profile = read_profile(body, kyc_type=kyc_type)
    metadata = read_metadata(body)
    body.finish()
    if engine.state.intents_by_email.get(profile["email"].casefold(), 0) >= MOST_INTENTS_PER_EMAIL:
        raise invalid({"email": ["The maximum number of user intents for this email has been reached."]})
    intent = add_intent(engine, call.client.id, profile, kyc_type=kyc_type, metadata=metadata)
    shown = show_intent(engine, intent)
    kept = {"id": ("id",), "status": ("id", "status"), "whole": tuple(shown)}[engine.quirks.created_intent]
    return Answer(201, {name: shown[name] for name in kept})


def add_intent(
    engine: Engine, client_id: str, profile: dict[str, Any], *, kyc_type: str, metadata: MetaData | None
) -> Intent:
    """Stores a new intent and starts its check."""
    intent = Intent(
        id=engine.ids.hex("intent"),
        owner=client_id,
        seq=engine.state.next_seq(),
        created=engine.now(),
        profile=profile,
        kyc_type=kyc_type,
        metadata=metadata,
    )
    engine.state.add_intent(intent)
    engine.after(engine.options.kyc_seconds, "review_intent", intent.id)
    return intent


def get_user_intent(engine: Engine, call: Call) -> Answer:
    """Serves `GET /v1/user_intent/{id}`."""
    intent = engine.state.intents.owned_by(call.client.id, call.path["id"])
    if intent is None:
        raise missing()
    return Answer(200, show_intent(engine, intent))


def show_intent(_: Engine, intent: Intent) -> dict[str, Any]:
    """Returns a UserIntent as Astra sends it; `user_id` and `metadata` only when there are any."""
    profile = intent.profile
    shown: dict[str, Any] = {"id": intent.id}
    if intent.user_id is not None:
        shown["user_id"] = intent.user_id
    for name in ("email", "phone", "first_name", "last_name", *PREFERRED):
        shown[name] = profile.get(name)
    shown["status"] = intent.status
    shown["kyc_type"] = intent.kyc_type
    if intent.metadata:
        shown["metadata"] = intent.metadata
    return shown
