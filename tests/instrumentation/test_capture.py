"""Who is told of a call: blocks that collect requests, across threads and tasks; observers; the `astra` logger."""

from __future__ import annotations

import asyncio
import contextvars
import logging
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

import astra
from astra.instrumentation import (
    CallInfo,
    CallObserver,
    CallObservers,
    CallOutcome,
    RequestRecord,
    capture_requests,
)
from astra.instrumentation.dispatch import Telling
from astra.request_log.memory import MemoryRequestLog
from tests.request_log.test_logs import record


def attempt(number: int, **fields: Any) -> Telling:
    return Telling(lambda: record(number, **fields))


def call(number: int) -> None:
    CallObservers().tell(attempt(number))


def ids(calls) -> list[str]:
    return sorted(one.call_id for one in calls)


def test_a_block_collects_what_happens_inside_it() -> None:
    call(0)
    with capture_requests() as calls:
        call(1)
        CallObservers().tell(attempt(2, status=500, error_name="InternalServerError"))
        CallObservers().tell(attempt(3, call_id="call_2", request_id=None, status=None, error_name="APITimeoutError"))
        assert len(calls) == 3
    call(4)
    assert calls.request_ids == ("req-1", "req-2")
    assert calls.call_ids == ("call_1", "call_2")
    assert [one.call_id for one in calls.failed] == ["call_2", "call_2"]
    assert calls.records == tuple(calls)


def test_blocks_nest() -> None:
    with capture_requests() as outer:
        call(1)
        with capture_requests() as inner:
            call(2)
        call(3)
    assert (ids(outer), ids(inner)) == (["call_1", "call_2", "call_3"], ["call_2"])


def test_a_block_that_raises_still_has_its_requests() -> None:
    with pytest.raises(RuntimeError), capture_requests() as calls:
        call(1)
        raise RuntimeError
    call(2)
    assert ids(calls) == ["call_1"]


async def test_tasks_of_a_block_take_part_by_themselves_and_others_do_not() -> None:
    async def work(number: int) -> None:
        await asyncio.sleep(0)
        call(number)

    async def operation(first: int):
        with capture_requests() as calls:
            await asyncio.gather(work(first), work(first + 1), asyncio.to_thread(call, first + 2))
        return calls

    stranger = asyncio.create_task(work(99))
    one, two = await asyncio.gather(operation(10), operation(20))
    await stranger
    assert (ids(one), ids(two)) == (["call_10", "call_11", "call_12"], ["call_20", "call_21", "call_22"])


def test_threads_take_part_by_wrap_by_attach_or_by_a_copied_context() -> None:
    with capture_requests() as calls:

        def attached() -> None:
            with calls.attach():
                call(1)

        context = contextvars.copy_context()
        threads = [
            threading.Thread(target=attached),
            threading.Thread(target=calls.wrap(call), args=(2,)),
            threading.Thread(target=context.run, args=(call, 3)),
            threading.Thread(target=call, args=(4,)),
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert ids(calls) == ["call_1", "call_2", "call_3"]


def test_a_pool_takes_part_and_keeps_blocks_apart() -> None:
    barrier = threading.Barrier(4)

    def work(number: int) -> None:
        barrier.wait(10)
        call(number)

    with ThreadPoolExecutor(4) as pool, capture_requests() as one, capture_requests() as two:
        futures = [pool.submit(one.wrap(work), 0), pool.submit(one.wrap(work), 1)]
        futures += [pool.submit(two.wrap(work), 2), pool.submit(two.wrap(work), 3)]
        for future in futures:
            future.result(10)
    assert (ids(one), ids(two)) == (["call_0", "call_1"], ["call_2", "call_3"])


def test_attaching_twice_collects_once() -> None:
    with capture_requests() as calls, calls.attach():
        call(1)
    assert ids(calls) == ["call_1"]


def test_many_threads_lose_nothing() -> None:
    with capture_requests() as calls, ThreadPoolExecutor(8) as pool:
        list(pool.map(calls.wrap(lambda number: [call(number * 100 + index) for index in range(100)]), range(8)))
    assert len(set(ids(calls))) == 800


def test_nobody_listens_until_somebody_does() -> None:
    logging.getLogger("astra").setLevel(logging.WARNING)
    observers = CallObservers()
    assert not observers.wants_records()
    assert CallObservers(log=MemoryRequestLog()).wants_records()
    with capture_requests():
        assert observers.wants_records()
    observers.add(Watcher())
    assert observers.wants_records()


def test_the_log_line_has_ids_and_nothing_personal(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "astra"):
        assert CallObservers().wants_records()
        CallObservers().tell(attempt(1, user_key="someone@example.com"))
        CallObservers().tell(
            attempt(2, status=None, request_id=None, error_name="APITimeoutError", user_key="someone@example.com")
        )
    first, second = caplog.records
    assert first.getMessage() == (
        "get_transfer GET /v1/transfers/{id} -> 200 in 12 ms, attempt 1, request id req-1, call id call_1"
    )
    assert "-> APITimeoutError" in second.getMessage()
    assert "request id none" in second.getMessage()
    assert (first.__dict__["astra_request_id"], first.__dict__["astra_status"]) == ("req-1", 200)
    assert "someone@example.com" not in str(first.__dict__) + str(second.__dict__)


def test_a_log_of_your_own_that_raises_breaks_no_call(caplog: pytest.LogCaptureFixture) -> None:
    class Broken(MemoryRequestLog):
        def append(self, record: RequestRecord) -> None:
            raise OSError("disk full")

    with capture_requests() as calls:
        CallObservers(log=Broken()).tell(attempt(1))
    assert ids(calls) == ["call_1"]
    assert "refused a record: OSError" in caplog.text


class Watcher(CallObserver):
    def __init__(self, *, broken: bool = False) -> None:
        self.heard: list[object] = []
        self.broken = broken

    def on_call_start(self, call: CallInfo) -> object:
        self.hear("start", call.operation)
        return self

    def on_attempt(self, record: RequestRecord) -> None:
        self.hear("attempt", record.attempt)

    def on_call_end(self, token: object, outcome: CallOutcome) -> None:
        assert token is self
        self.hear("end", outcome.attempts)

    def hear(self, *what: object) -> None:
        if self.broken:
            raise ValueError("broken observer")
        self.heard.append(what)


def test_observers_hear_a_call_from_start_to_end_and_a_broken_one_harms_nobody(caplog) -> None:
    observers, first, broken, second = CallObservers(), Watcher(), Watcher(broken=True), Watcher()
    for watcher in (first, broken, second):
        observers.add(watcher)
    tokens = observers.start(CallInfo("call_1", "get_transfer", "GET", "/v1/transfers/{id}"))
    observers.remove(second)
    observers.tell(attempt(1))
    observers.end(tokens, CallOutcome(200, ("req-1",), 1))
    assert first.heard == [("start", "get_transfer"), ("attempt", 1), ("end", 1)]
    assert second.heard == [("start", "get_transfer"), ("end", 1)]
    assert caplog.text.count("call observer Watcher failed") == 2


def test_an_observer_without_one_of_the_three_hooks_is_refused_and_never_silent() -> None:
    class Misspelt(CallObserver):
        def on_call_start(self, call: CallInfo) -> object: ...
        def on_atempt(self, record: RequestRecord) -> None: ...
        def on_call_end(self, token: object, outcome: CallOutcome) -> None: ...

    with pytest.raises(TypeError, match="on_attempt"):
        Misspelt()  # type: ignore[abstract]
    with pytest.raises(astra.ConfigurationError, match=r"astra\.instrumentation\.CallObserver"):
        CallObservers().add(Misspelt)  # type: ignore[arg-type]
