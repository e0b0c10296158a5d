"""`timeout=` ends a call in time, however slowly the answer trickles in, and never throws away one that is complete."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

import astra
from tests.engine import httpx
from tests.http.paying import FLAVOURS, AnsweringServer, Flavour, pay, run
from tests.http.servers import OK, serving

LIMIT = 0.4
LATEST = LIMIT + 1.6
STEP = 0.1

CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nRequest-Id: req_1\r\n\r\n"


def forever(start: bytes, piece: bytes, *, step: float = STEP) -> Callable[[socket.socket, bytes], None]:
    """An answer that goes on for ten times as long as the call may take."""

    def trickle(connection: socket.socket, _: bytes) -> None:
        connection.sendall(start)
        ends = time.monotonic() + 10 * LIMIT
        while time.monotonic() < ends:
            connection.sendall(piece)
            time.sleep(step)

    return trickle


SLOW = {
    "no head": forever(b"", b""),
    "head line by line": forever(b"HTTP/1.1 200 OK\r\n", b"X-More: 1\r\n"),
    "head in a flood": forever(b"HTTP/1.1 200 OK\r\n", b"X", step=0.001),
    "early hints": forever(b"", b"HTTP/1.1 103 Early Hints\r\n\r\n"),
    "early hints in a flood": forever(b"", b"HTTP/1.1 103 Early Hints\r\n\r\n", step=0.0),
    "chunk extension": forever(CHUNKED + b"1;x=", b"y"),
    "body": forever(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n", b" "),
    "chunks": forever(CHUNKED, b"1\r\n \r\n"),
    "trailers": forever(CHUNKED + b"2\r\n{}\r\n0\r\n", b"X-More: 1\r\n"),
}


@pytest.mark.outage
@pytest.mark.parametrize("case", SLOW)
def test_a_blocking_call_ends_in_time(case: str) -> None:
    with (
        serving(SLOW[case]) as server,
        astra.Astra("id", "secret", base_url=server.origin, timeout=LIMIT) as client,
        pytest.raises(astra.APITimeoutError) as caught,
    ):
        started = time.monotonic()
        client.bins.get("400022")
    assert LIMIT * 0.9 < time.monotonic() - started < LATEST
    assert caught.value.sent is True or not server.requests  # on a busy machine time is up before a byte is sent


@pytest.mark.outage
@pytest.mark.parametrize("case", SLOW)
async def test_an_async_call_ends_in_time(case: str) -> None:
    with serving(SLOW[case]) as server:
        async with astra.AsyncAstra("id", "secret", base_url=server.origin, timeout=LIMIT) as client:
            started = time.monotonic()
            with pytest.raises(astra.APITimeoutError) as caught:
                await client.bins.get("400022")
            assert LIMIT * 0.9 < time.monotonic() - started < LATEST
    assert caught.value.sent is True or not server.requests


@pytest.mark.outage
@pytest.mark.parametrize("case", SLOW)
async def test_a_call_over_a_given_async_client_ends_in_time(case: str) -> None:
    with serving(SLOW[case]) as server:
        async with (
            httpx.AsyncClient() as http,
            astra.AsyncAstra("id", "secret", base_url=server.origin, timeout=LIMIT, http_client=http) as client,
        ):
            started = time.monotonic()
            with pytest.raises(astra.APITimeoutError):
                await client.bins.get("400022")
            assert LIMIT * 0.9 < time.monotonic() - started < LATEST


@pytest.mark.parametrize("case", ["no head", "body", "chunks"])
def test_a_call_over_a_given_blocking_client_ends_in_time_while_a_body_comes(case: str) -> None:
    with (
        serving(SLOW[case]) as server,
        httpx.Client() as http,
        astra.Astra("id", "secret", base_url=server.origin, timeout=LIMIT, http_client=http) as client,
        pytest.raises(astra.APITimeoutError),
    ):
        started = time.monotonic()
        client.bins.get("400022")
    assert time.monotonic() - started < LATEST


class Slow(AnsweringServer):
    """Takes payments, and answers each as one of the cases does."""

    def __init__(self, case: str) -> None:
        self._case = SLOW[case]
        super().__init__(b"")

    def _answer(self, connection: socket.socket, request: bytes) -> None:
        self._case(connection, request)


@pytest.mark.outage
@pytest.mark.parametrize("flavour", FLAVOURS)
def test_with_a_timeout_of_2_seconds_a_payment_is_uncertain_within_2_and_a_half(flavour: Flavour) -> None:
    found: dict[str, float] = {}

    def attempt(case: str) -> None:
        def blocking(user: Any) -> None:
            started = time.monotonic()
            with pytest.raises(astra.UncertainOutcomeError):
                pay(user)
            found[case] = time.monotonic() - started

        async def on_a_loop(user: Any) -> None:
            started = time.monotonic()
            with pytest.raises(astra.UncertainOutcomeError):
                await pay(user)
            found[case] = time.monotonic() - started

        with Slow(case) as server:
            run(flavour, server, blocking if flavour == "blocking" else on_a_loop, timeout=2)
            assert server.posts() == 1

    # The calls that trickle as fast as they can would make the others late on a machine with two cores.
    cases = [case for case in SLOW if "flood" not in case]
    with ThreadPoolExecutor(len(cases)) as pool:
        list(pool.map(attempt, cases))
    assert sorted(found) == sorted(cases)
    assert {case: seconds for case, seconds in found.items() if not 1.8 < seconds < 2.5} == {}


def test_a_handshake_that_trickles_ends_in_time() -> None:
    def hang(connection: socket.socket, _: bytes) -> None:
        """The client's hello is no request, so this is never called."""

    with serving(hang) as server:
        origin = server.origin.replace("http://127.0.0.1", "https://localhost")
        with (
            astra.Astra("id", "secret", base_url=origin, timeout=LIMIT) as client,
            pytest.raises(astra.APITimeoutError) as caught,
        ):
            started = time.monotonic()
            client.bins.get("400022")
        assert time.monotonic() - started < LATEST
    assert caught.value.sent is False


def late(connection: socket.socket, _: bytes) -> None:
    """An answer in three pieces, each in time for one read, the last one too late for the call."""
    connection.sendall(OK[:-10])
    time.sleep(LIMIT * 0.6)
    connection.sendall(OK[-10:-3])
    time.sleep(LIMIT * 0.6)
    connection.sendall(OK[-3:])


def test_an_answer_that_is_complete_counts_although_its_last_piece_came_late() -> None:
    with (
        serving(late) as server,
        httpx.Client() as http,
        astra.Astra("id", "secret", base_url=server.origin, timeout=LIMIT, max_retries=0, http_client=http) as client,
    ):
        assert client.bins.get("400022").request_id == "req_1"


def test_an_answer_that_is_there_counts_although_the_process_slept_through_the_deadline() -> None:
    from astra.http._sync.transport import Transport
    from astra.http.responses import Headers, TransportResponse

    def at_once(connection: socket.socket, _: bytes) -> None:
        connection.sendall(OK)

    with serving(at_once) as server:
        transport = Transport()
        for deadline in (time.monotonic() + 5, time.monotonic() - 0.01):
            outcome = transport.send(
                "GET", server.origin, "/", headers=Headers(), content=None, connect=5, read=5, deadline=deadline
            )
            assert isinstance(outcome, TransportResponse), outcome
        transport.close()
