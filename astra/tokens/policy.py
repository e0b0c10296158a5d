"""When to refresh, and what an answer means. Plain functions of values: no clock, no store, no network.

What a call does with the grant at hand, by the time left on its access token:

| time left                                    | need           | what the call does                                  |
|----------------------------------------------|----------------|-----------------------------------------------------|
| more than 120 s (at most half the lifetime)  | FRESH          | uses the token                                      |
| less, but more than 30 s                     | SHOULD_REFRESH | one caller refreshes; a failure costs nothing       |
| less than 30 s (at most half the lifetime)   | MUST_REFRESH   | waits for a refresh; a failure counts from expiry   |
| any, the grant is dead                       | DEAD           | uses the token up to its expiry, then asks the user |

Two tiers, because a refresh takes a moment and the token endpoint may be down for a minute: the first has time to fail.
"""

from __future__ import annotations

import enum

import attrs

from astra._public import public
from astra.errors import AstraError, OAuthError, RateLimitError, ServiceUnavailableError
from astra.tokens.grant import REFRESH_LIFETIME, Grant


@public("astra")
@attrs.frozen(kw_only=True)
class TokenSettings:
    """The numbers of the token lifecycle. All are seconds, unless they say otherwise.

    Attributes:
        advisory_refresh_seconds: how long before its expiry a token should be refreshed.
        mandatory_refresh_seconds: how long before its expiry a token must be refreshed.
        advisory_wait: how long a call waits for someone else's advisory refresh before it uses the token it has.
        advisory_backoff: pause after a failed advisory refresh.
        backoff: pause after a failed refresh that was a must; doubles with each further failure.
        max_backoff: longest such pause. A server's `Retry-After` counts in full, up to `max_retry_after`.
        max_retry_after: longest `Retry-After` that is believed.
        wait: how long a call waits for a token at most.
        lease_ttl: how long a process may hold a user's refresh; longer than one refresh request with its retries takes.
        refresh_lifetime: how long a refresh token lives.
        skew: how wrong this machine's clock may be. A grant longer past its lifetime than this is not revived, and is
            called expired when Astra has refused it.
        recheck: how long a token in memory is used without a look whether the store has another one.
        cache_size: grants kept in memory per store object, in number.
    """

    advisory_refresh_seconds: float = 120.0
    mandatory_refresh_seconds: float = 30.0
    advisory_wait: float = 1.0
    advisory_backoff: float = 5.0
    backoff: float = 1.0
    max_backoff: float = 30.0
    max_retry_after: float = 3600.0
    wait: float = 60.0
    lease_ttl: float = 30.0
    refresh_lifetime: float = REFRESH_LIFETIME
    skew: float = 600.0
    recheck: float = 60.0
    cache_size: int = 20_000


DEFAULTS = TokenSettings()


class Need(enum.Enum):
    """What a grant needs at a given moment."""

    FRESH = "fresh"
    SHOULD_REFRESH = "should refresh"
    MUST_REFRESH = "must refresh"
    DEAD = "dead"


def fresh_until(grant: Grant, *, settings: TokenSettings = DEFAULTS) -> float:
    """The moment, in seconds since the epoch, up to which the access token can be used without a thought."""
    half = max(grant.lifetime, 0.0) / 2
    return grant.access_expires_at - min(
        max(settings.advisory_refresh_seconds, settings.mandatory_refresh_seconds), half
    )


def need(grant: Grant, *, now: float, settings: TokenSettings = DEFAULTS) -> Need:
    """What the grant needs at `now`; see the table at the top of this module.

    Args:
        grant: the grant.
        now: seconds since the epoch.
        settings: the tiers.
    """
    if grant.state == "dead":
        return Need.DEAD
    if now < fresh_until(grant, settings=settings):
        return Need.FRESH
    if now < grant.access_expires_at - settings.mandatory_refresh_seconds:
        return Need.SHOULD_REFRESH
    return Need.MUST_REFRESH


def is_usable(grant: Grant, *, now: float, rejected: str | None) -> bool:
    """Whether a call may still go out with the access token: not expired, and not the one that was rejected."""
    return grant.access_token != rejected and now < grant.access_expires_at


def needs_no_refresh(grant: Grant, *, now: float, rejected: str | None, settings: TokenSettings = DEFAULTS) -> bool:
    """Whether this grant, just read from the store, ends the search for a token without a refresh.

    A caller whose token was rejected takes any other one from the store: somebody else has refreshed. Only if the store
    has the rejected one, too, there is something to do.
    """
    if not is_usable(grant, now=now, rejected=rejected):
        return False
    return grant.state == "dead" or need(grant, now=now, settings=settings) is Need.FRESH


def patience(spare: Grant | None, *, now: float, allowed: float, settings: TokenSettings = DEFAULTS) -> float:
    """How many seconds a caller waits for a flight. One whose token lives keeps the better part for its own request.

    Args:
        spare: the grant at hand, if its token is usable.
        now: seconds since the epoch.
        allowed: seconds that the caller has.
        settings: the time limits.
    """
    if spare is None:
        return allowed
    if need(spare, now=now, settings=settings) is Need.MUST_REFRESH:
        return allowed / 2
    return min(allowed, settings.advisory_wait)


def can_refresh(grant: Grant, *, now: float, settings: TokenSettings = DEFAULTS) -> bool:
    """Whether the refresh token is worth sending. Shortly past its lifetime it still is: clocks differ."""
    return grant.state == "active" and bool(grant.refresh_token) and now < grant.refresh_expires_at + settings.skew


def refusal_is_final(*, sent: Grant, stored: Grant) -> bool:
    """Whether an `invalid_grant` kills the stored grant: only if its refresh token is the one that was refused."""
    return stored.state == "active" and stored.refresh_token == sent.refresh_token


def resolve_conflict(fresh: Grant, *, former: Grant, stored: Grant) -> Grant | None:
    """What to save after a lost compare-and-swap: the fresh grant on top, or None when the stored one is to be used.

    The stored grant only counts as newer if its tokens are others; a re-encryption moves the version and nothing else.
    """
    if stored.state == "dead" or stored.refresh_token != former.refresh_token:
        return None
    if stored.access_token != former.access_token:
        return None
    return attrs.evolve(fresh, version=stored.version + 1)


def share(fresh: Grant, *, former: Grant) -> Grant:
    """The fresh tokens of a person as the grant of one of the person's keys, which all share one access token.

    Args:
        fresh: the grant with the tokens, of whichever key.
        former: the grant that it follows; its key, generation and identity stay.
    """
    if fresh.key == former.key:
        return fresh
    return attrs.evolve(
        fresh,
        key=former.key,
        version=former.version + 1,
        generation=former.generation,
        identity=former.identity,
        astra_user_id=former.astra_user_id,
    )


def is_refusal(error: BaseException) -> bool:
    """Whether the token endpoint refused the refresh token for good (RFC 6749 `invalid_grant`)."""
    return isinstance(error, OAuthError) and error.code == "invalid_grant"


@attrs.frozen(kw_only=True)
class Failure:
    """A failed refresh of one user, remembered in this process. Times are those of a monotonic clock, in seconds.

    Attributes:
        error: what the refresh raised.
        until: nobody whose token still lives tries again before this.
        barred_until: nobody at all does.
        count: how many failed in a row.
    """

    error: AstraError
    until: float
    barred_until: float
    count: int


def failed(
    error: AstraError, *, now: float, former: Failure | None, advisory: bool, settings: TokenSettings = DEFAULTS
) -> Failure:
    """Remembers a failed refresh and decides how long to leave the token endpoint alone.

    An advisory refresh that failed bars nobody whose token is gone: its answer may have been lost on the way, and then
    the server has already replaced the token. Only a `Retry-After` bars everyone.

    Args:
        error: what the refresh raised.
        now: seconds of a monotonic clock: a wall clock that is set back would bar the user for that long.
        former: the failure before this one, or None after a success.
        advisory: whether the refresh was advisory: the token is usable without it.
        settings: the pauses.
    """
    count = former.count + 1 if former else 1
    asked = error.retry_after if isinstance(error, RateLimitError | ServiceUnavailableError) else None
    asked = min(asked or 0.0, settings.max_retry_after)
    pause = min(settings.max_backoff, settings.backoff * 2.0 ** min(count - 1, 1000))
    wait = max(asked, pause)
    return Failure(
        error=error,
        until=now + (max(wait, settings.advisory_backoff) if advisory else wait),
        barred_until=now + (asked if advisory else wait),
        count=count,
    )
