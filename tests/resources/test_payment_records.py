"""What is kept of a payment, and what a record of one says."""

from __future__ import annotations

import json

from astra_api.models import Routine

from astra.resources.payments import FIELDS_TO_FIND, fields_to_find, kept, lost_payment, restored
from astra.testing.idempotency_contract import NOW, make_record


def test_only_amounts_ids_and_kinds_are_kept_of_a_request() -> None:
    sent = {**dict.fromkeys(FIELDS_TO_FIND, "x"), "name": "Jane", "ach_credit_addenda": "for Jane", "metadata.a": "b"}
    assert fields_to_find(sent) == dict.fromkeys(FIELDS_TO_FIND, "x")
    assert sorted(FIELDS_TO_FIND) == [
        "active", "amount", "client_correlation_id", "currency", "destination.id", "destination.user_id",
        "destination_id", "destination_user_id", "frequency", "payment_type", "preferred_settlement_speed",
        "settlement_mode", "source.id", "source_id", "start_date", "type",
    ]  # fmt: skip


def test_neither_your_text_nor_what_the_spec_does_not_know_is_kept_of_an_answer() -> None:
    answer = {"id": "rt_1", "name": "Jane", "surprise": "Jane"}
    assert json.loads(kept(Routine.from_dict(answer))) == {"id": "rt_1"}


def test_the_text_comes_back_from_the_request() -> None:
    assert restored('{"id":"rt_1"}', {"name": "Jane", "amount": 1}) == {"id": "rt_1", "name": "Jane"}
    assert restored('{"id":"rt_1"}', {"name": None}) == {"id": "rt_1"}
    assert restored('{"id":"rt_1"}', {}) == {"id": "rt_1"}
    assert restored("null", {"name": "Jane"}) == {}


def test_the_error_of_a_lost_payment_says_what_its_record_says() -> None:
    record = make_record("k", call_id="call_1", request_ids=("req_1",), attempts=3)
    error = lost_payment(record)
    assert str(error).startswith(
        "The payment under the idempotency key 'k' (create_routine) was sent on "
        f"{NOW:%Y-%m-%d %H:%M:%S} UTC, with client_correlation_id AB12CD34, and its outcome is unknown. "
        "Nothing was sent now."
    )
    assert (error.idempotency_key, error.client_correlation_id, error.sent_at) == ("k", "AB12CD34", NOW)
    assert (error.call_id, error.request_ids, error.attempts) == ("call_1", ("req_1",), 3)
    assert (error.operation, error.user_key) == ("create_routine", "customer-42")
    assert error.match_fields == record.match_fields
    assert "correlation" not in str(lost_payment(make_record(client_correlation_id=None))).partition("Nothing")[0]
