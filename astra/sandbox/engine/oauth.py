"""OAuth: who is calling, and how tokens are issued, refreshed and superseded."""

from __future__ import annotations

import base64
import binascii
from typing import Any

from astra.sandbox.engine.core import Answer, Call, Engine
from astra.sandbox.engine.problems import JSON, generic, oauth
from astra.sandbox.engine.records import Client, Grant, User


def client_of_basic(engine: Engine, header: str | None, *, token_endpoint: bool) -> Client:
    """Returns the client that a Basic header names.

    Raises:
        Problem: 401, in OAuth's form on the token endpoints and in Astra's elsewhere.
    """
    if not header or header[:6].lower() != "basic ":
        raise oauth(
            401, "invalid_client" if token_endpoint else "missing_authorization", "token authorization required"
        )
    try:
        name, _, secret = base64.b64decode(header[6:].strip(), validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        raise oauth(401, "invalid_client", "token authentication required") from None
    client = engine.state.clients.get(name)
    if client is not None and client.secret == secret:
        return client
    if token_endpoint:
        raise oauth(401, "invalid_client", "Invalid client_id" if client is None else "Invalid client_secret")
    raise generic(401, "Invalid client_id" if client is None else None)


def grant_of_bearer(engine: Engine, header: str | None) -> tuple[Client, User]:
    """Returns the client and user of a bearer header.

    Raises:
        Problem: 401 `missing_authorization`, or `invalid_token` for a token that is unknown, superseded or expired.
    """
    if not header:
        raise oauth(401, "missing_authorization", 'Missing "Authorization" in headers.')
    if header[:7].lower() != "bearer ":
        raise oauth(401, "unsupported_token_type", 'The "Authorization" header is not of type Bearer.')
    grant = engine.state.access_tokens.get(header[7:].strip())
    if grant is None or grant.expires <= engine.now():
        raise oauth(
            401,
            "invalid_token",
            "The access token provided is expired, revoked, malformed, or invalid for other reasons.",
        )
    return engine.state.clients[grant.client_id], engine.state.users.rows[grant.user_id]


def exchange_token(engine: Engine, call: Call) -> Answer:
    """Serves `POST /v1/oauth/token`: exchanges a code once, or a refresh token as often as wanted while it lives."""
    form: dict[str, str] = call.body
    grant_type = form.get("grant_type", "")
    if grant_type == "refresh_token":
        return Answer(200, refresh(engine, call.client, form))
    if grant_type == "authorization_code":
        return Answer(200, redeem_code(engine, call.client, form))
    if not grant_type:
        raise oauth(400, "invalid_request", 'Missing "grant_type" in request.')
    raise oauth(400, "unsupported_grant_type", f"The grant type is not supported: {grant_type[:80]}")


def redeem_code(engine: Engine, client: Client, form: dict[str, str]) -> JSON:
    """Trades an authorization code for tokens; a code works once, for the redirect URI it was issued for."""
    code = form.get("code")
    if not code:
        raise oauth(400, "invalid_request", 'Missing "code" in request.')
    grant = engine.state.codes.get(code)
    if grant is None or grant.client_id != client.id or grant.expires <= engine.now():
        raise oauth(400, "invalid_grant", 'Invalid "code" in request.')
    if form.get("redirect_uri") != grant.redirect_uri:
        raise oauth(400, "invalid_grant", 'Invalid "redirect_uri" in request.')
    del engine.state.codes[code]
    user = engine.state.users.rows[grant.user_id]
    user.authorized = True
    return issue(engine, client, user)


def refresh(engine: Engine, client: Client, form: dict[str, str]) -> JSON:
    """Issues new tokens for a refresh token, which stays usable until it expires."""
    token = form.get("refresh_token")
    if not token:
        raise oauth(400, "invalid_request", 'Missing "refresh_token" in request.')
    redirect_uri = form.get("redirect_uri")
    checked = redirect_uri is not None and not engine.quirks.any_redirect_uri_on_refresh
    if checked and redirect_uri not in client.redirect_uris:
        raise oauth(400, "invalid_grant", 'Invalid "redirect_uri" in request.')
    grant = engine.state.refresh_tokens.get(token)
    if grant is None or grant.client_id != client.id or grant.expires <= engine.now():
        raise oauth(400, "invalid_grant", 'Invalid "refresh_token" in request.')
    user = engine.state.users.rows[grant.user_id]
    user.refreshes += 1
    return issue(engine, client, user)


def issue(engine: Engine, client: Client, user: User) -> JSON:
    """Returns the answer of the token endpoints: a new pair of tokens."""
    pair = token_pair(engine, client, user)
    return [pair] if engine.quirks.token_in_list else pair


def token_pair(engine: Engine, client: Client, user: User) -> dict[str, Any]:
    """Mints a pair of tokens. Only one access token is valid for a user and client, so the former one dies."""
    state, now = engine.state, engine.now()
    kill_access_token(engine, user)
    access, refreshing = engine.ids.access_token(), engine.ids.refresh_token()
    state.access_tokens[access] = Grant(user.id, client.id, now + engine.options.access_token_seconds)
    state.refresh_tokens[refreshing] = Grant(user.id, client.id, now + engine.options.refresh_token_seconds)
    user.access_token = access
    return {
        "access_token": access,
        "expires_in": engine.options.access_token_seconds,
        "refresh_token": refreshing,
        "token_type": "Bearer",
    }


def kill_access_token(engine: Engine, user: User) -> None:
    """Makes the user's access token invalid."""
    engine.state.access_tokens.pop(user.access_token, None)
    user.access_token = ""


def kill_refresh_tokens(engine: Engine, user: User) -> None:
    """Makes all refresh tokens of a user invalid, as if ten days had passed."""
    tokens = engine.state.refresh_tokens
    for token in [token for token, grant in tokens.items() if grant.user_id == user.id]:
        del tokens[token]
