"""What Astra granted for one user: an access token, a refresh token, and what is known about both."""

from __future__ import annotations

from typing import Literal

import attrs

from astra._public import public
from astra._secret import Secret
from astra.tokens.identity import UNBOUND, Identity

REFRESH_LIFETIME = 10 * 24 * 3600.0
"""Seconds that a refresh token lives by default: ten days from when it was issued (guide "Managing authorization")."""


def _masked(_: object) -> str:
    return "'***'"


def _optional_secret(value: str | None) -> Secret | None:
    return None if value is None else Secret(value)


@attrs.frozen(kw_only=True)
class TokenAnswer:
    """A success of a token endpoint (`POST /v1/oauth/token`, `POST /v1/partner/identity/token`).

    Attributes:
        access_token: the new access token; from now on the user's only valid one.
        expires_in: its lifetime in seconds.
        refresh_token: a new refresh token, or None when the answer has none: the one sent stays in use.
    """

    access_token: str = attrs.field(converter=Secret, repr=_masked)
    expires_in: float
    refresh_token: str | None = attrs.field(default=None, converter=_optional_secret, repr=_masked)


@public("astra")
@attrs.frozen(kw_only=True)
class Grant:
    """The tokens of one user, as kept in a token store under your own key of that user.

    Attributes:
        key: your key of the user, for example "customer-42".
        access_token: sent as the bearer token of the user's calls.
        access_expires_at: when it expires, in seconds since the epoch.
        refresh_token: buys the next access token.
        refresh_expires_at: when it expires, in seconds since the epoch.
        astra_user_id: Astra's id of the user, or None when it is not known.
        version: grows with every save, so that an older grant never overwrites a newer one. The first one is taken from
            the clock (milliseconds), so that a grant forgotten and authorized anew never meets its former versions.
        state: "active", or "dead" when the refresh token was refused or is past its lifetime.
        refreshed_at: when the tokens were issued, in seconds since the epoch.
        identity: whose it is: environment and client id. A store sets it when a client saves the grant.
        generation: the version with which the person authorized last. A refresh keeps it; another one means that the
            person, or somebody else under the same key, has authorized anew.
        failures: how many keep-alive refreshes failed in a row.
        next_attempt_at: keep-alive leaves the grant alone before this (seconds since the epoch); 0 if nothing failed.
        dead_since: when it was marked dead, in seconds since the epoch, or None.
        dead_reason: why: "invalid_grant" (refused) or "expired" (past its lifetime), or None.

    Example:
        grant = astra.tokens.get("customer-42")
        print(grant.state, grant.refresh_expires_at)
    """

    key: str
    access_token: str = attrs.field(converter=Secret, repr=_masked)
    access_expires_at: float
    refresh_token: str = attrs.field(converter=Secret, repr=_masked)
    refresh_expires_at: float
    astra_user_id: str | None = None
    version: int
    state: Literal["active", "dead"] = "active"
    refreshed_at: float
    identity: Identity = UNBOUND
    generation: int = 0
    failures: int = 0
    next_attempt_at: float = 0.0
    dead_since: float | None = None
    dead_reason: str | None = None

    @property
    def lifetime(self) -> float:
        """Seconds that the access token lives from its issue to its expiry."""
        return self.access_expires_at - self.refreshed_at

    @classmethod
    def issued(
        cls,
        key: str,
        *,
        answer: TokenAnswer,
        now: float,
        former: Grant | None = None,
        astra_user_id: str | None = None,
        refresh_lifetime: float = REFRESH_LIFETIME,
        authorized: bool = False,
    ) -> Grant:
        """Makes the grant that an answer of a token endpoint stands for.

        Args:
            key: your key of the user.
            answer: the answer.
            now: when the request was sent, in seconds since the epoch. Taking the time before the request makes the
                expiry err on the early side.
            former: the grant that this one follows, or None for the first.
            astra_user_id: Astra's id of the user; None keeps the former grant's.
            refresh_lifetime: seconds that a refresh token lives.
            authorized: whether the person has just authorized; False for a refresh.
        """
        if answer.refresh_token is not None:
            refresh_token, refresh_expires_at = answer.refresh_token, now + refresh_lifetime
        elif former is not None:
            refresh_token, refresh_expires_at = former.refresh_token, former.refresh_expires_at
        else:
            refresh_token, refresh_expires_at = Secret(""), now
        version = former.version + 1 if former else int(now * 1000)
        return cls(
            key=key,
            access_token=answer.access_token,
            access_expires_at=now + answer.expires_in,
            refresh_token=refresh_token,
            refresh_expires_at=refresh_expires_at,
            astra_user_id=astra_user_id or (former.astra_user_id if former else None),
            version=version,
            refreshed_at=now,
            identity=former.identity if former else UNBOUND,
            generation=version if former is None or authorized else former.generation,
        )

    def invalidated(self, *, now: float, access_rejected: bool, reason: str = "invalid_grant") -> Grant:
        """The same grant, marked dead. A rejected access token counts as expired, so that nobody tries it again."""
        expires_at = min(self.access_expires_at, now) if access_rejected else self.access_expires_at
        return attrs.evolve(
            self,
            state="dead",
            version=self.version + 1,
            access_expires_at=expires_at,
            dead_since=now,
            dead_reason=reason,
        )

    def revived(self) -> Grant:
        """The same grant, to be tried again after it was marked dead by mistake."""
        return attrs.evolve(
            self,
            state="active",
            version=self.version + 1,
            dead_since=None,
            dead_reason=None,
            failures=0,
            next_attempt_at=0.0,
        )
