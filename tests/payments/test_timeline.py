"""The story of a payment in the order in which it happened."""

from __future__ import annotations

from datetime import UTC, timedelta, timezone
from typing import Any

import pytest

from astra.payments.record import HistoryEntry, PaymentState
from astra.payments.timeline import EVENTS, Moment, tell
from astra.testing.idempotency_contract import NOW, make_record
from tests.payments.test_links import request


def text_of(event: str, **changes: object) -> str:
    values = {"time": NOW, "event": event, "state": PaymentState.UNCERTAIN} | changes
    (told,) = tell([make_record(history=(HistoryEntry(**values),))], ())  # type: ignore[arg-type]
    return told.text


@pytest.mark.parametrize(
    ("event", "changes", "text"),
    [
        ("sent", {"by": "host:1", "state": PaymentState.SENDING}, "sent by host:1 -> sending"),
        (
            "answered",
            {"by": "host:1", "state": PaymentState.MADE, "request_id": "req_1", "call_id": "call_1"},
            "answered -> made (request id req_1, call call_1)",
        ),
        ("answered", {"detail": "BadRequestError: no"}, "answered -> uncertain: BadRequestError: no"),
        ("lost", {"detail": "APITimeoutError: ", "call_id": "c"}, "no answer -> uncertain: APITimeoutError (call c)"),
        ("looked", {"detail": "not there"}, "looked for -> uncertain: not there"),
        ("looked", {"count": 2}, "looked for, 2 times, the last time now -> uncertain"),
        (
            "webhook",
            {"detail": "transfer_updated wh-1", "state": PaymentState.MADE},
            "settled by a webhook -> made: transfer_updated wh-1",
        ),
        ("resolved", {"by": "jane", "state": PaymentState.NOT_SENT}, "resolved by jane -> not_sent"),
        ("sent", {"state": PaymentState.SENDING}, "sent -> sending"),
        ("expired", {"by": "host:1"}, "given up by its sender -> uncertain"),
        ("of a newer release", {}, "of a newer release -> uncertain"),
    ],
)
def test_what_the_record_tells(event: str, changes: dict[str, object], text: str) -> None:
    assert text_of(event, **changes) == text


def test_every_event_of_a_record_has_a_name() -> None:
    assert list(EVENTS) == ["sent", "answered", "lost", "looked", "webhook", "resolved", "expired"]


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        (
            {"status": 201, "duration_ms": 41.6, "request_id": "req_1"},
            "create_routine, attempt 1 -> 201 after 42 ms (request id req_1, call call_9)",
        ),
        (
            {"attempt": 2, "error_name": "APITimeoutError"},
            "create_routine, attempt 2 -> no answer after 1 ms: APITimeoutError (call call_9)",
        ),
    ],
)
def test_what_the_request_log_tells(changes: dict[str, Any], text: str) -> None:
    with pytest.raises(TypeError):
        Moment(NOW, "request", None, text, {})  # type: ignore[misc]  # pyright: ignore[reportCallIssue]
    (told,) = tell((), [request(**changes)])
    assert (told.text, told.source, told.key) == (text, "request", None)


def test_all_is_in_order_and_says_to_which_payment_it_belongs() -> None:
    def entry(seconds: float) -> HistoryEntry:
        time = (NOW + timedelta(seconds=seconds)).astimezone(timezone(timedelta(hours=5)))
        return HistoryEntry(time=time, event="sent", state=PaymentState.SENDING)

    one = make_record("one", history=(entry(0), entry(4)))
    two = make_record("two", history=(entry(2),), call_id="call_2")
    east = (NOW + timedelta(seconds=3)).astimezone(timezone(timedelta(hours=-5)))
    told = tell([one, two], [request("call_2", time=east), request("call_3", time=NOW + timedelta(seconds=1))])
    assert [(moment.key, moment.source) for moment in told] == [
        ("one", "payment"),
        (None, "request"),
        ("two", "payment"),
        ("two", "request"),
        ("one", "payment"),
    ]
    assert [moment.time for moment in told] == [NOW + timedelta(seconds=seconds) for seconds in range(5)]
    assert {moment.time.tzinfo for moment in told} == {UTC}


def test_what_happens_at_once_stays_in_the_order_of_the_record() -> None:
    entries = tuple(HistoryEntry(time=NOW, event=event, state=PaymentState.SENDING) for event in ("sent", "looked"))
    told = tell([make_record(history=entries)], [request()])
    assert [moment.text.split()[0] for moment in told] == ["sent", "looked", "create_routine,"]


def test_programs_read_the_same_facts() -> None:
    entry = HistoryEntry(
        time=NOW, event="lost", state=PaymentState.UNCERTAIN, detail="d", by="b", call_id="c", request_id="r", count=3
    )
    of_record, of_request = tell([make_record(history=(entry,), call_id="call_9")], [request(status=503)])
    assert of_record.to_dict() == {
        "time": NOW.isoformat(),
        "source": "payment",
        "idempotency_key": "payout-1",
        "text": of_record.text,
        "event": "lost",
        "state": "uncertain",
        "detail": "d",
        "by": "b",
        "call_id": "c",
        "request_id": "r",
        "count": 3,
    }
    assert type(of_record.to_dict()["state"]) is str
    shown = of_request.to_dict()
    assert (shown["time"], shown["source"], shown["idempotency_key"]) == (NOW.isoformat(), "request", "payout-1")
    assert (shown["status"], shown["operation"], shown["call_id"]) == (503, "create_routine", "call_9")
