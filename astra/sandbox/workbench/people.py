"""Users and those who may become some: their grants, and what the hosted module would show them. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final
from urllib.parse import urlencode

import attrs

from astra.sandbox.engine.records import Grant, Intent, User
from astra.sandbox.engine.state import State
from astra.sandbox.workbench.masking import HIDDEN

LEVELS: Final = {
    "approved": "good",
    "pending": "live",
    "retry": "warn",
    "document": "warn",
    "rejected": "bad",
    "suspended": "bad",
}


DECISIONS: Final = {
    "approved": "Approve",
    "rejected": "Reject",
    "document": "Ask for a document",
    "retry": "Ask for corrections",
    "suspended": "Suspend",
    "pending": "Back to pending",
}
"""What a status is called on the button that gives it."""


@attrs.frozen(kw_only=True)
class Token:
    """One token of a grant; which one it is no page says.

    Attributes:
        kind: "access token" or "refresh token".
        expires: when, in epoch seconds.
        left: how many seconds it has.
        lifetime: how many it had.
    """

    kind: str
    expires: float
    left: float
    lifetime: float

    @property
    def level(self) -> str:
        """Its colour."""
        return "bad" if self.left <= 0 else "warn" if self.left < self.lifetime / 5 else ""


@attrs.frozen(kw_only=True)
class PersonRow:
    """A user in a list.

    Attributes:
        user: the user.
        level: the colour of the status.
        access: the access token, or None.
        refresh: the refresh token that lives longest, or None.
        accounts: how many accounts are linked.
        transfers: how many transfers the user has made.
    """

    user: User
    level: str
    access: Token | None
    refresh: Token | None
    accounts: int
    transfers: int


def longest_lived(tokens: Iterable[Grant], wanted: set[str]) -> dict[str, float]:
    """Returns when the last refresh token of each user ends.

    Args:
        tokens: what all refresh tokens stand for.
        wanted: ids of users.
    """
    ends: dict[str, float] = {}
    for grant in tokens:
        if grant.user_id in wanted:
            ends[grant.user_id] = max(grant.expires, ends.get(grant.user_id, 0.0))
    return ends


def rows_of(users: list[User], state: State, *, now: float, access: float, refresh: float) -> list[PersonRow]:
    """Returns the rows of a page of users; the caller holds the lock of the engine.

    Args:
        users: those on the page.
        state: of the sandbox.
        now: the time, in epoch seconds.
        access: lifetime of an access token, in seconds.
        refresh: lifetime of a refresh token, in seconds.
    """
    ends = longest_lived(state.refresh_tokens.rows.values(), {user.id for user in users})
    return [
        PersonRow(
            user=user,
            level=LEVELS.get(user.status, ""),
            access=_token("access token", _access_end(user, state.access_tokens), now=now, lifetime=access),
            refresh=_token("refresh token", ends.get(user.id), now=now, lifetime=refresh),
            accounts=len(state.accounts.of(user.id)),
            transfers=len(state.transfers.of(user.id)),
        )
        for user in users
    ]


def _access_end(user: User, tokens: Mapping[str, Grant]) -> float | None:
    grant = tokens.get(user.access_token)
    return None if grant is None else grant.expires


def _token(kind: str, expires: float | None, *, now: float, lifetime: float) -> Token | None:
    return None if expires is None else Token(kind=kind, expires=expires, left=expires - now, lifetime=lifetime)


def profile_of(person: User | Intent, *, whole: bool) -> list[tuple[str, Any]]:
    """Returns the data of a person by field, hidden unless they were asked for: all of them are personal.

    Args:
        person: the person.
        whole: whether they were asked for.
    """
    given = {name: value for name, value in person.profile.items() if value not in (None, "")}
    return [(name, str(value)[:500] if whole else HIDDEN) for name, value in given.items()]


PAGES: Final = (
    ("/login/oauth/authorize", "Authorize", "Sign in by SMS, agree, and link accounts."),
    ("/verify/personal", "Check your details", "A person whose status is retry corrects name and address."),
    ("/verify/document", "Photo ID", "A person whose status is document shows one."),
    ("/verify/business", "About your business", "A business sends what its review needs."),
    ("/institutions/connect", "Connect a bank account", "Search for a bank, sign in there, choose accounts."),
    ("/cards/connect", "Add a debit card", "A card, its billing address, and its review."),
)
"""The hosted module: path, title and what happens there."""


@attrs.frozen(kw_only=True)
class HostedLink:
    """A page of the hosted module, ready to be opened.

    Attributes:
        title: what it is.
        text: what happens there.
        url: where it is.
    """

    title: str
    text: str
    url: str


def hosted_links(*, client_id: str, redirect_uri: str, **who: str) -> list[HostedLink]:
    """Returns the pages of the hosted module as a person would come to them.

    Args:
        client_id: the OAuth client's.
        redirect_uri: one of the client's.
        who: `user_id` or `user_intent_id`.
    """
    query = urlencode({"client_id": client_id, "redirect_uri": redirect_uri, "response_type": "code", **who})
    return [HostedLink(title=title, text=text, url=f"{path}?{query}") for path, title, text in PAGES]


def error_links(*, client_id: str, redirect_uri: str, user_id: str) -> list[HostedLink]:
    """Returns links to what goes wrong in the hosted module.

    Args:
        client_id: the OAuth client's.
        redirect_uri: one of the client's.
        user_id: somebody's, or an empty text.
    """
    right = {"client_id": client_id, "redirect_uri": redirect_uri, "response_type": "code"}
    wrong = (
        ("No such client", "The client id is not registered.", {**right, "client_id": "nobody"}),
        ("Redirect URI not registered", "Nothing is sent there.", {**right, "redirect_uri": "https://evil.example/"}),
        ("Wrong response type", "Only code is documented.", {**right, "response_type": "token"}),
        ("Session token has ended", "It lives for a minute.", {**right, "session_token": "ended"}),
        ("No such person", "The id names nobody.", {**right, "user_id": "nobody"}),
    )
    links = [
        HostedLink(title=title, text=text, url=f"/login/oauth/authorize?{urlencode(query)}")
        for title, text, query in wrong
    ]
    if user_id:
        query = urlencode({**right, "user_id": user_id, "debit_direct": "true"})
        links.append(HostedLink(title="Card in place of a bank", text="debit_direct", url=f"{PAGES[0][0]}?{query}"))
        query = urlencode({**right, "user_id": user_id, "bypass_connect": "true"})
        links.append(HostedLink(title="Without linking", text="bypass_connect", url=f"{PAGES[0][0]}?{query}"))
    return links
