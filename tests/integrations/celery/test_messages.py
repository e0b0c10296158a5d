"""A message that pays is checked where it is sent: what is misspelt is an error there."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

import pytest
from astra_api.operations import OPERATIONS

from astra.errors import InvalidRequestError
from astra.integrations.celery.messages import METHODS, check_message, in_order

PAYOUT: dict[str, Any] = {
    "type": "one-time",
    "name": "Payout",
    "payment_type": "ach",
    "source_id": "acct_1",
    "destination_id": "acct_2",
    "amount": Decimal("20.00"),
}


class Kind(StrEnum):
    ACH = "ach"


def check(operation: Any = "create_routine", user: Any = "customer-42", key: Any = "payout-17", **changes: Any) -> Any:
    return check_message(operation, user, PAYOUT | changes, key)


def test_every_operation_that_moves_money_can_be_sent_and_no_other() -> None:
    assert set(METHODS) == {name for name, operation in OPERATIONS.items() if operation.money}


def test_money_and_dates_are_text_in_a_message() -> None:
    start = datetime(2026, 5, 4, 12, tzinfo=UTC)
    operation, user, arguments, key = check(start_date=start, debit_fee_percent=Decimal("1.25"), payment_type=Kind.ACH)
    assert (operation, user, key) == ("create_routine", "customer-42", "payout-17")
    assert arguments == PAYOUT | {
        "amount": "20.00",
        "start_date": "2026-05-04T12:00:00+00:00",
        "debit_fee_percent": "1.25",
        "payment_type": "ach",
    }
    assert type(arguments["payment_type"]) is str
    assert check(start_date=date(2026, 5, 4))[2]["start_date"] == "2026-05-04"


def test_what_was_checked_is_right_once_more() -> None:
    once = check()
    assert check_message(*once) == once


def test_nothing_and_limits_of_the_call_may_be_given() -> None:
    arguments = check(timeout=5.5, max_retries=0, disable_alternative_routing=True, frequency=None, amount=20)[2]
    assert arguments["timeout"] == 5.5
    assert arguments["max_retries"] == 0
    assert arguments["disable_alternative_routing"] is True
    assert arguments["frequency"] is None
    assert arguments["amount"] == "20.00"


def test_an_id_in_the_path_is_an_argument() -> None:
    assert check_message("cancel_transfer", "u", {"transfer_id": "tr_1"}, "k")[2] == {"transfer_id": "tr_1"}
    with pytest.raises(InvalidRequestError, match="cancel_transfer needs transfer_id") as caught:
        check_message("cancel_transfer", "u", {}, "k")
    assert caught.value.argument == "transfer_id"


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"operation": "create_routne"}, "operation must be one that moves money: create_routine"),
        ({"operation": ["create_routine"]}, "operation must be one"),
        ({"operation": "list_routines"}, "operation must be one"),
        ({"user": ""}, "key is empty"),
        ({"user": 42}, "key must be text"),
        ({"key": ""}, "1 to 255 characters"),
        ({"key": None}, "idempotency_key must be text"),
        ({"amuont": "20.00"}, "no argument 'amuont'. Did you mean 'amount'?"),
        ({"extra_headers": {}}, "no argument 'extra_headers'"),
        ({"idempotency_key": "k"}, "give it beside the arguments"),
        ({"amount": 20.5}, "must not be a float"),
        ({"amount": "-1"}, "more than 0"),
        ({"debit_fee_percent": "101"}, "from 0 to 100"),
        ({"start_date": "tomorrow"}, "start_date must be a date"),
        ({"source_id": ""}, "source_id is empty"),
        ({"source_id": 7}, "source_id must be an id as text"),
        ({"name": Decimal(1)}, "name must be text, and is a number of type Decimal"),
        ({"name": date(2026, 5, 4)}, "name must be text, and is a date"),
        ({"name": ["Payout"]}, "name must be text, and is a value of type list"),
        ({"name": 3}, "name must be text"),
        ({"timeout": "5"}, None),
    ],
)
def test_what_cannot_be_right_is_refused(changes: dict[str, Any], says: str | None) -> None:
    if says is None:
        assert check(**changes)[2]["timeout"] == "5"
        return
    with pytest.raises(InvalidRequestError) as caught:
        check(**changes)
    assert says in str(caught.value)


def test_what_is_missing_is_named() -> None:
    short = {name: value for name, value in PAYOUT.items() if name not in ("amount", "source_id")}
    with pytest.raises(InvalidRequestError, match="create_routine needs source_id and amount"):
        check_message("create_routine", "customer-42", short, "payout-17")


def test_arguments_are_a_mapping() -> None:
    with pytest.raises(InvalidRequestError, match="arguments must be a mapping of names to values, not list"):
        check_message("create_routine", "customer-42", [], "payout-17")


def test_the_parts_of_a_message_may_be_given_by_position_and_by_name() -> None:
    assert in_order(("a", "b"), {"arguments": {}, "idempotency_key": "k"}) == ("a", "b", {}, "k")
    assert in_order(("a", "b", {}, "k"), {}) == ("a", "b", {}, "k")


@pytest.mark.parametrize(
    ("args", "kwargs", "says"),
    [
        (("a", "b", {}), {}, "idempotency_key is missing"),
        (("a", "b", {}), {"idempotency_key": "k", "amount": 1}, "'amount' is none of them"),
        (("a", "b", {}), {"idempotency_key": "k", "operation": "c"}, "'operation' is none of them, or was given twice"),
        (("a", "b", {}, "k", "more"), {}, "each once"),
    ],
)
def test_a_message_has_four_parts(args: tuple[Any, ...], kwargs: dict[str, Any], says: str) -> None:
    with pytest.raises(InvalidRequestError) as caught:
        in_order(args, kwargs)
    assert says in str(caught.value)
