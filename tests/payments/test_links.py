"""Which requests belong to which payments."""

from __future__ import annotations

from typing import Any

import attrs
import pytest

from astra.instrumentation.record import RequestRecord
from astra.payments.links import Ids, ids_of_payments, ids_of_requests, key_of
from astra.payments.record import HistoryEntry, PaymentState
from astra.testing.idempotency_contract import NOW, make_record


def request(call_id: str = "call_9", **changes: Any) -> RequestRecord:
    plain = RequestRecord(
        call_id=call_id,
        request_id=None,
        time=NOW,
        operation="create_routine",
        method="POST",
        path="/v1/routines",
        status=None,
        duration_ms=1.0,
        user_key="customer-42",
    )
    return attrs.evolve(plain, **changes)


def test_a_payment_is_known_by_all_its_calls_and_answers() -> None:
    lost = HistoryEntry(time=NOW, event="lost", state=PaymentState.UNCERTAIN, call_id="call_1", request_id="req_1")
    record = make_record(
        call_id="call_2", request_ids=("req_2", "req_3"), resource_id="rt_1", transfer_id="tr_1", history=(lost,)
    )
    assert ids_of_payments([record]) == Ids(
        calls=("call_2", "call_1"),
        requests=("req_2", "req_3", "req_1"),
        references=("AB12CD34",),
        resources=("rt_1", "tr_1"),
    )
    assert ids_of_payments([make_record(client_correlation_id=None)]) == Ids()


def test_requests_tell_what_payments_are_found_by() -> None:
    requests = [
        request("call_1", request_id="req_1", resource_id="rt_1", client_correlation_id="REF"),
        request("call_1", request_id="req_2"),
    ]
    known = ids_of_requests(requests)
    assert known == Ids(calls=("call_1",), requests=("req_1", "req_2"), references=("REF",), resources=("rt_1",))
    assert known.all == ("call_1", "req_1", "req_2", "rt_1", "REF")


def test_what_is_read_once_is_enough() -> None:
    records = iter([make_record(call_id="call_1", request_ids=("req_1",), resource_id="rt_1")])
    assert ids_of_payments(records).all == ("call_1", "req_1", "rt_1", "AB12CD34")
    requests = iter([request("call_1", request_id="req_1", resource_id="rt_1", client_correlation_id="REF")])
    assert ids_of_requests(requests).all == ("call_1", "req_1", "rt_1", "REF")
    with pytest.raises(TypeError):
        Ids(())  # type: ignore[misc]  # pyright: ignore[reportCallIssue]


def test_texts_are_compared_as_the_log_keeps_them() -> None:
    odd = make_record(user_key="k\0", client_correlation_id="r\0")
    assert key_of(request(user_key="k\0", client_correlation_id="r\0"), [odd]) == "payout-1"
    assert key_of(request(user_key="k\0", client_correlation_id="r"), [odd]) is None


def test_ids_that_are_the_same_are_asked_for_once() -> None:
    assert Ids(calls=("a",), requests=("a",), resources=("b",), references=("b",)).all == ("a", "b")


def test_a_call_of_a_payment_is_its_own_even_if_another_has_the_same_reference() -> None:
    one, two = make_record("one", call_id="call_1"), make_record("two", call_id="call_2")
    assert key_of(request("call_2", client_correlation_id="AB12CD34"), [one, two]) == "two"
    assert key_of(request("call_1", client_correlation_id="AB12CD34"), [one, two]) == "one"


def test_an_answer_names_its_payment() -> None:
    record = make_record(request_ids=("req_1",))
    assert key_of(request(request_id="req_1"), [record]) == "payout-1"
    assert key_of(request(request_id="req_2"), [record]) is None
    assert key_of(request(request_id=None), [record]) is None


def test_what_is_about_its_routine_or_transfer_belongs_to_it() -> None:
    record = make_record(resource_id="rt_1", transfer_id="tr_1")
    for resource in ("rt_1", "tr_1"):
        assert key_of(request(operation="get", resource_id=resource), [record]) == "payout-1"
    assert key_of(request(operation="get", resource_id="rt_2"), [record]) is None
    assert key_of(request(operation="get", resource_id=None), [make_record(resource_id=None)]) is None


def test_its_own_routine_counts_for_more_than_a_shared_reference() -> None:
    one, two = make_record("one", resource_id="rt_1"), make_record("two", resource_id="rt_2")
    assert key_of(request(resource_id="rt_2", client_correlation_id="AB12CD34"), [one, two]) == "two"


def test_a_sending_with_its_reference_belongs_to_it() -> None:
    record = make_record()
    assert key_of(request(client_correlation_id="AB12CD34"), [record]) == "payout-1"
    for other in ({"user_key": "customer-43"}, {"operation": "create_book_routine"}, {"client_correlation_id": "X"}):
        assert key_of(request(**{"client_correlation_id": "AB12CD34"} | other), [record]) is None
    without = make_record(client_correlation_id=None)
    assert key_of(request(client_correlation_id=None), [without]) is None
