"""Servers that mean no good, or are broken: no check passes for what was not seen, nothing is shown, and it ends."""

from __future__ import annotations

import base64
import contextlib
import socket
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from astra.conformance import __main__ as command
from astra.conformance import run, wire
from astra.conformance.outcome import Busy, NoAnswer
from astra.conformance.receiver import Receiver
from astra.conformance.target import Means, Target
from astra.conformance.wire import send
from tests.conformance.servers import Answer, Asked, answering, scripted
from tests.conformance.test_world import world_at
from tests.http.servers import Listener

SECRET = "the-secret-of-a-client"
LISTS = ("accounts", "cards", "routines", "transfers")
Rule = Callable[[Asked], Answer]


def tokens(**changes: Any) -> Answer:
    return 200, {"access_token": "access-1", "refresh_token": "refresh-1", "expires_in": 7200} | changes


def astra(rule: Rule) -> Rule:
    """Answers as an Astra to what is asked before the checks, and by the rule afterward."""

    def answer(asked: Asked) -> Answer:
        if asked.path != "/v1/oauth/token":
            return (200, {}) if asked.path == "/v1/payment_instruments" and not asked.before else rule(asked)
        return (400, {"error": "invalid_grant"}) if b"=conformance" in asked.body else rule(asked)

    return answer


def on(path: str, answered: Answer, rule: Rule = lambda _: tokens()) -> Rule:
    return lambda asked: answered if asked.path == path else rule(asked)


def listed(items: object, **more: object) -> Answer:
    return 200, dict.fromkeys(LISTS, items) | more


def after_one(answered: Answer) -> Rule:
    """Gives tokens once, and answers so when it is asked for more."""
    return lambda asked: answered if asked.path == "/v1/oauth/token" and asked.before else tokens()


def everywhere(answered: Answer) -> Rule:
    return lambda asked: tokens() if asked.path == "/v1/oauth/token" else answered


UNSEEN: dict[str, tuple[str, Rule]] = {
    "a module that is not there": ("authorize.known-client", lambda _: (404, {})),
    "a module that is out of order": ("authorize.registered-redirect", lambda _: (503, {})),
    "a module that is busy": ("authorize.response-type", lambda _: (429, {})),
    "tokens without a lifetime": ("token.two-hours", lambda _: tokens(expires_in=None)),
    "tokens that live a hundred years": ("token.two-hours", lambda _: tokens(expires_in=100 * 365 * 86400)),
    "tokens of a lifetime that is no number": ("token.two-hours", lambda _: tokens(expires_in=float("nan"))),
    "a second refresh without tokens": ("token.refresh-again", after_one((200, {}))),
    "a list of texts, in order": ("list.newest-first", everywhere(listed(["x"] * 30))),
    "a list of texts, in pages": ("list.pages", everywhere(listed(["x"] * 30))),
    "a list of texts, as an envelope": ("list.envelope", everywhere(listed(["x"] * 30))),
    "a payment without a transfer": (
        "payment.correlation-id",
        on("/v1/routines/r/transfers", listed([]), everywhere(listed([{"id": "a"}, {"id": "b"}], id="r"))),
    ),
    "one answer alone": ("request-id.unique", lambda _: (200, {})),
}


@pytest.mark.parametrize("name", UNSEEN)
def test_no_check_passes_for_what_was_not_seen(name: str) -> None:
    check, rule = UNSEEN[name]
    with scripted(rule) as base:
        only = [check] if check != "request-id.unique" else ["user.profile", check]
        target = Target(base=base, app=base, client_id="client", client_secret=SECRET, refresh_token="first-token",
                        redirect_uri="https://example.com/callback")  # fmt: skip
        report = run(target, means=Means(payments=True), only=only)
    verdicts = {result.check.id: result.verdict for result in report.results}
    assert verdicts[check] in ("fail", "cannot-tell"), verdicts


@pytest.fixture(autouse=True)
def client(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (("ID", "client"), ("SECRET", SECRET)):
        monkeypatch.setenv(f"ASTRA_CLIENT_{name}", value)
    monkeypatch.setenv("ASTRA_REDIRECT_URI", "https://example.com/callback")


BASIC = base64.b64encode(f"client:{SECRET}".encode()).decode()


@pytest.mark.parametrize("echoed", [BASIC, BASIC.rstrip("=")])
def test_the_client_s_credentials_are_not_shown_when_a_server_says_them_back_as_they_were_sent(
    echoed: str, capsys: pytest.CaptureFixture[str]
) -> None:
    rule = astra(lambda _: (500, b"", {"Request-Id": echoed, "Content-Type": f"text/{echoed}"}))
    with scripted(rule) as base:
        assert command.main(["--base", base]) == 1
    with answering(500, b"", content_type=f"text/{echoed}") as base:
        assert command.main(["--base", base]) == 4
    out, err = capsys.readouterr()
    assert "GET /v1/user (500" in out or "answered 500" in out
    assert BASIC.rstrip("=") not in out + err


def test_a_content_type_that_is_none_is_not_shown(capsys: pytest.CaptureFixture[str]) -> None:
    with answering(500, b"", content_type="x" * 5000) as base:
        assert command.main(["--base", base]) == 4
    assert "x" * 100 not in capsys.readouterr().err


def test_a_server_that_stays_busy_is_not_waited_for_anew_with_each_call() -> None:
    busy = [True]
    with world_at(lambda _: (429, {}, {"Retry-After": "30"}) if busy[0] else (200, {})) as (world, clock):
        for _ in range(20):
            with pytest.raises(Busy):
                world.call("GET", "/v1/x", auth="basic")
        assert sum(clock.pauses) <= 60
        busy[0] = False
        assert world.call("GET", "/v1/x", auth="basic").status == 200
        busy[0] = True
        with pytest.raises(Busy):
            world.call("GET", "/v1/x", auth="basic")
        assert 60 < sum(clock.pauses) <= 120


def test_a_run_that_tells_nothing_is_no_success(capsys: pytest.CaptureFixture[str]) -> None:
    with scripted(astra(lambda _: (429, {}, {"Retry-After": "0"}))) as base:
        assert command.main(["--base", base, "--only", "auth", "--only", "user"]) == 2
    assert "no check could tell" in capsys.readouterr().err


class Floods(Listener):
    """Says that a piece is smaller than nothing, and sends without an end."""

    def talk(self, connection: socket.socket) -> None:
        connection.recv(65536)
        connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\n")
        self.sent = 0
        with contextlib.suppress(OSError):
            while self.sent < 50_000_000:
                self.sent += connection.send(b" " * 65536)


def test_an_answer_in_a_piece_smaller_than_nothing_is_not_read_without_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wire, "LARGEST", 1_000_000)
    with Floods() as server, pytest.raises(NoAnswer):
        send(f"{server.origin}/", "GET", path="/", headers={}, timeout=5)
    assert server.sent < 20_000_000


@contextlib.contextmanager
def receiving() -> Iterator[Receiver]:
    receiver = Receiver()
    try:
        yield receiver
    finally:
        receiver.close()


@pytest.mark.parametrize("length", ["²", "9" * 5000, "-1", "1e3"])
def test_a_webhook_of_a_length_that_is_none_is_no_traceback(length: str, capfd: pytest.CaptureFixture[str]) -> None:
    with receiving() as receiver, contextlib.ExitStack() as stack:
        address = ("127.0.0.1", receiver.server.server_port)
        connection = stack.enter_context(socket.create_connection(address, timeout=5))
        connection.sendall(f"POST / HTTP/1.1\r\nContent-Length: {length}\r\n\r\n".encode("latin-1"))
        assert connection.recv(65536).startswith(b"HTTP/1.0 200")
    assert capfd.readouterr().err == ""


def test_a_webhook_whose_sender_goes_is_no_traceback(capfd: pytest.CaptureFixture[str]) -> None:
    with receiving() as receiver:
        serve, ended = receiver.server.process_request_thread, threading.Event()

        def served(*given: Any) -> None:
            serve(*given)
            ended.set()

        receiver.server.process_request_thread = served  # type: ignore[method-assign]
        connection = socket.create_connection(("127.0.0.1", receiver.server.server_port), timeout=5)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        connection.sendall(b"POST / HTTP/1.1\r\nContent-Length: 100\r\n\r\n{")
        connection.close()
        assert ended.wait(10)
    assert capfd.readouterr().err == ""
