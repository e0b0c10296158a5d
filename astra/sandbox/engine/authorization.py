"""The hosted module and trusted authentication: how a person's consent becomes a code or tokens."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from astra.sandbox.engine import accounts
from astra.sandbox.engine.core import Answer, Call, Engine
from astra.sandbox.engine.oauth import issue
from astra.sandbox.engine.people import business_user, convert, set_user_status
from astra.sandbox.engine.problems import Problem, invalid, missing, oauth, refused
from astra.sandbox.engine.reader import Reader
from astra.sandbox.engine.records import Client, Grant, User
from astra.sandbox.engine.tables import Table

SUBJECTS = ("user_intent_id", "business_profile_id", "user_id")


def check_client(engine: Engine, client_id: str, redirect_uri: str) -> Client:
    """Returns the client of a hosted page.

    Raises:
        Problem: the client is unknown, or the redirect URI is not one of its registered ones.
    """
    client = engine.state.clients.get(client_id)
    if client is None:
        raise refused("Invalid client_id")
    if redirect_uri not in client.redirect_uris:
        raise refused("Invalid redirect_uri: it is not registered for this client")
    return client


def subject_of(engine: Engine, client: Client, given: dict[str, str]) -> User:
    """Returns the user whom a link or a verification is about; an intent or a business profile becomes one.

    Raises:
        Problem: there is no such person, or they may not authorize.
    """
    user: User | None = None
    if intent_id := given.get("user_intent_id"):
        intent = engine.state.intents.owned_by(client.id, intent_id)
        if intent is None:
            raise refused("Invalid user_intent_id")
        if intent.status == "rejected":
            raise Problem(403, {"error": "access_denied", "error_description": "This person was not approved."})
        user = convert(engine, intent)
        if user.profile.get("phone_changed") and not given.get("user_id"):
            raise refused("The phone number has changed since: use user_id instead of user_intent_id.")
    elif profile_id := given.get("business_profile_id"):
        profile = engine.state.business_profiles.owned_by(client.id, profile_id)
        if profile is None:
            raise refused("Invalid business_profile_id")
        user = business_user(engine, profile)
        user.client_business = profile.id == client.business_profile_id
        if user.client_business and user.status == "pending":
            set_user_status(engine, user, "approved")
    elif user_id := given.get("user_id"):
        user = engine.state.users.owned_by(client.id, user_id)
        if user is None:
            raise refused("Invalid user_id")
    if user is None:
        raise refused("user_intent_id, business_profile_id or user_id is required")
    if user.status == "suspended":
        raise Problem(403, {"error": "access_denied", "error_description": "This user is suspended."})
    return user


def grant_code(engine: Engine, client: Client, user: User, *, redirect_uri: str, kinds: Sequence[str]) -> str:
    """Issues a code for exactly this redirect URI, as the person agrees, and links their accounts."""
    for kind in kinds:
        if accounts.plaid_account(engine, user, kind) is None:
            accounts.link(engine, user, kind)
    code = engine.ids.code()
    expires = engine.now() + engine.options.code_seconds
    engine.state.codes[code] = Grant(user.id, client.id, expires, redirect_uri=redirect_uri)
    return code


def create_identity_verification(engine: Engine, call: Call) -> Answer:
    """Serves `POST /v1/partner/identity/verification`: a session token, for one minute and one use."""
    body = Reader(call.body)
    given = {name: body.maybe_text(name, null=True, blank=True) or "" for name in SUBJECTS}
    for name in ("client_id", "provider"):
        body.maybe_text(name, null=True, blank=True)
    if (data := body.values.get("provider_data")) is not None and not isinstance(data, dict):
        body.complain("provider_data", "Invalid input type.")
    body.finish()
    if sum(map(bool, given.values())) != 1:
        raise invalid({"_schema": ["Exactly one of user_intent_id, business_profile_id and user_id is required."]})
    if body.values.get("client_id") not in (None, "", call.client.id):
        raise refused("Invalid client_id")
    name = next(name for name in SUBJECTS if given[name])
    tables: dict[str, Table[Any]] = {
        "user_intent_id": engine.state.intents,
        "business_profile_id": engine.state.business_profiles,
        "user_id": engine.state.users,
    }
    if tables[name].owned_by(call.client.id, given[name]) is None:
        raise missing()
    token = engine.ids.alphanumeric("session token", 48)
    expires = engine.now() + engine.options.session_token_seconds
    engine.state.session_tokens[token] = Grant(given[name], call.client.id, expires, subject=name)
    return Answer(200, {"token": token})


def take_session(engine: Engine, client: Client, token: str) -> dict[str, str]:
    """Uses up a session token; gives the id it was made for, by name.

    Raises:
        Problem: the token is unknown, used or expired.
    """
    grant = engine.state.session_tokens.pop(token, None)
    if grant is None or grant.client_id != client.id or grant.expires <= engine.now():
        raise oauth(400, "invalid_grant", 'Invalid "token" in request.')
    return {grant.subject: grant.user_id}


def exchange_identity_token(engine: Engine, call: Call) -> Answer:
    """Serves `POST /v1/partner/identity/token`: tokens without any page, as the partner holds the consent."""
    form: dict[str, str] = call.body
    token = form.get("token")
    if not token:
        raise oauth(400, "invalid_request", 'Missing "token" in request.')
    if form.get("user_consent_captured", "").lower() != "true":
        raise oauth(400, "invalid_request", 'Missing "user_consent_captured" in request.')
    given = take_session(engine, call.client, token)
    try:
        user = subject_of(engine, call.client, given)
    except Problem as problem:
        if problem.status != 403:
            raise
        raise oauth(400, "access_denied", problem.body["error_description"]) from None
    user.authorized = True
    return Answer(200, issue(engine, call.client, user))
