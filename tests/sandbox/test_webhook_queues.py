"""How events reach several URLs: each in order, none later because of another, and each retry at its own time."""

from __future__ import annotations

import contextlib
import itertools
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest

from astra import ConfigurationError, InvalidRequestError
from astra.sandbox import RemoteSandbox, Sandbox, SandboxClock
from tests.sandbox.conftest import TUESDAY
from tests.sandbox.receiver import Receiver


@pytest.fixture
def other() -> Iterator[Receiver]:
    receiver = Receiver()
    yield receiver
    receiver.close()


def test_under_one_jump_all_retries_are_made_at_their_own_times(
    person: Any, sandbox: Sandbox, receiver: Receiver
) -> None:
    sandbox.webhooks.register(receiver.url)
    receiver.status = 500
    person.pay(start_date="2026-03-20")
    sandbox.webhooks.deliver_pending()
    sandbox.advance(hours=6)
    sandbox.webhooks.deliver_pending()
    times = [attempt.time for attempt in sandbox.webhooks.attempts]
    assert [later - earlier for earlier, later in itertools.pairwise(times)] == [18 * 2**n for n in range(10)]
    assert times[0] == TUESDAY.timestamp()
    assert [delivery.event.type for delivery in sandbox.webhooks.abandoned] == ["routine_updated"]


def test_from_event_to_event_a_receiver_can_recover_in_between(
    person: Any, sandbox: Sandbox, receiver: Receiver
) -> None:
    sandbox.webhooks.register(receiver.url)
    receiver.status = 503
    person.pay(start_date="2026-03-20")
    for _ in range(3):
        sandbox.advance_to_next_event()
    receiver.status = 200
    sandbox.advance_to_next_event()
    assert [attempt.status for attempt in sandbox.webhooks.attempts] == [503, 503, 503, 503, 200]


def test_a_url_that_hangs_delays_no_other(person: Any, sandbox: Sandbox, receiver: Receiver, other: Receiver) -> None:
    other.let_go.clear()
    for url in (other.url, receiver.url):
        sandbox.webhooks.register(url)
    person.pay()
    wait_until(lambda: receiver.types == ["routine_updated", "transfer_created"] and len(other.types) == 1)
    assert other.types == ["routine_updated"]
    other.let_go.set()
    sandbox.webhooks.deliver_pending()
    assert other.types == receiver.types


def test_no_url_can_end_the_sending(person: Any, sandbox: Sandbox, receiver: Receiver) -> None:
    def garbage(server: socket.socket) -> None:
        while True:
            try:
                connection, _ = server.accept()
            except OSError:
                return
            with connection:
                connection.recv(65_536)
                connection.sendall(b"\x00\xff not HTTP \r\n\r\n")

    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        thread = threading.Thread(target=garbage, args=(server,))
        thread.start()
        port = server.getsockname()[1]
        for url in (f"http://127.0.0.1:{port}/", f"https://127.0.0.1:{port}/", "http://x.localhost:1/", receiver.url):
            sandbox.webhooks.register(url)
        person.pay()
        sandbox.webhooks.deliver_pending()
        person.pay()
        sandbox.webhooks.deliver_pending()
        server.shutdown(socket.SHUT_RDWR)
    thread.join()
    assert receiver.types == ["routine_updated", "transfer_created"] * 2
    failed = sandbox.webhooks.find_attempts(delivered=False)
    assert {attempt.status for attempt in failed} == {None}
    assert len({attempt.url for attempt in failed}) == 3


def test_closing_does_not_wait_for_a_url_that_hangs(receiver: Receiver) -> None:
    receiver.let_go.clear()
    sandbox = Sandbox(clock=SandboxClock(frozen_at=TUESDAY)).start()
    sandbox.webhooks.register(receiver.url)
    user = sandbox.users.create()
    sandbox.users.set_status(user.id, "suspended")
    wait_until(lambda: len(receiver.received) == 1)
    started = time.monotonic()
    sandbox.close()
    assert time.monotonic() - started < 1.0


@pytest.mark.parametrize(
    "said", [b"HTTP/1.1 200 OK\r\nX-Drip: ", b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n", b""]
)
def test_a_receiver_that_never_ends_its_answer_is_out_of_time(
    sandbox: Sandbox, receiver: Receiver, said: bytes
) -> None:
    over = threading.Event()

    def drip(connection: socket.socket) -> None:
        with connection, contextlib.suppress(OSError):
            connection.recv(65_536)
            connection.sendall(said)
            while not over.wait(0.02):
                connection.sendall(b"x")

    def accept(server: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while True:
                threading.Thread(target=drip, args=(server.accept()[0],), daemon=True).start()

    sandbox._backend.webhooks.timeout = 0.2
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        thread = threading.Thread(target=accept, args=(server,))
        thread.start()
        slow = f"http://127.0.0.1:{server.getsockname()[1]}/"
        for url in (slow, receiver.url):
            sandbox.webhooks.register(url)
        user = sandbox.users.create()
        for status in ("suspended", "approved"):
            sandbox.users.set_status(user.id, status)
        sandbox.webhooks.deliver_pending()
        over.set()
        server.shutdown(socket.SHUT_RDWR)
    thread.join()
    assert receiver.types == ["user_updated"] * 2
    attempts = sandbox.webhooks.find_attempts(url=slow)
    assert [attempt.error for attempt in attempts] == ["TimeoutError: no whole answer within 0.2 seconds"] * 2


@pytest.mark.parametrize(
    "url",
    [
        "http://example.com/hooks",
        "http://10.0.0.7:8000/hooks",
        "http://169.254.169.254/latest/meta-data",
        "http://127.0.0.1.example.com/",
        "http://[2001:db8::1]/",
    ],
)
def test_another_machine_is_sent_to_only_when_it_was_allowed(sandbox: Sandbox, url: str) -> None:
    with pytest.raises(InvalidRequestError, match="to this machine only") as refused:
        RemoteSandbox(sandbox.control_url).webhooks.register(url)
    assert "--webhook-host" in str(refused.value)
    assert sandbox.webhooks.urls == []
    host = url.split("/")[2].strip("[]").split("]")[0]
    with Sandbox(webhook_hosts=["app", host.split(":8000")[0]]) as allowing:
        allowing.webhooks.register(url)
        assert allowing.webhooks.urls == [url]


@pytest.mark.parametrize(
    "url",
    [
        "ftp://127.0.0.1/",
        "127.0.0.1:80",
        "http://",
        "http://127.0.0.1:99999/",
        "",
        None,
        "http://127.0.0.1/a b",
        "http://127.0.0.1/\n",
    ],
)
def test_what_is_no_url_is_refused(sandbox: Sandbox, url: Any) -> None:
    with pytest.raises(InvalidRequestError, match=r"starts with https:// or http://|url must be text"):
        sandbox.webhooks.register(url)


def test_what_is_kept_has_a_bound_and_says_what_it_left_out(receiver: Receiver) -> None:
    with Sandbox(clock=SandboxClock(frozen_at=TUESDAY), keep_requests=3, keep_events=2) as sandbox:
        user = sandbox.users.create()
        for status in ("suspended", "approved", "suspended", "approved"):
            sandbox.users.set_status(user.id, status)
        for _ in range(5):
            request(sandbox, b"{}")
        assert (len(sandbox.webhooks.events), len(sandbox.requests)) == (2, 3)
        assert sandbox.dropped == {"requests": 2, "events": 2, "attempts": 0}
        assert RemoteSandbox(sandbox.control_url).dropped == sandbox.dropped
        sandbox.clear_requests()
        assert sandbox.dropped["requests"] == 0


def test_of_a_large_body_the_beginning_is_kept_and_the_size() -> None:
    with Sandbox() as sandbox:
        request(sandbox, b'"' + b"x" * 100_000 + b'"')
        [received] = sandbox.requests
        assert (received.size, len(received.body)) == (100_002, 65_536)
        with pytest.raises(ValueError, match="was not kept whole"):
            received.json()


def test_the_requests_that_are_kept_take_a_bounded_number_of_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("astra.sandbox.journal.MOST_KEPT", 300_000)
    with Sandbox(keep_requests=8) as sandbox:
        for number in range(10):
            request(sandbox, b"%d" % number + b" " * (90_000 if number % 2 else 10))
        kept = sandbox.requests
        assert sum(len(one.body) for one in kept) < 300_000
        assert [one.body[:1] for one in kept] == [b"%d" % number for number in range(10)][-len(kept) :]
        assert len(kept) == 8
        for _ in range(6):
            request(sandbox, b" " * 90_000)
        assert [one.size for one in sandbox.requests] == [90_000] * 4
        assert sandbox.dropped["requests"] == 12


@pytest.mark.parametrize("path", ["/v1/user_intent", "/login/oauth/authorize"])
def test_a_body_without_end_is_refused_and_not_kept(monkeypatch: pytest.MonkeyPatch, path: str) -> None:
    import httpx

    def chunks() -> Iterator[bytes]:
        for _ in range(20):
            yield b" " * 65_536

    for module in ("api", "app"):
        monkeypatch.setattr(f"astra.sandbox.http.{module}.MOST_SENT", 1_000_000)
    with Sandbox() as sandbox, httpx.Client(base_url=sandbox.url, trust_env=False) as http:
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        answers = [http.post(path, content=content, headers=kind) for content in (b" " * 1_200_000, chunks())]
        assert [answer.status_code for answer in answers] == [413, 413]
        assert {one.size for one in sandbox.requests} == ({1_200_000, 1_310_720} if "v1" in path else set())
        assert http.get("/healthz").status_code == 200


def test_requests_and_events_are_read_in_pages(person: Any, sandbox: Sandbox) -> None:
    sandbox.clear_requests()
    for _ in range(5):
        person.get("/v1/user")
        person.get("/v1/accounts")
    remote = RemoteSandbox(sandbox.control_url)
    first = remote.find_requests(operation="get_user", limit=3)
    rest = remote.find_requests(operation="get_user", after=first[-1].request_id)
    assert [one.operation for one in first + rest] == ["get_user"] * 5
    assert len({one.request_id for one in first + rest}) == 5
    assert remote.find_requests(user_id="nobody") == remote.find_requests(status=500) == []
    routines = [person.pay(start_date=f"2026-03-1{day}") for day in range(3)]
    wanted = routines[1]["id"]
    assert [one.body["resource_id"] for one in remote.webhooks.find_events(resource_id=wanted)] == [wanted]
    pages = remote.webhooks.find_events(type="routine_updated", limit=2)
    pages += remote.webhooks.find_events(type="routine_updated", after=pages[-1].id)
    assert [one.body["resource_id"] for one in pages] == [routine["id"] for routine in routines]


@pytest.mark.parametrize("limit", [0, 1001, "5", True])
def test_a_page_has_a_size_that_can_be(sandbox: Sandbox, limit: Any) -> None:
    for read in (sandbox.find_requests, sandbox.webhooks.find_events, sandbox.webhooks.find_attempts):
        with pytest.raises(InvalidRequestError, match="limit must be 1 to 1000"):
            read(limit=limit)


def test_a_page_after_what_is_not_kept_any_more_is_refused(sandbox: Sandbox) -> None:
    for read in (sandbox.find_requests, sandbox.webhooks.find_events):
        with pytest.raises(InvalidRequestError, match="not among what is kept"):
            read(after="gone")


def request(sandbox: Sandbox, body: bytes) -> None:
    import httpx

    with httpx.Client(base_url=sandbox.url, trust_env=False) as http:
        http.post("/v1/user_intent", content=body, headers={"Content-Type": "application/json"})


def wait_until(true: Any) -> None:
    deadline = time.monotonic() + 10
    while not true():
        assert time.monotonic() < deadline
        threading.Event().wait(0.005)


def test_a_closed_sandbox_registers_nothing_and_says_so(receiver):
    sandbox = Sandbox()
    sandbox.close()
    with pytest.raises(ConfigurationError, match="is not registered"):
        sandbox.webhooks.register(receiver.url)
