"""What is issued with a link, and whether a redirect may use it. Pure.

A store knows neither the state nor the browser's secret, only their SHA-256: reading its rows authorizes nobody.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from typing import Final

import attrs

from astra._secret import Secret
from astra.errors import AuthorizationRedirectError, InvalidRequestError

SHORTEST_COOKIE: Final = 16
LONGEST_LIFETIME: Final = 30 * 86_400.0


@attrs.frozen
class Ticket:
    """What a store keeps under the fingerprint of a state.

    Attributes:
        key: your key of the user.
        browser: fingerprint of the browser's secret.
        expires_at: seconds since the epoch.
    """

    key: str
    browser: str
    expires_at: float


@attrs.frozen
class IssuedState:
    """A state for a link, and the secret of the browser that may bring it back.

    Attributes:
        state: for `authorize_url(state=...)`.
        cookie: for a cookie of your site with HttpOnly, Secure and SameSite=Lax. Never shown.

    Example:
        issued = states.issue("customer-42")
        link = astra.oauth.authorize_url(user_intent_id=intent.id, state=issued.state)
        response.set_cookie("astra_state", issued.cookie, httponly=True, secure=True, samesite="lax")
    """

    state: str = attrs.field(converter=Secret)
    cookie: str = attrs.field(converter=Secret)


@attrs.frozen
class UsedState:
    """What a state stood for.

    Attributes:
        key: your key of the user, for `exchange`.
        state: the state, for `parse_redirect`.

    Example:
        used = states.use(request.query_params, cookie=request.cookies.get("astra_state"))
        redirect = astra.oauth.parse_redirect(request.query_params, state=used.state)
        user = astra.oauth.exchange(redirect.code, key=used.key)
    """

    key: str
    state: str = attrs.field(converter=Secret)


def fingerprint(secret: str) -> str:
    """Returns what a store keeps in place of a secret.

    Args:
        secret: a state, or the secret of a browser.
    """
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def check_cookie(cookie: object) -> None:
    """Refuses what is no secret of a browser. It is not shown.

    Raises:
        InvalidRequestError: it is neither text nor None.
    """
    if cookie is not None and not isinstance(cookie, str):
        raise InvalidRequestError("cookie must be text, or None where the browser has none.", argument="cookie")


def issue(key: str, cookie: str | None, *, expires_at: float) -> tuple[IssuedState, Ticket]:
    """Makes a state, and the ticket to keep.

    Args:
        key: your key of the user.
        cookie: the secret that the browser has already, or None or "" to make one.
        expires_at: seconds since the epoch.

    Raises:
        InvalidRequestError: the secret can be guessed.
    """
    check_cookie(cookie)
    if cookie and len(cookie) < SHORTEST_COOKIE:
        raise InvalidRequestError(
            f"cookie has less than {SHORTEST_COOKIE} characters: it can be guessed. Pass the unguessable id of the "
            "browser's session, or None to get a secret made.",
            argument="cookie",
        )
    issued = IssuedState(secrets.token_urlsafe(32), cookie or secrets.token_urlsafe(32))
    return issued, Ticket(key=key, browser=fingerprint(issued.cookie), expires_at=expires_at)


def check_ticket(ticket: Ticket | None, state: str, cookie: str | None, *, now: float) -> UsedState:
    """Returns what a state stood for, if this browser may use it.

    Args:
        ticket: what the store had, and has no more.
        state: the state of the redirect.
        cookie: the browser's secret.
        now: seconds since the epoch.

    Raises:
        AuthorizationRedirectError: the state is not known or too old, or it was issued to another browser.
    """
    if ticket is None or now >= ticket.expires_at:
        raise AuthorizationRedirectError(
            "The redirect's state was not issued here, was used before, or is too old. Start again with a new link.",
            code="state_unknown",
        )
    if cookie is None or not hmac.compare_digest(ticket.browser, fingerprint(cookie)):
        raise AuthorizationRedirectError(
            "The redirect was brought by another browser than the one that its link was made for, or without its "
            "cookie: somebody may be finishing another person's authorization. Start again with a new link.",
            code="state_mismatch",
        )
    return UsedState(ticket.key, state)
