"""The real transport on loopback: event loops, proxies, pools, plain addresses."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Iterator

import pytest

import astra
from astra.sandbox import Sandbox


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as started:
        yield started


def test_one_async_client_lives_through_several_event_loops(sandbox: Sandbox) -> None:
    client = astra.AsyncAstra(sandbox.client_id, sandbox.client_secret, base_url=sandbox.url)

    async def call() -> str | None:
        found = await asyncio.gather(*(client.bins.get("400022") for _ in range(5)))
        return found[0].request_id

    ids = {asyncio.run(call()) for _ in range(3)}
    assert len(ids) == 3
    asyncio.run(client.close())


def test_loops_in_several_threads_share_one_client(sandbox: Sandbox) -> None:
    client = astra.AsyncAstra(sandbox.client_id, sandbox.client_secret, base_url=sandbox.url)
    ids: list[str | None] = []
    barrier = threading.Barrier(4)

    async def call() -> None:
        ids.append((await client.bins.get("400022")).request_id)

    def work() -> None:
        barrier.wait()
        asyncio.run(call())

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(ids)) == 4
    asyncio.run(client.close())


def test_a_sync_client_serves_many_threads(sandbox: Sandbox) -> None:
    with astra.Astra(sandbox.client_id, sandbox.client_secret, base_url=sandbox.url) as client:
        ids: list[str | None] = []
        threads = [threading.Thread(target=lambda: ids.append(client.bins.get("400022").request_id)) for _ in range(16)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert len(set(ids)) == 16


def test_nobody_listening_is_a_connection_error_that_never_left() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with (
        astra.Astra("id", "secret", base_url=f"http://127.0.0.1:{port}", max_retries=0) as client,
        pytest.raises(astra.APIConnectionError) as caught,
    ):
        client.bins.get("400022")
    assert caught.value.sent is False
    assert caught.value.call_id in str(caught.value)
    assert caught.value.request_id is None


def test_a_server_that_never_answers_is_a_timeout_within_the_deadline() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        with (
            astra.Astra("id", "secret", base_url=f"http://127.0.0.1:{port}", timeout=0.2) as client,
            pytest.raises(astra.APITimeoutError) as caught,
        ):
            client.bins.get("400022")
    assert caught.value.sent is True


def test_a_proxy_of_the_environment_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as proxy:
        proxy.settimeout(10)

        def serve() -> None:
            connection, _ = proxy.accept()
            with connection:
                seen.append(connection.recv(1000))
                connection.sendall(b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n")

        thread = threading.Thread(target=serve)
        thread.start()
        for name in ("HTTPS_PROXY", "https_proxy"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.getsockname()[1]}")
        for name in ("NO_PROXY", "no_proxy"):
            monkeypatch.delenv(name, raising=False)
        with astra.Astra("id", "secret", max_retries=0) as client, pytest.raises(astra.APIConnectionError) as caught:
            client.bins.get("400022")
        thread.join()
    assert seen[0].startswith(b"CONNECT api-sandbox.astra.finance:443")
    assert caught.value.sent is False
