"""Which routine is the payment whose answer was lost: a wrong yes is a lost payment, a wrong no a second one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from astra.http.payment_match import PaymentCandidate
from astra.resources.reconcile import (
    Found,
    Listed,
    clock_ahead,
    earliest_creation,
    ends_look,
    is_before,
    judge,
    reference_of,
    search,
    why_another,
)

SENT_AT = datetime(2026, 11, 24, 12, tzinfo=UTC)
MOMENT = timedelta(microseconds=1)
SENT = {
    "client_correlation_id": "INV00042",
    "amount": "20.10",
    "name": "rent",
    "source_id": "acc_1",
    "destination_id": "acc_2",
    "type": "one-time",
    "start_date": "2026-11-24",
}
ROUTINE: dict[str, Any] = {**SENT, "id": "rtn_1", "status": "processing"}
NAMELESS = {name: value for name, value in ROUTINE.items() if name != "client_correlation_id"}
TRANSFER: dict[str, Any] = {
    "id": "tr_1",
    "routine_id": "rtn_1",
    "routine_name": "rent",
    "routine_type": "one-time",
    "client_correlation_id": "INV00042",
    "source_id": "acc_1",
    "destination_id": "acc_2",
    "amount": 20.1,
}


def routine(created: datetime | None = SENT_AT, **fields: Any) -> Listed:
    return Listed({**ROUTINE, **fields}, created)


def transfer(created: datetime | None = SENT_AT, **fields: Any) -> Listed:
    return Listed({**TRANSFER, **fields}, created, is_transfer=True)


def find(*items: Listed, taken: tuple[str, ...] = (), sent: dict[str, str] = SENT) -> Found:
    return search(items, sent, earliest=SENT_AT, taken=taken)


def reasons(found: Found) -> dict[str | None, str]:
    assert found.routine_id is None
    return {one.routine_id: one.reason for one in found.candidates}


# One routine.


@given(st.sampled_from(sorted(SENT)), st.text(max_size=12))
def test_a_routine_that_differs_in_one_sent_field_is_never_taken_for_the_payment(name: str, other: str) -> None:
    kind, _ = judge({**ROUTINE, name: f"x{other}"}, SENT, is_old=False)
    assert kind == ("another's" if name == "client_correlation_id" else "doubtful")


def test_a_routine_with_all_that_was_sent_is_the_payment() -> None:
    assert judge(ROUTINE, SENT, is_old=False) == ("match", "")
    assert judge({"client_correlation_id": "INV00042"}, SENT, is_old=False) == ("match", "")


def test_the_same_before_the_payment_is_its_rival() -> None:
    assert judge(ROUTINE, SENT, is_old=True) == ("rival", "it is older than the payment")


def test_the_same_correlation_id_on_another_payment_is_not_passed_over() -> None:
    body = {**ROUTINE, "name": "x", "amount": 5}
    assert judge(body, SENT, is_old=False) == ("doubtful", "it carries the correlation id and differs in amount, name")
    assert judge(body, SENT, is_old=True) == ("no", "")


@pytest.mark.parametrize("is_old", [True, False])
def test_another_correlation_id_makes_it_anothers(is_old: bool) -> None:
    assert judge({**ROUTINE, "client_correlation_id": "INV00043"}, SENT, is_old=is_old) == ("another's", "")


@pytest.mark.parametrize("given_", [{}, {"client_correlation_id": None}, {"client_correlation_id": ""}])
def test_a_routine_without_a_correlation_id_may_be_the_payment(given_: dict[str, Any]) -> None:
    body = {**NAMELESS, **given_}
    kind, reason = judge(body, SENT, is_old=False)
    assert kind == "doubtful"
    assert reason == (
        "it agrees in amount, name, source_id, destination_id, type, start_date, but it gives no correlation id"
    )
    assert judge(body, SENT, is_old=True) == ("no", "")
    assert judge({**body, "amount": 3}, SENT, is_old=False) == ("no", "")
    assert judge({**body, "name": "x"}, SENT, is_old=False) == ("no", "")


def test_a_routine_that_says_nothing_may_be_the_payment() -> None:
    assert judge({"id": "rtn_1"}, SENT, is_old=False) == ("doubtful", "it gives nothing by which to tell")
    assert judge({"id": "rtn_1"}, SENT, is_old=True) == ("no", "")


def test_a_payment_without_a_correlation_id_is_never_certain() -> None:
    sent = {name: value for name, value in SENT.items() if name != "client_correlation_id"}
    kind, reason = judge(ROUTINE, sent, is_old=False)
    assert (kind, reason.rpartition(", ")[2]) == (
        "doubtful",
        "but a payment without a correlation id cannot be told",
    )
    assert judge({**ROUTINE, "amount": 3}, sent, is_old=False) == ("no", "")


def test_a_routine_contradicts_its_transfer_by_any_difference() -> None:
    assert why_another(ROUTINE, SENT) is None
    assert why_another({}, SENT) is None
    assert why_another({**ROUTINE, "name": "x", "type": "recurring"}, SENT) == (
        "a transfer of it agrees, and it differs in type, name"
    )


# Lists.


def test_the_only_one_that_agrees_is_found() -> None:
    other = routine(id="rtn_0", client_correlation_id="INV00041")
    assert find(other, routine()) == Found("rtn_1")
    assert find(other) == find() == Found()


def test_two_that_agree_are_ambiguous() -> None:
    assert reasons(find(routine(), routine(id="rtn_2"))) == dict.fromkeys(
        ("rtn_1", "rtn_2"), "it agrees in all that it gives"
    )


def test_one_that_is_listed_twice_or_by_its_transfers_too_is_one() -> None:
    assert find(routine(), routine(), transfer(), transfer(id="tr_2")) == Found("rtn_1")


def test_an_older_one_that_agrees_is_ambiguous_alone_and_beside_another() -> None:
    old = routine(SENT_AT - MOMENT, id="rtn_0")
    assert reasons(find(old)) == {"rtn_0": "it is older than the payment"}
    assert reasons(find(old, routine())) == {
        "rtn_0": "it is older than the payment",
        "rtn_1": "it agrees in all that it gives",
    }


def test_an_older_transfer_of_the_routine_itself_is_no_rival_of_it() -> None:
    assert find(routine(), transfer(SENT_AT - MOMENT)) == Found("rtn_1")


def test_one_that_differs_is_reported_unless_another_agrees() -> None:
    differs = routine(id="rtn_0", amount=5)
    assert reasons(find(differs)) == {"rtn_0": "it carries the correlation id and differs in amount"}
    assert find(differs, routine()) == Found("rtn_1")


def test_the_outcome_of_another_payment_is_not_taken() -> None:
    taken = "it is the outcome of another payment of this client"
    assert reasons(find(routine(), taken=("rtn_1",))) == {"rtn_1": taken}
    assert reasons(find(routine(), routine(id="rtn_2"), taken=("rtn_1",))) == {
        "rtn_2": "it agrees in all that it gives",
        "rtn_1": taken,
    }


def test_a_routine_without_a_correlation_id_is_told_by_its_transfers() -> None:
    nameless = routine(client_correlation_id=None)
    assert set(reasons(find(nameless))) == {"rtn_1"}
    assert find(nameless, transfer()) == Found("rtn_1")
    assert find(nameless, transfer(client_correlation_id="INV00043")) == Found()
    assert set(reasons(find(nameless, transfer(client_correlation_id="INV00043", routine_id="rtn_2")))) == {"rtn_1"}


def test_all_that_may_be_it_is_reported_together() -> None:
    found = find(
        routine(id="rtn_0", amount=5),
        routine(SENT_AT - MOMENT, id="rtn_2"),
        routine(id="rtn_3", client_correlation_id=""),
    )
    assert [one.routine_id for one in found.candidates] == ["rtn_2", "rtn_0", "rtn_3"]


@pytest.mark.parametrize("routine_id", [None, "", " ", {}, True, 7.0])
def test_a_transfer_that_does_not_name_its_routine_is_not_passed_over(routine_id: Any) -> None:
    found = find(transfer(routine_id=routine_id))
    assert found.candidates == (PaymentCandidate(None, "tr_1", SENT_AT, "it does not name its routine"),)


def test_a_transfer_that_differs_in_anything_does_not_stand_for_its_routine() -> None:
    found = find(transfer(routine_name="x"))
    assert found.candidates == (
        PaymentCandidate("rtn_1", "tr_1", SENT_AT, "it carries the correlation id and differs in name"),
    )


def test_a_candidate_says_where_it_was_found() -> None:
    assert routine(id=7).as_candidate("why") == PaymentCandidate("7", None, SENT_AT, "why")
    assert transfer(None).as_candidate("why") == PaymentCandidate("rtn_1", "tr_1", None, "why")


# Time.


@pytest.mark.parametrize(
    ("header", "ahead"),
    [
        ("Tue, 24 Nov 2026 12:00:00 GMT", 0),
        ("Tue, 24 Nov 2026 12:10:00 GMT", 600),
        ("Tue, 24 Nov 2026 11:59:00 +0000", -60),
        ("Tue, 24 Nov 2026 12:00:00 -0000", 0),
        ("Tue, 24 Nov 2026 13:00:00 +0100", 0),
    ],
)
def test_the_date_of_an_answer_shows_how_far_the_clocks_are_apart(header: str, ahead: int) -> None:
    assert clock_ahead(header, received=SENT_AT) == timedelta(seconds=ahead)


@pytest.mark.parametrize("header", [None, "", "yesterday", "Tue, 99 Nov 2026 12:00:00 GMT"])
def test_an_answer_without_a_date_shows_nothing(header: str | None) -> None:
    assert clock_ahead(header, received=SENT_AT) is None


def test_a_payment_cannot_be_made_before_it_was_sent_but_for_seconds() -> None:
    assert earliest_creation(SENT_AT, None) == SENT_AT - timedelta(seconds=5)
    assert earliest_creation(SENT_AT, timedelta(0)) == SENT_AT - timedelta(seconds=2)
    assert earliest_creation(SENT_AT, timedelta(minutes=10)) == SENT_AT + timedelta(minutes=10, seconds=-2)
    assert earliest_creation(None, timedelta(0)) is None


def test_a_date_at_the_end_of_the_calendar_is_no_clock() -> None:
    ahead = clock_ahead("Fri, 31 Dec 9999 23:59:59 -2300", received=SENT_AT)
    assert earliest_creation(SENT_AT, ahead) == SENT_AT - timedelta(seconds=5)
    assert clock_ahead("Feb 9999999999999999999999 9999 07:28:00", received=SENT_AT) is None


def test_only_what_says_when_it_was_made_is_older() -> None:
    assert is_before(SENT_AT - MOMENT, SENT_AT) is True
    assert is_before(SENT_AT, SENT_AT) is False
    assert is_before(None, SENT_AT) is False
    assert is_before(SENT_AT, None) is False


NEW, OLD, OLDER = SENT_AT + MOMENT, SENT_AT - MOMENT, SENT_AT - 2 * MOMENT


@pytest.mark.parametrize(
    ("page", "ends"),
    [
        ([NEW, OLD], True),
        ([NEW, OLD, OLDER], True),
        ([OLD, OLDER], True),
        ([NEW, SENT_AT], False),
        ([NEW, NEW], False),
        ([OLDER, OLD], False),
        ([OLD, OLD], False),
        ([OLD, NEW, OLDER], False),
        ([OLD], False),
        ([NEW, None, OLD], False),
        ([None, None], False),
        ([], False),
    ],
)
def test_a_look_ends_behind_the_payment_only_in_a_list_that_falls_in_time(
    page: list[datetime | None], ends: bool
) -> None:
    assert ends_look(page, SENT_AT) is ends
    assert ends_look(page, None) is False


def test_payments_are_taken_for_each_other_by_user_and_correlation_id() -> None:
    assert reference_of("user", {"client_correlation_id": "InV1"}) == ("user", "inv1")
    assert reference_of(None, {}) == (None, None)
