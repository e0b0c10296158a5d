"""The health of grants: what is counted and listed, wherever they are kept. No token leaves the store.

In SQL one pass counts everything. Redis cannot count by itself, so there as many are read as there is time for.
"""

# ruff: noqa: S608 - only constants and placeholders are put into statements

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, Final

import attrs

from astra.dashboard.cursors import Cursor, following
from astra.errors import ConfigurationError
from astra.storage.reading import Kept, Reading
from astra.tokens.envelope import KEY_ID, PREFIX
from astra.tokens.grant import Grant
from astra.tokens.identity import UNBOUND, Identity
from astra.tokens.stores.base import FAR_AHEAD, TOKENS, TokenStore
from astra.tokens.stores.rows import FIELDS
from astra.tokens.stores.sqlite import MIGRATIONS
from astra.tokens.tally import DAY, Keys, Status, Tally, Thresholds

GRANTS: Final = Kept(
    family=TOKENS,
    schema="tokens_schema",
    version=len(MIGRATIONS),
    table="astra_grants",
    sql_version=2,
    columns=frozenset({"environment", "client_id", "key", *FIELDS}),
)
THRESHOLDS: Final = Thresholds()
DAYS: Final = 10
"""Days ahead that the histogram shows one by one: as long as a refresh token lives."""

PAGE: Final = 50
BATCH: Final = 500
SKEW: Final = 600.0

LISTS: Final[Mapping[str, str]] = {
    "ending": "Ending next",
    "due": "Stale",
    "failing": "Failing",
    "dead": "Dead",
}
"""The lists, and what they are called."""

_SHOWN: Final = (
    "key",
    "state",
    "astra_user_id",
    "refreshed_at",
    "refresh_expires_at",
    "failures",
    "next_attempt_at",
    "dead_since",
    "dead_reason",
)
_MINE: Final = "((environment = :environment AND client_id = :client_id) OR (environment = '' AND client_id = ''))"
_NUMBERS: Final = ("refresh_expires_at", "access_expires_at", "refreshed_at", "next_attempt_at", "failures")
_DAMAGED_IN_SQLITE: Final = " OR ".join((
    "state NOT IN ('active', 'dead')",
    *(f"typeof({name}) NOT IN ('real', 'integer')" for name in _NUMBERS),
    *(f"typeof({name}) <> 'text'" for name in ("key", "access_token", "refresh_token")),
))  # fmt: skip
_DAMAGED_IN_POSTGRESQL: Final = "state NOT IN ('active', 'dead') OR refresh_expires_at = 'NaN' OR refreshed_at = 'NaN'"
_WHERE: Final = {
    "ending": "state = 'active'",
    "due": "state = 'active' AND (refreshed_at < :stale OR refreshed_at > :too_late) AND next_attempt_at <= :now",
    "failing": "state = 'active' AND failures > 0",
    "dead": "state = 'dead'",
}
_ORDER: Final = {
    "ending": ("refresh_expires_at", False),
    "due": ("refresh_expires_at", False),
    "failing": ("refresh_expires_at", False),
    "dead": ("coalesce(dead_since, 0)", True),
}


@attrs.frozen(kw_only=True)
class GrantRow:
    """What is shown of a grant."""

    key: str
    state: str
    astra_user_id: str | None
    refreshed_at: float
    refresh_expires_at: float
    failures: int
    next_attempt_at: float
    dead_since: float | None
    dead_reason: str | None


@attrs.frozen(kw_only=True)
class GrantPage:
    """Some of the grants.

    Attributes:
        rows: the grants.
        after: where the next page begins, or None when this is the last.
    """

    rows: tuple[GrantRow, ...]
    after: Cursor | None = None


@attrs.frozen(kw_only=True)
class Health:
    """What is known of the grants of a client.

    Attributes:
        status: the counts, as of `astra tokens status`.
        ends: active grants by the days until their refresh tokens end: -1 for those that have ended, `DAYS` for later.
        others: how many grants others have here.
        total: how many grants there are.
        looked_at: how many of them were read.
    """

    status: Status
    ends: Mapping[int, int]
    others: Mapping[Identity, int]
    total: int
    looked_at: int

    @property
    def is_complete(self) -> bool:
        """Whether all were read."""
        return self.looked_at >= self.total


def read_health(look: Reading, identity: Identity, *, now: float, key_ids: Sequence[str] | None) -> Health:
    """Counts grants in SQL.

    Args:
        look: into the store.
        identity: whose.
        now: seconds since the epoch.
        key_ids: ids of the configured keys; None when none are configured, which is nothing to complain about.
    """
    day = " ".join(f"WHEN refresh_expires_at < :now + {(n + 1) * DAY} THEN {n}" for n in range(DAYS))
    is_failing = "CASE WHEN state = 'active' AND failures > 0"
    rows = look.rows(
        f"""
SELECT CASE WHEN {_damaged(look)} THEN 'unreadable' ELSE state END,
    CASE WHEN state = 'dead' THEN coalesce(dead_reason, 'unknown') END,
    CASE WHEN environment = '' AND client_id = '' THEN 1 ELSE 0 END,
    CASE WHEN refresh_token LIKE '{PREFIX}%' THEN substr(refresh_token, {len(PREFIX) + 1}, {KEY_ID})
        WHEN refresh_token LIKE 'gAAAA%' AND length(refresh_token) >= 100 THEN 'fernet' ELSE 'plain' END,
    CASE WHEN refresh_expires_at < :now THEN -1 {day} ELSE {DAYS} END,
    count(*),
    sum(CASE WHEN {_WHERE["due"]} THEN 1 ELSE 0 END),
    sum(CASE WHEN state = 'active' AND refresh_expires_at < :dying THEN 1 ELSE 0 END),
    sum({is_failing} THEN 1 ELSE 0 END),
    sum({is_failing} AND failures >= :stuck THEN 1 ELSE 0 END),
    sum(CASE WHEN state = 'dead' AND refresh_expires_at > :alive THEN 1 ELSE 0 END),
    min(CASE WHEN state = 'active' THEN refresh_expires_at END),
    min({is_failing} THEN next_attempt_at END)
FROM astra_grants WHERE {_MINE} GROUP BY 1, 2, 3, 4, 5""",
        **_bounds(identity, now),
        dying=now + THRESHOLDS.dying_within,
        stuck=THRESHOLDS.failing_from,
        alive=now - SKEW,
    )
    counts = look.rows("SELECT environment, client_id, count(*) FROM astra_grants GROUP BY environment, client_id")
    known = {Identity(str(row[0]), str(row[1])): int(row[2]) for row in counts}
    return _sum_up(rows, known, identity, key_ids=key_ids)


def _sum_up(
    rows: Sequence[Sequence[Any]], known: Mapping[Identity, int], identity: Identity, *, key_ids: Sequence[str] | None
) -> Health:
    counts: Counter[str] = Counter()
    dead: Counter[str] = Counter()
    ends: Counter[int] = Counter()
    by_key: Counter[str] = Counter()
    first: list[float] = []
    following_attempts: list[float] = []
    for state, reason, is_nobodys, key, days, count, due, dying, failing, stuck, revivable, end, attempt in rows:
        counts["total"] += count
        if state == "unreadable":
            counts["unreadable"] += count
            continue
        counts["nobodys"] += count if is_nobodys else 0
        by_key[key] += count
        if state == "dead":
            dead[reason if reason in ("invalid_grant", "expired") else "unknown"] += count
            counts["revivable"] += revivable
            continue
        counts["active"] += count
        ends[int(days)] += count
        for name, value in (("due", due), ("dying", dying), ("failing", failing), ("stuck", stuck)):
            counts[name] += value
        first += [] if end is None else [end]
        following_attempts += [] if attempt is None else [attempt]
    fernet, plain = by_key.pop("fernet", 0), by_key.pop("plain", 0)
    unopened = sum(count for key, count in by_key.items() if key not in key_ids) if key_ids is not None else 0
    status = Status(
        **{name: counts[name] for name in ("active", "due", "dying", "revivable", "failing", "stuck", "nobodys")},
        total=counts["total"] - counts["unreadable"],
        unreadable=counts["unreadable"],
        dead=dict(dead),
        first_end=min(first, default=None),
        next_attempt=min(following_attempts, default=None),
        keys=Keys(by_key=dict(by_key), fernet=fernet, plain=plain, unopened=unopened),
    )
    return Health(
        status=status,
        ends=dict(ends),
        others={who: count for who, count in known.items() if who not in (identity, UNBOUND)},
        total=counts["total"],
        looked_at=counts["total"],
    )


def read_page(
    look: Reading, identity: Identity, *, now: float, listed: str, after: Cursor | None, limit: int = PAGE
) -> GrantPage:
    """Lists grants in SQL.

    Args:
        look: into the store.
        identity: whose.
        now: seconds since the epoch.
        listed: which, of `LISTS`.
        after: where to begin, or None for the first page.
        limit: at most so many.
    """
    column, is_falling = _ORDER[listed]
    begin = "" if after is None else f" AND {column} {'<=' if is_falling else '>='} :value"
    rows = look.rows(
        f"SELECT {', '.join(_SHOWN)}, {column} FROM astra_grants WHERE {_MINE} AND {_WHERE[listed]}"
        f" AND NOT ({_damaged(look)}){begin} ORDER BY {column}{' DESC' if is_falling else ''}, key"
        " LIMIT :size OFFSET :skip",
        **_bounds(identity, now),
        **({} if after is None else {"value": after.value}),
        size=limit + 1,
        skip=0 if after is None else after.skip,
    )
    shown = [GrantRow(**dict(zip(_SHOWN, row[:-1], strict=True))) for row in rows[:limit]]
    values = [row[-1] for row in rows[:limit]]
    return GrantPage(rows=tuple(shown), after=following(values, after=after) if len(rows) > limit else None)


def _bounds(identity: Identity, now: float) -> dict[str, Any]:
    return {
        "environment": identity.environment,
        "client_id": identity.client_id,
        "now": now,
        "stale": now - THRESHOLDS.due_after,
        "too_late": now + FAR_AHEAD,
    }


def _damaged(look: Reading) -> str:
    return _DAMAGED_IN_POSTGRESQL if look.is_postgresql else _DAMAGED_IN_SQLITE


@attrs.frozen(kw_only=True)
class Sample:
    """Grants that were read one by one.

    Attributes:
        health: what they come to.
        grants: what is shown of them.
    """

    health: Health
    grants: tuple[Grant, ...]


def read_sample(store: TokenStore, identity: Identity, *, now: float, budget: float) -> Sample:
    """Reads grants where nothing counts them, as long as there is time.

    Args:
        store: the store.
        identity: whose.
        now: seconds since the epoch.
        budget: seconds.
    """
    give_up = time.monotonic() + budget
    known = store.identities()
    tally, grants, unreadable = Tally(THRESHOLDS, now=now), list[Grant](), 0
    for batch in store.for_identity(identity).batches(limit=BATCH):
        tally.add_unreadable(len(batch.unreadable))
        unreadable += len(batch.unreadable)
        for grant in batch.grants:
            tally.add(grant)
            # The tokens are not kept in memory longer than it takes to read them.
            grants.append(attrs.evolve(grant, access_token="", refresh_token=""))
        if time.monotonic() >= give_up:
            break
    active = [grant for grant in grants if grant.state == "active"]
    ends = Counter(min(max(int((one.refresh_expires_at - now) // DAY), -1), DAYS) for one in active)
    looked_at = len(grants) + unreadable
    total = known.get(identity, 0) + (known.get(UNBOUND, 0) if identity != UNBOUND else 0)
    health = Health(
        status=tally.status(),
        ends=dict(ends),
        others={who: count for who, count in known.items() if who not in (identity, UNBOUND)},
        total=max(total, looked_at),
        looked_at=looked_at,
    )
    return Sample(health=health, grants=tuple(grants))


def page_of(sample: Sample, *, now: float, listed: str, after: Cursor | None, limit: int = PAGE) -> GrantPage:
    """Lists grants of a sample, as `read_page` does.

    Args:
        sample: the grants.
        now: seconds since the epoch.
        listed: which, of `LISTS`.
        after: where to begin, or None for the first page.
        limit: at most so many.
    """
    sign = -1 if _ORDER[listed][1] else 1
    found = [(_value(grant, listed), grant) for grant in sample.grants if _is_listed(grant, listed, now)]
    found.sort(key=lambda pair: (sign * pair[0], pair[1].key))
    if after is not None:
        found = [pair for pair in found if sign * pair[0] >= sign * after.value][after.skip :]
    rows = tuple(GrantRow(**{name: getattr(grant, name) for name in _SHOWN}) for _, grant in found[:limit])
    values = [value for value, _ in found[:limit]]
    return GrantPage(rows=rows, after=following(values, after=after) if len(found) > limit else None)


def _is_listed(grant: Grant, listed: str, now: float) -> bool:
    if listed == "dead" or grant.state == "dead":
        return grant.state == listed
    return {"ending": True, "due": _is_stale(grant, now), "failing": grant.failures > 0}[listed]


def _is_stale(grant: Grant, now: float) -> bool:
    return grant.next_attempt_at <= now and not now - THRESHOLDS.due_after <= grant.refreshed_at <= now + FAR_AHEAD


def _value(grant: Grant, listed: str) -> float:
    return (grant.dead_since or 0.0) if listed == "dead" else grant.refresh_expires_at


def absent_in_redis() -> ConfigurationError:
    """The error for a Redis in which no grant was ever kept."""
    return ConfigurationError(
        "There is no token store in this Redis, and none was made: nothing was ever kept there. Is it another database "
        "number or server?"
    )
