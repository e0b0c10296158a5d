"""Money goes through JSON without losing a cent."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

import astra
from astra.http.decode import decode_json, encode_form, encode_json

CENTS = st.integers(-(10**14), 10**14).map(lambda cents: Decimal(cents) / 100)


@given(CENTS)
def test_an_amount_survives_the_way_out_and_back_to_the_cent(amount: Decimal) -> None:
    assert Decimal(decode_json(encode_json({"amount": amount}))["amount"]) == amount


@given(CENTS)
def test_an_amount_is_read_digit_for_digit(amount: Decimal) -> None:
    assert Decimal(decode_json(b'{"amount": %s}' % str(amount).encode())["amount"]) == amount


def test_amounts_are_json_numbers_on_the_wire() -> None:
    assert encode_json({"amount": Decimal("20.00")}) == b'{"amount":20}'
    assert encode_json({"amount": Decimal("25.50")}) == b'{"amount":25.5}'


@pytest.mark.parametrize("amount", ["0.12345678901234567890", "NaN", "Infinity", "12345678901234567.89"])
def test_an_amount_that_json_cannot_carry_exactly_is_refused(amount: str) -> None:
    with pytest.raises(astra.InvalidRequestError):
        encode_json({"amount": Decimal(amount)})


def test_a_value_that_is_not_json_is_refused_with_its_type() -> None:
    with pytest.raises(astra.InvalidRequestError, match="object"):
        encode_json({"x": object()})


@pytest.mark.parametrize("text", [b"NaN", b"[Infinity]", b"{'a': 1}", b"", b"\xff\xfe"])
def test_what_is_not_json_is_not_read_as_json(text: bytes) -> None:
    with pytest.raises(ValueError):
        decode_json(text)


def test_whole_numbers_stay_ints_and_fractions_become_decimals() -> None:
    decoded = decode_json(b'{"count": 2, "amount": 10.1, "big": 1e2}')
    assert decoded == {"count": 2, "amount": Decimal("10.1"), "big": Decimal("1E+2")}
    assert json.dumps(decoded["count"]) == "2"


def test_form_bodies_are_quoted_and_leave_out_what_is_none() -> None:
    assert encode_form({"code": "a b&c", "redirect_uri": None}) == b"code=a+b%26c"
