"""Which JSON is the payment that was sent: a wrong yes hands out another one, a wrong no has somebody pay twice."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from astra.http.payment_match import (
    Comparison,
    PaymentCandidate,
    compare,
    facts_of,
    why_not_taken_over,
    why_not_the_payment,
)

BODY: dict[str, Any] = {
    "type": "one-time",
    "name": "rent",
    "payment_type": "ach",
    "source_id": "acc_1",
    "destination_id": "acc_2",
    "destination_user_id": "usr_2",
    "amount": Decimal("20.10"),
    "start_date": "2026-05-01",
    "preferred_settlement_speed": "T+1",
    "frequency": "bi-weekly",
    "client_correlation_id": "INV00042",
    "debit_fee_percent": Decimal("1.25"),
    "disable_alternative_routing": True,
    "brand_new": 7,
}
SENT = facts_of(BODY)
CARD_BODY: dict[str, Any] = {
    "name": "payout",
    "amount": Decimal("25.5"),
    "source": {"id": "acc_1"},
    "destination": {"id": "card_2", "user_id": "usr_2"},
    "settlement_mode": "gross_debit",
    "client_correlation_id": "AB12CD34",
}
CARD_SENT = facts_of(CARD_BODY)
DECIDING = {
    "type", "payment_type", "source_id", "destination_id", "destination_user_id", "amount", "frequency",
    "client_correlation_id",
}  # fmt: skip
# What routines and transfers hold beside the fields that were sent.
ROUTINE: dict[str, Any] = {**BODY, "id": "rtn_1", "status": "processing", "created": "2026-05-01T15:12:04"}


def test_a_candidate_is_imported_from_astra() -> None:
    assert PaymentCandidate.__module__ == "astra"


def test_every_field_of_a_request_is_a_fact() -> None:
    assert SENT.keys() == BODY.keys()
    assert CARD_SENT.keys() == {
        "name", "amount", "source.id", "destination.id", "destination.user_id", "settlement_mode",
        "client_correlation_id",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("x", "x"),
        ("", ""),
        (True, "true"),
        (False, "false"),
        (20, "20"),
        (Decimal("20.10"), "20.10"),
        (1.5, "1.5"),
        (date(2026, 5, 1), "2026-05-01"),
        (datetime(2026, 5, 1, 12, tzinfo=UTC), "2026-05-01T12:00:00+00:00"),
        (["a", Decimal("1.5")], '["a", "1.5"]'),
    ],
)
def test_a_fact_is_text(value: object, text: str) -> None:
    assert facts_of({"field": value}) == {"field": text}


def test_a_fact_is_the_characters_that_are_sent_whatever_their_class_prints() -> None:
    class Account(str):
        def __str__(self) -> str:
            return "Account(main)"

    assert facts_of({"source_id": Account("acc_1")}) == {"source_id": "acc_1"}
    assert why_not_the_payment({"source_id": "acc_1"}, facts_of({"source_id": Account("acc_1")})) is None


def test_a_name_that_is_no_text_is_one_in_json() -> None:
    assert facts_of({"a": {1: "x", None: "y"}}) == {"a.1": "x", "a.None": "y"}


def test_what_was_left_out_is_no_fact() -> None:
    assert facts_of({"a": None, "b": {"c": None, "d": {"e": 1}}, "f": {}}) == {"b.d.e": "1"}


def test_an_object_with_all_that_was_sent_agrees_in_all_of_it() -> None:
    assert compare(ROUTINE, SENT) == Comparison(same=tuple(BODY))
    assert compare(CARD_BODY, CARD_SENT) == Comparison(same=tuple(CARD_SENT))
    assert why_not_the_payment(ROUTINE, SENT) is None
    assert why_not_taken_over(ROUTINE, SENT) is None


def test_an_object_that_gives_nothing_back_agrees_in_nothing_and_differs_in_nothing() -> None:
    nothing = Comparison(same=(), other=(), changed=())
    assert compare({}, SENT) == compare(dict.fromkeys(BODY), SENT) == nothing
    assert why_not_the_payment({"id": "rtn_1"}, SENT) is None


@pytest.mark.parametrize("name", sorted(BODY))
def test_a_difference_in_one_field_alone_is_seen(name: str) -> None:
    found = compare({**ROUTINE, name: "something else"}, SENT)
    assert found.differing == (name,)
    assert found.other == ((name,) if name in DECIDING else ())
    assert found.same == tuple(other for other in BODY if other != name)


def test_the_deciding_differences_are_named_first() -> None:
    assert compare({**ROUTINE, "type": "recurring", "name": "x", "amount": 1}, SENT).differing == (
        "type",
        "amount",
        "name",
    )


@pytest.mark.parametrize("name", sorted(BODY))
def test_only_a_deciding_field_makes_it_another_payment_and_any_field_an_unconfirmed_change(name: str) -> None:
    body = {name: "something else"}
    line = f"its {name} is not the one that was sent"
    assert why_not_the_payment(body, SENT) == (line if name in DECIDING else None)
    assert why_not_taken_over(body, SENT) == line


def test_a_reason_says_what_agreed_and_shows_no_value() -> None:
    one = {"amount": "99.99", "name": "rent"}
    assert why_not_the_payment(one, SENT) == "its amount is not the one that was sent (but its name is)"
    assert why_not_the_payment({**one, "type": "recurring"}, SENT) == (
        "its type is not the one that was sent (but its name is)"
    )
    two = {**one, "source_id": "acc_1"}
    assert why_not_the_payment(two, SENT) == "its amount is not the one that was sent (but its name, source_id are)"


@given(st.sampled_from(["source_id", "destination_id", "destination_user_id"]), st.text(max_size=8))
def test_ids_are_the_same_letter_by_letter(name: str, other: str) -> None:
    assert (name in compare({name: other}, SENT).other) is (other.strip() != BODY[name])


@pytest.mark.parametrize(
    ("given_", "sent", "same"),
    [
        (" acc_1 ", "acc_1", True),
        ("acc_1", " acc_1", True),
        (5140799817777152, "5140799817777152", True),
        ("ACC_1", "acc_1", False),
        (True, "True", False),
        (1.0, "1.0", False),
        (["acc_1"], "acc_1", False),
        ({"id": "acc_1"}, "acc_1", False),
        ("", "acc_1", False),
    ],
)
@pytest.mark.parametrize("name", ["source_id", "destination_id", "destination_user_id"])
def test_spellings_of_an_id(name: str, given_: object, sent: str, same: bool) -> None:
    body: dict[str, Any] = {name: given_}
    assert bool(compare(body, {name: sent}).other) is not same


@pytest.mark.parametrize(
    "amount", ["20.10", "20.1", " 20.100 ", "2.01E+1", 20.1, Decimal("20.10"), Decimal("20.1000000")]
)
@pytest.mark.parametrize("name", ["amount", "debit_fee_percent"])
def test_numbers_are_compared_by_value(name: str, amount: Any) -> None:
    assert compare({name: amount}, {name: " 20.10 "}) == Comparison(same=(name,))


def test_a_whole_number_is_that_amount_too() -> None:
    assert compare({"amount": 20}, {"amount": "2E+1"}) == Comparison(same=("amount",))


@pytest.mark.parametrize(
    "amount", ["20.11", "2010", 20, -20.1, "20,10", "$20.10", "", "NaN", "sNaN", True, {}, [], ["20.10"], 1e400]
)
def test_another_amount_or_an_unreadable_one_is_another_payment(amount: Any) -> None:
    assert compare({"amount": amount}, SENT) == Comparison(other=("amount",))


@pytest.mark.parametrize("value", ["NaN", "Infinity", "-Infinity", "sNaN", "twenty", "1"])
def test_what_is_no_amount_is_not_even_that_of_itself(value: str) -> None:
    agrees = value == "1"
    assert bool(compare({"amount": value}, {"amount": value}).same) is agrees
    assert compare({"amount": True}, {"amount": value}).other == ("amount",)


def test_a_huge_exponent_costs_no_time() -> None:
    assert compare({"amount": "1e999999"}, SENT).other == ("amount",)


@pytest.mark.parametrize(
    ("name", "sent", "given_", "same"),
    [
        ("type", "one-time", "ONE_TIME", True),
        ("type", "one-time", "onetime", True),
        ("type", "one-time", "recurring", False),
        ("payment_type", "ach", "ACH", True),
        ("payment_type", "ach", "debit", False),
        ("frequency", "bi-weekly", "biweekly", True),
        ("frequency", "weekly", "bi-weekly", False),
        ("currency", "USD", "usd", True),
        ("currency", "USD", "CAD", False),
        ("client_correlation_id", "Inv00042", "INV00042 ", True),
        ("client_correlation_id", "42", 42, True),
        ("client_correlation_id", "1", True, False),
        ("client_correlation_id", "INV00042", "INV00043", False),
        ("client_correlation_id", "INV00042", ["INV00042"], False),
    ],
)
def test_words_that_decide(name: str, sent: str, given_: object, same: bool) -> None:
    assert compare({name: given_}, {name: sent}) == (Comparison(same=(name,)) if same else Comparison(other=(name,)))


@pytest.mark.parametrize(
    ("name", "sent", "given_", "same"),
    [
        ("preferred_settlement_speed", "T+1", "t+1", True),
        ("preferred_settlement_speed", "T+1", "t1", True),
        ("preferred_settlement_speed", "T+1", "T+2", False),
        ("settlement_mode", "gross_debit", "GROSS-DEBIT", True),
        ("settlement_mode", "gross_debit", "net_debit", False),
        ("name", "  Rent   May ", "RENT MAY", True),
        ("name", "\uff32ent", "Rent", True),
        ("name", "Rent", "Rents", False),
        ("name", "Rent May", "RentMay", False),
        ("name", "Rent", ["Rent"], False),
        ("name", "Rent", {"text": "Rent"}, False),
        ("brand_new", "7", "7.0", True),
        ("brand_new", "7", 7, True),
        ("brand_new", '["a"]', ["a"], True),
        ("disable_alternative_routing", "true", True, True),
        ("disable_alternative_routing", "true", "True", True),
        ("disable_alternative_routing", "true", False, False),
        ("disable_alternative_routing", "true", 1, False),
    ],
)
def test_words_that_do_not_decide(name: str, sent: str, given_: object, same: bool) -> None:
    assert compare({name: given_}, {name: sent}) == (Comparison(same=(name,)) if same else Comparison(changed=(name,)))


@pytest.mark.parametrize(
    ("sent", "given_", "same"),
    [
        ("2026-05-01", "2026-05-01", True),
        ("2026-05-01", "2026-05-02", False),
        ("2026-05-01", " 2026-05-01 ", True),
        ("2026-05-01", "2026-05-01T00:00:00", True),
        ("2026-05-01", "2026-05-01T23:59:59-12:00", True),
        ("2026-05-01", "2026-05-02T00:00:00-12:00", False),
        ("2026-05-01", "2026-05-01T00:00:00+14:00", True),
        ("2026-05-01", "2026-04-30T23:59:59+14:00", False),
        ("2026-05-01T09:00:00-07:00", "2026-05-01", True),
        ("2026-05-01T09:00:00-07:00", "2026-05-03", False),
        ("2026-05-01T09:00:00-07:00", "2026-05-01T16:00:00Z", True),
        ("2026-05-01T09:00:00-07:00", "2026-05-01T16:00:00.000", True),
        ("2026-05-01T09:00:00-07:00", "2026-05-01T16:00:01Z", False),
        ("tomorrow", "Tomorrow", True),
        ("TOMORROW", "tomorrow", True),
        (" 2026-05-01 ", "2026-05-01", True),
        ("2026-05-01", "2026-05-01t12:00:00z", True),
        ("tomorrow", "2026-05-01", False),
        ("2026-05-01", "tomorrow", False),
        ("2026-05-01", 20260501, False),
    ],
)
def test_days_and_moments_may_be_written_in_another_way(sent: str, given_: object, same: bool) -> None:
    found = compare({"start_date": given_}, {"start_date": sent})
    assert found == (Comparison(same=("start_date",)) if same else Comparison(changed=("start_date",)))


@pytest.mark.parametrize("party", ["source", "destination"])
def test_the_parties_of_a_card_payment_decide(party: str) -> None:
    for body in ({party: {"id": "x"}}, {f"{party}_id": "x"}):
        assert compare(body, CARD_SENT) == Comparison(other=(f"{party}.id",))
    card = CARD_BODY[party]["id"]
    assert compare({party: {"id": card.upper()}}, CARD_SENT) == Comparison(other=(f"{party}.id",))


@pytest.mark.parametrize(("given_", "same"), [("usr_1", True), ("usr_2", False)])
def test_the_card_endpoints_may_answer_another_id_of_the_receiver(given_: str, same: bool) -> None:
    found = compare({"destination": {"user_id": given_}}, {"destination.user_id": "usr_1"})
    name = ("destination.user_id",)
    assert found == (Comparison(same=name) if same else Comparison(changed=name))


OTHER_NAMES: list[tuple[str, dict[str, Any]]] = [
    ("name", {"routine_name": "x"}),
    ("type", {"routine_type": "x"}),
    ("source_id", {"source": {"id": "x"}}),
    ("source.id", {"source_id": "x"}),
    ("source.id", {"source": {"id": "x"}}),
    ("destination_id", {"destination": {"id": "x"}}),
    ("destination.id", {"destination_id": "x"}),
    ("destination_user_id", {"destination": {"user_id": "x"}}),
    ("destination.user_id", {"destination_user_id": "x"}),
    ("debit_fee_percent", {"customer_debit_fee_percent_override": "x"}),
]


@pytest.mark.parametrize(("name", "body"), OTHER_NAMES)
def test_a_field_is_read_under_its_other_names(name: str, body: dict[str, Any]) -> None:
    assert compare(body, {name: "something else"}).differing == (name,)


def test_a_name_of_its_own_comes_before_another() -> None:
    assert compare({"source_id": "acc_1", "source": {"id": "x"}}, SENT) == Comparison(same=("source_id",))
    assert compare({"source_id": "x", "source": {"id": "acc_1"}}, SENT) == Comparison(other=("source_id",))


@pytest.mark.parametrize("party", [None, "acc_1", ["acc_1"], {}, {"id": None}, 7])
def test_a_party_without_an_id_decides_nothing(party: Any) -> None:
    assert compare({"source": party}, SENT) == Comparison()
