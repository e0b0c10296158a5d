"""What an attempt that did not succeed means: whether the call goes out again, and what its caller is told."""

from __future__ import annotations

import gc
import json
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from astra_api.operations import OPERATIONS

from astra.errors import APIConnectionError, APITimeoutError
from astra.http.calls import Call, CallContext
from astra.http.outcomes import (
    allowed_rejections,
    connection_error,
    leaves_payment_uncertain,
    may_send_again,
    note_of,
    safety_of,
    uncertain_outcome,
    why_not_done,
)
from astra.http.responses import Response, TransportFailure, TransportResponse
from astra.http.retry import Safety

READ, WRITE, MONEY = Safety.READ, Safety.WRITE, Safety.MONEY
FIELDS = {"client_correlation_id": "INV00042", "amount": "20.10", "name": "rent"}


def call_of(operation: str, *, repeatable: bool = False, match_fields: dict[str, str] | None = None) -> Call:
    row = OPERATIONS[operation]
    return Call(row, row.path, user_key="customer-42", repeatable=repeatable, match_fields=match_fields or {})


def context_of(operation: str) -> CallContext:
    context = CallContext(OPERATIONS[operation], "/v1/somewhere", "customer-42")
    context.request_ids, context.attempts = ("req_1", "req_2"), 3
    return context


def failure(*, sent: bool, timed_out: bool = False, status: int | None = None) -> TransportFailure:
    return TransportFailure("connection reset", sent=sent, timed_out=timed_out, status=status)


def response(status: int) -> TransportResponse:
    return TransportResponse(status, {}, b"")


@pytest.mark.parametrize(
    ("operation", "repeatable", "expected"),
    [
        ("get_transfer", False, READ),
        ("get_transfer", True, READ),
        ("create_user_intent", False, WRITE),
        ("create_user_intent", True, READ),
        ("exchange_token", False, WRITE),
        ("exchange_token", True, READ),
        ("create_routine", False, MONEY),
        ("create_routine", True, MONEY),
    ],
)
def test_a_call_is_as_safe_to_repeat_as_its_operation_and_a_payment_never_is(
    operation: str, repeatable: bool, expected: Safety
) -> None:
    assert safety_of(call_of(operation, repeatable=repeatable)) is expected


def test_every_operation_that_moves_money_is_a_payment_and_every_other_get_a_read() -> None:
    for name, operation in OPERATIONS.items():
        expected = MONEY if operation.money else READ if operation.method == "GET" else WRITE
        assert safety_of(call_of(name)) is expected


AGAIN, RAISE, UNKNOWN = "again", "raise", "raise, outcome unknown"
TABLE = [
    # outcome, then what follows for a read, a write and a payment
    (failure(sent=False), AGAIN, AGAIN, AGAIN),
    (failure(sent=False, timed_out=True), AGAIN, AGAIN, AGAIN),
    (response(429), AGAIN, AGAIN, AGAIN),
    (failure(sent=True), AGAIN, RAISE, UNKNOWN),
    (failure(sent=True, timed_out=True), AGAIN, RAISE, UNKNOWN),
    (failure(sent=True, status=400), AGAIN, RAISE, UNKNOWN),
    *((response(status), AGAIN, RAISE, UNKNOWN) for status in (408, 500, 502, 503, 504, 599)),
    *((response(status), RAISE, RAISE, UNKNOWN) for status in (100, 302, 304, 399, 499)),
    *(
        (response(status), RAISE, RAISE, RAISE)
        for status in (400, 401, 402, 403, 404, 407, 409, 410, 422, 428, 430, 498)
    ),
]


@pytest.mark.parametrize(("outcome", "read", "write", "payment"), TABLE, ids=str)
def test_each_cell_of_the_table(
    outcome: TransportResponse | TransportFailure, read: str, write: str, payment: str
) -> None:
    assert may_send_again(outcome, safety=READ) is (read == AGAIN)
    assert may_send_again(outcome, safety=WRITE) is (write == AGAIN)
    assert may_send_again(outcome, safety=MONEY) is (payment == AGAIN)
    assert leaves_payment_uncertain(outcome) is (payment == UNKNOWN)


# Workers may rotate a token under a running call; other 401s end it soon, and a payment is hardly ever sent again.
MANY, FEW = {READ: 6, WRITE: 6, MONEY: 1}, {READ: 2, WRITE: 2, MONEY: 0}


@pytest.mark.parametrize(
    ("body", "allowed"),
    [
        *(({"error": code}, MANY) for code in ("invalid_token", "expired_token", "token_expired")),
        ({"error": "missing_authorization", "error_description": "x"}, MANY),
        ({"error": "invalid_client"}, FEW),
        ({"error": ""}, FEW),
        ({"error": None}, FEW),
        ({"error": {"code": "invalid_token"}}, FEW),
        ({"error": ["invalid_token"]}, FEW),
        ({"errors": "invalid_token"}, FEW),
        ([{"error": "invalid_token"}], FEW),
        ("invalid_token", FEW),
        (None, FEW),
    ],
)
def test_a_call_outlives_more_rejections_of_its_token_than_other_401s(body: object, allowed: dict[Safety, int]) -> None:
    assert rejections(json.dumps(body).encode()) == allowed


def rejections(content: bytes) -> dict[Safety, int]:
    response = TransportResponse(401, {}, content)
    return {safety: allowed_rejections(response, safety=safety) for safety in (READ, WRITE, MONEY)}


@pytest.mark.parametrize("content", [b"", b"<html>", b"\xff\xfe", b"[" * 4096, b'{"error": "invalid_token"'])
def test_a_401_that_is_no_json_is_about_something_else(content: bytes) -> None:
    assert rejections(content) == FEW


def test_a_401_is_read_up_to_four_kilobytes() -> None:
    body = b'{"error": "invalid_token"}'
    assert rejections(body.ljust(4095) + b"x") == FEW
    assert rejections(body.ljust(4096) + b"x") == MANY


@pytest.mark.parametrize(
    ("outcome", "safety", "says"),
    [
        (failure(sent=False), MONEY, "No complete answer: connection reset. Nothing was sent. "),
        (failure(sent=False), READ, "No complete answer: connection reset. Nothing was sent. "),
        (failure(sent=True), READ, "No complete answer: connection reset. It was only a read. "),
        (
            failure(sent=True),
            WRITE,
            "No complete answer: connection reset. It may have been processed; look before you send it again. ",
        ),
        (
            failure(sent=True, status=200),
            READ,
            "No complete answer, after an answer with status 200 began: connection reset. It was only a read. ",
        ),
    ],
    ids=["payment not sent", "read not sent", "read sent", "write sent", "broken off"],
)
def test_the_error_of_a_call_without_an_answer_says_what_may_have_happened(
    outcome: TransportFailure, safety: Safety, says: str
) -> None:
    context = context_of("create_routine")
    error = connection_error(outcome, context, safety=safety)
    assert str(error) == says + context.describe()
    assert error.sent is outcome.sent
    assert type(error) is APIConnectionError


@pytest.mark.parametrize("sent", [True, False])
def test_time_that_ran_out_is_told_from_a_broken_connection(sent: bool) -> None:
    error = connection_error(failure(sent=sent, timed_out=True), context_of("get_transfer"), safety=READ)
    assert type(error) is APITimeoutError
    assert error.sent is sent


def test_both_errors_carry_what_is_known_of_the_call() -> None:
    context = context_of("create_routine")
    call = call_of("create_routine", match_fields=FIELDS)
    for error in (
        connection_error(failure(sent=True), context, safety=MONEY),
        uncertain_outcome(call, context, reason="connection reset"),
    ):
        assert (error.call_id, error.request_ids, error.attempts) == (context.call_id, ("req_1", "req_2"), 3)
        assert (error.operation, error.method, error.path) == ("create_routine", "POST", "/v1/somewhere")


def test_an_uncertain_payment_says_by_what_it_can_be_found() -> None:
    context = context_of("create_routine")
    context.sent_at, context.status_code = 1_800_000_000.0, 502
    error = uncertain_outcome(
        call_of("create_routine", match_fields=FIELDS), context, reason="the answer has status 502."
    )
    assert str(error) == (
        "The payment was sent and its outcome is unknown: the answer has status 502. "
        "Do not send it again before you know. "
        f"It carries client_correlation_id INV00042: reconcile() looks for it. {context.describe()}"
    )
    assert (error.client_correlation_id, error.match_fields) == ("INV00042", FIELDS)
    assert (error.amount, error.user_key, error.status_code) == (Decimal("20.10"), "customer-42", 502)
    assert isinstance(error.amount, Decimal)
    assert error.sent_at == datetime(2027, 1, 15, 8, tzinfo=UTC)
    assert error.hint == "It carries client_correlation_id INV00042: reconcile() looks for it."
    assert (error.description, error.body, error.headers, error.retry_after) == (None, None, {}, None)


def test_an_uncertain_payment_keeps_what_came_back() -> None:
    error = uncertain_outcome(
        call_of("create_routine", match_fields=FIELDS),
        context_of("create_routine"),
        reason="x",
        description="see r7",
        body={"a": 1},
        headers={"retry-after": "5"},
        retry_after=5.0,
    )
    assert (error.description, error.body, error.headers) == ("see r7", {"a": 1}, {"retry-after": "5"})
    assert error.retry_after == 5.0


NO_OBJECT = "its body is not a JSON object"
NOT_JSON, NO_ID, ERROR = "its body is not JSON", "its body has no id", "its body speaks of an error"
SUCCESSES = [
    # body, then what it lacks as an object with an id, and as the answer of a deletion
    (b"", "its body is empty", None),
    (b" \n", "its body is empty", None),
    (b"<html>", NOT_JSON, NOT_JSON),
    (b"[" * 100_000 + b"]" * 100_000, NOT_JSON, NOT_JSON),
    (b"null", NO_OBJECT, None),
    (b" null\n", NO_OBJECT, None),
    (b"nul", NOT_JSON, NOT_JSON),
    (b"[]", NO_OBJECT, NO_OBJECT),
    (b'[{"id": "rt_1"}, {"id": "rt_1"}]', NO_OBJECT, NO_OBJECT),
    (b'[{"id": "rt_1"}]', None, None),
    (b"{}", NO_ID, None),
    (b'{"id": null}', NO_ID, None),
    (b'{"id": ""}', NO_ID, None),
    (b'{"id": " "}', NO_ID, None),
    (b'{"id": true}', NO_ID, None),
    (b'{"id": ["rt_1"]}', NO_ID, None),
    (b'{"id": 0}', None, None),
    (b'{"id": "rt_1"}', None, None),
    (b'{"id": "rt_1", "amount": 20.1, "name": "rent"}', None, None),
    (b'{"id": "rt_1", "amount": 20.11}', "its amount is not the one that was sent", None),
    (b'{"id": "rt_1", "error": "x"}', ERROR, ERROR),
    (b'{"id": "rt_1", "errors": ["x"]}', ERROR, ERROR),
    (b'{"id": "rt_1", "error": null, "errors": []}', None, None),
    (b'{"code": 400}', ERROR, ERROR),
    (b'{"code": 399}', NO_ID, None),
    (b'{"status_code": 400}', ERROR, ERROR),
    (b'{"code": "E400"}', NO_ID, None),
    (b'{"code": "400"}', ERROR, ERROR),
    (b'{"code": 1000}', NO_ID, None),
    (b'{"id": "rt_1", "code": 400}', ERROR, ERROR),
    (b'{"id": "rt_1", "success": false}', ERROR, ERROR),
    (b'{"id": "rt_1", "success": true}', None, None),
]


@pytest.mark.parametrize(("content", "lacks", "deletion_lacks"), SUCCESSES, ids=lambda cell: repr(cell)[:60])
def test_a_success_proves_something_only_by_its_body(
    content: bytes, lacks: str | None, deletion_lacks: str | None
) -> None:
    if len(content) > 10_000:
        gc.collect()  # a finalizer of another test's object would find no room at the end of the stack
    payment = call_of("create_routine", match_fields=FIELDS)
    payment.has_id = True
    response = Response(context_of("create_routine"), content)
    assert why_not_done(payment, response) == lacks
    assert why_not_done(call_of("delete_routine"), response) == deletion_lacks


@pytest.mark.parametrize(
    ("content", "asked", "lacks"),
    [
        (b'{"id": "rt_2"}', "rt_1", "its body is about another object"),
        (b'{"id": 7}', "rt_1", "its body is about another object"),
        (b'{"id": 7}', "7", None),
        (b'{"id": "rt_1", "name": "old"}', "rt_1", "its name is not the one that was sent"),
        (b'{"id": "rt_1", "name": "new"}', "rt_1", None),
    ],
)
def test_a_change_is_confirmed_by_the_object_that_was_changed(content: bytes, asked: str, lacks: str | None) -> None:
    change = call_of("update_routine")
    change.has_id, change.resource_id, change.changes = True, asked, {"name": "new"}
    assert why_not_done(change, Response(context_of("update_routine"), content)) == lacks


@pytest.mark.parametrize(
    ("fields", "carries"), [(FIELDS, ", client_correlation_id INV00042"), ({"amount": "1"}, ""), ({}, "")]
)
def test_the_note_on_an_interruption_names_the_call(fields: dict[str, str], carries: str) -> None:
    call, context = call_of("create_routine", match_fields=fields), context_of("create_routine")
    plain = f"Interrupted an Astra call{carries} {context.describe()}."
    assert note_of(call, context, in_doubt=False) == plain
    advice = " It may have been carried out: look before you send it again."
    assert note_of(call, context, in_doubt=True) == plain + advice


NO_REFERENCE = (
    "It carries no client_correlation_id, so it cannot be told from another one like it: reconcile() raises "
    "AmbiguousPaymentError with what may be it, and a person has to decide. ("
)


@pytest.mark.parametrize(
    ("operation", "where"),
    [
        ("update_routine", "routines.get() shows whether it has changed"),
        ("delete_routine", "routines.get() or routines.list() shows whether it has ended"),
        ("cancel_transfer", "transfers.get() shows whether it is cancelled"),
        ("delete_account", "accounts.get() shows whether it is gone"),
    ],
)
def test_an_uncertain_change_says_what_to_read(operation: str, where: str) -> None:
    error = uncertain_outcome(call_of(operation), context_of(operation), reason="x")
    assert error.hint == f"It may have been done: {where}, and asking again does no harm."


@pytest.mark.parametrize(
    ("amount", "read", "said"),
    [
        (None, None, "It may have started, changed or stopped a payment: read what it was about, and decide then. ("),
        ("twenty", None, NO_REFERENCE),
        ("0", Decimal(0), NO_REFERENCE),
    ],
)
def test_an_uncertain_payment_without_an_id_says_where_to_look(
    amount: str | None, read: Decimal | None, said: str
) -> None:
    fields = {} if amount is None else {"amount": amount}
    row = "create_routine" if fields else "refund_routine"
    call = call_of("create_routine", match_fields=fields)
    call.operation = call.operation._replace(id=row)
    error = uncertain_outcome(call, context_of("create_routine"), reason="x")
    assert said in str(error)
    assert str(error).startswith("The request was sent" if amount is None else "The payment was sent")
    assert (error.client_correlation_id, error.sent_at, error.status_code) == (None, None, None)
    assert error.amount == read
