"""Every event is handled once, whatever goes wrong in between."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import queue
import signal
import subprocess
import sys
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from astra.errors import InvalidRequestError, NotFoundError, WebhookVerificationError
from astra.webhooks import AsyncWebhookHandler, RetryLater, WebhookEvent, WebhookHandler, Webhooks, retry_later
from astra.webhooks.dedupe.memory import MemoryDedupe

webhooks = Webhooks("secret")


class Clock:
    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


def delivery(number: int = 0, **payload: object) -> tuple[bytes, str]:
    body = json.dumps(
        {"webhook_type": "transfer_updated", "webhook_id": f"w-{number}", "user_id": "u", "resource_id": "t"} | payload
    ).encode()
    return body, webhooks.sign(body)


@pytest.fixture
def handler() -> WebhookHandler:
    return WebhookHandler(webhooks, dedupe="memory://", clock=Clock())


def test_an_event_is_handled_once(handler: WebhookHandler) -> None:
    seen: list[WebhookEvent] = []
    outcomes = [handler.handle(*delivery(), seen.append) for _ in range(3)]
    assert [(result.outcome, result.status_code) for result in outcomes] == [
        ("processed", 200),
        ("duplicate", 200),
        ("duplicate", 200),
    ]
    assert [event.id for event in seen] == ["w-0"]


def test_a_failed_callback_leaves_the_event_open(handler: WebhookHandler) -> None:
    attempts: list[str] = []

    def flaky(event: WebhookEvent) -> None:
        attempts.append(event.id)
        if len(attempts) < 3:
            raise RuntimeError("database away")

    for _ in range(2):
        with pytest.raises(RuntimeError, match="database away"):
            handler.handle(*delivery(), flaky)
    assert handler.handle(*delivery(), flaky).outcome == "processed"
    assert handler.handle(*delivery(), flaky).outcome == "duplicate"
    assert len(attempts) == 3


def test_a_delivery_during_the_handling_of_its_twin_is_told_to_come_again(handler: WebhookHandler) -> None:
    def reenter(event: WebhookEvent) -> None:
        assert handler.handle(*delivery(), reenter).outcome == "in_progress"
        assert handler.respond(*delivery(), reenter).status_code == 409

    assert handler.handle(*delivery(), reenter).outcome == "processed"


def test_an_event_put_off_is_delivered_again(handler: WebhookHandler) -> None:
    exists = False

    def on_event(event: WebhookEvent) -> None:
        with retry_later(NotFoundError):
            if not exists:
                raise NotFoundError("no such transfer", status_code=404)

    with pytest.raises(RetryLater) as caught:
        handler.handle(*delivery(), on_event)
    assert isinstance(caught.value.__cause__, NotFoundError)
    answer = handler.respond(*delivery(), on_event)
    assert (answer.status_code, answer.headers) == (503, {"Retry-After": "30"})
    exists = True
    assert handler.respond(*delivery(), on_event).status_code == 200


def test_retry_later_lets_other_errors_pass() -> None:
    with pytest.raises(ZeroDivisionError), retry_later(NotFoundError):
        1 / 0


def test_a_created_event_after_its_updated_one_is_an_event_of_its_own(handler: WebhookHandler) -> None:
    seen: list[str] = []
    handler.handle(*delivery(2, webhook_type="transfer_updated"), lambda event: seen.append(event.type))
    handler.handle(*delivery(1, webhook_type="transfer_created"), lambda event: seen.append(event.type))
    assert seen == ["transfer_updated", "transfer_created"]


def test_the_claim_of_a_process_that_died_ends_after_the_lease() -> None:
    clock, store = Clock(), MemoryDedupe()
    handler = WebhookHandler(webhooks, dedupe=store, lease=300, clock=clock)
    store.claim("w-0", lease=300, now=clock.now)
    assert handler.respond(*delivery(), print).status_code == 409
    clock.now += 300
    assert handler.handle(*delivery(), lambda _: None).outcome == "processed"


DIE = """
import os, signal, sys
from astra.webhooks import WebhookHandler, Webhooks
handler = WebhookHandler(Webhooks("secret"), dedupe=sys.argv[1], lease=300, clock=lambda: 1000.0)
body = sys.argv[2].encode()
handler.handle(body, Webhooks("secret").sign(body), lambda event: os.kill(os.getpid(), signal.SIGKILL))
"""


def test_an_event_whose_process_was_killed_is_handled_by_another(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/w.db"
    body, signature = delivery()
    killed = subprocess.run([sys.executable, "-c", DIE, url, body.decode()], check=False)
    assert killed.returncode == -signal.SIGKILL
    clock = Clock()
    handler = WebhookHandler(webhooks, dedupe=url, lease=300, clock=clock)
    assert handler.respond(body, signature, print).status_code == 409
    clock.now += 300
    assert handler.handle(body, signature, lambda _: None).outcome == "processed"
    handler.dedupe.close()


@pytest.mark.parametrize("kind", ["memory", "sqlite"])
def test_ten_thousand_duplicates_by_eight_threads_are_handled_once_each(kind: str, tmp_path: Path) -> None:
    handler = WebhookHandler(webhooks, dedupe="memory://" if kind == "memory" else f"sqlite:///{tmp_path}/w.db")
    deliveries = [delivery(number) for number in range(250)] * 40
    handled: Counter[str] = Counter()
    lock, barrier = threading.Lock(), threading.Barrier(8)

    def on_event(event: WebhookEvent) -> None:
        with lock:
            handled[event.id] += 1

    def deliver(thread: int) -> Counter[str]:
        barrier.wait()
        return Counter(handler.handle(*one, on_event).outcome for one in deliveries[thread::8])

    with ThreadPoolExecutor(8) as pool:
        outcomes = sum(pool.map(deliver, range(8)), Counter())
    handler.dedupe.close()
    assert handled == {f"w-{number}": 1 for number in range(250)}
    assert outcomes["processed"] == 250
    assert outcomes.total() == 10_000


def test_nothing_is_called_for_a_delivery_that_does_not_verify(handler: WebhookHandler) -> None:
    with pytest.raises(WebhookVerificationError):
        handler.handle(delivery()[0], "nonsense", lambda _: pytest.fail("called"))
    assert handler.handle(*delivery(), lambda _: None).outcome == "processed"


@pytest.mark.parametrize(
    ("body", "signature", "status"),
    [
        (delivery()[0], None, 401),
        (delivery()[0], webhooks.sign(b"else"), 401),
        (b"[]", webhooks.sign(b"[]"), 400),
        (*delivery(), 200),
    ],
)
def test_respond_answers_with_the_status_of_the_outcome(handler, body, signature, status) -> None:
    assert handler.respond(body, signature, lambda _: None).status_code == status


def test_respond_logs_what_the_callback_raised_and_answers_500(handler: WebhookHandler, caplog) -> None:
    def broken(event: WebhookEvent) -> None:
        raise RuntimeError("database away")

    with caplog.at_level(logging.ERROR, "astra.webhooks"):
        answer = handler.respond(*delivery(), broken)
    assert (answer.status_code, "database" in answer.text) == (500, False)
    assert "database away" in caplog.text


def test_a_store_that_is_away_answers_500_and_loses_nothing(caplog) -> None:
    class Away(MemoryDedupe):
        away = True

        def claim(self, event_id: str, *, lease: float, now: float):
            if self.away:
                raise ConnectionError("store away")
            return super().claim(event_id, lease=lease, now=now)

    store = Away()
    handler = WebhookHandler(webhooks, dedupe=store)
    assert handler.respond(*delivery(), print).status_code == 500
    store.away = False
    assert handler.handle(*delivery(), lambda _: None).outcome == "processed"


def test_the_error_of_the_callback_survives_a_store_that_is_away(caplog) -> None:
    class Away(MemoryDedupe):
        def release(self, event_id: str, *, token: str) -> None:
            raise ConnectionError("store away")

    with pytest.raises(RuntimeError, match="mine"):
        WebhookHandler(webhooks, dedupe=Away()).handle(*delivery(), _raise_mine)
    assert "ends after its lease" in caplog.text


def _raise_mine(event: WebhookEvent) -> None:
    raise RuntimeError("mine")


def test_a_sync_handler_refuses_an_async_callback(handler: WebhookHandler) -> None:
    async def on_event(event: WebhookEvent) -> None: ...

    with pytest.raises(InvalidRequestError, match="AsyncWebhookHandler"):
        handler.handle(*delivery(), on_event)


def test_an_event_from_your_own_queue_is_handled_once_too(handler: WebhookHandler) -> None:
    event = webhooks.parse_unverified(delivery()[0])
    assert handler.handle_event(event, lambda _: None).outcome == "processed"
    assert handler.handle(*delivery(), lambda _: None).outcome == "duplicate"


async def test_an_async_callback_is_awaited_once() -> None:
    handler, seen = AsyncWebhookHandler(webhooks, dedupe="memory://"), []

    async def on_event(event: WebhookEvent) -> None:
        await asyncio.sleep(0)
        seen.append(event.id)

    results = await asyncio.gather(*(handler.respond(*delivery(number % 5), on_event) for number in range(50)))
    assert sorted(seen) == [f"w-{number}" for number in range(5)]
    assert {answer.status_code for answer in results} <= {200, 409}
    assert [answer.text for answer in results].count("processed") == 5


async def test_a_plain_callback_of_the_async_handler_may_block_without_holding_up_the_loop() -> None:
    handler, loop_ran = AsyncWebhookHandler(webhooks, dedupe="memory://"), threading.Event()

    def blocking(event: WebhookEvent) -> None:
        assert loop_ran.wait(10), "the loop stood still"

    task = asyncio.create_task(handler.handle(*delivery(), blocking))
    await asyncio.sleep(0)
    loop_ran.set()
    assert (await task).outcome == "processed"


async def test_a_copy_of_a_delivery_that_is_played_back_years_later_is_a_duplicate() -> None:
    clock = Clock()
    handler = AsyncWebhookHandler(webhooks, dedupe="memory://", clock=clock)
    await handler.handle(*delivery(1), lambda _: None)
    for days in (8, 400, 4000):
        clock.now += days * 86_400
        await handler.handle(*delivery(days), lambda _: None)
        assert (await handler.handle(*delivery(1), lambda _: pytest.fail("called"))).outcome == "duplicate"


async def test_a_quick_plain_callback_does_not_wait_behind_a_dozen_slow_ones() -> None:
    handler, release = AsyncWebhookHandler(webhooks, dedupe="memory://"), threading.Event()
    entered: queue.SimpleQueue[None] = queue.SimpleQueue()

    def slow(event: WebhookEvent) -> None:
        entered.put(None)
        assert release.wait(30)

    waiting = [asyncio.create_task(handler.handle(*delivery(number), slow)) for number in range(12)]
    async with asyncio.timeout(20):
        assert (await handler.handle(*delivery(99), lambda _: None)).outcome == "processed"
        # Nor does the application's own work in threads.
        await asyncio.to_thread(lambda: [entered.get(timeout=20) for _ in waiting])
    release.set()
    assert {done.outcome for done in await asyncio.gather(*waiting)} == {"processed"}
    await handler.close()


async def test_a_cancelled_handling_leaves_the_event_open() -> None:
    handler, started = AsyncWebhookHandler(webhooks, dedupe="memory://"), asyncio.Event()

    async def slow(event: WebhookEvent) -> None:
        started.set()
        await asyncio.Event().wait()

    task = asyncio.create_task(handler.handle(*delivery(), slow))
    await started.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert (await handler.handle(*delivery(), lambda _: None)).outcome == "processed"


class AsyncCallable:
    def __init__(self) -> None:
        self.ran = False

    async def __call__(self, event: WebhookEvent) -> None:
        self.ran = True


async def test_an_object_with_an_async_call_is_awaited() -> None:
    callback = AsyncCallable()
    await AsyncWebhookHandler(webhooks, dedupe="memory://").handle(*delivery(), callback)
    assert callback.ran


def test_importing_the_room_loads_no_extra() -> None:
    program = (
        "import sys, astra.webhooks; print(sorted({'sqlalchemy', 'redis', 'httpx', 'starlette'} & set(sys.modules)))"
    )
    shown = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, env=os.environ)
    assert shown.stdout.strip() == "[]"
