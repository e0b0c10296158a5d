"""What `astra tokens status` counts, and what of it needs people."""

from __future__ import annotations

from typing import Any

import attrs
import pytest

from astra.tokens import UNBOUND, Grant, Identity
from astra.tokens.envelope import pack
from astra.tokens.tally import DAY, Keys, Status, Tally, Thresholds, notes, problems

NOW = 1_800_000_000.0
MINE, FORMER = "aaaaaaaa", "bbbbbbbb"
FERNET = "gAAAA" + "x" * 100


def sealed(key_id: str) -> str:
    return pack(key_id, b"x" * 40)


def make(**values: Any) -> Grant:
    defaults: dict[str, Any] = {
        "key": "k", "access_token": "a", "access_expires_at": NOW, "refresh_token": "r", "version": 1,
        "refresh_expires_at": NOW + 9 * DAY, "refreshed_at": NOW - DAY, "identity": Identity("sandbox", "c"),
    }  # fmt: skip
    return Grant(**(defaults | values))


def count(*grants: Grant, thresholds: Thresholds | None = None, **options: Any) -> Status:
    tally = Tally(thresholds or Thresholds(), now=NOW, **options)
    for grant in grants:
        tally.add(grant)
    return tally.status()


def test_nothing_is_nothing() -> None:
    assert count() == Status()
    assert (problems(Status(), Thresholds()), notes(Status())) == ([], [])


def test_the_thresholds_are_what_the_guide_says() -> None:
    assert Thresholds() == Thresholds(due_after=432_000, dying_within=172_800, failing_from=3, most_dead=0)


@pytest.mark.parametrize(
    ("refreshed_at", "next_attempt_at", "due"),
    [
        (NOW - 5 * DAY - 1, 0.0, 1),
        (NOW - 5 * DAY, 0.0, 0),
        (NOW - 6 * DAY, NOW, 1),
        (NOW - 6 * DAY, NOW + 1, 0),
    ],
)
def test_a_grant_is_due_when_its_tokens_are_old_and_its_pause_is_over(
    refreshed_at: float, next_attempt_at: float, due: int
) -> None:
    found = count(make(refreshed_at=refreshed_at, next_attempt_at=next_attempt_at))
    assert (found.total, found.active, found.due) == (1, 1, due)


@pytest.mark.parametrize(("left", "dying"), [(2 * DAY, 0), (2 * DAY - 1, 1), (-1.0, 1)])
def test_a_grant_is_dying_when_its_refresh_token_ends_soon_or_has_ended(left: float, dying: int) -> None:
    found = count(make(refresh_expires_at=NOW + left))
    assert (found.dying, found.first_end) == (dying, NOW + left)
    assert len(problems(found, Thresholds())) == dying


def test_the_first_end_is_that_of_the_active_grant_that_ends_first() -> None:
    ends = [NOW + 5, NOW + 3, NOW + 4]
    grants = [make(refresh_expires_at=end) for end in ends]
    assert count(*grants, make(refresh_expires_at=NOW + 1, state="dead")).first_end == NOW + 3


def test_dead_grants_are_counted_by_reason_and_by_what_can_be_revived() -> None:
    gone = make(refresh_expires_at=NOW - DAY)
    found = count(
        make().invalidated(now=NOW, access_rejected=False),
        make().invalidated(now=NOW, access_rejected=False),
        gone.invalidated(now=NOW, access_rejected=False, reason="expired"),
        attrs.evolve(make(), state="dead"),
    )
    assert (found.total, found.active, found.dying, found.revivable) == (4, 0, 0, 3)
    assert found.dead == {"invalid_grant": 2, "expired": 1, "unknown": 1}
    assert problems(found, Thresholds()) == [
        "4 people have to authorize again; if that is a mistake, see astra tokens revive"
    ]
    assert problems(found, Thresholds(most_dead=3)) != []
    assert problems(found, Thresholds(most_dead=4)) == []


def test_failing_grants_need_people_only_when_they_fail_for_long() -> None:
    found = count(make(failures=1, next_attempt_at=NOW + 9), make(failures=2, next_attempt_at=NOW + 5), make())
    assert (found.failing, found.stuck, found.next_attempt) == (2, 0, NOW + 5)
    assert problems(found, Thresholds()) == []
    stuck = count(make(failures=3), make(failures=4))
    assert problems(stuck, Thresholds()) == ["2 grants failed 3 times in a row or more: see astra tokens list"]
    assert count(make(failures=3), thresholds=Thresholds(failing_from=4)).stuck == 0


def test_people_under_several_keys_are_counted_once_and_named() -> None:
    tally = Tally(Thresholds(), now=NOW)
    for user in ("u1", "u2", "u1", "u1", None, None, "u3", "u3"):
        tally.add(make(astra_user_id=user))
    assert tally.status().people_with_several_keys == 2
    assert tally.sharing == ["u1", "u3"]
    assert problems(tally.status(), Thresholds()) == []
    assert notes(tally.status()) == ["2 people are known under several keys, which share one grant"]


def test_grants_of_nobody_are_worth_a_note() -> None:
    found = count(make(identity=UNBOUND), make())
    assert (found.nobodys, found.total) == (1, 2)
    assert notes(found) == ["1 grants belong to no client yet, as release 0.1.0 wrote them"]


def test_rows_that_are_no_grants_need_people() -> None:
    tally = Tally(Thresholds(), now=NOW)
    tally.add_unreadable(2)
    tally.add_unreadable(1)
    assert tally.status() == Status(unreadable=3)
    assert problems(tally.status(), Thresholds()) == ["3 rows are damaged"]


def tokens(access: str, refresh: str) -> Grant:
    return make(access_token=access, refresh_token=refresh)


@pytest.mark.parametrize(
    ("grant", "options", "keys"),
    [
        (tokens("a", "r"), {}, Keys(plain=1)),
        (tokens("a", "r"), {"key_ids": [MINE]}, Keys(plain=1, unopened=1, waiting=1)),
        (tokens("a", "r"), {"key_ids": [MINE], "accepts_plain": True}, Keys(plain=1, waiting=1)),
        (tokens("a", sealed(MINE)), {"key_ids": [MINE]}, Keys(plain=1, unopened=1, waiting=1)),
        (tokens(FERNET, FERNET), {}, Keys(fernet=1, unopened=1)),
        (tokens(FERNET, FERNET), {"key_ids": [MINE]}, Keys(fernet=1, waiting=1)),
        (tokens(sealed(MINE), FERNET), {"key_ids": [MINE]}, Keys(fernet=1, waiting=1)),
        (tokens(sealed(MINE), sealed(MINE)), {}, Keys(by_key={MINE: 1}, unopened=1)),
        (tokens(sealed(MINE), sealed(MINE)), {"key_ids": [MINE, FORMER]}, Keys(by_key={MINE: 1})),
        (tokens(sealed(FORMER), sealed(FORMER)), {"key_ids": [MINE, FORMER]}, Keys(by_key={FORMER: 1}, waiting=1)),
        (tokens(sealed(FORMER), sealed(MINE)), {"key_ids": [MINE, FORMER]}, Keys(by_key={MINE: 1}, waiting=1)),
        (
            tokens(sealed(FORMER), sealed(MINE)),
            {"key_ids": [MINE]},
            Keys(by_key={MINE: 1}, unopened=1, waiting=1),
        ),
        (tokens("astra1:x", "astra1:x"), {"key_ids": [MINE]}, Keys(by_key={"damaged": 1}, unopened=1, waiting=1)),
    ],
)
def test_grants_are_counted_by_key_and_those_that_cannot_be_opened_need_people(
    grant: Grant, options: dict[str, Any], keys: Keys
) -> None:
    found = count(grant, **options)
    assert found.keys == keys
    assert len(problems(found, Thresholds())) == bool(keys.unopened)
    assert len(notes(found)) == bool(keys.waiting)


def test_each_problem_and_note_says_how_many() -> None:
    keys = Keys(unopened=5, waiting=6)
    found = Status(dying=1, dead={"expired": 2}, stuck=3, unreadable=4, keys=keys)
    assert problems(found, Thresholds(dying_within=1.5 * DAY)) == [
        "1 grants end within 1.5 days unless they are refreshed: does keep-alive run?",
        "2 people have to authorize again; if that is a mistake, see astra tokens revive",
        "3 grants failed 3 times in a row or more: see astra tokens list",
        "5 grants cannot be read with the keys in ASTRA_TOKEN_KEYS",
        "4 rows are damaged",
    ]
    assert notes(found) == ["6 grants are not under the current key: astra tokens rotate-keys"]


def test_every_count_is_that_of_all_grants() -> None:
    old = {"refreshed_at": NOW - 6 * DAY, "refresh_expires_at": NOW + DAY}
    found = count(*[make(**old)] * 2, *[tokens(sealed(FORMER), sealed(FORMER))] * 2, *[tokens(FERNET, FERNET)] * 2)
    assert (found.total, found.active, found.due, found.dying) == (6, 6, 2, 2)
    assert found.keys == Keys(by_key={FORMER: 2}, fernet=2, plain=2, unopened=4)
    assert count(*[tokens(sealed(FORMER), sealed(FORMER))] * 2, key_ids=[MINE]).keys == Keys(
        by_key={FORMER: 2}, unopened=2, waiting=2
    )
    assert count(*[tokens("a", "r")] * 2, key_ids=[MINE]).keys == Keys(plain=2, unopened=2, waiting=2)


def test_the_first_attempt_is_that_of_the_grant_that_is_tried_first() -> None:
    assert count(make(failures=1, next_attempt_at=NOW + 5), make(failures=1, next_attempt_at=NOW + 9)).next_attempt == (
        NOW + 5
    )


def test_days_are_written_as_people_write_them() -> None:
    assert "within 2 days" in problems(Status(dying=1), Thresholds())[0]


def test_what_is_counted_stays_as_it_was_when_more_is_counted() -> None:
    tally = Tally(Thresholds(), now=NOW)
    tally.add(tokens(sealed(MINE), sealed(MINE)))
    tally.add(attrs.evolve(make(), state="dead"))
    before = tally.status()
    tally.add(tokens(sealed(MINE), sealed(MINE)))
    tally.add(attrs.evolve(make(), state="dead"))
    assert (before.dead, before.keys.by_key) == ({"unknown": 1}, {MINE: 1})


@pytest.mark.parametrize("kind", [Thresholds, Keys, Status])
def test_numbers_are_named(kind: Any) -> None:
    with pytest.raises(TypeError):
        kind(1)
