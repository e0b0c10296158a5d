"""Nothing secret of an error body is shown, and nothing is lost that support asks for."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from astra.http.masking import HIDDEN, Mask

SENT = {
    "account_number": "0012345",
    "ssn": "987-65-4321",
    "card_security_code": "123",
    "email": "a@b.co",
    "first_name": "May",
    "date_of_birth": "1919-07-20",
    "name": "Top-up",
    "owners": [{"ein": "12-3456789"}],
}
UUID = "00000000-0000-4000-8000-000000000002"


@pytest.mark.parametrize(
    "name",
    [
        "ssn",
        "SSN",
        "accountNumber",
        "ACCOUNT_NUMBER",
        "Account-Number",
        "customer_card_number",
        "accessToken",
        "cvv",
        "pan",
        "card.cvc",
        "ssn_last_four",
        "client_secret",
        "session_token",
        "password",
        "Authorization",
        "ein",
        "email",
        "firstName",
        "phone",
        "date_of_birth",
        "address1",
        "street_line_1",
        "phoneNumber",
        "last_four_digits",
        "dob",
        "api_key",
        "pin",
    ],
)
@pytest.mark.parametrize("value", ["x", "987-65-4321", 987654321, 1.5])
def test_a_value_under_a_secret_name_is_hidden_in_any_spelling_and_at_any_depth(name: str, value: Any) -> None:
    assert Mask().json({name: value}) == {name: HIDDEN}
    assert Mask().json([{"a": {name: [value]}}]) == [{"a": {name: [HIDDEN]}}]
    assert Mask().json({name: {"value": value, "b": [value]}}) == {name: {"value": HIDDEN, "b": [HIDDEN]}}


def test_the_name_of_the_object_above_counts() -> None:
    body = {"card": {"number": "5", "cvv": "1", "id": "card_1"}, "bankAccount": [{"Number": 7}], "order": {"number": 3}}
    assert Mask().json(body) == {
        "card": {"number": HIDDEN, "cvv": HIDDEN, "id": "card_1"},
        "bankAccount": [{"Number": HIDDEN}],
        "order": {"number": 3},
    }


@pytest.mark.parametrize(
    "body",
    [
        {"code": "4002", "status": 123, "request_id": "5140799817777152", "routineId": "4242424242424242", "ids": [1]},
        {"japan": "x", "protein": "y", "state": "pending", "city": "z", "name": "Bad Request", "": 1},
        {"ssn": None, "token": True, "ok": False, "list": [], "object": {}},
        {"description": {"ssn": ["Required."], "account_number": ["Must have 7 to 17 digits."], "email": "invalid"}},
        {"ssn": ["Not a valid number."]},
        UUID,
        "fc531dc5-2089-4c9b-ac07-b7e4228fa91c 1a908838d703473ab52e6884c001e447 4242424242424241 12345678",
        "400: status: required, token: expired, code = 4002; basic auth, 2026-11-26, amount 1250.07",
    ],
)
def test_what_support_needs_stays(body: Any) -> None:
    assert Mask().json(body) == body


def test_a_complaint_stays_and_the_value_that_it_quotes_does_not() -> None:
    body = {"errors": {"ssn": ["Number 9876 is bad", "1234"], "email": ["x@y.z is taken"], "token": "a" * 24}}
    assert Mask().json(body) == {
        "errors": {"ssn": [f"Number {HIDDEN} is bad", HIDDEN], "email": [f"{HIDDEN} is taken"], "token": HIDDEN}
    }
    assert Mask().json({"errors": {"ssn": "a " * 1001, "phone": "a " * 1000}}) == {
        "errors": {"ssn": HIDDEN, "phone": "a " * 1000}
    }
    assert Mask().json({"errors": {"token": "a" * 23}}) == {"errors": {"token": "a" * 23}}


@pytest.mark.parametrize(
    "text",
    [
        "4111111111111111",
        "4111 1111 1111 1111",
        "5555-5555-5555-4444",
        "378282246310005",
        "123-45-6789",
        "Bearer abcdefgh",
        "basic  QWxhZGRpbjo=",
    ],
)
def test_card_numbers_social_security_numbers_and_credentials_are_hidden_in_running_text(text: str) -> None:
    masked = Mask().text(f"It has {text}, sorry")
    assert HIDDEN in masked
    assert text[-4:] not in masked
    assert masked.startswith("It has ")
    assert masked.endswith(", sorry")


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("account_number=998877&name=x", f"account_number={HIDDEN}&name=x"),
        ('{"account_number": "998877", "x', f'{{"account_number": "{HIDDEN}", "x'),
        ("{'ssn': ['987", f"{{'ssn': ['{HIDDEN}"),
        ("cvv:1", f"cvv:{HIDDEN}"),
    ],
)
def test_a_value_beside_its_name_is_hidden_in_a_body_that_is_no_json(text: str, masked: str) -> None:
    assert Mask().text(text) == masked


@pytest.mark.parametrize("value", ["12345", "0012345", "00 12-345", "987654321", "987-65-4321", "123", "A@B.CO"])
def test_what_this_call_sent_is_hidden_wherever_it_stands(value: str) -> None:
    mask = Mask(json.dumps(SENT).encode())
    assert mask.json({"description": f"The number {value} is invalid"}) == {
        "description": f"The number {HIDDEN} is invalid"
    }
    assert mask.json([value, {value: 1}]) == [HIDDEN, {HIDDEN: 1}]


def test_numbers_that_this_call_sent_are_hidden_too_but_no_code_and_no_part_of_another_number() -> None:
    mask = Mask(json.dumps(SENT).encode())
    assert mask.json({"x": 123, "code": 123, "y": 1234}) == {"x": HIDDEN, "code": 123, "y": 1234}
    assert mask.text("1919-07-20 EIN 123456789 May Top-up 41239") == f"{HIDDEN} EIN {HIDDEN} May Top-up 41239"


def test_a_form_is_known_as_well_and_there_a_code_is_a_secret() -> None:
    mask = Mask(b"grant_type=authorization_code&code=abc%2Bdef+x&refresh_token=r3fresh&x=")
    assert mask.text("abc+def x, r3fresh, authorization_code") == f"{HIDDEN}, {HIDDEN}, authorization_code"


@pytest.mark.parametrize("sent", [None, b"", b"\xff", b"[]", b'"x"', b"{}", b"[" * 100_000, b"code", b'{"ssn": 5}'])
def test_any_request_body_is_taken(sent: bytes | None) -> None:
    assert Mask(sent).json({"a": "x"}) == {"a": "x"}


def test_what_is_nested_deeper_than_anybody_nests_is_hidden() -> None:
    deep: Any = "x"
    for _ in range(32):
        deep = [deep]
    assert Mask().json(deep) == deep
    assert HIDDEN in str(Mask().json([deep]))


@pytest.mark.sampled(4)
@pytest.mark.timeout(20)
@pytest.mark.parametrize(
    "piece", ["1 ", "4-", "a", "a.", "a = ", "00 ", "bearer ", "ssn: ", "aa,", '"', "\u0661", "4111", "@", "\n"]
)
def test_a_hostile_body_takes_bounded_time(piece: str) -> None:
    text = piece * (256 * 1024 // len(piece))
    mask = Mask(json.dumps({"ssn": "0" * 40, "account_number": "1" * 17}).encode())
    mask.json({"x": text, "ssn": text, "errors": {"ssn": text}, text: 1})


@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.integers() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    )
)
def test_any_json_can_be_masked_and_twice_is_as_once(value: Any) -> None:
    mask = Mask(json.dumps(SENT).encode())
    once = mask.json(value)
    assert repr(mask.json(once)) == repr(once)
