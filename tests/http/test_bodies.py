"""Money goes through JSON without losing a cent."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any, NoReturn

import pytest
from astra_api.origin import loads
from hypothesis import given, settings
from hypothesis import strategies as st

import astra
from astra.http.encode import encode_form, encode_json

CENTS = st.integers(-(10**14), 10**14).map(lambda cents: Decimal(cents) / 100)


@given(CENTS)
def test_an_amount_survives_the_way_out_and_back_to_the_cent(amount: Decimal) -> None:
    assert Decimal(loads(encode_json({"amount": amount}))["amount"]) == amount


@given(CENTS)
def test_an_amount_is_read_digit_for_digit(amount: Decimal) -> None:
    assert Decimal(loads(b'{"amount": %s}' % str(amount).encode())["amount"]) == amount


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
        loads(text)


def test_whole_numbers_stay_ints_and_fractions_become_decimals() -> None:
    decoded = loads(b'{"count": 2, "amount": 10.1, "big": 1e2}')
    assert decoded == {"count": 2, "amount": Decimal("10.1"), "big": Decimal("1E+2")}
    assert json.dumps(decoded["count"]) == "2"


def test_form_bodies_are_quoted_and_leave_out_what_is_none() -> None:
    assert encode_form({"code": "a b&c", "redirect_uri": None}) == b"code=a+b%26c"


BODIES = [
    b'{"amount": 12.10, "big": 123456789012345678901234567890, "none": null, "list": [1, 1e5, -0.0, true]}',
    b'{"a": 1, "a": 2}',
    b'"\\ud800"',
    '{"name": "Zoë"}'.encode(),
    '{"name": "Zoë"}'.encode("utf-16"),
    b"18446744073709551616",
    b"0.1000000000000000055511151231257827",
    b"1E400",
    b"[-9223372036854775809, -0, -0.0, 0.000, 0e0]",
    b'"\\ud83d\\ude00 \\u0000 \x7f"',
    b'\xef\xbb\xbf{"a": 1.10}',
]
REFUSED = [
    b"NaN",
    b"-Infinity",
    b"",
    b"[1,]",
    b'{"a": 1} x',
    b"01",
    b'{"a": 1e}',
    b'"\x01"',
    b"\xef\xbb\xbf{}x",
    b"\x0c{}",
]


@pytest.mark.parametrize("body", BODIES)
def test_a_body_reads_as_the_standard_library_reads_it(body: bytes) -> None:
    expected = json.loads(body, parse_float=Decimal)
    found = loads(body)
    assert found == expected
    assert repr(found) == repr(expected)


@pytest.mark.parametrize("body", REFUSED)
def test_a_body_that_is_not_json_is_refused(body: bytes) -> None:
    with pytest.raises(ValueError):
        loads(body)


@pytest.mark.parametrize("number", ["1e99999999999999999999", "1" * 5_000])
def test_a_number_that_no_type_can_hold_stays_text(number: str) -> None:
    assert loads(b'{"a": %s, "b": 1.50}' % number.encode()) == {"a": number, "b": Decimal("1.50")}


@pytest.mark.parametrize("text", [b"\xff", b"\xe9", b"\xed\xa0\x80"])
def test_bytes_that_are_no_text_are_kept_apart_and_spoil_nothing_else(text: bytes) -> None:
    found = loads(b'{"a": "x%s", "b": 1.50}' % text)
    assert found == {"a": "x" + text.decode("utf-8", "surrogateescape"), "b": Decimal("1.50")}


PLAIN = b'{ } [ ] : , a 1 0 - . e 5 null true NaN "a": "b" 1.50 [1,2] \xc3\xa9'.split()
ESCAPES = rb"\\ \u00e9 \ud800 \x".split()
PIECES = st.sampled_from([b" ", b"\n", b'"', b"9" * 30, *ESCAPES, *PLAIN])


@settings(max_examples=500)
@given(st.lists(PIECES, max_size=12).map(b"".join))
def test_any_text_reads_or_fails_as_with_the_standard_library(body: bytes) -> None:
    assert read(body, loads) == read(body, by_the_standard_library)


@settings(max_examples=500)
@given(st.lists(PIECES | st.binary(max_size=4), max_size=12).map(b"".join))
def test_any_bytes_read_or_are_refused(body: bytes) -> None:
    try:
        loads(body)
    except (ValueError, RecursionError):
        return


def by_the_standard_library(body: bytes) -> Any:
    def refuse(name: str) -> NoReturn:
        raise ValueError(name)

    def number(text: str) -> Decimal | str:
        try:
            return Decimal(text)
        except ArithmeticError:
            return text

    return json.loads(body, parse_float=number, parse_constant=refuse)


def read(body: bytes, decoder: Callable[[bytes], Any]) -> str:
    """What comes of a body, with the types of its numbers."""
    try:
        return repr(decoder(body))
    except ValueError:
        return "refused"
