"""What cannot be sent is refused before it is, without showing it; what a caller sets replaces what the SDK sends."""

from __future__ import annotations

import logging
from typing import Any

import pytest

import astra
from astra.request_log.memory import MemoryRequestLog
from tests.http.paying import FLAVOURS, MADE, PAYMENT, Act, AnsweringServer, Flavour, answer, pay, read, run

pytestmark = pytest.mark.parametrize("flavour", FLAVOURS)
SECRET = "SECRETTOKEN"


@pytest.mark.parametrize(
    "headers",
    [
        {"X-A": f"{SECRET}\r\n"},
        {"X-A": f"{SECRET}\0"},
        {"X-A": f"{SECRET}€"},
        {f"X-{SECRET}\r\nB": "a"},
        {"X-A": SECRET.encode()},
        {"X-A": 7},
        {b"X-A": SECRET},
        [("X-A", SECRET)],
    ],
    ids=ascii,
)
def test_extra_headers_that_cannot_be_sent_are_refused_at_once(
    flavour: Flavour, headers: Any, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    log = MemoryRequestLog()
    with AnsweringServer(answer(MADE)) as server, pytest.raises(astra.InvalidRequestError) as caught:
        run(flavour, server, lambda user: user.routines.create(**PAYMENT, extra_headers=headers), log=log)
    assert (server.requests, log.query()) == ([], [])
    assert caught.value.argument == "extra_headers"
    assert SECRET not in str(caught.value) + caplog.text


@pytest.mark.parametrize("token", [f"tok\n{SECRET}", f"{SECRET}\n", f"{SECRET}€"], ids=ascii)
def test_an_access_token_that_cannot_be_sent_is_an_error_that_names_the_user_and_hides_the_token(
    flavour: Flavour, token: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    log = MemoryRequestLog()
    with AnsweringServer(answer(MADE)) as server, pytest.raises(astra.TokenUnavailableError) as caught:
        run(flavour, server, token=token, log=log)
    assert (server.requests, log.query()) == ([], [])
    assert caught.value.user_key == "customer-42"
    assert "customer-42" in str(caught.value)
    assert "tokens.refresh()" in str(caught.value)
    assert SECRET not in repr(caught.value) + caplog.text


def test_a_token_endpoint_that_hands_out_such_a_token_is_not_believed(flavour: Flavour) -> None:
    refused = answer({"error": "invalid_token"}, status=401)
    unsendable = answer({"access_token": f"tok\n{SECRET}", "refresh_token": "rt-2", "expires_in": 7200})
    log = MemoryRequestLog()
    with AnsweringServer(refused, unsendable) as server, pytest.raises(astra.AstraError) as caught:
        run(flavour, server, log=log)
    assert server.posts() == 1
    assert SECRET not in str(caught.value)
    assert "ResponseDecodeError" in [record.error_name for record in log.query(operation="exchange_token")]


@pytest.mark.parametrize("name", ["User-Agent", "user-agent", "Accept", "ACCEPT-ENCODING", "content-type"])
def test_an_extra_header_replaces_the_one_of_the_same_name(flavour: Flavour, name: str) -> None:
    with AnsweringServer(answer(MADE)) as server:
        run(flavour, server, lambda user: user.routines.create(**PAYMENT, extra_headers={name: "application/x-mine"}))
    lines = server.requests[0].partition(b"\r\n\r\n")[0].decode().lower().split("\r\n")
    assert [line for line in lines if line.startswith(f"{name.lower()}:")] == [f"{name.lower()}: application/x-mine"]


@pytest.mark.parametrize("act", [pay, read])
def test_headers_of_one_call_are_not_those_of_the_next(flavour: Flavour, act: Act) -> None:
    extra = {"X-Trace": "t1", "User-Agent": "mine"}
    with AnsweringServer(answer(MADE)) as server:
        run(flavour, server, act)
        run(flavour, server, lambda user: user.routines.create(**PAYMENT, extra_headers=extra))
        run(flavour, server, lambda user: user.transfers.get("tr_1", extra_headers=extra))
        run(flavour, server, act)
    before, *_, after = [request.partition(b"\r\n\r\n")[0] for request in server.requests]
    assert before == after
    assert [b"X-Trace: t1" in request for request in server.requests] == [False, True, True, False]
    assert [b"User-Agent: mine" in request for request in server.requests] == [False, True, True, False]


HOSTILE = {
    "a long one": "r" * 60_000,
    "an escape sequence": "req\x1b[2J",
    "beyond ASCII": "req\xe9\xff",
}


@pytest.mark.parametrize("request_id", HOSTILE.values(), ids=HOSTILE)
def test_a_request_id_is_bounded_and_printable_wherever_it_appears(
    flavour: Flavour, request_id: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, logger="astra")
    log = MemoryRequestLog()
    headers = f"Request-Id: {request_id}\r\n"
    with AnsweringServer(answer(MADE, headers=headers), answer(status=404, headers=headers)) as server:
        routine = run(flavour, server, log=log)
        with pytest.raises(astra.NotFoundError) as caught:
            run(flavour, server, lambda user: user.transfers.get("tr_1"), log=log)
    ids = [routine.request_id, *caught.value.request_ids, *(record.request_id for record in log.query())]
    assert len(ids) == 4
    for found in ids:
        assert found[:3] == request_id[:3]
        assert len(found) <= 255
        assert found.isascii()
        assert found.isprintable()
    assert len(str(caught.value)) < 1000
    assert max(map(len, caught.value.headers.values())) <= 2000
    assert "\x1b" not in caplog.text


def test_a_plain_request_id_is_kept_as_it_came(flavour: Flavour) -> None:
    with AnsweringServer(answer(MADE, headers="Request-Id: 8d0f-6ac1 :/+\r\n")) as server:
        assert run(flavour, server).request_id == "8d0f-6ac1 :/+"


@pytest.mark.parametrize("act", [pay, read])
def test_a_call_whose_time_is_up_before_it_was_sent_is_not_sent(flavour: Flavour, act: Act) -> None:
    """As when the token took all of the time: nobody could hear the answer of a payment any more."""
    log = MemoryRequestLog()
    with AnsweringServer(answer(MADE)) as server, pytest.raises(astra.APITimeoutError) as caught:
        run(flavour, server, act, log=log, timeout=1e-9)
    assert server.requests == []
    assert caught.value.sent is False
    assert [record.error_name for record in log.query()] == ["APITimeoutError"]
