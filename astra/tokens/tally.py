"""What `astra tokens status` counts, and what of it needs people. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Final

import attrs

from astra.tokens.envelope import key_id, kind_of
from astra.tokens.grant import Grant
from astra.tokens.policy import can_refresh

DAY: Final = 24 * 3600.0


@attrs.frozen(kw_only=True)
class Thresholds:
    """From when on something counts.

    Attributes:
        due_after: seconds since its tokens were issued after which keep-alive takes a grant.
        dying_within: seconds before the end of its refresh token from which on a grant is dying.
        failing_from: failures in a row from which on people are needed.
        most_dead: how many dead grants are nobody's worry.
    """

    due_after: float = 5 * DAY
    dying_within: float = 2 * DAY
    failing_from: int = 3
    most_dead: int = 0


@attrs.frozen(kw_only=True)
class Keys:
    """How many grants are encrypted with which key.

    Attributes:
        by_key: number of grants by key id.
        fernet: in the format of release 0.1.0, which does not say which key.
        plain: not encrypted.
        unopened: of these all, those that the keys at hand do not open, as far as can be told without opening them.
        waiting: those that rotate-keys would encrypt anew.
    """

    by_key: Mapping[str, int] = attrs.field(factory=dict[str, int])
    fernet: int = 0
    plain: int = 0
    unopened: int = 0
    waiting: int = 0


@attrs.frozen(kw_only=True)
class Status:
    """What is in a store of one client's.

    Attributes:
        total: grants.
        active: those that are in use.
        due: active ones that keep-alive would take now.
        dying: active ones whose refresh token ends soon, or has ended.
        first_end: when the first refresh token of an active grant ends (seconds since the epoch), or None.
        dead: dead ones, by reason.
        revivable: dead ones that `revive` would bring back.
        failing: active ones whose last refresh by keep-alive failed.
        stuck: those of them that failed so often that people are needed.
        next_attempt: when the first of the failing is tried again (seconds since the epoch), or None.
        people_with_several_keys: Astra users that are known under more than one key.
        nobodys: grants that belong to no client yet, as release 0.1.0 wrote them; they are in the total.
        unreadable: rows that are no grant.
        keys: which keys encrypt them.
    """

    total: int = 0
    active: int = 0
    due: int = 0
    dying: int = 0
    first_end: float | None = None
    dead: Mapping[str, int] = attrs.field(factory=dict[str, int])
    revivable: int = 0
    failing: int = 0
    stuck: int = 0
    next_attempt: float | None = None
    people_with_several_keys: int = 0
    nobodys: int = 0
    unreadable: int = 0
    keys: Keys = attrs.field(factory=Keys)


class Tally:
    """Counts grants one by one. Per grant it keeps a number that stands for the Astra user's id.

    Args:
        thresholds: from when on something counts.
        now: seconds since the epoch.
        key_ids: ids of the keys at hand, the current one first.
        accepts_plain: whether tokens that are not encrypted are read beside encrypted ones.
    """

    def __init__(
        self, thresholds: Thresholds, *, now: float, key_ids: Sequence[str] = (), accepts_plain: bool = False
    ) -> None:
        self._thresholds = thresholds
        self._now = now
        self._ids = key_ids
        self._accepts_plain = accepts_plain or not key_ids
        self._counts: Counter[str] = Counter()
        self._dead: Counter[str] = Counter()
        self._by_key: Counter[str] = Counter()
        self._ends: float | None = None
        self._next: float | None = None
        self._people: set[int] = set()
        self._again: set[int] = set()
        self.sharing: list[str] = []

    def add(self, grant: Grant) -> None:
        """Counts a grant.

        Args:
            grant: as it is stored.
        """
        self._counts["total"] += 1
        self._counts["nobodys"] += not grant.identity.is_bound
        self._add_key(grant)
        if grant.state == "dead":
            self._dead[grant.dead_reason or "unknown"] += 1
            self._counts["revivable"] += can_refresh(grant.revived(), now=self._now)
        else:
            self._add_active(grant)
        if grant.astra_user_id is not None:
            self._add_person(grant.astra_user_id)

    def add_unreadable(self, count: int) -> None:
        """Counts rows that are no grant.

        Args:
            count: how many.
        """
        self._counts["unreadable"] += count

    def _add_active(self, grant: Grant) -> None:
        self._counts["active"] += 1
        is_awaited = grant.next_attempt_at > self._now
        self._counts["due"] += grant.refreshed_at < self._now - self._thresholds.due_after and not is_awaited
        self._counts["dying"] += grant.refresh_expires_at - self._now < self._thresholds.dying_within
        self._ends = grant.refresh_expires_at if self._ends is None else min(grant.refresh_expires_at, self._ends)
        if grant.failures:
            self._counts["failing"] += 1
            self._counts["stuck"] += grant.failures >= self._thresholds.failing_from
            self._next = grant.next_attempt_at if self._next is None else min(grant.next_attempt_at, self._next)

    def _add_person(self, astra_user_id: str) -> None:
        person = hash(astra_user_id)
        if person not in self._people:
            self._people.add(person)
        elif person not in self._again:
            self._again.add(person)
            self.sharing.append(astra_user_id)

    def _add_key(self, grant: Grant) -> None:
        tokens = (grant.access_token, grant.refresh_token)
        kinds = {kind_of(token) for token in tokens}
        if kinds == {"envelope"}:
            ids = [key_id(token) for token in tokens]
            self._by_key[ids[1] or "damaged"] += 1
            is_closed = any(one not in self._ids for one in ids)
            is_waiting = any(one != self._ids[0] for one in ids) if self._ids else False
        else:
            kind = "plain" if "plain" in kinds else "fernet"
            self._counts[kind] += 1
            is_closed = not self._accepts_plain if kind == "plain" else not self._ids
            is_waiting = bool(self._ids)
        self._counts["unopened"] += is_closed
        self._counts["waiting"] += is_waiting

    def status(self) -> Status:
        """What was counted so far."""
        counts = self._counts
        return Status(
            **{name: counts[name] for name in _COUNTED},
            first_end=self._ends,
            next_attempt=self._next,
            dead=dict(self._dead),
            people_with_several_keys=len(self._again),
            keys=Keys(
                by_key=dict(self._by_key),
                fernet=counts["fernet"],
                plain=counts["plain"],
                unopened=counts["unopened"],
                waiting=counts["waiting"],
            ),
        )


_COUNTED: Final = ("total", "active", "due", "dying", "revivable", "failing", "stuck", "nobodys", "unreadable")


def problems(status: Status, thresholds: Thresholds) -> list[str]:
    """What needs people, one sentence each; none when all is well.

    Args:
        status: what was counted.
        thresholds: from when on something counts.
    """
    dead = sum(status.dead.values())
    days = thresholds.dying_within / DAY
    found = {
        f"{status.dying} grants end within {days:g} days unless they are refreshed: does keep-alive run?": status.dying,
        f"{dead} people have to authorize again; if that is a mistake, see astra tokens revive": (
            dead if dead > thresholds.most_dead else 0
        ),
        f"{status.stuck} grants failed {thresholds.failing_from} times in a row or more: see astra tokens list": (
            status.stuck
        ),
        f"{status.keys.unopened} grants cannot be read with the keys in ASTRA_TOKEN_KEYS": status.keys.unopened,
        f"{status.unreadable} rows are damaged": status.unreadable,
    }
    return [text for text, count in found.items() if count]


def notes(status: Status) -> list[str]:
    """What is worth knowing, and needs nobody.

    Args:
        status: what was counted.
    """
    found = {
        f"{status.people_with_several_keys} people are known under several keys, which share one grant": (
            status.people_with_several_keys
        ),
        f"{status.keys.waiting} grants are not under the current key: astra tokens rotate-keys": status.keys.waiting,
        f"{status.nobodys} grants belong to no client yet, as release 0.1.0 wrote them": status.nobodys,
    }
    return [text for text, count in found.items() if count]
