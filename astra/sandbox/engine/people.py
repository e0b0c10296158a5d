"""How a UserIntent becomes a User, and what a change of status sets off."""

from __future__ import annotations

from astra.sandbox.engine import routine_runs
from astra.sandbox.engine.core import Engine
from astra.sandbox.engine.records import BusinessProfile, Intent, User
from astra.sandbox.magic.table import find

STATUSES = ("pending", "approved", "retry", "document", "rejected", "suspended")
KYC_TYPES = ("verified", "unverified", "receive-only")
BUSINESS_REVIEW_SECONDS = 24 * 3600.0


def set_intent_status(engine: Engine, intent: Intent, status: str) -> None:
    """Gives an intent a status and announces it."""
    intent.status = status
    engine.emit(
        "user_intent_updated",
        client_id=intent.owner,
        user_id=intent.id,
        resource_id=intent.id,
        metadata=dict(intent.metadata) if intent.metadata else None,
    )


def set_user_status(engine: Engine, user: User, status: str) -> None:
    """Gives a user a status, announces it, and wakes or blocks the user's routines."""
    user.status = status
    announce_user(engine, user)
    routine_runs.user_changed(engine, user)


def announce_user(engine: Engine, user: User) -> None:
    """Sends `user_updated`."""
    engine.emit(
        "user_updated",
        client_id=user.owner,
        user_id=user.id,
        resource_id=user.id,
        metadata=dict(user.metadata) if user.metadata else None,
    )


def convert(engine: Engine, intent: Intent) -> User:
    """Makes the user of an intent; the user starts with the intent's status."""
    if intent.user_id is not None:
        return engine.state.users.rows[intent.user_id]
    user = User(
        id=engine.ids.hex("user"),
        owner=intent.owner,
        seq=engine.state.next_seq(),
        created=engine.now(),
        profile=dict(intent.profile),
        status=intent.status,
        kyc_type=intent.kyc_type,
        metadata=intent.metadata,
        intent_id=intent.id,
    )
    engine.state.users.add(user)
    intent.user_id = user.id
    set_intent_status(engine, intent, "converted_to_user")
    return user


def business_user(engine: Engine, profile: BusinessProfile) -> User:
    """Returns the business user of a profile, made when the person first authenticates; its review takes a day."""
    if profile.user_id is not None:
        return engine.state.users.rows[profile.user_id]
    person = {name: profile.values.get(name) for name in ("phone", "first_name", "last_name", "email")}
    user = User(
        id=engine.ids.hex("user"),
        owner=profile.owner,
        seq=engine.state.next_seq(),
        created=engine.now(),
        profile=person,
        status="pending",
        kyc_type=profile.values.get("kyb_type") or "verified",
        business_profile_id=profile.id,
    )
    engine.state.users.add(user)
    profile.user_id = user.id
    engine.after(BUSINESS_REVIEW_SECONDS, "review_user", user.id)
    return user


def review_intent(engine: Engine, id: str) -> None:
    """Ends the check of a new intent, with the status that its first name asks for, else `approved`."""
    intent = engine.state.intents.get(id)
    if intent is None:
        return
    wanted = find("first_name", str(intent.profile.get("first_name", "")).casefold())
    status = wanted.result if wanted is not None else "approved"
    if intent.user_id is not None:
        user = engine.state.users.rows[intent.user_id]
        if user.status == "pending" and status != "pending":
            set_user_status(engine, user, status)
        return
    if intent.status != "pending" or status == "pending":
        return
    set_intent_status(engine, intent, status)
    if intent.kyc_type == "receive-only" and status == "approved":
        # Such a person never authenticates, so nothing else would ever make the user.
        convert(engine, intent)


def review_user(engine: Engine, id: str) -> None:
    """Ends the review of a business user."""
    user = engine.state.users.get(id)
    if user is not None and user.status == "pending":
        set_user_status(engine, user, "approved")
