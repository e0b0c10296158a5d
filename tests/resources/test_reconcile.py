"""Which routine is the payment whose answer was lost: a wrong yes is a lost payment, a wrong no a second one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from astra.resources.reconcile import is_before, is_same_payment

SENT_AT = datetime(2026, 11, 24, 12, tzinfo=UTC)
TOLERANCE = timedelta(minutes=15)
MOMENT = timedelta(microseconds=1)
SENT = {
    "client_correlation_id": "INV00042",
    "amount": "20.10",
    "name": "rent",
    "source_id": "acc_1",
    "destination_id": "acc_2",
}
ROUTINE: dict[str, Any] = {**SENT, "id": "rtn_1", "status": "processing"}
CARD_ROUTINE: dict[str, Any] = {
    "client_correlation_id": "INV00042",
    "amount": "20.10",
    "name": "rent",
    "source": {"id": "acc_1", "type": "account"},
    "destination": {"id": "acc_2", "type": "card"},
}


def same(routine: dict[str, Any], sent: dict[str, str] = SENT, *, created: datetime | None = SENT_AT) -> bool:
    return is_same_payment(routine, sent, created=created, sent_at=SENT_AT)


@pytest.mark.parametrize("routine", [ROUTINE, CARD_ROUTINE], ids=["routine", "routine of a card"])
def test_a_routine_with_all_that_was_sent_is_the_payment(routine: dict[str, Any]) -> None:
    assert same(routine) is True


@given(st.sampled_from(sorted(SENT)), st.text(max_size=12))
def test_a_routine_that_differs_in_one_sent_field_is_another_payment(name: str, other: str) -> None:
    assert same({**ROUTINE, name: other}) is (other == SENT[name])


@given(st.sampled_from(["source", "destination"]), st.text(max_size=12))
def test_a_routine_of_a_card_that_differs_in_a_party_is_another_payment(party: str, other: str) -> None:
    assert same({**CARD_ROUTINE, party: {"id": other}}) is (other == SENT[f"{party}_id"])


@pytest.mark.parametrize("name", ["amount", "name", "source_id", "destination_id"])
def test_what_a_routine_does_not_give_decides_nothing(name: str) -> None:
    assert same({**ROUTINE, name: None})
    assert same({key: value for key, value in ROUTINE.items() if key != name})


@pytest.mark.parametrize("party", [None, "acc_1", ["acc_1"], {}, {"id": None}])
def test_a_party_without_an_id_decides_nothing(party: Any) -> None:
    assert same({**CARD_ROUTINE, "source": party})


def test_the_id_of_a_party_counts_only_where_the_routine_gives_no_other() -> None:
    assert same({**ROUTINE, "source": {"id": "something else"}})
    assert not same({**ROUTINE, "source_id": "something else", "source": {"id": "acc_1"}})


@pytest.mark.parametrize("amount", ["20.10", "20.1", "20.100", "2.01E+1", 20.1])
def test_an_amount_is_compared_by_its_value(amount: Any) -> None:
    assert same({**ROUTINE, "amount": amount})


@pytest.mark.parametrize("amount", ["20.11", "2010", 20, -20.1, "20,10", "$20.10", "", "NaN", "sNaN", True, {}])
def test_another_amount_or_an_unreadable_one_is_not_that_of_the_payment(amount: Any) -> None:
    assert same({**ROUTINE, "amount": amount}) is False


def test_an_unreadable_amount_is_not_even_that_of_itself() -> None:
    assert same({**ROUTINE, "amount": "twenty"}, {**SENT, "amount": "twenty"}) is False


@pytest.mark.parametrize("name", ["name", "source_id"])
def test_only_amounts_are_compared_by_value(name: str) -> None:
    assert not same({**ROUTINE, name: "1.0"}, {**SENT, name: "1.00"})


@pytest.mark.parametrize("routine", [ROUTINE, {**ROUTINE, "client_correlation_id": None}, {}])
def test_a_payment_without_a_correlation_id_is_never_found(routine: dict[str, Any]) -> None:
    sent = {name: value for name, value in SENT.items() if name != "client_correlation_id"}
    assert same(routine, sent) is False


@pytest.mark.parametrize("found", [None, "", "INV00043"])
def test_a_routine_without_the_correlation_id_is_another_payment(found: str | None) -> None:
    assert same({**ROUTINE, "client_correlation_id": found}) is False


@pytest.mark.parametrize(
    ("created", "before"),
    [
        (SENT_AT + timedelta(days=1), False),
        (SENT_AT, False),
        (SENT_AT - TOLERANCE, False),
        (SENT_AT - TOLERANCE - MOMENT, True),
        (SENT_AT - timedelta(days=7), True),
        (None, False),
    ],
)
def test_a_routine_older_than_the_payment_by_more_than_clocks_differ_is_another(
    created: datetime | None, before: bool
) -> None:
    assert is_before(created, SENT_AT) is before
    assert same(ROUTINE, created=created) is not before


def test_nothing_is_too_old_when_the_time_of_sending_is_not_known() -> None:
    assert is_before(SENT_AT, None) is False
    assert is_same_payment(ROUTINE, SENT, created=SENT_AT, sent_at=None)
