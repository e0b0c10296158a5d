"""The judge of histories sees what is wrong, and nothing in what is right."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from astra.payments import PaymentRecord, PaymentState
from tests.payments.histories.verdict import Answers, Routine, contradictions, lost, unrecorded

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
ONE: Routine = ("key", "rt_1", "20")
ANOTHER: Routine = ("key", "rt_2", "20")


def record(state: str, *, amount: str = "20.00") -> PaymentRecord:
    return PaymentRecord(
        environment="sandbox",
        client_id="id",
        operation="create_routine",
        key="key",
        user_key="customer-42",
        fingerprint="1:0",
        match_fields={"amount": amount},
        resource_id="rt_1" if state == "made" else None,
        state=PaymentState(state),
        lease_until=NOON,
        created=NOON,
        updated=NOON,
        first_sent=NOON,
        sent=NOON,
    )


@pytest.mark.parametrize(
    ("state", "routines", "is_right"),
    [
        ("made", [ONE], True),
        ("made", [], False),
        ("made", [ANOTHER], False),
        ("made", [ONE, ANOTHER], False),
        ("refused", [], True),
        ("refused", [ONE], False),
        ("not_sent", [], True),
        ("not_sent", [ONE], False),
        ("uncertain", [], True),
        ("uncertain", [ONE], True),
        ("uncertain", [ONE, ANOTHER], False),
        ("sending", [], True),
        ("sending", [ONE], True),
    ],
)
def test_a_record_may_claim_only_what_the_bank_has(state: str, routines: list[Routine], is_right: bool) -> None:
    assert (contradictions([record(state)], routines) == []) is is_right


def test_a_record_of_another_amount_is_wrong() -> None:
    assert contradictions([record("made", amount="21.00")], [ONE])


def test_a_payment_that_nobody_wrote_down_is_wrong_unless_its_key_was_forgotten_on_purpose() -> None:
    assert unrecorded([], [ONE], forgotten=[])
    assert not unrecorded([], [ONE], forgotten=["key"])
    assert not unrecorded([record("uncertain")], [ONE], forgotten=[])


@pytest.mark.parametrize(
    ("state", "routines", "is_lost"),
    [
        ("uncertain", [ONE], True),
        ("uncertain", [], False),
        ("made", [ONE], False),
        ("sending", [], True),
        ("sending", [ONE], True),
    ],
)
def test_after_the_last_look_what_was_made_is_known(state: str, routines: list[Routine], is_lost: bool) -> None:
    assert bool(lost([record(state)], routines)) is is_lost


def test_one_key_has_one_answer_and_it_is_true() -> None:
    answers = Answers()
    assert not answers.judge("key", "rt_1", None, [ONE])
    assert answers.judge("key", "rt_2", None, [ONE, ANOTHER])
    assert Answers().judge("key", "rt_3", None, [ONE])
    assert Answers().judge("key", "rt_1", None, [("other", "rt_1", "20")])


def test_a_bare_error_of_what_lies_below_is_wrong() -> None:
    assert Answers().judge("key", None, "OperationalError", [])
    assert not Answers().judge("key", None, "UncertainOutcomeError", [])
