"""What may have been sent is never called unsent: HTTP/2, hooks and adapters that raise, `close()` under way."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

import astra
from astra.tokens import TokenAnswer
from tests.engine import httpx
from tests.http.http2 import Http2Server, Work, frame
from tests.http.servers import answer, serving

GRANT = TokenAnswer(access_token="access", expires_in=7200, refresh_token="refresh")
PAYMENT: dict[str, Any] = {
    "type": "one-time",
    "name": "Top-up",
    "payment_type": "ach",
    "source_id": "acc_1",
    "destination_id": "acc_2",
    "amount": Decimal("20.00"),
    "client_correlation_id": "INV00042",
}


def pay(client: astra.Astra, **options: Any) -> Any:
    client.tokens.store_answer("payer", GRANT, astra_user_id="usr_1")
    return client.user("payer").routines.create(**PAYMENT, **options)


async def pay_async(client: astra.AsyncAstra, **options: Any) -> Any:
    await client.tokens.store_answer("payer", GRANT, astra_user_id="usr_1")
    return await client.user("payer").routines.create(**PAYMENT, **options)


# -- HTTP/2 --------------------------------------------------------------------------------------------------------


def breaks(reply: Callable[[int], bytes]) -> Work:
    """Answers with bytes that break the protocol, and hangs up."""

    def work(_: Http2Server, connection: socket.socket, __: object, stream: int) -> None:
        connection.sendall(reply(stream))
        connection.close()

    return work


BROKEN: dict[str, Callable[[int], bytes]] = {
    "data before headers": lambda stream: frame(0, stream, b"{}"),
    "bad hpack": lambda stream: frame(1, stream, b"\xff\xff\xff\xff\xff\xff", 4),
    "window update of 0": lambda _: frame(8, 0, bytes(4)),
    "goaway": lambda _: frame(7, 0, (2**31 - 1).to_bytes(4, "big") + bytes(4)),
    "goaway of nothing": lambda _: frame(7, 0, bytes(8)),
    "reset": lambda stream: frame(3, stream, (2).to_bytes(4, "big")),
    "refused": lambda stream: frame(3, stream, (7).to_bytes(4, "big")),
    "end": lambda _: b"",
}


@pytest.mark.parametrize("case", BROKEN)
def test_a_payment_over_http2_is_sent_once_however_the_answer_breaks_the_protocol(case: str) -> None:
    with Http2Server(breaks(BROKEN[case])) as server, httpx.Client(http1=False, http2=True) as http:
        client = astra.Astra("id", "secret", base_url=server.origin, http_client=http, timeout=5)
        with client, pytest.raises(astra.UncertainOutcomeError):
            pay(client)
    assert server.paths == ["POST /v1/routines"]


@pytest.mark.parametrize("case", BROKEN)
async def test_an_async_payment_over_http2_is_sent_once(case: str) -> None:
    server = Http2Server(breaks(BROKEN[case]))
    async with (
        httpx.AsyncClient(http1=False, http2=True) as http,
        astra.AsyncAstra("id", "secret", base_url=server.origin, http_client=http, timeout=5) as client,
    ):
        with pytest.raises(astra.UncertainOutcomeError):
            await pay_async(client)
    server.close()
    assert server.paths == ["POST /v1/routines"]


# -- what users hook in --------------------------------------------------------------------------------------------


def status(code: int, body: bytes) -> Callable[[socket.socket, bytes], None]:
    def handler(connection: socket.socket, _: bytes) -> None:
        head = b"HTTP/1.1 %d X\r\nRequest-Id: req_1\r\nContent-Length: %d\r\n\r\n" % (code, len(body))
        connection.sendall(head + body)

    return handler


def test_a_hook_that_raises_for_a_status_leaves_a_payment_uncertain_with_its_status() -> None:
    def check(response: Any) -> None:
        response.raise_for_status()

    with (
        serving(status(500, b"{}")) as server,
        httpx.Client(event_hooks={"response": [check]}) as http,
        astra.Astra("id", "secret", base_url=server.origin, http_client=http) as client,
        pytest.raises(astra.UncertainOutcomeError) as caught,
    ):
        pay(client)
    assert (caught.value.status_code, caught.value.request_id) == (500, "req_1")
    assert len(server.requests) == 1


@pytest.mark.parametrize("reads", [True, False])
def test_a_hook_that_raises_for_a_status_changes_no_error(reads: bool) -> None:
    def check(response: Any) -> None:
        if reads:
            response.read()
        response.raise_for_status()

    with (
        serving(status(404, b'{"description": "no such bin"}')) as server,
        httpx.Client(event_hooks={"response": [check]}) as http,
        astra.Astra("id", "secret", base_url=server.origin, http_client=http) as client,
        pytest.raises(astra.NotFoundError) as caught,
    ):
        client.bins.get("400022")
    assert caught.value.request_id == "req_1"
    assert caught.value.description == ("no such bin" if reads else None)


async def test_a_hook_that_raises_for_a_status_does_not_stop_the_renewal_of_a_token() -> None:
    async def check(response: Any) -> None:
        response.raise_for_status()

    def server_of_tokens(connection: socket.socket, request: bytes) -> None:
        if b"/oauth/token" in request:
            status(200, b'{"access_token": "new", "expires_in": 7200, "refresh_token": "r2"}')(connection, request)
        elif b"Bearer new" in request:
            status(200, b'{"id": "usr_1"}')(connection, request)
        else:
            status(401, b'{"error": "invalid_token"}')(connection, request)

    with serving(server_of_tokens) as server:
        async with (
            httpx.AsyncClient(event_hooks={"response": [check]}) as http,
            astra.AsyncAstra("id", "secret", base_url=server.origin, http_client=http) as client,
        ):
            await client.tokens.store_answer("payer", GRANT, astra_user_id="usr_1")
            assert (await client.user("payer").profile.get()).id == "usr_1"


@pytest.mark.parametrize("error", [RuntimeError("metrics are broken"), OSError("disk full"), KeyError("x")])
def test_an_exception_of_a_hook_after_the_answer_leaves_a_payment_uncertain(error: Exception) -> None:
    def hook(_: Any) -> None:
        raise error

    with (
        serving(answer) as server,
        httpx.Client(event_hooks={"response": [hook]}) as http,
        astra.Astra("id", "secret", base_url=server.origin, http_client=http) as client,
        pytest.raises(astra.UncertainOutcomeError, match=type(error).__name__),
    ):
        pay(client)
    assert len(server.requests) == 1


async def test_an_exception_of_an_adapter_leaves_a_payment_uncertain() -> None:
    sent: list[Any] = []

    class Adapter(httpx.AsyncBaseTransport):
        async def handle_async_request(self, request: Any) -> Any:
            sent.append(request)
            raise OSError("the tunnel broke")

    async with astra.AsyncAstra("id", "secret", http_client=Adapter()) as client:
        with pytest.raises(astra.UncertainOutcomeError, match="the tunnel broke"):
            await pay_async(client)
    assert len(sent) == 1


# -- close() while a call is under way -----------------------------------------------------------------------------


def never(_: socket.socket, __: bytes) -> None:
    """Takes the request and says nothing."""


@pytest.mark.parametrize("given", [False, True])
def test_closing_in_another_thread_leaves_a_payment_under_way_uncertain(given: bool) -> None:
    with serving(never) as server, httpx.Client() as http:
        client = astra.Astra(
            "id", "secret", base_url=server.origin, timeout=3, **({"http_client": http} if given else {})
        )

        def close() -> None:
            server.arrived.wait(10)
            client.close()
            if given:
                server.close()  # a given client is not ours to close; the server ends the exchange

        closing = threading.Thread(target=close)
        closing.start()
        started = time.monotonic()
        with pytest.raises(astra.UncertainOutcomeError):
            pay(client)
        assert time.monotonic() - started < 2
        closing.join()
        with pytest.raises(astra.ClientClosedError):
            client.bins.get("400022")
    assert len(server.requests) == 1


async def test_closing_in_another_task_leaves_a_payment_under_way_uncertain() -> None:
    with serving(never) as server:
        client = astra.AsyncAstra("id", "secret", base_url=server.origin, timeout=30)
        paying = asyncio.create_task(pay_async(client))
        await asyncio.to_thread(server.arrived.wait, 10)
        await client.close()
        with pytest.raises(astra.UncertainOutcomeError):
            await asyncio.wait_for(paying, 2)
    assert len(server.requests) == 1


async def test_closing_ends_calls_on_other_loops() -> None:
    found: list[BaseException] = []
    with serving(never) as server:
        client = astra.AsyncAstra("id", "secret", base_url=server.origin, timeout=30)

        async def call() -> None:
            try:
                await pay_async(client)
            except BaseException as error:
                found.append(error)

        thread = threading.Thread(target=lambda: asyncio.run(call()))
        thread.start()
        await asyncio.to_thread(server.arrived.wait, 10)
        await client.close()
        await asyncio.to_thread(thread.join, 3)
        assert not thread.is_alive()
    assert [type(error) for error in found] == [astra.UncertainOutcomeError]
    assert len(server.requests) == 1
