"""What the rows of a token store tell."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from astra.doctor.findings import Finding, Tally
from astra.doctor.grants import add_row, judge_identities, judge_keys, judge_people, shown_identity
from astra.tokens.identity import UNBOUND, Identity

ENCRYPT = 'Encrypt them: see "Encrypt them" in the guide on token stores.'
ROTATE = 'Run "astra tokens rotate-keys" when every program has the new key.'
SET_KEYS = "Set ASTRA_TOKEN_KEYS as the writers have it."
FORMER = "Add the former keys to ASTRA_TOKEN_KEYS, after the current one."
RESTORE = "Restore them from a backup, or have these people authorize again."
PLAIN_FIRST = 'Set ASTRA_TOKEN_KEYS=KEY,plain, run "astra tokens rotate-keys", and take "plain" away again.'
NO_PLAIN = 'Take "plain" away: with it, whoever can write to the store can put in tokens of their own.'
OF_0_1_0 = "in the format of release 0.1.0 (Fernet)"


def tally(**counts: Any) -> Tally:
    made = Tally(**counts)
    made.rows = made.by_key.total() + made.fernet + made.plain + counts.get("rows", 0)
    return made


@pytest.mark.parametrize(
    ("found", "keys", "plain", "production", "status", "message", "advice"),
    [
        # no keys
        (tally(), (), False, True, "warn", "not encrypted: no grants yet", ENCRYPT),
        (tally(plain=3), (), False, False, "ok", "not encrypted: 3 not encrypted", ""),
        (tally(plain=3), (), False, True, "warn", "not encrypted: 3 not encrypted", ENCRYPT),
        (
            tally(by_key=Counter(k1=2), no_key=2),
            (),
            False,
            False,
            "fail",
            "2 under key k1, and ASTRA_TOKEN_KEYS is not set",
            SET_KEYS,
        ),
        (
            tally(fernet=1, plain=2, no_key=1),
            (),
            False,
            False,
            "fail",
            f"1 {OF_0_1_0}, 2 not encrypted, and ASTRA_TOKEN_KEYS is not set",
            SET_KEYS,
        ),
        # keys that fit
        (tally(), ("k1",), False, True, "ok", "encrypted: no grants yet", ""),
        (tally(by_key=Counter(k1=5)), ("k1", "k0"), False, True, "ok", "encrypted: 5 under key k1", ""),
        (
            tally(by_key=Counter(k1=5, k0=1)),
            ("k1", "k0"),
            False,
            True,
            "warn",
            "all open, but not all are under the first key: 1 under key k0, 5 under key k1",
            ROTATE,
        ),
        (
            tally(by_key=Counter(k1=5), fernet=2),
            ("k1",),
            False,
            True,
            "warn",
            f"all open, but not all are under the first key: 5 under key k1, 2 {OF_0_1_0}",
            ROTATE,
        ),
        (
            tally(by_key=Counter(k1=5), plain=2),
            ("k1",),
            True,
            True,
            "warn",
            "all open, but not all are under the first key: 5 under key k1, 2 not encrypted",
            ROTATE,
        ),
        (
            tally(by_key=Counter(k1=5)),
            ("k1",),
            True,
            True,
            "warn",
            '"plain" stands in ASTRA_TOKEN_KEYS, and nothing needs it: 5 under key k1',
            NO_PLAIN,
        ),
        # keys that do not fit
        (
            tally(by_key=Counter(ka=1, k0=2, k1=3), no_key=3),
            ("k1",),
            False,
            True,
            "fail",
            "3 of 6 grants are opened by none of the keys (missing: k0, ka): "
            "2 under key k0, 3 under key k1, 1 under key ka",
            FORMER,
        ),
        (
            tally(fernet=2, no_key=2),
            ("k1",),
            False,
            True,
            "fail",
            f"2 of 2 grants are opened by none of the keys: 2 {OF_0_1_0}",
            FORMER,
        ),
        (
            tally(by_key=Counter(k1=1), plain=2, no_key=2),
            ("k1",),
            False,
            True,
            "fail",
            "1 under key k1, 2 not encrypted: what is not encrypted is refused where there are keys",
            PLAIN_FIRST,
        ),
        (
            tally(by_key=Counter(k0=2), plain=2, no_key=2),
            ("k1",),
            True,
            True,
            "fail",
            "2 of 4 grants are opened by none of the keys (missing: k0): 2 under key k0, 2 not encrypted",
            FORMER,
        ),
        # damage
        (
            tally(by_key=Counter(k1=1), damaged=["a", "b"], rows=1),
            ("k1",),
            False,
            True,
            "fail",
            "2 of 2 rows are damaged, or come from another row: a, b",
            RESTORE,
        ),
        (
            tally(plain=1, damaged=list("abcdefg"), rows=7),
            (),
            False,
            True,
            "fail",
            "7 of 8 rows are damaged, or come from another row: a, b, c, d, e and 2 more",
            RESTORE,
        ),
        (
            tally(by_key=Counter(k0=1), damaged=["a"], no_key=1, rows=1),
            ("k1",),
            False,
            True,
            "fail",
            "1 of 2 grants are opened by none of the keys (missing: k0): 1 under key k0, 1 damaged",
            FORMER,
        ),
    ],
)
def test_keys_are_judged_by_the_rows(
    found: Tally, keys: tuple[str, ...], plain: bool, production: bool, status: Any, message: str, advice: str
) -> None:
    judged = judge_keys(found, key_ids=keys, accepts_plain=plain, is_production=production)
    assert judged == Finding(
        check="token_store.keys",
        status=status,
        message=message,
        advice=advice,
        details={
            "rows": found.rows,
            "by_key": dict(found.by_key),
            "fernet": found.fernet,
            "plain": found.plain,
            "no_key": found.no_key,
            "damaged": len(found.damaged),
            "configured_keys": list(keys),
            "complete": True,
        },
    )


def test_when_time_ran_out_it_says_of_how_many_it_speaks() -> None:
    judged = judge_keys(tally(plain=2, is_complete=False), key_ids=(), accepts_plain=False, is_production=False)
    assert judged.message == "of the first 2 grants (there was no time for more): not encrypted: 2 not encrypted"
    assert judged.details["complete"] is False


def test_rows_are_counted() -> None:
    found = Tally()
    common: dict[str, Any] = {"astra_user_id": None, "is_active": True}
    add_row(found, "a", kind="envelope", key_id="k1", opening="opens", **common)
    add_row(found, "b", kind="envelope", key_id="k1", opening="no_key", **common)
    add_row(found, "c", kind="envelope", key_id="k1", opening="damaged", **common)
    add_row(found, "d", kind="fernet", key_id=None, opening="no_key", **common)
    add_row(found, "e", kind="fernet", key_id=None, opening="opens", **common)
    add_row(found, "f", kind="plain", key_id=None, opening="opens", **common)
    add_row(found, "g", kind="plain", key_id=None, opening="opens", **common)
    add_row(found, "h", kind="plain", key_id=None, opening="opens", **common)
    assert found == Tally(rows=8, by_key=Counter(k1=3), fernet=2, plain=3, no_key=2, damaged=["c"])


def add_person(found: Tally, key: str, user: str | None, *, is_active: bool = True) -> None:
    add_row(found, key, kind="plain", key_id=None, opening="opens", astra_user_id=user, is_active=is_active)


def test_one_person_under_several_keys_is_found() -> None:
    found = Tally()
    for key, user in (("a", "u1"), ("b", "u2"), ("c", "u1"), ("d", None), ("e", None), ("f", "u1"), ("g", "")):
        add_person(found, key, user)
    add_person(found, "h", "u2", is_active=False)
    add_person(found, "b", "u2")
    assert found.seen == {"u1": "a", "u2": "b"}
    assert found.twice == {"u1": ["a", "c", "f"]}
    assert judge_people(found) == Finding(
        check="token_store.people",
        status="warn",
        message="people with several user keys: 1 (a = c = f)",
        advice="They share one grant. Decide which key is right, and forget the other: astra tokens forget KEY.",
        details={"people": 1, "examples": {"u1": ["a", "c", "f"]}},
    )


def test_five_people_under_two_keys_are_named_and_the_others_are_counted() -> None:
    found = Tally(twice={f"u{number}": [f"a{number}", f"b{number}"] for number in range(6)})
    judged = judge_people(found)
    assert judged.message == (
        "people with several user keys: 6 (a0 = b0, a1 = b1, a2 = b2, a3 = b3, a4 = b4 and 1 more)"
    )
    assert judged.details == {
        "people": 6,
        "examples": {f"u{number}": [f"a{number}", f"b{number}"] for number in range(5)},
    }
    five = Tally(twice=dict(list(found.twice.items())[:5]))
    assert judge_people(five).message.endswith("a4 = b4)")


def test_nobody_under_two_keys_is_right() -> None:
    assert judge_people(Tally()) == Finding(
        check="token_store.people",
        status="ok",
        message="nobody has several user keys",
        details={"people": 0, "examples": {}},
    )


MINE = Identity("production", "client-id-of-my-program")
SHOWN = "client...gram"


def other(number: int) -> Identity:
    return Identity("sandbox", f"c{number}")


def test_grants_of_this_client_and_of_nobody_are_counted() -> None:
    assert judge_identities({MINE: 5, UNBOUND: 2}, mine=MINE) == Finding(
        check="token_store.identities",
        status="ok",
        message="grants: 5 of this client, 2 of release 0.1.0, which every client sees",
        details={"own": 5, "nobody": 2, "others": []},
    )
    assert judge_identities({}, mine=MINE) == Finding(
        check="token_store.identities",
        status="ok",
        message="grants: 0 of this client",
        details={"own": 0, "nobody": 0, "others": []},
    )


def test_grants_of_others_beside_ones_own_are_no_fault() -> None:
    long = Identity("sandbox", "client-id-of-a-sandbox")
    judged = judge_identities({MINE: 1, other(1): 3, long: 4}, mine=MINE)
    assert judged == Finding(
        check="token_store.identities",
        status="ok",
        message="grants: 1 of this client, 4 of sandbox, client client...dbox, 3 of sandbox, client c1",
        details={
            "own": 1,
            "nobody": 0,
            "others": [
                {"environment": "sandbox", "client_id": "c1", "grants": 3},
                {"environment": "sandbox", "client_id": "client...dbox", "grants": 4},
            ],
        },
    )
    assert judge_identities({UNBOUND: 1, other(1): 3}, mine=MINE).status == "ok"


def test_a_client_that_sees_none_of_the_grants_is_probably_the_wrong_one() -> None:
    assert judge_identities({other(1): 3}, mine=MINE) == Finding(
        check="token_store.identities",
        status="warn",
        message="this client sees none of the grants. grants: 0 of this client, 3 of sandbox, client c1",
        advice="Compare ASTRA_CLIENT_ID, ASTRA_ENVIRONMENT and ASTRA_BASE_URL with what the writers have.",
        details={"own": 0, "nobody": 0, "others": [{"environment": "sandbox", "client_id": "c1", "grants": 3}]},
    )


def test_five_others_are_named_and_the_rest_are_counted() -> None:
    six = {other(number): 10 - number for number in range(6)}
    assert judge_identities({MINE: 1} | six, mine=MINE).message.endswith(
        "10 of sandbox, client c0, 9 of sandbox, client c1, 8 of sandbox, client c2, 7 of sandbox, client c3, "
        "6 of sandbox, client c4, 1 more clients"
    )
    five = dict(list(six.items())[:5])
    assert judge_identities({MINE: 1} | five, mine=MINE).message.endswith("6 of sandbox, client c4")


def test_an_identity_is_shown_with_a_shortened_client_id() -> None:
    assert shown_identity(MINE) == f"production, client {SHOWN}"
