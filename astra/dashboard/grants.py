"""The health of grants: what is counted and listed, wherever they are kept. No token leaves the store.

In SQL one pass counts everything. Redis cannot count by itself, so there as many are read as there is time for.
"""

# ruff: noqa: S608 - only constants and placeholders are put into statements

from __future__ import annotations

import re
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
MOST_KEYS: Final = 20
"""Kinds of encryption that are told apart."""

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
_NUMBERS: Final = ("refresh_expires_at", "refreshed_at", "next_attempt_at", "failures", "access_expires_at")
_TEXTS: Final = ("key", "access_token", "refresh_token")
# SQLite keeps whatever it is given: a number comes before all text, and a blob after it.
_SOUND_IN_SQLITE: Final = " AND ".join((
    *(f"{name} < ''" for name in _NUMBERS),
    *(f"{name} BETWEEN '' AND x''" for name in _TEXTS),
))  # fmt: skip
_SOUND_IN_POSTGRESQL: Final = "refresh_expires_at <> 'NaN' AND refreshed_at <> 'NaN'"
_DUE: Final = "(refreshed_at < :stale OR refreshed_at > :too_late) AND next_attempt_at <= :now"
_KEY_ID: Final = re.compile("[0-9a-f]{8}")
_WHERE: Final = {
    "ending": "state = 'active'",
    "due": f"state = 'active' AND {_DUE}",
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
    """Counts grants in SQL, in a few passes that need neither sorting nor memory.

    Args:
        look: into the store.
        identity: whose.
        now: seconds since the epoch.
        key_ids: ids of the configured keys; None when none are configured, which is nothing to complain about.
    """
    bounds = _bounds(identity, now)
    counted = look.rows("SELECT environment, client_id, count(*) FROM astra_grants GROUP BY environment, client_id")
    known = {Identity(str(row[0]), str(row[1])): int(row[2]) for row in counted}
    mine = f"FROM {_table(look)} WHERE {_MINE} AND {_sound(look)}"
    edges = ", ".join(f"count(*) FILTER (WHERE refresh_expires_at < :now + {n * DAY})" for n in range(DAYS + 1))
    row = look.rows(
        f"SELECT count(*), {edges}, count(*) FILTER (WHERE {_DUE}), count(*) FILTER (WHERE failures > 0),"
        " count(*) FILTER (WHERE failures >= :stuck), min(refresh_expires_at),"
        f" min(next_attempt_at) FILTER (WHERE failures > 0) {mine} AND state = 'active'",
        **bounds,
        stuck=THRESHOLDS.failing_from,
    )[0]
    active, below = int(row[0]), [int(one) for one in row[1 : DAYS + 2]]
    due, failing, stuck, first_end, next_attempt = row[DAYS + 2 :]
    dead = look.rows(
        "SELECT coalesce(dead_reason, 'unknown'), count(*), count(*) FILTER (WHERE refresh_expires_at > :alive)"
        f" FROM astra_grants WHERE {_MINE} AND {_sound(look)} AND state = 'dead' GROUP BY 1",
        **bounds,
        alive=now - SKEW,
    )
    reasons: Counter[str] = Counter()
    for reason, count, _ in dead:
        reasons[reason if reason in ("invalid_grant", "expired") else "unknown"] += count
    total = known.get(identity, 0) + (known.get(UNBOUND, 0) if identity.is_bound else 0)
    ends = {-1: below[0], DAYS: active - below[-1]}
    ends |= {day: below[day + 1] - below[day] for day in range(DAYS)}
    sound = active + reasons.total()
    status = Status(
        total=sound,
        active=active,
        due=due,
        dying=below[round(THRESHOLDS.dying_within / DAY)],
        first_end=first_end,
        dead=dict(reasons),
        revivable=sum(one[2] for one in dead),
        failing=failing,
        stuck=stuck,
        next_attempt=next_attempt,
        nobodys=known.get(UNBOUND, 0) if identity.is_bound else 0,
        unreadable=total - sound,
        keys=_read_keys(look, bounds, total=sound, key_ids=key_ids),
    )
    others = {who: count for who, count in known.items() if who not in (identity, UNBOUND)}
    return Health(status=status, ends=ends, others=others, total=total, looked_at=total)


def _read_keys(look: Reading, bounds: Mapping[str, Any], *, total: int, key_ids: Sequence[str] | None) -> Keys:
    """Counts grants by the key that encrypts them. Only the names of keys leave the store."""
    kind = (
        f"CASE WHEN refresh_token >= '{PREFIX}' AND refresh_token < '{PREFIX[:-1]};'"
        f" THEN substr(refresh_token, {len(PREFIX) + 1}, {KEY_ID})"
        " WHEN refresh_token >= 'gAAAA' AND refresh_token < 'gAAAB' AND length(refresh_token) >= 100 THEN 'fernet'"
        " ELSE 'plain' END"
    )
    source = f"FROM {_table(look)} WHERE {_MINE} AND {_sound(look)}"
    found = [str(row[0]) for row in look.rows(f"SELECT DISTINCT {kind} {source} LIMIT {MOST_KEYS}", **bounds)]
    counts = dict.fromkeys(found, total)
    if len(found) > 1:
        # With one kind, as nearly always, this pass is not needed.
        each = ", ".join(f"count(*) FILTER (WHERE {kind} = :kind{n})" for n in range(len(found)))
        row = look.rows(f"SELECT {each} {source}", **bounds, **{f"kind{n}": one for n, one in enumerate(found)})[0]
        counts = dict(zip(found, row, strict=True))
    fernet, plain = counts.pop("fernet", 0), counts.pop("plain", 0)
    by_key = {key if _KEY_ID.fullmatch(key) else "damaged": count for key, count in counts.items()}
    unopened = sum(count for key, count in by_key.items() if key not in key_ids) if key_ids is not None else 0
    return Keys(by_key=by_key, fernet=fernet, plain=plain, unopened=unopened)


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
        f"SELECT {', '.join(_SHOWN)}, {column} FROM {_table(look)} WHERE {_MINE} AND {_WHERE[listed]}"
        f" AND {_sound(look)}{begin} ORDER BY {column}{' DESC' if is_falling else ''}, key"
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


def _table(look: Reading) -> str:
    # Nearly all rows are read: one after the other, and not by way of an index.
    return "astra_grants" if look.is_postgresql else "astra_grants NOT INDEXED"


def _sound(look: Reading) -> str:
    return _SOUND_IN_POSTGRESQL if look.is_postgresql else _SOUND_IN_SQLITE


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
