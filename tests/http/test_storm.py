"""Cancelled calls cost nothing: no connection is lost, none left open, no task left behind. With either library."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import random
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest

import astra
from astra.http._async import senders

CALLS, FEW = 10_000, 2_000
IN_FLIGHT = 50
CONNECTIONS = 20
LIBRARIES = ("httpx", "httpx2")

BODY = b'{"bin": "400022"}'
OK = b"HTTP/1.1 200 OK\r\nRequest-Id: req_1\r\nContent-Length: %d\r\n\r\n%s" % (len(BODY), BODY)


def serve(port: Any, connections: Any) -> None:
    """Answers each request after up to five milliseconds, in pieces, and counts the open connections."""
    chance = random.Random(1)

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with connections.get_lock():
            connections.value += 1
        try:
            while True:
                await reader.readuntil(b"\r\n\r\n")
                await asyncio.sleep(chance.random() * 0.005)
                writer.write(OK[:30])
                await asyncio.sleep(chance.random() * 0.002)
                writer.write(OK[30:])
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            with connections.get_lock():
                connections.value -= 1
            writer.close()

    async def main() -> None:
        server = await asyncio.start_server(handle, "127.0.0.1", 0, backlog=1000)
        port.send(server.sockets[0].getsockname()[1])
        await server.serve_forever()

    asyncio.run(main())


@pytest.fixture
def server() -> Iterator[tuple[str, Any]]:
    context = multiprocessing.get_context("spawn")
    receiver, sender = context.Pipe(duplex=False)
    connections = context.Value("i", 0)
    process = context.Process(target=serve, args=(sender, connections), daemon=True)
    process.start()
    yield f"http://127.0.0.1:{receiver.recv()}", connections
    process.terminate()
    process.join()


def descriptors() -> int:
    return len(os.listdir("/proc/self/fd" if os.path.isdir("/proc/self/fd") else "/dev/fd"))


async def storm(client: astra.AsyncAstra, *, calls: int, seed: int) -> dict[str, int]:
    """Makes calls and cancels about half of them at a moment that nobody chose."""
    chance = random.Random(seed)
    ends = {"answered": 0, "cancelled": 0, "failed": 0}
    left = iter(range(calls))

    async def worker() -> None:
        for _ in left:
            call = asyncio.ensure_future(client.bins.get("400022"))
            if chance.random() < 0.5:
                # By time, or after a few turns of the loop: some moments are too short to be met by time.
                if chance.random() < 0.5:
                    await asyncio.sleep(chance.random() * 0.012)
                else:
                    for _ in range(chance.randrange(40)):
                        await asyncio.sleep(0)
                call.cancel()
            try:
                await call
                ends["answered"] += 1
            except asyncio.CancelledError:
                ends["cancelled"] += 1
            except astra.AstraError:
                ends["failed"] += 1

    await asyncio.gather(*(worker() for _ in range(IN_FLIGHT)))
    return ends


def busy_connections(client: astra.AsyncAstra) -> int:
    """How many connections of the pool are not idle; without calls under way those are lost for good."""
    [loop_local] = client._pipeline._transport._by_process.values()
    [sender] = loop_local._by_loop.values()
    [transport] = sender._by_proxy.values()
    return sum(not connection.is_idle() for connection in transport._pool.connections)


async def until(condition: Any) -> bool:
    """Lets the loop run until something holds, at most five seconds."""
    with suppress(TimeoutError):
        async with asyncio.timeout(5):
            while not condition():  # noqa: ASYNC110
                await asyncio.sleep(0.01)
    return bool(condition())


@pytest.mark.stress
@pytest.mark.parametrize(
    ("library", "calls"),
    [("httpx2", FEW), *(pytest.param(library, CALLS, marks=pytest.mark.long) for library in LIBRARIES)],
)
async def test_a_storm_of_cancelled_calls_leaves_nothing_behind(
    library: str, calls: int, server: tuple[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ASTRA_HTTP", library)
    monkeypatch.setattr(senders, "CONNECTIONS", CONNECTIONS)  # a small pool shows each that is lost
    origin, connections = server
    before = descriptors(), len(asyncio.all_tasks())
    async with astra.AsyncAstra("id", "secret", base_url=origin, max_retries=0) as client:
        ends = await storm(client, calls=calls, seed=7)
        assert ends["cancelled"] > calls / 8, ends
        assert ends["failed"] == 0, ends
        assert await until(lambda: len(asyncio.all_tasks()) == before[1])
        assert busy_connections(client) == 0
        found = await asyncio.gather(*(client.bins.get("400022") for _ in range(2 * CONNECTIONS)))
        assert {one.request_id for one in found} == {"req_1"}
        assert descriptors() <= before[0] + CONNECTIONS + 5
        assert await until(lambda: connections.value <= CONNECTIONS)
    assert await until(lambda: (descriptors(), len(asyncio.all_tasks())) <= before)
    assert await until(lambda: connections.value == 0)
