"""Arguments are checked where the documents are certain, and nowhere else."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from astra_api.models import Account

import astra
from astra.resources import inputs
from astra.resources.inputs import new_correlation_id
from tests.engine import httpx


@pytest.mark.parametrize(("rail", "limit"), [("debit", 8), ("ach", 80), ("instant", 140)])
def test_the_correlation_id_is_limited_by_its_rail(rail: str, limit: int) -> None:
    inputs.check_correlation_id("A" * limit, rail=rail)
    with pytest.raises(astra.InvalidRequestError, match=str(limit)):
        inputs.check_correlation_id("A" * (limit + 1), rail=rail)


@pytest.mark.parametrize("value", ["", "INV-42", "a b", "caf\xe9"])
def test_a_correlation_id_is_letters_and_digits(value: str) -> None:
    with pytest.raises(astra.InvalidRequestError):
        inputs.check_correlation_id(value, rail="ach")


def test_the_rail_follows_payment_type_and_speed() -> None:
    assert inputs.rail_of("debit", "real-time") == "debit"
    assert inputs.rail_of("ach", "T+1") == "ach"
    assert inputs.rail_of("ach", "real-time") == "instant"
    assert inputs.rail_of("something-new", None) == "instant"


def test_exactly_one_id_is_asked_for() -> None:
    assert inputs.exactly_one(a=None, b="x") == {"b": "x"}
    for wrong in ({"a": None, "b": None}, {"a": "x", "b": "y"}):
        with pytest.raises(astra.InvalidRequestError, match="exactly one of a, b"):
            inputs.exactly_one(**wrong)


def test_account_numbers_are_padded_and_never_repeated_in_errors() -> None:
    assert inputs.pad_account_number("12345") == "0012345"
    with pytest.raises(astra.InvalidRequestError) as caught:
        inputs.pad_account_number("12345678x")
    assert "12345678" not in str(caught.value)


@pytest.mark.parametrize(
    "value", [{f"k{n}": "v" for n in range(26)}, {"": "v"}, {"a b": "v"}, {"k" * 65: "v"}, {"k": ""}, {"k": "v" * 257}]
)
def test_metadata_beyond_the_documented_limits_is_refused(value: dict[str, str]) -> None:
    with pytest.raises(astra.InvalidRequestError):
        inputs.check_metadata(value)


def test_metadata_within_the_limits_is_taken() -> None:
    assert inputs.check_metadata({"internal.customer-id_1": "v" * 256}) == {"internal.customer-id_1": "v" * 256}


def test_dates_are_iso_days() -> None:
    assert inputs.day(date(1919, 7, 20), argument="d") == "1919-07-20"
    assert inputs.day("1919-07-20", argument="d") == "1919-07-20"
    with pytest.raises(astra.InvalidRequestError):
        inputs.day("20.7.1919", argument="d")


def test_a_start_moment_needs_a_time_zone() -> None:
    assert inputs.start(datetime(2026, 11, 24, tzinfo=UTC)) == "2026-11-24T00:00:00+00:00"
    assert inputs.start(date(2026, 11, 24)) == "2026-11-24"
    with pytest.raises(astra.InvalidRequestError, match="time zone"):
        inputs.start(datetime(2026, 11, 24))


@pytest.mark.parametrize("value", ["", ".", ".."])
def test_an_id_that_would_become_another_path_is_refused(value: str) -> None:
    with pytest.raises(astra.InvalidRequestError, match="transfer_id"):
        inputs.require(value, argument="transfer_id")


@pytest.mark.parametrize(
    ("value", "why"),
    [
        ("", "account_id is empty."),
        ("  ", "account_id is blank."),
        ("\n", "account_id is blank."),
        (" a", "account_id has blanks around it."),
        ("a ", "account_id has blanks around it."),
        (".", "account_id must be an id, not '.'."),
        ("a\nb", "a control character, a line break or half of a character."),
        ("\ud800", "a control character, a line break or half of a character."),
        ("a\x00", "a control character, a line break or half of a character."),
        ("x" * 513, "account_id must be an id of at most 512 characters, not 513."),
        (b"acc_1", "account_id must be an id as text, not bytes."),
        (5, "account_id must be an id as text, not int."),
        (None, "account_id must be an id as text, not NoneType."),
        (Account(id="acc_1"), "account_id must be an id as text, not Account; pass its .id."),
        (Account.from_dict({}), "account_id must be an id as text, not Account; pass its .id."),
    ],
)
def test_what_is_no_id_is_refused_with_the_name_of_its_argument(value: Any, why: str) -> None:
    for check in (inputs.require, inputs.require_or_none):
        if value is None and check is inputs.require_or_none:
            assert check(value, argument="account_id") is None
            continue
        with pytest.raises(astra.InvalidRequestError) as caught:
            check(value, argument="account_id")
        assert str(caught.value).endswith(why)
        assert str(caught.value).startswith("account_id ")
        assert caught.value.argument == "account_id"


@pytest.mark.parametrize("value", ["a", "x" * 512, "a b", "...", "a/b", "8a04fa4a-3577-4cba", "Zoë"])
def test_ids_are_opaque(value: str) -> None:
    assert inputs.require(value, argument="account_id") == value
    assert inputs.require_or_none(value, argument="account_id") == value


def test_of_several_ids_each_has_to_be_one() -> None:
    with pytest.raises(astra.InvalidRequestError, match="b is blank"):
        inputs.exactly_one(a=None, b=" ")


def test_a_fee_that_is_left_out_is_none_and_any_other_is_a_percentage() -> None:
    assert inputs.fee_percent(None) is None
    assert inputs.fee_percent("1.25") == Decimal("1.25")
    with pytest.raises(astra.InvalidRequestError, match=r"debit_fee_percent must be from 0 to 100") as caught:
        inputs.fee_percent(-1)
    assert caught.value.argument == "debit_fee_percent"


@pytest.mark.parametrize(
    ("value", "why"),
    [
        ("a=b", "metadata must be a mapping, not str."),
        ({"a": datetime(2026, 1, 1, tzinfo=UTC)}, "metadata['a'] must be text, not datetime."),
        ({5: "x"}, "metadata key of type int must be 1 to 64 letters, digits, '_', '.' or '-'."),
        (
            {"\xe9" * 100: "x"},
            f"metadata key {chr(0xE9) * 80!a} must be 1 to 64 letters, digits, '_', '.' or '-'.",
        ),
    ],
)
def test_metadata_is_text_to_text(value: Any, why: str) -> None:
    with pytest.raises(astra.InvalidRequestError) as caught:
        inputs.check_metadata(value)
    assert str(caught.value) == why
    assert caught.value.argument == "metadata"


@pytest.mark.parametrize("value", [5, b"2026-11-24", "", " "])
def test_what_is_no_date_is_refused_by_its_name(value: Any) -> None:
    with pytest.raises(astra.InvalidRequestError, match="start_date must be a date") as caught:
        inputs.start(value)
    assert caught.value.argument == "start_date"
    with pytest.raises(astra.InvalidRequestError, match="date_of_birth must be a date") as caught:
        inputs.day(value, argument="date_of_birth")
    assert caught.value.argument == "date_of_birth"


@pytest.mark.parametrize("value", ["tomorrow", "2026-02-30", "11/24/2026", "2026-11-24T25:00:00Z"])
def test_text_that_is_no_day_and_no_moment_is_no_start(value: str) -> None:
    with pytest.raises(astra.InvalidRequestError, match="start_date must be a date, a datetime, or text in ISO 8601"):
        inputs.start(value)


@pytest.mark.parametrize("value", ["2026-11-24", "2026-11-24T12:00:00Z", "2026-11-24T12:00:00.5-05:00"])
def test_a_start_in_iso_8601_is_sent_as_it_is(value: str) -> None:
    assert inputs.start(value) == value


def test_dates_that_are_left_out_or_text_are_taken_as_they_are() -> None:
    assert inputs.start(None) is inputs.day(None, argument="d") is None
    assert inputs.start("2026-11-24") == "2026-11-24"
    assert inputs.day(datetime(2026, 11, 24, 23, tzinfo=UTC), argument="d") == "2026-11-24"


@pytest.mark.parametrize("value", [5, b"AB12CD34", 12345678])
def test_a_correlation_id_that_is_no_text_is_refused(value: Any) -> None:
    with pytest.raises(astra.InvalidRequestError) as caught:
        inputs.check_correlation_id(value, rail="ach", exact=8)
    assert caught.value.argument == "client_correlation_id"


@pytest.mark.parametrize("length", [7, 9])
def test_a_correlation_id_of_a_card_has_exactly_its_length(length: int) -> None:
    inputs.check_correlation_id(None, rail="ach", exact=8)
    inputs.check_correlation_id("A" * 8, rail="ach", exact=8)
    with pytest.raises(astra.InvalidRequestError, match=f"exactly 8 characters here, not {length}") as caught:
        inputs.check_correlation_id("A" * length, rail="ach", exact=8)
    assert caught.value.argument == "client_correlation_id"


@pytest.mark.parametrize("value", [12345, "", "x", "1" * 18, "\u0661\u0662"])
def test_what_is_no_account_number_is_refused(value: Any) -> None:
    with pytest.raises(astra.InvalidRequestError) as caught:
        inputs.pad_account_number(value)
    assert caught.value.argument == "account_number"


def test_a_new_correlation_id_fits_every_rail_and_has_no_look_alikes() -> None:
    ids = {new_correlation_id() for _ in range(1000)}
    assert len(ids) == 1000
    assert {len(made) for made in ids} == {8}  # the debit rail takes no more
    assert set("".join(ids)) == set("ABCDEFGHJKLMNPQRSTUVWXYZ23456789")


ACCOUNT = Account(id="acc_1", name="Jane's checking")


@pytest.mark.parametrize("value", [ACCOUNT, 42, b"acc_1", None, ["acc_1"]])
def test_an_id_in_a_path_is_text(value: Any) -> None:
    with pytest.raises(astra.InvalidRequestError) as caught:
        inputs.require(value, argument="account_id")
    assert caught.value.argument == "account_id"
    assert str(caught.value).startswith(f"account_id must be an id as text, not {type(value).__name__}")
    assert ("pass its .id" in str(caught.value)) is (value is ACCOUNT)
    assert "Jane" not in str(caught.value)


@pytest.mark.parametrize("name", ["source_id", "destination_id", "destination_user_id", "name"])
def test_an_object_where_an_id_belongs_is_refused_and_not_sent_as_json(name: str) -> None:
    sent: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        sent.append(request)
        return httpx.Response(500)

    given: dict[str, Any] = dict.fromkeys(("name", "source_id", "destination_id"), "x")
    given |= {"type": "one-time", "payment_type": "ach", "amount": "1.00", name: ACCOUNT}
    with (
        astra.Astra("id", "secret", http_client=httpx.MockTransport(answer)) as client,
        pytest.raises(astra.InvalidRequestError, match=r"pass its \.id") as caught,
    ):
        client.user("u").routines.create(**given)
    assert caught.value.argument == name
    assert "Jane" not in str(caught.value)
    assert sent == []


def test_an_object_in_a_party_of_a_routine_is_refused_too() -> None:
    with astra.Astra("id", "secret") as client, pytest.raises(astra.InvalidRequestError, match=r"user_id .* Account"):
        client.user("u").routines.account_to_card(
            name="x", amount="1.00", source_id="a", destination_id="b", destination_user_id=ACCOUNT,  # type: ignore[arg-type]
            settlement_mode="net_debit",
        )  # fmt: skip
