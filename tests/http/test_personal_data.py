"""What counts as personal or secret."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from astra.http.personal_data import Kind, field_words, is_card_number, match_field, replace_personal

ALL: dict[Kind, str] = {
    "credential": "<credential>",
    "email": "<email>",
    "card": "<card>",
    "ssn": "<ssn>",
    "phone": "<phone>",
    "account": "<account>",
    "number": "<number>",
}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("card 4111111111111111 refused", "card <card> refused"),
        ("4111 1111 1111 1111", "<card>"),
        ("(4111-1111-1111-1111)", "(<card>)"),
        ("3782 822463 10005.", "<card>."),
        ("4222222222222", "<card>"),
        ("6304000000000000000", "<card>"),
        ("pan=4111111111111111;cvv", "pan=<card>;cvv"),
        ("4111111111111112", "<number>"),
        ("x4111111111111111", "x4111111111111111"),
        ("4111111111111111x", "4111111111111111x"),
        ("4111 1111 1111 1111 12/29", "<card> 12/29"),
        ("7 4111 1111 1111 1111 123", "7 <card> 123"),
        ("4111111111111111 5555555555554444", "<card> <card>"),
        ("4 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1", "<card>"),
        ("6 3 0 4 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0", "<card>"),
        ("call (555) 555-0100 now", "call <phone> now"),
        ("(555)555-0100", "<phone>"),
        ("555-555-0100", "<phone>"),
        ("555.555.0100", "<phone>"),
        ("555 555 0100", "<phone>"),
        ("+1 555 555 0100", "<phone>"),
        ("+1-555-555-0100", "<phone>"),
        ("1 (555) 555-0100", "<phone>"),
        ("+15555550100", "<phone>"),
        ("+4420712345678", "<phone>"),
        ("+1555555", "+1555555"),
        ("1.555.555.0100.9", "<phone>.9"),
        ("555-555-01000", "555-555-01000"),
        ("123-45-6789", "<ssn>"),
        ("ssn 123 45 6789", "ssn <ssn>"),
        ("123-45 6789", "123-45 6789"),
        ("0123-45-6789", "0123-45-6789"),
        ("account 12345678", "account <account>"),
        ("Account number: 0012-3456", "Account number: <account>"),
        ("acct #4321", "acct #<account>"),
        ("card ending in 1111", "card ending in <account>"),
        ("routing number is 222222226", "routing number is <account>"),
        ("account 404", "account 404"),
        ("account 0000000000", "account <number>"),
        ("accounting 12345678", "accounting 12345678"),
        ("me@example.com and a.b+c@d.example.org", "<email> and <email>"),
        ("Bearer abcdefgh1234", "Bearer <credential>"),
        ("Basic YTpiYTpiYTpi=", "Basic <credential>"),
        ("Bearer token is missing", "Bearer token is missing"),
        ("Basic authentication failed", "Basic authentication failed"),
        ("987654321", "<number>"),
        ("98765432", "98765432"),
        ("2026-11-25 12:00:00 took 1234567890.5 ms", "2026-11-25 12:00:00 took 1234567890.5 ms"),
        ("routine 1a908838d703473ab52e6884c001e447", "routine 1a908838d703473ab52e6884c001e447"),
        ("", ""),
    ],
)
def test_what_is_replaced_in_a_text(text: str, expected: str) -> None:
    assert replace_personal(text, ALL) == expected


@pytest.mark.parametrize("kind", list(ALL))
def test_only_the_kinds_that_are_asked_for_are_replaced(kind: Kind) -> None:
    text = "Bearer abcdefgh1 a@b.example 4111111111111111 123-45-6789 555-555-0100 account 12345678 987654321"
    changed = replace_personal(text, {kind: ""})
    assert changed != text
    assert replace_personal(text, {}) == text
    assert len(changed) >= len(text) - 34


@given(st.text(alphabet="0123456789 -.+()@aB:#=", max_size=60))
def test_what_was_replaced_is_not_found_again(text: str) -> None:
    once = replace_personal(text, ALL)
    assert replace_personal(once, ALL) == once or "<" in once


@pytest.mark.parametrize("piece", ["1 ", "12-", "account 1", "+1 (", "a@", "1234567890123456789 ", "a.", "1-2 3"])
def test_a_long_text_takes_no_long_time(piece: str) -> None:
    started = time.process_time()
    replace_personal(piece * (20_000 // len(piece)), ALL)
    assert time.process_time() - started < 2.0


@pytest.mark.parametrize(
    ("digits", "expected"),
    [
        ("4111111111111111", True),
        ("4111 1111-1111 1111", True),
        ("4111111111111112", False),
        ("5555555555554444", True),
        ("378282246310005", True),
        ("4222222222222", True),
        ("422222222222", False),
        ("0" * 12, False),
        ("0" * 13, True),
        ("0" * 19, True),
        ("0" * 20, False),
    ],
)
def test_a_card_number_has_a_check_digit(digits: str, expected: bool) -> None:
    assert is_card_number(digits) is expected


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("accountNumber", "account_number"),
        ("AccountNumber", "account_number"),
        ("ACCOUNT-NUMBER", "account_number"),
        ("account_number", "account_number"),
        ("userSSN", "user_ssn"),
        ("SSNLastFour", "ssn_last_four"),
        ("address1", "address1"),
        ("card.number", "card_number"),
        ("_id_", "id"),
        ("", ""),
    ],
)
def test_a_field_is_the_same_however_it_is_written(name: str, words: str) -> None:
    assert field_words(name) == words


def test_a_field_is_known_by_its_end_and_the_longest_name_wins() -> None:
    known = ("code", "postal_code", "ssn")
    assert match_field("homePostalCode", known) == "postal_code"
    assert match_field("postalCode", reversed(known)) == "postal_code"
    assert match_field("SSN", known) == "ssn"
    assert match_field("mission", known) is None
    assert match_field("ssn_verified", known) is None
