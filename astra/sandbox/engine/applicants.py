"""Who a hosted page is about, before anything is decided: shown to the person, and changed by nothing."""

from __future__ import annotations

from collections.abc import Mapping

import attrs

from astra._json import is_object
from astra.sandbox.engine.core import Engine
from astra.sandbox.engine.problems import Problem, refused
from astra.sandbox.engine.records import Client, Grant, Intent, User

DECLINED = "access_denied"


@attrs.frozen
class Applicant:
    """The person of a hosted page.

    Attributes:
        given: the ids that name them, as a link carries them.
        name: their name, or their business's.
        phone: ten digits.
        status: their status at Astra.
        accounts: how many accounts are linked already.
    """

    given: dict[str, str]
    name: str
    phone: str
    status: str
    accounts: int = 0


def session_of(engine: Engine, client: Client, token: str) -> Grant | None:
    """Returns a session token's grant while the token is good; it is not used up."""
    grant = engine.state.session_tokens.get(token)
    return grant if grant is not None and grant.client_id == client.id and grant.expires > engine.now() else None


def applicant_of(engine: Engine, client: Client, query: dict[str, str]) -> Applicant | None:
    """Returns the person that a link names; None when it names nobody, and the page has to ask.

    Raises:
        Problem: the link names somebody who does not exist or may not authorize.
    """
    if token := query.get("session_token"):
        grant = session_of(engine, client, token)
        if grant is None:
            raise refused("The session token is unknown, used or expired.")
        query = {grant.subject: grant.user_id}
    state = engine.state
    if id := query.get("user_id"):
        user = state.users.owned_by(client.id, id)
        if user is None:
            raise refused("Invalid user_id")
        return user_applicant(engine, user)
    if id := query.get("user_intent_id"):
        intent = state.intents.owned_by(client.id, id)
        if intent is None:
            raise refused("Invalid user_intent_id")
        return intent_applicant(engine, intent)
    if id := query.get("business_profile_id"):
        profile = state.business_profiles.owned_by(client.id, id)
        if profile is None:
            raise refused("Invalid business_profile_id")
        if profile.user_id is not None:
            return user_applicant(engine, state.users.rows[profile.user_id])
        info = profile.values.get("business_info")
        name = str((info.get("business_name") if is_object(info) else None) or "Your business")
        return Applicant({"business_profile_id": id}, name, ten_digits(profile.values.get("phone")), "pending")
    if phone := ten_digits(query.get("phone")):
        return by_phone(engine, client, phone)
    return None


def by_phone(engine: Engine, client: Client, phone: str) -> Applicant | None:
    """Returns the latest person with this phone number: users before intents."""
    for user in reversed(engine.state.users.of(client.id)):
        if ten_digits(user.profile.get("phone")) == phone:
            return user_applicant(engine, user)
    for intent in reversed(engine.state.intents.of(client.id)):
        if intent.user_id is None and ten_digits(intent.profile.get("phone")) == phone:
            return intent_applicant(engine, intent)
    return None


def user_applicant(engine: Engine, user: User) -> Applicant:
    """Returns a user as the applicant of a hosted page."""
    if user.status == "suspended":
        raise Problem(403, {"error": DECLINED, "error_description": "This user is suspended."})
    accounts = len(engine.state.accounts.of(user.id))
    return Applicant(
        {"user_id": user.id}, full_name(user.profile), ten_digits(user.profile["phone"]), user.status, accounts
    )


def intent_applicant(engine: Engine, intent: Intent) -> Applicant:
    """Returns the person of a UserIntent as the applicant of a hosted page."""
    if intent.user_id is not None:
        return user_applicant(engine, engine.state.users.rows[intent.user_id])
    if intent.status == "rejected":
        raise Problem(403, {"error": DECLINED, "error_description": "This person was not approved."})
    profile = intent.profile
    return Applicant({"user_intent_id": intent.id}, full_name(profile), ten_digits(profile["phone"]), intent.status)


def full_name(profile: Mapping[str, object]) -> str:
    """Returns first and last name."""
    return " ".join(str(profile[name]) for name in ("first_name", "last_name") if profile.get(name)) or "Business user"


def ten_digits(phone: object) -> str:
    """Returns the last ten digits of a phone number, or an empty string."""
    digits = "".join(character for character in str(phone or "") if character.isascii() and character.isdigit())
    return digits[-10:] if len(digits) >= 10 else ""
