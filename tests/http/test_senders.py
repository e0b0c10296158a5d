"""What may be handed in as `http_client`, what of it counts, and what our own connections do without being told."""

from __future__ import annotations

import asyncio
import logging
import socket
import subprocess
import sys
import threading
import types
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import trio

import astra
from astra.config import http_library
from astra.http._async.senders import AsyncOwnSender
from astra.http._sync.senders import OwnSender
from astra.http.library import Library
from tests.engine import httpx
from tests.http.servers import answer, serving

BOTH = [Library("httpx").module, Library("httpx2").module]
PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY")


@pytest.fixture(autouse=True)
def no_proxy_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in PROXIES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


# -- which library -------------------------------------------------------------------------------------------------


def test_httpx2_is_used_where_it_is_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ASTRA_HTTP", raising=False)
    assert http_library() == "httpx2"
    monkeypatch.setitem(sys.modules, "httpx2", None)
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None if name == "httpx2" else types)
    assert http_library() == "httpx"


@pytest.mark.parametrize("kind", [astra.Astra, astra.AsyncAstra])
@pytest.mark.parametrize("named", ["requests", "httpx3", "HTTPX"])
def test_a_library_that_nobody_knows_is_refused(named: str, kind: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASTRA_HTTP", named)
    with pytest.raises(astra.ConfigurationError, match="ASTRA_HTTP must be httpx or httpx2"):
        kind("id", "secret")


def test_a_library_that_is_not_installed_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASTRA_HTTP", "httpx2")
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    with pytest.raises(astra.ConfigurationError, match="pip install httpx2"):
        astra.Astra("id", "secret")


def test_no_library_is_loaded_before_the_first_call() -> None:
    program = (
        "import sys, asyncio, astra\n"
        "astra.Astra('id', 'secret').close(); asyncio.run(astra.AsyncAstra('id', 'secret').close())\n"
        "print([name for name in sys.modules if name.startswith(('httpx', 'httpcore', 'h11'))])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


@pytest.mark.parametrize("module", BOTH)
@pytest.mark.parametrize("kind", ["client", "transport", "subclass"])
def test_clients_and_transports_of_both_libraries_send(module: Any, kind: str) -> None:
    class Mine(module.Client):
        pass

    make = {"client": module.Client, "transport": module.HTTPTransport, "subclass": Mine}[kind]
    with (
        serving(answer) as server,
        make() as http,
        astra.Astra("id", "secret", base_url=server.origin, http_client=http) as client,
    ):
        assert client.bins.get("400022").request_id == "req_1"


@pytest.mark.parametrize("module", BOTH)
@pytest.mark.parametrize("kind", ["client", "transport"])
async def test_async_clients_and_transports_of_both_libraries_send(module: Any, kind: str) -> None:
    make = {"client": module.AsyncClient, "transport": module.AsyncHTTPTransport}[kind]
    with serving(answer) as server:
        async with (
            make() as http,
            astra.AsyncAstra("id", "secret", base_url=server.origin, http_client=http) as client,
        ):
            assert (await client.bins.get("400022")).request_id == "req_1"


@pytest.mark.parametrize(
    ("kind", "given", "said"),
    [
        (astra.Astra, lambda: httpx.AsyncClient(), "AsyncAstra"),
        (astra.Astra, lambda: httpx.AsyncHTTPTransport(), "AsyncAstra"),
        (astra.AsyncAstra, lambda: httpx.Client(), "for Astra"),
        (astra.Astra, lambda: httpx.Client, "the class Client"),
        (astra.Astra, object, "not builtins.object"),
        (astra.AsyncAstra, lambda: "https://proxy", "not builtins.str"),
        (astra.AsyncAstra, lambda: False, "not builtins.bool"),
    ],
)
def test_anything_else_is_refused_by_the_constructor(kind: Any, given: Any, said: str) -> None:
    with pytest.raises(astra.ConfigurationError, match="http_client must be") as caught:
        kind("id", "secret", http_client=given())
    assert said in str(caught.value)


# -- what of a given client counts ---------------------------------------------------------------------------------


def test_headers_cookies_and_parameters_of_a_given_client_are_sent_and_ours_win() -> None:
    http = httpx.Client(
        headers={"X-Mine": "yes", "User-Agent": "mine", "Authorization": "Basic mine"},
        cookies={"session": "s1"},
        params={"tenant": "t1"},
        auth=("user", "password"),
        base_url="https://elsewhere.example",
        timeout=0.001,
        follow_redirects=True,
    )
    with (
        serving(answer) as server,
        http,
        astra.Astra("id", "secret", base_url=server.origin, http_client=http) as client,
    ):
        client.bins.get("400022", extra_headers={"X-Call": "1"})
    [request] = server.requests
    head = request.decode().lower().split("\r\n")
    assert head[0] == "get /v1/bins/400022?tenant=t1 http/1.1"
    for line in ("x-mine: yes", "cookie: session=s1", "x-call: 1"):
        assert line in head
    for name in ("authorization", "user-agent", "accept", "accept-encoding", "host"):
        assert len([line for line in head if line.startswith(f"{name}:")]) == 1
    assert "mine" not in next(line for line in head if line.startswith("user-agent:"))
    assert "user" not in next(line for line in head if line.startswith("authorization:"))


def test_a_given_client_stays_open() -> None:
    with serving(answer) as server, httpx.Client() as http:
        with astra.Astra("id", "secret", base_url=server.origin, http_client=http) as client:
            client.bins.get("400022")
        assert not http.is_closed


# -- proxies of the environment ------------------------------------------------------------------------------------


@contextmanager
def proxy() -> Iterator[tuple[str, list[bytes]]]:
    """A proxy that refuses, and what it was asked for."""

    def refuse(connection: socket.socket, _: bytes) -> None:
        connection.sendall(b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n")

    with serving(refuse) as server:
        yield server.origin, server.requests


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
@pytest.mark.parametrize("name", ["HTTP_PROXY", "ALL_PROXY"])
def test_what_goes_to_this_machine_goes_without_a_proxy(name: str, host: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(answer) as server, proxy() as (address, asked):
        monkeypatch.setenv(name, address)
        origin = server.origin.replace("127.0.0.1", host)
        with astra.Astra("id", "secret", base_url=origin) as client:
            assert client.bins.get("400022").request_id == "req_1"
        assert asked == []


async def test_everything_else_goes_through_it(monkeypatch: pytest.MonkeyPatch) -> None:
    with proxy() as (address, asked):
        monkeypatch.setenv("ALL_PROXY", address.removeprefix("http://"))
        async with astra.AsyncAstra("id", "secret", max_retries=0) as client:
            with pytest.raises(astra.APIConnectionError) as caught:
                await client.bins.get("400022")
    assert caught.value.sent is False
    assert asked[0].startswith(b"CONNECT api-sandbox.astra.finance:443")


def test_a_host_that_needs_no_proxy_gets_none(monkeypatch: pytest.MonkeyPatch) -> None:
    from astra.config import proxy_for

    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.example:3128")
    assert proxy_for("https://api.astra.finance") == "http://proxy.example:3128"
    monkeypatch.setenv("NO_PROXY", "other.example,.astra.finance")
    assert proxy_for("https://api.astra.finance") is None


@pytest.mark.parametrize(
    "named",
    [
        "garbage://x",
        "http://",
        "http://proxy:port",
        "http://user:hunter2@:80",
        "socks4://h",
        "http://h:0",
        "http://h:99999",
    ],
)
def test_a_proxy_that_is_none_is_an_error_that_shows_no_secret(named: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALL_PROXY", named)
    with astra.Astra("id", "secret") as client, pytest.raises(astra.ConfigurationError, match="ALL_PROXY") as caught:
        client.bins.get("400022")
    assert "hunter2" not in str(caught.value)


async def test_a_socks_proxy_without_its_library_is_an_error_that_names_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALL_PROXY", "socks5://127.0.0.1:1")
    monkeypatch.setitem(sys.modules, "socksio", None)
    async with astra.AsyncAstra("id", "secret") as client:
        with pytest.raises(astra.ConfigurationError, match=r"\[socks\]"):
            await client.bins.get("400022")


# -- pools ---------------------------------------------------------------------------------------------------------


def test_first_calls_at_once_open_one_pool(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[object] = []
    make = OwnSender._make

    def count(self: OwnSender, proxy: str | None) -> Any:
        made.append(self)
        return make(self, proxy)

    monkeypatch.setattr(OwnSender, "_make", count)
    barrier = threading.Barrier(4)
    with serving(answer) as server, astra.Astra("id", "secret", base_url=server.origin) as client:

        def call() -> None:
            barrier.wait()
            client.bins.get("400022")

        threads = [threading.Thread(target=call) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert len(made) == 1


def test_our_streams_are_in_place() -> None:
    """They take two private names of httpx; without them a trickling head could hold a call for ever."""
    for sender, backend in ((OwnSender, "DeadlineBackend"), (AsyncOwnSender, "AsyncDeadlineBackend")):
        for proxy in (None, "http://127.0.0.1:1"):
            transport = sender(limit=1)._make(proxy)
            assert type(transport._pool._network_backend).__name__ == backend


@pytest.mark.parametrize("end", ["dropped", "left open"])
def test_a_client_that_nobody_closes_leaves_no_warning(end: str) -> None:
    program = f"""
import asyncio, astra, gc, sys
client = astra.Astra("id", "secret", base_url=sys.argv[1])
client.bins.get("400022")
async def main():
    client = astra.AsyncAstra("id", "secret", base_url=sys.argv[1])
    await client.bins.get("400022")
    if {end == "dropped"}:
        del client
        gc.collect()
        await asyncio.sleep(0.05)
asyncio.run(main())
if {end == "dropped"}:
    del client
    gc.collect()
"""
    with serving(answer) as server:
        done = subprocess.run(
            [sys.executable, "-W", "always::ResourceWarning", "-c", program, server.origin],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
            cwd=Path(__file__).resolve().parents[2],
        )
    assert (done.returncode, done.stderr) == (0, "")


# -- event loops of others, and what watches -----------------------------------------------------------------------


def test_trio_is_refused_with_a_way_out() -> None:
    async def main() -> None:
        client = astra.AsyncAstra("id", "secret")
        await client.bins.get("400022")

    with pytest.raises(astra.ConfigurationError, match="asyncio"):
        trio.run(main)


class Watcher:
    """Replaces `send` of the clients' class, as Sentry and Datadog do."""

    def __init__(self, kind: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        self.seen: list[str] = []
        original = kind.send
        seen = self.seen

        def send(self: Any, request: Any, **options: Any) -> Any:
            seen.append(str(request.url))
            return original(self, request, **options)

        monkeypatch.setattr(kind, "send", send)


def test_what_watches_clients_sees_every_call(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    with serving(answer) as server, astra.Astra("id", "secret", base_url=server.origin) as client:
        client.bins.get("400022")
        watcher = Watcher(httpx.Client, monkeypatch)
        client.bins.get("400023")
        client.bins.get("400024")
        monkeypatch.undo()
        client.bins.get("400025")
        assert server.connections == 1
    assert [url.rpartition("/")[2] for url in watcher.seen] == ["400023", "400024"]
    assert "40002" not in caplog.text  # httpx's own line shows the whole address


async def test_what_watches_async_clients_sees_every_call(monkeypatch: pytest.MonkeyPatch) -> None:
    watcher = Watcher(httpx.AsyncClient, monkeypatch)
    with serving(answer) as server:
        async with astra.AsyncAstra("id", "secret", base_url=server.origin) as client:
            await asyncio.gather(*(client.bins.get("400022") for _ in range(4)))
    assert len(watcher.seen) == 4


def mocked(module: Any) -> Any:
    return module.Response(200, json={"bin": "400022"}, headers={"Request-Id": "req_mocked"})


def test_what_replaces_the_transport_of_clients_answers_for_astra(monkeypatch: pytest.MonkeyPatch) -> None:
    """As pytest-httpx does it, and respx where it is told to mock httpx."""
    monkeypatch.setattr(httpx.HTTPTransport, "handle_request", lambda self, request: mocked(httpx))
    with astra.Astra("id", "secret", base_url="http://127.0.0.1:1") as client:
        assert client.bins.get("400022").request_id == "req_mocked"


async def test_what_replaces_the_transport_of_async_clients_answers_for_astra(monkeypatch: pytest.MonkeyPatch) -> None:
    async def handle(self: object, request: object) -> Any:
        return mocked(httpx)

    monkeypatch.setattr(httpx.AsyncHTTPTransport, "handle_async_request", handle)
    async with astra.AsyncAstra("id", "secret", base_url="http://127.0.0.1:1") as client:
        assert (await client.bins.get("400022")).request_id == "req_mocked"


@pytest.mark.parametrize("kind", [OwnSender, AsyncOwnSender])
@pytest.mark.parametrize("file", ["missing", "empty"])
def test_certificates_that_cannot_be_read_are_a_setting_to_correct(
    kind: Any, file: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "empty").touch()
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / file))
    with pytest.raises(astra.ConfigurationError, match=r"SSL_CERT_FILE.*Nothing was sent"):
        kind(limit=1)._make(None)
