"""What holds over HTTP/1.1 holds over HTTP/2: one payment, an honest outcome, in time, and of bounded size."""

from __future__ import annotations

import asyncio
import gzip
import json
import socket
import threading
import time
from collections.abc import Callable
from typing import Any

import h2.connection
import pytest

import astra
from astra.request_log.memory import MemoryRequestLog
from astra.tokens import TokenAnswer
from tests.engine import httpx
from tests.http.http2 import Http2Server, Reply, Work, frame, head_of, send
from tests.http.paying import FLAVOURS, MADE, PAYMENT, Flavour, pay
from tests.http.test_answers_of_payments import NO_PAYMENT

GRANT = TokenAnswer(access_token="at-1", expires_in=7200, refresh_token="rt-1")
LIMIT = 0.5


def reply(body: Any, status: int = 200, **headers: str) -> Reply:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return status, content, [(name.replace("_", "-"), value) for name, value in headers.items()]


def run(
    flavour: Flavour,
    server: Http2Server,
    act: Callable[[Any], Any] = pay,
    *,
    log: MemoryRequestLog | None = None,
    hook: Callable[[], None] | None = None,
    **settings: Any,
) -> Any:
    """Does something with a user of a client over HTTP/2."""
    options: dict[str, Any] = {"base_url": server.origin, "request_log": log or MemoryRequestLog(), **settings}
    if flavour == "blocking":
        hooks = {"response": [lambda _: hook()]} if hook else {}
        with (
            httpx.Client(http1=False, http2=True, event_hooks=hooks) as http,
            astra.Astra("id", "secret", http_client=http, **options) as client,
        ):
            client.tokens.store_answer("customer-42", GRANT, astra_user_id="u_1")
            return act(client.user("customer-42"))

    async def hooked(_: Any) -> None:
        if hook:
            hook()

    async def on_a_loop() -> Any:
        async with (
            httpx.AsyncClient(http1=False, http2=True, event_hooks={"response": [hooked]}) as http,
            astra.AsyncAstra("id", "secret", http_client=http, **options) as client,
        ):
            await client.tokens.store_answer("customer-42", GRANT, astra_user_id="u_1")
            return await act(client.user("customer-42"))

    return asyncio.run(on_a_loop())


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_a_payment_is_made(flavour: Flavour) -> None:
    log = MemoryRequestLog()
    with Http2Server(reply(MADE, 201)) as server:
        assert run(flavour, server, log=log).id == "rt_1"
    assert server.payments == 1
    assert [(record.status, record.error_name) for record in log.query()] == [(201, None)]


@pytest.mark.parametrize("body", NO_PAYMENT.values(), ids=NO_PAYMENT)
@pytest.mark.parametrize("flavour", FLAVOURS)
def test_a_success_that_is_not_this_payment_leaves_its_outcome_unknown(flavour: Flavour, body: Any) -> None:
    log = MemoryRequestLog()
    with Http2Server(reply(body)) as server, pytest.raises(astra.UncertainOutcomeError) as caught:
        run(flavour, server, log=log)
    assert server.payments == 1
    assert (caught.value.status_code, caught.value.request_id) == (200, "req_1")
    assert [record.error_name for record in log.query(failed=True)] == ["UncertainOutcomeError"]


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_an_uncertain_outcome_keeps_what_came_back(flavour: Flavour) -> None:
    log = MemoryRequestLog()
    came = reply({"description": "duplicate routine, see r7"}, 503, retry_after="5")
    with Http2Server(came) as server, pytest.raises(astra.UncertainOutcomeError) as caught:
        run(flavour, server, log=log)
    error = caught.value
    assert server.payments == 1
    assert (error.status_code, error.description, error.retry_after) == (503, "duplicate routine, see r7", 5.0)
    assert isinstance(error.__cause__, astra.ServiceUnavailableError)
    assert [record.error_name for record in log.query(failed=True)] == ["UncertainOutcomeError"]


TOKEN_ERROR = reply({"error": "invalid_token"}, 401)
NEW_TOKEN = reply({"access_token": "at-2", "expires_in": 7200, "refresh_token": "rt-2"})


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_a_payment_is_sent_again_once_and_for_the_error_of_a_token_alone(flavour: Flavour) -> None:
    with Http2Server(TOKEN_ERROR, NEW_TOKEN, reply(MADE)) as server:
        assert run(flavour, server, max_retries=0).id == "rt_1"
    assert server.payments == 2
    with Http2Server(TOKEN_ERROR, NEW_TOKEN, TOKEN_ERROR) as server, pytest.raises(astra.AuthenticationError):
        run(flavour, server)
    assert server.payments == 2
    with Http2Server(reply(b"<html>login</html>", 401)) as server, pytest.raises(astra.AuthenticationError):
        run(flavour, server)
    assert server.paths == ["POST /v1/routines"]


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_a_hook_that_raises_leaves_a_payment_uncertain(flavour: Flavour) -> None:
    def hook() -> None:
        raise RuntimeError("metrics are broken")

    with Http2Server(reply(MADE)) as server, pytest.raises(astra.UncertainOutcomeError, match="RuntimeError"):
        run(flavour, server, hook=hook)
    assert server.payments == 1


# -- time ----------------------------------------------------------------------------------------------------------


def forever(begin: Callable[[h2.connection.H2Connection, int], bytes], piece: Callable[[int], bytes]) -> Work:
    """An answer that goes on for ten times as long as the call may take."""

    def work(server: Http2Server, connection: socket.socket, peer: h2.connection.H2Connection, stream: int) -> None:
        connection.sendall(peer.data_to_send() + begin(peer, stream))
        ends = time.monotonic() + 10 * LIMIT
        while time.monotonic() < ends and not server.release.wait(0.05):
            connection.sendall(piece(stream))

    return work


def begun(peer: h2.connection.H2Connection, stream: int) -> bytes:
    head_of(peer, stream, 200, [])
    return peer.data_to_send()


HINT = bytes([0x08, 0x03]) + b"103"  # HPACK: ":status" by its index, without indexing
SLOW: dict[str, Work] = {
    "no head": forever(lambda *_: b"", lambda _: b""),
    "head in pieces": forever(lambda _, stream: frame(1, stream, b"\x88"), lambda stream: frame(9, stream)),
    "early hints": forever(lambda *_: b"", lambda stream: frame(1, stream, HINT, 4)),
    "pings": forever(lambda *_: b"", lambda _: frame(6, 0, bytes(8))),
    "body": forever(begun, lambda stream: frame(0, stream, b" ")),
    "empty pieces of a body": forever(begun, lambda stream: frame(0, stream)),
}


@pytest.mark.parametrize("case", SLOW)
def test_a_slow_answer_ends_a_payment_on_asyncio_in_time(case: str) -> None:
    log = MemoryRequestLog()
    with Http2Server(SLOW[case]) as server:
        started = time.monotonic()
        with pytest.raises(astra.UncertainOutcomeError):
            run("asyncio", server, log=log, timeout=LIMIT)
        assert time.monotonic() - started < LIMIT + 0.6
    assert server.payments == 1
    assert [record.error_name for record in log.query()] == ["UncertainOutcomeError"]


@pytest.mark.parametrize("case", ["no head", "body"])
def test_a_slow_answer_ends_a_blocking_payment_in_time(case: str) -> None:
    with Http2Server(SLOW[case]) as server:
        started = time.monotonic()
        with pytest.raises(astra.UncertainOutcomeError):
            run("blocking", server, timeout=LIMIT)
        assert time.monotonic() - started < LIMIT + 0.6
    assert server.payments == 1


# -- whoever gives up ----------------------------------------------------------------------------------------------


def late(server: Http2Server, connection: socket.socket, peer: h2.connection.H2Connection, stream: int) -> None:
    server.release.wait(20)
    send(connection, peer, stream, *reply(MADE))


class TellingLog(MemoryRequestLog):
    def __init__(self) -> None:
        super().__init__()
        self.told = threading.Event()

    def append(self, record: Any) -> None:
        super().append(record)
        self.told.set()


def test_a_cancelled_payment_goes_on_until_the_ledger_knows_its_outcome() -> None:
    log = TellingLog()

    async def act(user: Any) -> BaseException:
        task = asyncio.create_task(user.routines.create(**PAYMENT))
        await asyncio.to_thread(server.arrived.wait, 10)
        task.cancel()
        with pytest.raises(asyncio.CancelledError) as caught:
            await task
        assert log.query() == []
        server.release.set()
        await asyncio.to_thread(log.told.wait, 10)
        return caught.value

    with Http2Server(late) as server:
        error = run("asyncio", server, act, log=log)
    [record] = log.query()
    assert (record.status, record.error_name) == (200, None)
    assert record.call_id in "".join(error.__notes__)
    assert server.payments == 1


def test_closing_leaves_a_payment_under_way_uncertain() -> None:
    log = MemoryRequestLog()

    async def main() -> None:
        async with httpx.AsyncClient(http1=False, http2=True) as http:
            client = astra.AsyncAstra("id", "secret", base_url=server.origin, http_client=http, request_log=log)
            await client.tokens.store_answer("customer-42", GRANT, astra_user_id="u_1")
            task = asyncio.create_task(client.user("customer-42").routines.create(**PAYMENT, timeout=5))
            await asyncio.to_thread(server.arrived.wait, 10)
            await client.close()
            server.release.set()  # a given client is not ours to close; the server ends the exchange
            with pytest.raises(astra.UncertainOutcomeError):
                await asyncio.wait_for(task, 2)

    def hang_up(server: Http2Server, connection: socket.socket, *_: object) -> None:
        server.release.wait(20)
        connection.shutdown(socket.SHUT_RDWR)

    with Http2Server(hang_up) as server:
        asyncio.run(main())
    assert server.payments == 1
    assert [record.error_name for record in log.query()] == ["UncertainOutcomeError"]


# -- size ----------------------------------------------------------------------------------------------------------

MIB = 2**20


def announced(server: Http2Server, connection: socket.socket, peer: h2.connection.H2Connection, stream: int) -> None:
    head_of(peer, stream, 200, [("content-length", str(300 * MIB))])
    peer.send_data(stream, b" ")
    connection.sendall(peer.data_to_send())
    server.release.wait(20)


LARGE: dict[str, Reply | Work] = {
    "announced": announced,
    "not announced": reply(bytes(17 * MIB)),
    "gzip": reply(gzip.compress(bytes(64 * MIB)), content_encoding="gzip"),
}


@pytest.mark.sampled(2)
@pytest.mark.parametrize("case", LARGE)
@pytest.mark.parametrize("flavour", FLAVOURS)
def test_an_answer_that_is_too_large_is_an_error_of_its_own(flavour: Flavour, case: str) -> None:
    with Http2Server(LARGE[case]) as server:
        with pytest.raises(astra.ResponseTooLargeError):
            run(flavour, server, lambda user: user.transfers.get("tr_1"))
        with pytest.raises(astra.UncertainOutcomeError, match="max_response_size"):
            run(flavour, server)
    assert server.paths == ["GET /v1/transfers/tr_1", "POST /v1/routines"]
