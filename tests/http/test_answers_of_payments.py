"""A success is a payment only if its body is that payment, and whoever watches hears what the caller sees."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import pytest

import astra
from astra.instrumentation import CallInfo, CallObserver, CallOutcome, RequestRecord, capture_requests
from astra.request_log.memory import MemoryRequestLog
from tests.http.paying import FLAVOURS, MADE, Act, AnsweringServer, Flavour, answer, pay, read, run

pytestmark = pytest.mark.parametrize("flavour", FLAVOURS)


class Ends(CallObserver):
    """Keeps the errors that calls ended with."""

    def __init__(self) -> None:
        self.errors: list[BaseException | None] = []

    def on_call_start(self, call: CallInfo) -> object:
        return None

    def on_attempt(self, record: RequestRecord) -> None:
        pass

    def on_call_end(self, token: object, outcome: CallOutcome) -> None:
        self.errors.append(outcome.error)


NO_PAYMENT: dict[str, Any] = {
    "nothing in it": {},
    "a refusal": {"error": "invalid_request", "error_description": "no"},
    "Astra's envelope of errors": {"code": 400, "name": "Bad Request", "description": "no"},
    "errors": {"errors": ["no"]},
    "an envelope": {"data": MADE},
    "a refusal with the id": {**MADE, "error": "declined"},
    "errors with the id": {**MADE, "errors": [{"detail": "declined"}]},
    "no id": {**MADE, "id": None},
    "an empty id": {**MADE, "id": " "},
    "a truth as id": {**MADE, "id": True},
    "another amount": {**MADE, "amount": 99.99},
    "another correlation id": {**MADE, "client_correlation_id": "OTHER001"},
    "another payer": {**MADE, "source": {"id": "acc_9"}},
    "two of them": [MADE, MADE],
    "a list without any": [],
    "null": b"null",
    "a number": b"7",
    "no JSON": b"<html>Welcome to the hotel network</html>",
    "nothing": b"",
}


@pytest.mark.parametrize("body", NO_PAYMENT.values(), ids=NO_PAYMENT)
@pytest.mark.parametrize("status", [200, 202, 207])
def test_a_success_that_is_not_this_payment_leaves_its_outcome_unknown_for_all_who_ask(
    flavour: Flavour, body: Any, status: int
) -> None:
    log, ends = MemoryRequestLog(), Ends()
    with (
        AnsweringServer(answer(body, status=status)) as server,
        pytest.raises(astra.UncertainOutcomeError) as caught,
        capture_requests() as calls,
    ):
        run(flavour, server, log=log, watch=ends)
    assert server.posts() == 1
    assert (caught.value.status_code, caught.value.request_id) == (status, "req_1")
    assert [record.error_name for record in log.query(failed=True)] == ["UncertainOutcomeError"]
    assert [record.error_name for record in calls.failed] == ["UncertainOutcomeError"]
    assert ends.errors == [caught.value]
    assert "99.99" not in str(caught.value)


@pytest.mark.parametrize(
    "body",
    [
        MADE,
        [MADE],
        {"id": "rt_1"},
        {**MADE, "id": 7},
        {**MADE, "amount": "20.1"},
        {**MADE, "error": None, "errors": []},
    ],
    ids=["whole", "in a list of one", "id alone", "a number as id", "amount as text", "no errors"],
)
def test_a_success_that_is_this_payment_is_returned(flavour: Flavour, body: Any) -> None:
    log = MemoryRequestLog()
    with AnsweringServer(answer(body, status=201)) as server:
        routine = run(flavour, server, log=log)
    assert routine.id in ("rt_1", "7")
    assert [(record.status, record.error_name) for record in log.query()] == [(201, None)]


UNKNOWN = {
    "lost": b"",
    "broken off": answer(MADE)[:-9],
    "503": answer({"description": "duplicate routine, see r7"}, status=503),
    "408": answer(status=408),
    "302": answer(status=302, headers="Location: /elsewhere\r\n"),
}


@pytest.mark.parametrize("sent_back", UNKNOWN.values(), ids=UNKNOWN)
def test_every_uncertain_payment_is_found_in_the_ledger(flavour: Flavour, sent_back: bytes) -> None:
    log = MemoryRequestLog()
    with AnsweringServer(sent_back) as server, pytest.raises(astra.UncertainOutcomeError):
        run(flavour, server, log=log)
    assert server.posts() == 1
    assert [record.error_name for record in log.query(failed=True)] == ["UncertainOutcomeError"]


def test_an_uncertain_outcome_keeps_what_came_back(flavour: Flavour) -> None:
    came = {"description": "duplicate routine, see r7", "ssn": "123-45-6789"}
    headers = "Request-Id: req_1\r\nRetry-After: 5\r\nSet-Cookie: secret=1\r\n"
    with (
        AnsweringServer(answer(came, status=503, headers=headers)) as server,
        pytest.raises(astra.UncertainOutcomeError) as caught,
    ):
        run(flavour, server)
    error = caught.value
    assert error.description == "duplicate routine, see r7"
    assert error.body == {"description": "duplicate routine, see r7", "ssn": "[hidden]"}
    assert (error.retry_after, error.headers["request-id"]) == (5.0, "req_1")
    assert "set-cookie" not in error.headers
    assert error.hint is not None
    assert isinstance(error.__cause__, astra.ServiceUnavailableError)
    for twin in (copy.copy(error), copy.deepcopy(error), pickle.loads(pickle.dumps(error))):
        assert (twin.body, twin.headers, twin.retry_after) == (error.body, error.headers, error.retry_after)
        assert (twin.description, twin.hint, twin.user_key) == (error.description, error.hint, "customer-42")


def test_an_uncertain_outcome_keeps_a_body_that_is_no_json_and_why_it_could_not_be_read(flavour: Flavour) -> None:
    with AnsweringServer(answer(b"<html>hotel</html>")) as server, pytest.raises(astra.UncertainOutcomeError) as caught:
        run(flavour, server)
    assert caught.value.body == "<html>hotel</html>"
    assert isinstance(caught.value.__cause__, astra.ResponseDecodeError)


def test_a_lost_answer_is_the_cause_of_an_uncertain_outcome(flavour: Flavour) -> None:
    with AnsweringServer(b"") as server, pytest.raises(astra.UncertainOutcomeError) as caught:
        run(flavour, server)
    assert caught.value.__cause__ is not None


CHANGES: dict[str, Act] = {
    "update": lambda user: user.routines.update("rt_1", name="Rent", amount="5.00"),
    "cancel": lambda user: user.transfers.cancel("rt_1"),
}
NOT_DONE: dict[str, Any] = {
    "nothing": b"",
    "an error": {"error": "too late"},
    "another object": {"id": "rt_2", "name": "Rent", "amount": 5},
    "no id": {"name": "Rent"},
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
@pytest.mark.parametrize("body", NOT_DONE.values(), ids=NOT_DONE)
def test_a_change_is_done_only_if_the_answer_is_about_its_object(flavour: Flavour, change: Act, body: Any) -> None:
    log = MemoryRequestLog()
    with AnsweringServer(answer(body)) as server, pytest.raises(astra.UncertainOutcomeError):
        run(flavour, server, change, log=log)
    assert [record.error_name for record in log.query()] == ["UncertainOutcomeError"]


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_change_that_is_confirmed_is_done(flavour: Flavour, change: Act) -> None:
    with AnsweringServer(answer({"id": "rt_1", "name": "Rent", "amount": 5})) as server:
        assert run(flavour, server, change).id == "rt_1"


def test_an_update_that_was_not_taken_over_is_uncertain(flavour: Flavour) -> None:
    with (
        AnsweringServer(answer({"id": "rt_1", "name": "Rent", "amount": 4})) as server,
        pytest.raises(astra.UncertainOutcomeError, match="amount"),
    ):
        run(flavour, server, CHANGES["update"])


DELETIONS: dict[str, Act] = {
    "routine": lambda user: user.routines.delete("rt_1"),
    "account": lambda user: user.accounts.delete("acc_1"),
}


@pytest.mark.parametrize("delete", DELETIONS.values(), ids=DELETIONS)
@pytest.mark.parametrize(
    "body", [b"<html>hotel</html>", {"error": "no"}, {"code": 400, "name": "Bad Request"}], ids=str
)
def test_a_deletion_is_not_done_when_the_body_says_otherwise(flavour: Flavour, delete: Act, body: Any) -> None:
    with AnsweringServer(answer(body)) as server, pytest.raises(astra.UncertainOutcomeError):
        run(flavour, server, delete)


@pytest.mark.parametrize("delete", DELETIONS.values(), ids=DELETIONS)
@pytest.mark.parametrize("body", [b"", b"\n", {}, {"id": "rt_1"}], ids=str)
def test_a_deletion_is_done_by_its_status_alone(flavour: Flavour, delete: Act, body: Any) -> None:
    with AnsweringServer(answer(body)) as server:
        assert run(flavour, server, delete) == "req_1"


def test_a_read_that_cannot_be_read_is_recorded_as_what_the_caller_sees(flavour: Flavour) -> None:
    log, ends = MemoryRequestLog(), Ends()
    with AnsweringServer(answer(b"<html>")) as server, pytest.raises(astra.ResponseDecodeError) as caught:
        run(flavour, server, read, log=log, watch=ends)
    assert [record.error_name for record in log.query(failed=True)] == ["ResponseDecodeError"]
    assert ends.errors == [caught.value]


TOKEN_ERROR = answer({"error": "invalid_token", "error_description": "expired"}, status=401)
NEW_TOKEN = answer({"access_token": "at-2", "expires_in": 7200, "refresh_token": "rt-2"})


def test_a_payment_whose_token_was_refused_is_sent_again_once(flavour: Flavour) -> None:
    with AnsweringServer(TOKEN_ERROR, NEW_TOKEN, answer(MADE)) as server:
        assert run(flavour, server, max_retries=0).id == "rt_1"
    assert server.posts() == 2


def test_a_payment_whose_token_is_refused_again_is_refused(flavour: Flavour) -> None:
    log = MemoryRequestLog()
    with (
        AnsweringServer(TOKEN_ERROR, NEW_TOKEN, TOKEN_ERROR) as server,
        pytest.raises(astra.AuthenticationError),
    ):
        run(flavour, server, log=log)
    assert server.posts() == 2
    names = [record.error_name for record in log.query(operation="create_routine")]
    assert names == ["AuthenticationError", "AuthenticationError"]


@pytest.mark.parametrize("body", [b"<html>login</html>", b"", {"code": 401, "name": "Unauthorized"}], ids=str)
def test_a_payment_with_any_other_401_is_not_sent_again(flavour: Flavour, body: Any) -> None:
    with AnsweringServer(answer(body, status=401)) as server, pytest.raises(astra.AuthenticationError):
        run(flavour, server, pay)
    assert len(server.requests) == 1
