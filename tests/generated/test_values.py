"""What a caller reads from a generated model, whatever Astra sends."""

from __future__ import annotations

import copy
import datetime
import pickle
from decimal import Decimal
from typing import Any

import pytest
from astra_api.errors import FieldDecodeError
from astra_api.models import (
    Card,
    RoutineStatus,
    TokenResponse,
    Transfer,
    TransferList,
    TransferStatus,
)
from astra_api.operations import OPERATIONS

from astra.errors import ResponseDecodeError
from astra.http.calls import CallContext


def transfer(**fields: Any) -> Transfer:
    return Transfer.from_dict({"id": "tr_1", "amount": Decimal("1.10"), "status": "pending", **fields})


def called() -> CallContext:
    context = CallContext(OPERATIONS["get_transfer"], "/v1/transfers/tr_1", "customer-42")
    context.request_ids = ("req_1",)
    context.status_code = 200
    return context


def test_an_unknown_status_is_kept_and_behaves_like_a_member() -> None:
    status = transfer(status="teleported").status
    assert isinstance(status, TransferStatus)
    assert status == "teleported" == str(status)
    assert status == TransferStatus("teleported")
    assert status != TransferStatus.PENDING
    assert {status: 1}[TransferStatus("teleported")] == 1
    assert pickle.loads(pickle.dumps(status)) == status
    assert copy.deepcopy(status) == status
    assert "teleported" not in list(TransferStatus)


def test_two_spellings_of_a_status_are_one_member() -> None:
    assert TransferStatus("canceled") is TransferStatus.CANCELLED
    assert RoutineStatus("complete") is RoutineStatus.COMPLETED
    assert transfer(status="canceled").status is TransferStatus.CANCELLED
    assert transfer(status="canceled").to_dict()["status"] == "canceled"


@pytest.mark.parametrize("raw", ["pending", 0, "", []])
def test_a_status_that_is_read_twice_is_the_same(raw: Any) -> None:
    found = transfer(status=raw)
    if isinstance(raw, str):
        assert found.status == raw
        assert found.status == found.status
    else:
        with pytest.raises(FieldDecodeError):
            found.status


@pytest.mark.parametrize("raw", [Decimal("20.10"), 20.1, "20.10"])
def test_an_amount_is_exact_however_it_was_sent(raw: Any) -> None:
    assert transfer(amount=raw).amount == Decimal("20.10")
    assert type(transfer(amount=raw).amount) is Decimal


def test_a_whole_amount_is_a_decimal_too() -> None:
    assert type(transfer(amount=20).amount) is Decimal
    assert transfer(amount=10**30).amount == Decimal(10) ** 30


@pytest.mark.parametrize("raw", [float("nan"), float("inf"), "NaN", "much", [], {}, True])
def test_what_is_no_amount_is_not_read_as_one(raw: Any) -> None:
    with pytest.raises(FieldDecodeError, match=r"Transfer\.amount"):
        transfer(amount=raw).amount


def test_a_null_or_missing_list_is_empty() -> None:
    assert TransferList.from_dict({"transfers": None}).transfers == []
    assert TransferList.from_dict({}).transfers == []


def test_a_missing_field_is_none_and_an_unknown_one_is_kept() -> None:
    found = transfer(surprise={"deep": [1]})
    assert found.failure_reason is None
    assert found["surprise"] == {"deep": [1]}
    assert found.additional_properties == {"surprise": {"deep": [1]}}
    assert found.to_dict()["surprise"] == {"deep": [1]}


def test_a_time_without_a_zone_is_utc_and_others_keep_theirs() -> None:
    assert transfer(initiated="2026-05-04T12:00:01.5").initiated == datetime.datetime(
        2026, 5, 4, 12, 0, 1, 500_000, datetime.UTC
    )
    east = transfer(initiated="2026-05-04T12:00:00+02:00").initiated
    assert east is not None
    assert east.utcoffset() == datetime.timedelta(hours=2)
    assert transfer(initiated="2026-05-04T12:00:00Z").initiated == datetime.datetime(
        2026, 5, 4, 12, tzinfo=datetime.UTC
    )


@pytest.mark.parametrize(
    ("raw", "read"), [("True", True), ("False", False), (True, True), (False, False), (None, None)]
)
def test_booleans_that_come_as_words_are_booleans(raw: Any, read: bool | None) -> None:
    card = Card.from_dict({"id": "card_1", "push_enabled": raw})
    assert card.push_enabled is read
    assert card.to_dict()["push_enabled"] == raw


@pytest.mark.parametrize("raw", ["yes", 1, []])
def test_what_is_no_boolean_is_not_read_as_one(raw: Any) -> None:
    with pytest.raises(FieldDecodeError, match=r"Card\.push_enabled"):
        Card.from_dict({"push_enabled": raw}).push_enabled


def test_a_value_that_cannot_be_read_spoils_only_itself_and_is_not_shown() -> None:
    found = transfer(amount="4242 4242", initiated="soon")
    assert found.id == "tr_1"
    with pytest.raises(FieldDecodeError) as caught:
        found.amount
    assert "4242" not in str(caught.value)
    assert (caught.value.model, caught.value.field) == ("Transfer", "amount")


def test_with_its_call_known_the_error_names_the_request() -> None:
    page = TransferList.from_dict({"transfers": [{"id": "tr_1", "amount": "much"}]})
    page.attach(called())
    with pytest.raises(ResponseDecodeError) as caught:
        page.transfers[0].amount
    assert caught.value.request_id == "req_1"
    assert caught.value.field == "amount"
    assert "much" not in str(caught.value)


def test_the_request_id_is_on_the_page_and_on_its_items() -> None:
    page = TransferList.from_dict({"transfers": [{"id": "tr_1"}]})
    assert page.request_id is None
    page.attach(called())
    assert page.request_id == page.transfers[0].request_id == "req_1"


def test_an_item_that_is_no_object_is_an_error_of_its_own_fields_and_spoils_no_page() -> None:
    bad, good = TransferList.from_dict({"transfers": ["tr_1", {"id": "tr_2"}]}).transfers
    for name in ("id", "routine_name"):
        with pytest.raises(FieldDecodeError, match=rf"Transfer\.{name}"):
            getattr(bad, name)
    assert good.id == "tr_2"


def test_models_compare_by_what_they_hold() -> None:
    assert transfer() == transfer()
    assert transfer() != transfer(id="tr_2")
    assert transfer() != TransferList.from_dict(transfer().to_dict())
    assert copy.deepcopy(transfer()) == pickle.loads(pickle.dumps(transfer())) == transfer()
    assert len({transfer(), transfer(), transfer(id="tr_2")}) == 2


def test_secrets_are_not_in_a_repr_and_other_fields_are() -> None:
    answer = TokenResponse.from_dict({"access_token": "acc-secret", "refresh_token": "ref-secret", "expires_in": 7200})
    assert "secret" not in repr(answer)
    assert "7200" in repr(answer)
    nested = Transfer.from_dict({"id": "tr_1", "who": {"ssn": "123-45-6789", "all": [{"card_number": "4242"}]}})
    assert "6789" not in repr(nested)
    assert "tr_1" in repr(nested)
