"""How a run calls a server that is busy or odd: what it waits for, what it takes for an answer, when it refreshes."""

from __future__ import annotations

import contextlib
import socket
import time
from collections.abc import Callable, Iterator

import pytest

from astra.conformance import wire
from astra.conformance.outcome import Busy, NoAnswer
from astra.conformance.target import Means, Target
from astra.conformance.wire import send
from astra.conformance.world import World
from tests.conformance.servers import Answer, Asked, scripted
from tests.http.servers import Listener


class Clock:
    """A clock that a test moves; who pauses moves it."""

    def __init__(self) -> None:
        self.now = 0.0
        self.pauses: list[float] = []

    def pause(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.now += seconds


@contextlib.contextmanager
def world_at(rule: Callable[[Asked], Answer]) -> Iterator[tuple[World, Clock]]:
    clock = Clock()
    with scripted(rule) as base:
        target = Target(
            base=base,
            app=base,
            client_id="client",
            client_secret="secret",
            redirect_uri="https://example.com/callback",
            refresh_token="first-refresh-token",
        )
        yield World(target, Means(), clock=lambda: clock.now, pause=clock.pause), clock


def tokens(lifetime: object) -> Callable[[Asked], Answer]:
    def rule(asked: Asked) -> Answer:
        if asked.path == "/v1/oauth/token":
            return 200, {"access_token": "access", "refresh_token": "refresh", "expires_in": lifetime}
        return 200, {}

    return rule


def test_a_server_that_is_busy_is_asked_again_after_as_long_as_it_says() -> None:
    with world_at(lambda asked: (429, {}, {"Retry-After": "7"}) if asked.before < 2 else (200, {})) as (world, clock):
        assert world.call("POST", "/v1/x", auth="basic").status == 200
    assert clock.pauses == [7, 7]


def test_a_server_that_stays_busy_is_given_up_after_a_bounded_time() -> None:
    with world_at(lambda _: (429, {}, {"Retry-After": "99999"})) as (world, clock), pytest.raises(Busy):
        world.call("GET", "/v1/x", auth="basic")
    assert clock.pauses == [30, 30]


@pytest.mark.parametrize("status", [502, 503, 504])
def test_a_write_that_failed_behind_a_proxy_is_not_sent_again(status: int) -> None:
    calls: list[str] = []

    def rule(asked: Asked) -> Answer:
        calls.append(asked.method)
        return status, {}

    with world_at(rule) as (world, _):
        with pytest.raises(Busy):
            world.call("POST", "/v1/x", auth="basic")
        with pytest.raises(Busy):
            world.call("GET", "/v1/x", auth="basic")
    assert calls == ["POST", "GET", "GET", "GET"]


@pytest.mark.parametrize("lifetime", [10**400, 1e300, float("nan"), -1, True, "60", None])
def test_a_lifetime_that_cannot_be_is_no_traceback_and_refreshes_in_time(lifetime: object) -> None:
    with world_at(tokens(lifetime)) as (world, clock):
        world.call("GET", "/v1/user")
        clock.now += 7200
        world.call("GET", "/v1/user")
        assert [one.path for one in world.exchanges].count("/v1/oauth/token") == 2


def test_a_short_lifetime_is_used_before_the_token_is_refreshed() -> None:
    with world_at(tokens(60)) as (world, clock):
        for _ in range(5):
            world.call("GET", "/v1/user")
            clock.now += 10
        assert [one.path for one in world.exchanges].count("/v1/oauth/token") == 1
        clock.now += 10
        world.call("GET", "/v1/user")
        assert [one.path for one in world.exchanges].count("/v1/oauth/token") == 2


@pytest.mark.parametrize("odd", ["tok_SECRET john@example.com", "\x1b[2Jabc", "a" * 200])
def test_a_request_id_that_looks_like_none_is_not_shown(odd: str) -> None:
    with world_at(lambda _: (404, {}, {"Request-Id": odd})) as (world, _):
        exchange = world.call("GET", "/v1/x", auth="basic")
    assert exchange.request_id is None
    assert exchange.name == "GET /v1/x (404, request id missing)"


def test_an_answer_that_is_cut_short_is_none() -> None:
    with (
        scripted(lambda _: (200, b'{"a": 1}', {"Content-Length": "1000"})) as base,
        pytest.raises(NoAnswer, match="992"),
    ):
        send(f"{base}/", "GET", path="/", headers={}, timeout=5)


def test_an_answer_that_drips_without_an_end_is_none() -> None:
    class Drips(Listener):
        def talk(self, connection: socket.socket) -> None:
            connection.recv(65536)
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n")
            with contextlib.suppress(OSError):
                while True:
                    connection.sendall(b" ")
                    time.sleep(0.01)

    with Drips() as server, pytest.raises(NoAnswer, match="TimeoutError"):
        send(f"{server.origin}/", "GET", path="/", headers={}, timeout=0.3)


def test_an_answer_that_is_too_large_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wire, "LARGEST", 100)
    with scripted(lambda _: (200, b"a" * 101)) as base, pytest.raises(NoAnswer, match="larger than 100 bytes"):
        send(f"{base}/", "GET", path="/", headers={}, timeout=5)
