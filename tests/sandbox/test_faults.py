"""Faults on demand, and what the sandbox remembers of them."""

import re
import threading
import time

import httpx
import pytest

from astra.errors import InvalidRequestError
from astra.sandbox import RemoteSandbox


def test_a_status_fault_does_nothing_and_strikes_once(person, sandbox):
    sandbox.faults.add(operation="create_routine", status=503, headers={"Retry-After": "1"})
    failed = person.http.post("/v1/routines", json=person.payment())
    assert (failed.status_code, failed.headers["Retry-After"]) == (503, "1")
    assert failed.json()["name"] == "Service Unavailable"
    assert person.get("/v1/routines")["count"] == 0
    assert person.pay()["id"]


def test_a_status_can_hide_what_was_done(person, sandbox):
    sandbox.faults.add(operation="create_routine", status=500, act=True)
    assert person.http.post("/v1/routines", json=person.payment()).status_code == 500
    assert person.get("/v1/routines")["count"] == 1


@pytest.mark.parametrize(("drop", "made"), [("before", 0), ("after", 1)])
@pytest.mark.parametrize("reset", [False, True])
def test_a_dropped_connection_before_or_after_acting(person, sandbox, drop, made, reset):
    body = person.payment()
    fault = sandbox.faults.add(operation="create_routine", drop=drop, reset=reset)
    with pytest.raises((httpx.RemoteProtocolError, httpx.ReadError)):
        person.http.post("/v1/routines", json=body)
    assert fault.hits == 1
    assert person.get("/v1/routines")["count"] == made
    dropped = [request for request in sandbox.requests if request.operation == "create_routine"]
    assert dropped[0].status is None


def test_an_answer_can_be_cut_off_at_any_byte(person, sandbox):
    whole = 300
    for count in range(0, whole, 37):
        sandbox.faults.add(operation="get_user", after_bytes=count)
        with pytest.raises(httpx.RemoteProtocolError):
            person.http.get("/v1/user")
    assert person.http.get("/v1/user").status_code == 200


def test_garbage_in_place_of_json(person, sandbox):
    sandbox.faults.add(operation="create_routine", garbage=True)
    answer = person.http.post("/v1/routines", json=person.payment())
    assert answer.status_code == 201
    assert answer.text.startswith("<html>")
    assert answer.headers["Content-Type"].startswith("text/html")
    assert person.get("/v1/routines")["count"] == 1
    sandbox.faults.add(operation="get_user", status=502, garbage=b"\xff\x00")
    answer = person.http.get("/v1/user")
    assert (answer.status_code, answer.content) == (502, b"\xff\x00")


def test_a_body_of_choice(person, sandbox):
    sandbox.faults.add(operation="get_user", body={"id": "u", "status": "brand_new_status"})
    assert person.get("/v1/user") == {"id": "u", "status": "brand_new_status"}


def test_a_late_answer_comes_after_acting(person, sandbox):
    body = person.payment()
    sandbox.faults.add(operation="create_routine", delay=30)
    with pytest.raises(httpx.ReadTimeout):
        person.http.post("/v1/routines", json=body, timeout=0.2)
    assert person.get("/v1/routines")["count"] == 1


def test_a_held_request_acts_late(person, sandbox):
    body = person.payment()
    sandbox.faults.add(operation="create_routine", hold=30)
    with pytest.raises(httpx.ReadTimeout):
        person.http.post("/v1/routines", json=body, timeout=0.2)
    assert person.get("/v1/routines")["count"] == 0


def test_a_slow_body_arrives_whole(person, sandbox):
    sandbox.faults.add(operation="get_user", slow=0.3)
    start = time.monotonic()
    assert person.get("/v1/user")["id"] == person.id
    assert time.monotonic() - start > 0.25


def test_faults_are_counted_skipped_and_cleared(person, sandbox):
    sandbox.faults.add(operation="get_user", status=500, skip=1, times=2)
    assert [person.http.get("/v1/user").status_code for _ in range(4)] == [200, 500, 500, 200]
    sandbox.faults.add(status=429, times=None)
    assert [person.http.get("/v1/accounts").status_code for _ in range(3)] == [429, 429, 429]
    sandbox.faults.clear()
    assert person.http.get("/v1/accounts").status_code == 200


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        ({"drop": "sometimes"}, "drop is 'before' or 'after'"),
        ({"status": 99}, "200 to 599"),
        ({}, "does nothing"),
        ({"reset": True}, "does nothing"),
        ({"act": True, "times": None}, "does nothing"),
        ({"status": 500, "times": 0}, "times is 0; it is at least 1"),
        ({"status": 500, "skip": -1}, "skip is -1"),
        ({"delay": float("nan")}, "delay is nan"),
        ({"after_bytes": -5}, "after_bytes is -5"),
        ({"status": 204, "body": {}}, "status 204 has no body"),
        ({"status": 304, "garbage": True}, "status 304 has no body"),
        ({"headers": {"Retry-After": "1\r\nSet-Cookie: a=b"}}, "cannot be sent as a header"),
        ({"headers": {"Retry After": "1"}}, "cannot be sent as a header"),
        ({"headers": {"X-Name": "\u4e2d"}}, "cannot be sent as a header"),
        ({"headers": {"Content-Length": "5"}}, "after_bytes cuts an answer"),
        ({"headers": {"transfer-encoding": "chunked"}}, "is the server's"),
        ({"body": {"at": object()}}, "cannot be written as JSON"),
    ],
)
def test_a_fault_that_makes_no_sense_is_refused(sandbox, fault, told):
    with pytest.raises(InvalidRequestError, match=re.escape(told)):
        sandbox.faults.add(**fault)
    assert sandbox.faults.unstruck == []


def test_a_fault_for_an_operation_that_does_not_exist_is_refused_with_the_nearest_name(sandbox):
    with pytest.raises(InvalidRequestError, match=r"no operation 'creat_routine'\. Did you mean \"create_routine\"\?"):
        sandbox.faults.add(operation="creat_routine", status=503)
    remote = RemoteSandbox(sandbox.control_url)
    with pytest.raises(InvalidRequestError, match='Did you mean "list_transfers"'):
        remote.faults.add(operation="listTransfers", status=503)
    with pytest.raises(InvalidRequestError, match=r'There is no quirk token_in_lists; .* Did you mean "token_in_list"'):
        remote.set_quirks(token_in_lists=True)


def test_a_fault_knows_until_when_it_has_not_struck(person, sandbox):
    remote = RemoteSandbox(sandbox.control_url)
    sandbox.faults.add(operation="get_user", status=503, skip=1, times=None)
    for expected in (1, 1, 0):
        assert [str(fault) for fault in remote.faults.unstruck] == [str(fault) for fault in sandbox.faults.unstruck]
        assert len(sandbox.faults.unstruck) == expected
        person.http.get("/v1/user")


def test_an_answer_without_a_body_gets_one_on_demand(person, sandbox):
    sandbox.set_quirks(deleted="no_content")
    sandbox.faults.add(operation="delete_account", body={"deleted": True})
    answer = person.http.delete(f"/v1/accounts/{person.accounts()[0]['id']}")
    assert (answer.status_code, answer.json()) == (200, {"deleted": True})


def test_what_was_received_is_remembered_without_credentials(person, sandbox):
    person.pay(name="Remember me")
    request = sandbox.requests[-1]
    assert (request.operation, request.method, request.path, request.status) == (
        "create_routine",
        "POST",
        "/v1/routines",
        201,
    )
    assert request.user_id == person.id
    assert request.json()["name"] == "Remember me"
    assert request.headers["authorization"] == "Bearer ***"
    assert person.tokens["access_token"] not in repr(sandbox.requests)
    assert sandbox.counts["create_routine"] == 1


def test_closing_does_not_wait_for_a_hanging_request(person, sandbox, caplog):
    fault = sandbox.faults.add(operation="get_user", delay=60)
    ended = threading.Event()

    def call():
        with pytest.raises(httpx.TransportError):
            person.http.get("/v1/user", timeout=50)
        ended.set()

    caller = threading.Thread(target=call)
    caller.start()
    while not fault.hits:
        time.sleep(0.001)
    start = time.monotonic()
    sandbox.close()
    assert time.monotonic() - start < 1.5
    assert ended.wait(5)
    caller.join()
    assert "Traceback" not in caplog.text
