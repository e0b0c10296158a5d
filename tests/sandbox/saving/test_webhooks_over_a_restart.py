"""A restart loses no webhook that was still to be sent, and nothing of what happened before it."""

from pathlib import Path
from threading import Event
from typing import Any

import httpx
import pytest

from astra.errors import InvalidRequestError
from astra.sandbox import Sandbox, SandboxClock
from tests.sandbox.conftest import TUESDAY
from tests.sandbox.receiver import Receiver


def run(path: Path, **more: Any) -> Sandbox:
    return Sandbox(state=path, clock=SandboxClock(frozen_at=TUESDAY), seed=1, **more)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "sandbox.json"


def test_a_retry_that_waits_is_sent_at_its_own_time_after_a_restart(path: Path, receiver: Receiver) -> None:
    receiver.status = 500
    with run(path) as sandbox:
        sandbox.webhooks.register(receiver.url)
        sandbox.users.set_status(sandbox.users.create().id, "suspended")
        sandbox.webhooks.deliver_pending()
        sandbox.advance(seconds=18)
        sandbox.webhooks.deliver_pending()
    with run(path) as sandbox:
        sandbox.webhooks.deliver_pending()
        assert len(receiver.received) == 2
        receiver.status = 200
        sandbox.advance(seconds=36)
        sandbox.webhooks.deliver_pending()
        attempts = sandbox.webhooks.attempts
        assert [(one.number, one.status) for one in attempts] == [(1, 500), (2, 500), (3, 200)]
        assert [one.time - attempts[0].time for one in attempts] == [0, 18, 54]
        assert len({body for _, body in receiver.received}) == 1


def test_what_is_held_back_stays_held_back_over_a_restart(path: Path, receiver: Receiver) -> None:
    with run(path) as sandbox:
        sandbox.webhooks.register(receiver.url)
        sandbox.webhooks.hold()
        sandbox.users.set_status(sandbox.users.create().id, "suspended")
    with run(path) as sandbox:
        sandbox.users.set_status(sandbox.users.create().id, "suspended")
        assert sandbox.webhooks.deliver_pending() == []
        sandbox.webhooks.release()
        sandbox.webhooks.deliver_pending()
    assert receiver.types == ["user_updated", "user_updated"]


def test_a_request_under_way_at_the_end_counts_as_not_sent(path: Path, receiver: Receiver) -> None:
    arrived, go_on = Event(), Event()
    answer = receiver.server.RequestHandlerClass.do_POST  # type: ignore[attr-defined]

    def hang(handler: Any) -> None:
        arrived.set()
        go_on.wait(timeout=30)
        handler.close_connection = True

    receiver.server.RequestHandlerClass.do_POST = hang  # type: ignore[attr-defined]
    with run(path) as sandbox:
        sandbox.webhooks.register(receiver.url)
        sandbox.users.set_status(sandbox.users.create().id, "suspended")
        assert arrived.wait(timeout=10)
    go_on.set()
    receiver.server.RequestHandlerClass.do_POST = answer  # type: ignore[attr-defined]
    with run(path) as sandbox:
        sandbox.webhooks.deliver_pending()
        assert [(one.number, one.status) for one in sandbox.webhooks.attempts] == [(1, 200)]
    assert receiver.types == ["user_updated"]


def test_events_requests_and_their_counts_are_there_after_a_restart(path: Path, receiver: Receiver) -> None:
    def seen(sandbox: Sandbox) -> tuple[Any, ...]:
        return sandbox.requests, sandbox.counts, sandbox.dropped, sandbox.webhooks.events, sandbox.webhooks.attempts

    with run(path, keep_requests=2) as sandbox:
        sandbox.webhooks.register(receiver.url)
        id = sandbox.payment_instruments.list()[0].id
        sandbox.payment_instruments.receive(id, amount="250.10")
        for number in range(3):
            answer = httpx.post(f"{sandbox.url}/v1/user_intent", content=b"\xff%d" % number, trust_env=False)
            assert answer.status_code == 401
        sandbox.webhooks.deliver_pending()
        before = seen(sandbox)
        assert any(one.body.get("resource_id") == id for one in sandbox.webhooks.events)
    with run(path, keep_requests=2) as sandbox:
        assert seen(sandbox) == before
        assert [request.body for request in sandbox.requests] == [b"\xff1", b"\xff2"]
        assert sandbox.dropped["requests"] == 1
        sandbox.webhooks.redeliver(sandbox.webhooks.events[0].id)
        sandbox.webhooks.deliver_pending()
    assert receiver.received[-1] in receiver.received[:-1]


def test_a_sandbox_that_was_never_started_loses_nothing(path: Path, receiver: Receiver) -> None:
    receiver.status = 500
    with run(path) as sandbox:
        sandbox.webhooks.register(receiver.url)
        sandbox.users.set_status(sandbox.users.create().id, "suspended")
        sandbox.webhooks.deliver_pending()
    run(path).close()
    receiver.status = 200
    with run(path) as sandbox:
        sandbox.advance(seconds=18)
        sandbox.webhooks.deliver_pending()
    assert len(receiver.received) == 2


def test_a_state_that_sends_to_another_machine_is_refused_unless_that_is_allowed(path: Path) -> None:
    with run(path, webhook_hosts=["hooks.example.com"]) as sandbox:
        sandbox.webhooks.register("https://hooks.example.com/astra")
    with pytest.raises(InvalidRequestError, match=r"hooks\.example\.com"):
        run(path)
    with run(path, webhook_hosts=["hooks.example.com"]) as sandbox:
        assert sandbox.webhooks.urls == ["https://hooks.example.com/astra"]
