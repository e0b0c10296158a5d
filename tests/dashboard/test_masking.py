"""What is shown of what stores hold, and what is hidden."""

from __future__ import annotations

import pytest

from astra.dashboard.masking import ELSEWHERE, HIDDEN, Masks, looks_like_an_id, word
from astra.payments import HistoryEntry, PaymentState
from astra.payments.advice import last_look, second_payments
from astra.payments.transitions import FAILED_LOOK, MADE_TWICE, NOT_THERE
from tests.dashboard.world import NOW, payment

MASKS = Masks(salt=b"0" * 16)


@pytest.mark.parametrize(
    "text",
    ["customer-42", "payout-17", "INV00042", "rtn_01HZX3", "550e8400-e29b-41d4-a716-446655440000", "42", "4815162",
     "a:b/c.d~e", "f" * 64, "user_6f1c2a9b"],
)  # fmt: skip
def test_ids_are_shown_as_they_are(text: str) -> None:
    assert looks_like_an_id(text)
    assert MASKS.key(text) == MASKS.id(text) == text


@pytest.mark.parametrize(
    "text",
    ["jane@example.com", "+14155550123", "4155550123", "415-555-0123", "123-45-6789", "123456789", "Jane Doe",
     "4242424242424242", "4242-4242-4242-4242", "1990-05-04", "jane-1990/05/04", "zoë", "", "x" * 81, "a\x1b[31m",
     "eyJhbGciOiJIUzI1NiJ9", "gAAAAABmXX", "astra1:01234567:abc", "Bearer abcdefgh", "<b>", "a\nb", "a" * 10 + "@b.cd"],
)  # fmt: skip
def test_what_looks_personal_or_secret_is_not(text: str) -> None:
    shown = MASKS.key(text)
    assert shown is not None
    assert shown.startswith(HIDDEN)
    assert not text or text not in shown


def test_what_stands_for_a_hidden_key_is_the_same_each_time_and_another_in_another_dashboard() -> None:
    assert MASKS.key("jane@example.com") == MASKS.key("jane@example.com") != MASKS.key("joe@example.com")
    assert MASKS.key("jane@example.com") != Masks(salt=b"1" * 16).key("jane@example.com")


def test_all_keys_can_be_hidden_and_astras_ids_stay() -> None:
    masks = Masks(salt=b"0" * 16, hides_keys=True)
    assert (masks.key("customer-42") or "").startswith(HIDDEN)
    assert masks.id("rtn_1") == "rtn_1"
    assert masks.key(None) is None


@pytest.mark.parametrize(
    ("stored", "shown"),
    [
        ("", ""),
        (NOT_THERE, NOT_THERE),
        (f"{FAILED_LOOK}: ReauthorizationRequired", f"{FAILED_LOOK}: ReauthorizationRequired"),
        (f"{FAILED_LOOK}: Jane Doe lives here", f"{FAILED_LOOK}: another"),
        (f"{MADE_TWICE}rtn_2", f"{MADE_TWICE}rtn_2"),
        ("w-1:2:3 has not said what became of it within its lease",
         "its sender has not said what became of it within its lease"),
        ("BadRequestError: Jane Doe may not", f"BadRequestError ({ELSEWHERE})"),
        ("Jane Doe said so", ELSEWHERE),
        ("Jane Doe: said so", ELSEWHERE),
    ],
)  # fmt: skip
def test_of_texts_only_those_are_shown_that_the_sdk_wrote(stored: str, shown: str) -> None:
    entry = HistoryEntry(time=NOW, event="looked", state=PaymentState.UNCERTAIN, detail=stored)
    record = MASKS.payment(payment("payout-1", PaymentState.UNCERTAIN, history=(entry,)))
    assert record.history[0].detail == shown


def test_advice_about_a_masked_payment_is_still_right() -> None:
    looked = HistoryEntry(
        time=NOW, event="looked", state=PaymentState.UNCERTAIN, detail=f"{FAILED_LOOK}: UnknownUserError"
    )
    twice = HistoryEntry(time=NOW, event="answered", state=PaymentState.MADE, detail=f"{MADE_TWICE}rtn_2")
    record = MASKS.payment(payment("payout-1", PaymentState.UNCERTAIN, history=(twice, looked)))
    assert second_payments(record) == ["rtn_2"]
    found = last_look(record)
    assert found is not None
    assert found.detail.endswith("UnknownUserError")


def test_nothing_of_what_was_paid_for_is_shown_but_the_amount() -> None:
    fields = {"amount": "20.00", "name": "Rent of Jane", "currency": "USD"}
    resolved = HistoryEntry(time=NOW, event="resolved", state=PaymentState.MADE, by="Jane Doe")
    record = MASKS.payment(
        payment(
            "payout-1", PaymentState.MADE, match_fields=fields, result='{"name": "Jane"}', error="Jane Doe",
            error_detail="Jane", holder="Jane's Mac", history=(resolved,),
        )
    )  # fmt: skip
    assert "Jane" not in repr(record) + repr(record.history) + repr(record.match_fields) + repr(record.result)
    assert record.match_fields == {"amount": "20.00"}
    assert record.history[0].by == "a person"
    assert record.error == "another"


def test_an_amount_that_is_none_is_not_shown() -> None:
    assert MASKS.payment(payment("p", PaymentState.MADE, match_fields={"amount": "Jane"})).match_fields == {}


def test_names_out_of_lists() -> None:
    assert word("create_routine") == "create_routine"
    assert word("Jane Doe") == word("x" * 65) == word("") == "another"
