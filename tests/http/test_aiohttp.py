"""The aiohttp transport as `http_client`: same answers, same errors, and no payment twice."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from decimal import Decimal

import httpx
import pytest
from httpx_aiohttp import AiohttpTransport

import astra
from astra.http._async.transport import AsyncTransport
from astra.http.responses import AttemptOutcome, Headers, TransportFailure
from astra.tokens import TokenAnswer

Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def serving(handler: Handler) -> AsyncIterator[str]:
    """A server that answers each connection by `handler`; gives its origin."""
    server = await asyncio.start_server(handler, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"


@asynccontextmanager
async def senders(kind: str) -> AsyncIterator[httpx.AsyncClient | httpx.AsyncBaseTransport]:
    """The transport, by itself or in a client."""
    async with AiohttpTransport() as transport:
        if kind == "transport":
            yield transport
        else:
            async with httpx.AsyncClient(transport=transport) as client:
                yield client


async def post(origin: str, kind: str) -> AttemptOutcome:
    async with senders(kind) as sender:
        return await AsyncTransport(http_client=sender).send(
            "POST", origin, "/v1/routines", headers=Headers(), content=b"{}", connect=5, read=5, deadline=1e18
        )


@pytest.mark.parametrize("kind", ["transport", "client"])
@pytest.mark.parametrize("answer", [b"", b"HTTP/1.1 200 OK\r\nContent-", b"not HTTP at all\r\n\r\n"])
async def test_a_connection_that_is_lost_after_the_request_may_have_done_its_work(kind: str, answer: bytes) -> None:
    received: list[bytes] = []

    async def lose(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        received.append(await reader.readuntil(b"\r\n\r\n{}"))
        writer.write(answer)
        await writer.drain()
        writer.close()

    async with serving(lose) as origin:
        outcome = await post(origin, kind)
    assert isinstance(outcome, TransportFailure)
    assert outcome.sent is True
    assert len(received) == 1


@pytest.mark.parametrize("kind", ["transport", "client"])
async def test_a_connection_that_was_never_made_is_known_not_to_have_sent(kind: str) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        outcome = await post(f"http://127.0.0.1:{free.getsockname()[1]}", kind)
    assert isinstance(outcome, TransportFailure)
    assert outcome.sent is False


@pytest.mark.parametrize("kind", ["transport", "client"])
async def test_a_body_that_breaks_off_keeps_the_status_and_the_request_id(kind: str) -> None:
    async def break_off(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n{}")
        writer.write(b'HTTP/1.1 200 OK\r\nRequest-Id: req_1\r\nContent-Length: 100\r\n\r\n{"id"')
        await writer.drain()
        writer.close()

    async with serving(break_off) as origin:
        outcome = await post(origin, kind)
    assert isinstance(outcome, TransportFailure)
    assert (outcome.sent, outcome.status, outcome.headers["request-id"]) == (True, 200, "req_1")


async def test_a_client_with_the_fast_transport_reads_what_it_always_reads() -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        body = b'{"bin": "400022"}'
        writer.write(b"HTTP/1.1 200 OK\r\nRequest-Id: req_7\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body))
        await writer.drain()
        writer.close()

    async with (
        serving(answer) as origin,
        AiohttpTransport() as transport,
        astra.AsyncAstra("id", "secret", base_url=origin, http_client=transport) as client,
    ):
        found = await client.bins.get("400022")
    assert found.request_id == "req_7"
    assert found["bin"] == "400022"


async def test_a_payment_whose_answer_is_lost_is_uncertain_and_is_not_sent_again() -> None:
    received: list[bytes] = []

    async def lose(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        received.append(await reader.readuntil(b"}"))
        writer.close()

    tokens = TokenAnswer(access_token="access", expires_in=7200, refresh_token="refresh")
    async with (
        serving(lose) as origin,
        AiohttpTransport() as transport,
        astra.AsyncAstra("id", "secret", base_url=origin, http_client=transport, max_retries=2) as client,
    ):
        await client.tokens.store_answer("payer", tokens, astra_user_id="usr_1")
        with pytest.raises(astra.UncertainOutcomeError):
            await client.user("payer").routines.create(
                type="one-time",
                name="Top-up",
                payment_type="ach",
                source_id="acc_1",
                destination_id="acc_2",
                amount=Decimal("20.00"),
                client_correlation_id="INV00042",
            )
    assert len(received) == 1
    assert b"INV00042" in received[0]
