"""What a page shows of a body before somebody asks for all of it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from astra.sandbox import Sandbox
from astra.sandbox.workbench.masking import (
    body_text,
    is_hidden,
    masked,
    masked_headers,
    masked_pairs,
    query_text,
)
from tests.sandbox.conftest import Program
from tests.workbench.bench import Bench

FORM = {"content-type": "application/x-www-form-urlencoded"}
JSON = {"content-type": "application/json"}


@pytest.mark.parametrize(
    "name",
    ["ssn_last_four", "ssnLastFour", "last_four_digits", "lastFour", "phone_number", "phoneNumber", "dob", "DOB",
     "date_of_birth", "birthdate", "cvv", "cvv2", "card_cvc", "pin", "api_key", "x-api-key", "APIKey",
     "primaryAccountNumber", "client_secret", "password", "session", "Cookie", "public_token", "email", "zip_code",
     "Set-Cookie", "address1", "streetLine2"],
)  # fmt: skip
def test_a_field_of_this_name_is_hidden_however_it_is_written(name: str) -> None:
    assert is_hidden(name)
    assert masked({name: "a1"}) == {name: "***"}
    assert masked_pairs([(name, "a1")]) == [(name, "***")]
    assert masked_headers([(name, "a1")]) == [(name, "***")]


@pytest.mark.parametrize(
    "name", ["id", "amount", "name", "status", "routine_id", "spinning", "shipping", "api_version"]
)
def test_what_is_nobodys_is_shown(name: str) -> None:
    assert masked({name: "a1"}) == {name: "a1"}


def test_what_stands_below_a_hidden_name_is_hidden_whole() -> None:
    told: Any = {"phone": {"number": "5550123", "of": ["work"]}, "cards": [{"number_of": 1}], "dob": ["1990", None]}
    assert masked(told) == {"phone": "***", "cards": [{"number_of": 1}], "dob": "***"}
    assert masked({"ssn": None, "pin": "", "dob": [], "phone": {}}) == {"ssn": None, "pin": "", "dob": [], "phone": {}}


def test_three_stars_at_the_end_hide_nothing_by_themselves() -> None:
    assert masked_pairs([("ssn", "123456789***")]) == [("ssn", "***")]
    assert query_text("card_number=4111***") == "card_number=***"
    assert masked_headers([("x-api-key", "abc***"), ("authorization", "Bearer ***")]) == [
        ("x-api-key", "***"),
        ("authorization", "Bearer ***"),
    ]


@pytest.mark.parametrize("headers", [FORM, JSON, {}, {"content-type": "text/plain"}])
def test_json_is_json_whatever_the_header_says(headers: dict[str, str]) -> None:
    body = {"ssn": "123456789", "name": "Rent", "of": {"cardNumber": "4000"}}
    shown = body_text(json.dumps(body).encode(), headers)
    assert json.loads(shown) == {"ssn": "***", "name": "Rent", "of": {"cardNumber": "***"}}
    assert json.loads(body_text(json.dumps([body]).encode(), headers, whole=True)) == [body]


@pytest.mark.parametrize("headers", [FORM, JSON, {"content-type": "multipart/form-data; boundary=x"}])
@pytest.mark.parametrize(
    "body",
    ['{"ssn": "12345', '{"cardNumber": "40001234', '{"a": 1, "dob": "1990', "{'pin': '12345", '{"ss\\u006e": "12345',
     '[{"phoneNumber": "12345', '--x\r\nContent-Disposition: form-data; name="ssn"\r\n\r\n12345\r\n--x--',
     '{"ssn" : "12345', "x; apiKey=12345"],
)  # fmt: skip
def test_what_is_cut_off_hides_all_that_follows_a_hidden_name(body: str, headers: dict[str, str]) -> None:
    shown = body_text(body.encode(), headers)
    for secret in ("12345", "40001234", "1990"):
        assert secret not in shown


def test_the_name_of_a_field_may_be_a_secret_too() -> None:
    assert "jane@example.com" not in body_text(b"jane@example.com=1", FORM)
    assert "jane" not in query_text("jane@example.com")
    assert "123-45-6789" not in json.dumps(masked({"123-45-6789": 1}))


def test_curl_sends_json_as_a_form_and_neither_the_page_nor_the_copies_show_it(
    bench: Bench, sandbox: Sandbox, program: Program
) -> None:
    body = json.dumps({"ssn": "123456789", "last_name": "Zyzzyvason", "client_correlation_id": "INV1"})
    program.http.post("/v1/user_intent", content=body, headers=FORM)
    told = bench.get(f"/requests/{sandbox.requests[-1].request_id}")
    assert "INV1" in told
    assert "123456789" not in told
    assert "Zyzzyvason" not in told


def test_the_last_digits_of_a_card_are_shown_to_whoever_asks(bench: Bench, sandbox: Sandbox) -> None:
    user = sandbox.users.create()
    card = sandbox.cards.create(user_id=user.id)
    assert f"ends in {card.number_end}" not in bench.read(f"/users/{user.id}")
    assert "ends in ***" in bench.read(f"/users/{user.id}")
    assert f"ends in {card.number_end}" in bench.send(f"/users/{user.id}", "Show this person's data")
