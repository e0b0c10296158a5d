"""Addresses of Astra's hosted pages. Nothing here does I/O.

From Astra's reference, "OAuth links and parameters" and the guide to its web SDK.
"""

from __future__ import annotations

import secrets
from typing import Final, Literal
from urllib.parse import urlencode

import attrs

from astra._public import public
from astra.errors import ConfigurationError, InvalidRequestError

Page = Literal[
    "authorize", "verify_personal", "verify_document", "verify_business", "connect_institution", "connect_card"
]

PATHS: Final[dict[str, str]] = {
    "authorize": "/login/oauth/authorize",
    "verify_personal": "/verify/personal",
    "verify_document": "/verify/document",
    "verify_business": "/verify/business",
    "connect_institution": "/institutions/connect",
    "connect_card": "/cards/connect",
}


@public("astra")
@attrs.frozen
class Link:
    """A link to send a person to.

    Attributes:
        url: the address. It may hold a session token, so it is not shown in the repr.
        state: the value that must come back with the redirect; keep it in the person's web session.
    """

    url: str = attrs.field(repr=False)
    state: str

    def __str__(self) -> str:
        return self.url


@attrs.frozen
class LinkOptions:
    """What a hosted page may be told; see `OAuth.authorize_url` for the meaning of each."""

    user_intent_id: str | None = None
    user_id: str | None = None
    business: bool = False
    business_profile_id: str | None = None
    phone: str | None = None
    phone_read_only: bool = False
    session_token: str | None = attrs.field(default=None, repr=False)
    debit_direct: bool = False
    bypass_connect: bool = False


def build_link(
    page: Page,
    options: LinkOptions,
    *,
    app_url: str,
    client_id: str,
    redirect_uri: str | None,
    state: str | None = None,
) -> Link:
    """Builds the address of a hosted page.

    Raises:
        ConfigurationError: no redirect URI is known.
        InvalidRequestError: both a user and a user intent are named, or an id is no text.
    """
    if not redirect_uri:
        raise ConfigurationError(
            "A hosted page needs a redirect URI that is registered in your Astra dashboard. "
            "Pass redirect_uri to the client, or set ASTRA_REDIRECT_URI."
        )
    if options.user_intent_id and options.user_id:
        raise InvalidRequestError(
            "Name either user_intent_id (a person without a user yet) or user_id (an existing user), not both.",
            argument="user_id",
        )
    chosen = state if state is not None else secrets.token_urlsafe(24)
    query: dict[str, str] = {"client_id": client_id, "redirect_uri": redirect_uri}
    if page == "authorize":
        query["response_type"] = "code"
    for name in ("user_intent_id", "user_id", "business_profile_id", "session_token"):
        value: object = getattr(options, name)
        if value is None:
            continue
        if not isinstance(value, str) or not value.strip():
            tip = "; pass its .id" if hasattr(type(value), "id") else ""
            given = "blank" if isinstance(value, str) else f"a {type(value).__name__}{tip}"
            raise InvalidRequestError(f"{name} must be text, not {given}.", argument=name)
        query[name] = value
    for name in ("business", "phone_read_only", "debit_direct", "bypass_connect"):
        if getattr(options, name):
            query[name] = "true"
    if options.phone:
        query["phone"] = national_number(options.phone)
    query["state"] = chosen
    return Link(url=f"{app_url}{PATHS[page]}?{urlencode(query)}", state=chosen)


def national_number(phone: str) -> str:
    """Returns the ten digits that the hosted page expects, from any usual spelling of a US number.

    Raises:
        InvalidRequestError: not a US number of ten digits.
    """
    digits = "".join(character for character in phone if character in "0123456789")
    if len(digits) == 11 and digits.startswith("1"):
        digits = digits[1:]
    if len(digits) != 10:
        raise InvalidRequestError("phone must be a US number of ten digits, with or without +1.", argument="phone")
    return digits
