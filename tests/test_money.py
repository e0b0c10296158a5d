"""Amounts and percentages: exact, to the cent, and of a size that somebody can mean."""

from __future__ import annotations

import enum
from decimal import ROUND_UP, Decimal, Inexact, localcontext
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import astra
from astra.money import LARGEST_AMOUNT, to_amount, to_percent


class Dollars(Decimal):
    """A Decimal of an application."""

    def __str__(self) -> str:
        return f"${super().__str__()}"


class Whole:
    """A whole number of another library, as NumPy has them."""

    def __init__(self, number: int) -> None:
        self.number = number

    def __index__(self) -> int:
        return self.number


class NoIndex:
    """Says that it can be a whole number, and is none: the booleans of NumPy."""

    def __index__(self) -> int:
        raise TypeError("no index")


class Price(enum.StrEnum):
    SMALL = "20.00"


class Size(enum.IntEnum):
    SMALL = 20


def refused(value: Any, **named: str) -> str:
    with pytest.raises(astra.InvalidRequestError) as caught:
        to_amount(value, **named)
    assert caught.value.argument == named.get("argument", "amount")
    return str(caught.value)


@pytest.mark.parametrize(
    "value",
    [
        20,
        "20",
        "20.0",
        "20.00",
        "20.000",
        "020",
        "20." + "0" * 32,
        "0" * 30 + "20",
        Decimal("20"),
        Decimal("2E+1"),
        Decimal("20." + "0" * 1000),
        Dollars("20"),
        Whole(20),
        Price.SMALL,
        Size.SMALL,
    ],
)
def test_an_amount_is_read_with_two_decimals_whatever_way_it_is_written(value: Any) -> None:
    amount = to_amount(value)
    assert type(amount) is Decimal
    assert str(amount) == "20.00"


@pytest.mark.parametrize(("value", "text"), [("0.01", "0.01"), ("999999999.99", "999999999.99"), ("0.1", "0.10")])
def test_the_smallest_and_the_largest_amount_are_taken(value: str, text: str) -> None:
    assert str(to_amount(value)) == str(to_amount(Decimal(value))) == text


def test_the_largest_amount_is_documented_and_one_cent_more_is_refused() -> None:
    assert Decimal("999999999.99") == LARGEST_AMOUNT
    assert refused("1000000000.00") == "amount must be at most 999,999,999.99, not 1000000000.00."
    refused(1_000_000_000)


@pytest.mark.parametrize("value", ["20.001", "0.001", "19.999", "20.005", Decimal("10.999"), Decimal("1e-9")])
def test_a_fraction_of_a_cent_is_refused_and_never_rounded(value: Any) -> None:
    assert refused(value) == f"amount may have two decimals: dollars and cents, not {value}."


@pytest.mark.parametrize("value", [0, "0", "0.00", "-1", "-0.01", Decimal(-5), -(10**40), Decimal("-0")])
def test_nothing_and_less_than_nothing_is_refused(value: Any) -> None:
    assert refused(value).startswith("amount must be more than 0, not ")


@pytest.mark.parametrize(
    "value",
    [
        "1e1000000",
        Decimal("1e1000000"),
        Decimal("9" * 5000),
        Decimal("1e400"),
        10**5000,
        10**1_000_000,
        Whole(10**5000),
        "9" * 1_000_000,
        "0." + "0" * 1_000_000 + "1",
        Decimal("-1e1000000"),
        Decimal("1e-1000000"),
    ],
    ids=lambda value: type(value).__name__,
)
@pytest.mark.timeout(2)
def test_a_number_of_absurd_size_is_refused_at_once_and_shown_in_part(value: Any) -> None:
    assert len(refused(value)) < 150


@pytest.mark.parametrize("value", [2**128 - 1, 2**128, -(2**128), -(2**128) + 1])
def test_a_huge_whole_number_keeps_its_sign(value: int) -> None:
    assert ("more than 0" in refused(value)) is (value < 0)


@pytest.mark.parametrize(
    "value",
    [
        "",
        " ",
        " 20",
        "20 ",
        "20\n",
        "+20",
        "--20",
        "20.",
        ".5",
        "1_000",
        "2_0",
        "1,000.00",
        "20,00",
        "$20",
        "2E+1",
        "1e5",
        "0x10",
        "\u0661\u0662",
        "\uff11\uff12",
        "\xb2",
        "\ud800",
        "NaN",
        "sNaN",
        "Infinity",
        "1" * 33,
        "1." + "1" * 33,
        "twenty",
    ],
)
def test_text_is_digits_and_one_point(value: str) -> None:
    assert refused(value).startswith('amount must be a Decimal, an int or text such as "20.00", not ')


@pytest.mark.parametrize("value", [Decimal("NaN"), Decimal("sNaN"), Decimal("Infinity"), Decimal("-Infinity")])
def test_what_is_no_finite_number_is_refused(value: Decimal) -> None:
    assert refused(value) == f'amount must be a Decimal, an int or text such as "20.00", not {value}.'


@pytest.mark.parametrize(
    ("value", "name"),
    [
        ((0, (2, 0), 0), "tuple"),
        ([0, [2], 0], "list"),
        (None, "NoneType"),
        (b"20", "bytes"),
        (Fraction(1, 2), "Fraction"),
        (NoIndex(), "NoIndex"),
        (20j, "complex"),
    ],
)
def test_what_is_no_number_is_refused_with_its_type(value: Any, name: str) -> None:
    assert refused(value) == f'amount must be a Decimal, an int or text such as "20.00", not {name}.'


def test_a_bool_and_a_float_have_a_text_of_their_own() -> None:
    assert refused(bool(1)) == "amount must be a number of dollars, not True."
    assert refused(20.0) == (
        'amount must not be a float, which cannot hold a decimal fraction exactly; pass Decimal("20.00") or "20.00".'
    )


def test_long_text_is_shown_in_part_and_short_text_whole() -> None:
    assert refused("x" * 38).endswith(f"not '{'x' * 38}'.")
    assert refused("x" * 40).endswith(f"not '{'x' * 40}'.")
    assert refused("x" * 41).endswith(f"not '{'x' * 39}....")
    assert refused(Decimal("1." + "1" * 40)).endswith(f"not 1.{'1' * 40}.")
    assert refused(Decimal("1." + "1" * 41)).endswith(f"not 1.{'1' * 38}....")


def test_the_error_names_the_argument() -> None:
    assert refused("x", argument="fee").startswith("fee must be")
    assert refused(bool(1), argument="fee").startswith("fee must be")
    assert refused(2.0, argument="fee").startswith("fee must not")
    assert refused("0", argument="fee").startswith("fee must be")
    assert refused("1e9", argument="fee").startswith("fee must be")
    assert refused("1000000000", argument="fee").startswith("fee must be")
    assert refused("0.001", argument="fee").startswith("fee may")


@given(st.integers(1, 99_999_999_999))
def test_every_amount_in_cents_is_taken_exactly(cents: int) -> None:
    text = f"{cents // 100}.{cents % 100:02d}"
    assert str(to_amount(text)) == str(to_amount(Decimal(text))) == text


def test_the_decimal_settings_of_the_application_change_nothing() -> None:
    with localcontext(prec=3, rounding=ROUND_UP) as context:
        context.traps[Inexact] = True
        assert str(to_amount("123456.78")) == "123456.78"
        assert "two decimals" in refused("123456.789")
        assert to_percent("12.3456", argument="p") == Decimal("12.3456")


@pytest.mark.parametrize(
    ("value", "percent"), [(0, "0"), ("0", "0"), ("1.25", "1.25"), (Decimal("99.9999"), "99.9999"), (100, "100")]
)
def test_a_percentage_is_from_0_to_100_with_up_to_four_decimals(value: Any, percent: str) -> None:
    assert str(to_percent(value, argument="debit_fee_percent")) == percent


@pytest.mark.parametrize(
    ("value", "why"),
    [
        (-1, "must be from 0 to 100, not -1."),
        ("100.01", "must be from 0 to 100, not 100.01."),
        (Decimal("1e1000000"), "must be from 0 to 100, not 1E+1000000."),
        ("1.00001", "may have four decimals, not 1.00001."),
        (True, "must be a number of percent, not True."),
        (
            1.25,
            'must not be a float, which cannot hold a decimal fraction exactly; pass Decimal("1.25") or "1.25".',
        ),
        ("1.25%", "must be a Decimal, an int or text such as \"1.25\", not '1.25%'."),
        (None, 'must be a Decimal, an int or text such as "1.25", not NoneType.'),
    ],
)
def test_what_is_no_percentage_is_refused(value: Any, why: str) -> None:
    with pytest.raises(astra.InvalidRequestError) as caught:
        to_percent(value, argument="debit_fee_percent")
    assert str(caught.value) == f"debit_fee_percent {why}"
    assert caught.value.argument == "debit_fee_percent"
