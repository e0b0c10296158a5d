"""A call that is cancelled, timed out or interrupted leaves one record of its attempt, and its exception names it."""

from __future__ import annotations

import asyncio
import gc
import os
import signal
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from contextvars import ContextVar
from importlib import import_module
from typing import Any

import pytest

import astra
from astra.instrumentation import CallInfo, CallObserver, CallOutcome, RequestRecord, capture_requests
from astra.request_log.memory import MemoryRequestLog
from astra.tokens import TokenAnswer
from tests.engine import httpx
from tests.http.paying import MADE, PAYMENT, AnsweringServer, answer, pay, read, run
from tests.signals import signal_handler_that_raises

GRANT = TokenAnswer(access_token="at-1", expires_in=7200, refresh_token="rt-1")


class SlowServer(AnsweringServer):
    """Answers when it is released."""

    def __init__(self, content: bytes) -> None:
        self.release = threading.Event()
        self.content = content
        super().__init__(self._late)

    def _late(self, _: bytes) -> bytes:
        self.release.wait(20)
        return self.content

    def __exit__(self, *_: object) -> None:
        self.release.set()
        super().__exit__()


def notes(error: BaseException) -> str:
    return "\n".join(getattr(error, "__notes__", ()))


def only(log: MemoryRequestLog) -> Any:
    (record,) = log.query()
    return record


async def until(event: threading.Event) -> None:
    await asyncio.to_thread(event.wait, 20)


@asynccontextmanager
async def async_user(server: AnsweringServer, log: MemoryRequestLog, **settings: Any) -> AsyncIterator[Any]:
    client = astra.AsyncAstra("client-id", "client-secret", base_url=server.origin, request_log=log, **settings)
    async with client:
        await client.tokens.store_answer("customer-42", GRANT, astra_user_id="u_1")
        yield client.user("customer-42")


class TellingLog(MemoryRequestLog):
    """Tells the event loop when it has a record."""

    def __init__(self) -> None:
        super().__init__()
        self.told = asyncio.Event()

    def append(self, record: RequestRecord) -> None:
        super().append(record)
        self.told.set()


async def test_a_cancelled_payment_ends_at_once_and_the_ledger_learns_that_it_was_made() -> None:
    log = TellingLog()
    with SlowServer(answer(MADE)) as server:
        async with async_user(server, log) as user:
            with capture_requests() as calls:
                task = asyncio.create_task(pay(user))
                await until(server.arrived)
            task.cancel()
            with pytest.raises(asyncio.CancelledError) as caught:
                await task
            assert log.query() == []
            server.release.set()
            await asyncio.wait_for(log.told.wait(), 20)
        assert (only(log).status, only(log).error_name, only(log).request_id) == (200, None, "req_1")
    assert calls.call_ids == (only(log).call_id,)
    assert only(log).call_id in notes(caught.value)
    assert "INV00042" in notes(caught.value)
    assert "look before you send it again" in notes(caught.value)
    assert server.posts() == 1


async def test_a_cancelled_payment_whose_answer_is_lost_stands_in_the_ledger_as_uncertain() -> None:
    log = TellingLog()
    with SlowServer(b"") as server:
        async with async_user(server, log) as user:
            with pytest.raises(TimeoutError) as caught:
                async with asyncio.timeout(0.2):
                    await pay(user)
            assert caught.value.__cause__ is not None
            server.release.set()
            await asyncio.wait_for(log.told.wait(), 20)
    assert only(log).error_name == "UncertainOutcomeError"
    assert only(log).call_id in notes(caught.value.__cause__)


async def test_a_cancelled_payment_that_is_refused_is_not_sent_again_in_the_background() -> None:
    log = TellingLog()
    with SlowServer(answer({"error": "invalid_token"}, status=401)) as server:
        async with async_user(server, log) as user:
            task = asyncio.create_task(pay(user))
            await until(server.arrived)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            server.release.set()
            await asyncio.wait_for(log.told.wait(), 20)
    assert only(log).error_name == "AuthenticationError"
    assert len(server.requests) == 1


async def test_close_ends_the_payments_whose_callers_have_left_each_with_its_record() -> None:
    log = MemoryRequestLog()
    with SlowServer(answer(MADE)) as server:
        async with async_user(server, log) as user:
            task = asyncio.create_task(pay(user))
            await until(server.arrived)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
        assert (only(log).status, only(log).error_name) == (None, "UncertainOutcomeError")


def test_the_end_of_the_event_loop_ends_them_too_without_a_complaint_of_asyncio(
    caplog: pytest.LogCaptureFixture,
) -> None:
    log = MemoryRequestLog()
    client = None

    async def leave(server: SlowServer) -> None:
        nonlocal client
        client = astra.AsyncAstra("client-id", "client-secret", base_url=server.origin, request_log=log)
        await client.tokens.store_answer("customer-42", GRANT, astra_user_id="u_1")
        task = asyncio.create_task(pay(client.user("customer-42")))
        await until(server.arrived)
        task.cancel()
        await asyncio.wait([task])

    with SlowServer(answer(MADE)) as server:
        asyncio.run(leave(server))
    gc.collect()
    assert only(log).error_name == "UncertainOutcomeError"
    assert not [record for record in caplog.records if record.name == "asyncio"]


async def test_a_payment_whose_task_somebody_else_cancels_is_uncertain_for_its_caller() -> None:
    log = MemoryRequestLog()
    with SlowServer(answer(MADE)) as server:
        async with async_user(server, log) as user:
            task = asyncio.create_task(pay(user))
            await until(server.arrived)
            for other in asyncio.all_tasks() - {task, asyncio.current_task()}:
                other.cancel()
            with pytest.raises(astra.UncertainOutcomeError):
                await task
    assert only(log).error_name == "UncertainOutcomeError"


async def test_a_cancelled_read_leaves_a_record_that_says_so() -> None:
    log = MemoryRequestLog()
    with SlowServer(answer({"id": "tr_1"})) as server:
        async with async_user(server, log) as user:
            with capture_requests() as calls:
                task = asyncio.create_task(read(user))
                await until(server.arrived)
                task.cancel()
                with pytest.raises(asyncio.CancelledError) as caught:
                    await task
            assert (only(log).status, only(log).error_name) == (None, "CancelledError")
    assert [record.error_name for record in calls.failed] == ["CancelledError"]
    assert only(log).call_id in notes(caught.value)
    assert "look before" not in notes(caught.value)


class SoftTimeLimit(Exception):
    """What a task queue raises in the middle of whatever runs."""


@contextmanager
def raised_by_a_signal(server: AnsweringServer, error: BaseException) -> Iterator[None]:
    """Raises the error in the main thread, out of a signal handler, once the server has a request."""

    def send() -> None:
        server.arrived.wait(20)
        os.kill(os.getpid(), signal.SIGUSR1)

    thread = threading.Thread(target=send)
    with signal_handler_that_raises(error):
        thread.start()
        try:
            yield
        finally:
            thread.join()


def test_an_exception_of_a_signal_handler_in_a_payment_is_an_uncertain_outcome() -> None:
    log, limit = MemoryRequestLog(), SoftTimeLimit("too slow")
    with (
        SlowServer(answer(MADE)) as server,
        pytest.raises(astra.UncertainOutcomeError) as caught,
        raised_by_a_signal(server, limit),
    ):
        run("blocking", server, log=log)
    assert caught.value.__cause__ is limit
    assert caught.value.client_correlation_id == "INV00042"
    assert caught.value.sent_at is not None
    assert (only(log).error_name, only(log).call_id) == ("UncertainOutcomeError", caught.value.call_id)


def test_a_payment_that_is_interrupted_is_not_looked_for_in_the_time_that_its_caller_no_longer_has() -> None:
    limit = SoftTimeLimit("too slow")
    with (
        SlowServer(answer(MADE)) as server,
        pytest.raises(astra.UncertainOutcomeError) as caught,
        raised_by_a_signal(server, limit),
    ):
        run("blocking", server, lambda user: user.routines.create(**PAYMENT, on_uncertain="reconcile"))
    assert caught.value.__cause__ is limit
    assert len(server.requests) == 1


def test_ctrl_c_in_a_payment_passes_with_a_note_and_leaves_a_record() -> None:
    log = MemoryRequestLog()
    with (
        SlowServer(answer(MADE)) as server,
        pytest.raises(KeyboardInterrupt) as caught,
        raised_by_a_signal(server, KeyboardInterrupt()),
        capture_requests() as calls,
    ):
        run("blocking", server, log=log)
    assert only(log).error_name == "UncertainOutcomeError"
    assert calls.call_ids == (only(log).call_id,)
    assert only(log).call_id in notes(caught.value)
    assert "INV00042" in notes(caught.value)


@pytest.mark.parametrize("error", [SoftTimeLimit("too slow"), KeyboardInterrupt()], ids=repr)
def test_a_read_that_is_interrupted_raises_what_interrupted_it(error: BaseException) -> None:
    log = MemoryRequestLog()
    with (
        SlowServer(answer({"id": "tr_1"})) as server,
        pytest.raises(type(error)) as caught,
        raised_by_a_signal(server, error),
    ):
        run("blocking", server, read, log=log)
    assert caught.value is error
    assert only(log).error_name == type(error).__name__
    assert only(log).call_id in notes(caught.value)


class Interrupted(MemoryRequestLog):
    """A log in whose first `append` a signal arrives."""

    arrived = False

    def append(self, record: RequestRecord) -> None:
        if not self.arrived:
            self.arrived = True
            os.kill(os.getpid(), signal.SIGUSR1)
        super().append(record)


class Watcher(CallObserver):
    """Hears of each attempt and each end, and is interrupted by a signal at one of them."""

    def __init__(self, moment: str) -> None:
        self.moment = moment
        self.heard: list[str] = []

    def on_call_start(self, call: CallInfo) -> None: ...

    def on_attempt(self, record: RequestRecord) -> None:
        self.hear("attempt")

    def on_call_end(self, token: object, outcome: CallOutcome) -> None:
        self.hear("end")

    def hear(self, what: str) -> None:
        self.heard.append(what)
        if what == self.moment:
            os.kill(os.getpid(), signal.SIGUSR1)


@pytest.mark.parametrize("error", [SoftTimeLimit("too slow"), KeyboardInterrupt()], ids=repr)
def test_an_interruption_while_a_payment_is_recorded_reaches_the_caller_and_loses_no_record(
    error: BaseException,
) -> None:
    log = Interrupted()
    with (
        AnsweringServer(answer(MADE)) as server,
        pytest.raises((astra.UncertainOutcomeError, KeyboardInterrupt)) as caught,
        signal_handler_that_raises(error),
        capture_requests() as calls,
    ):
        run("blocking", server, log=log)
    assert error in (caught.value, caught.value.__cause__)
    # The log knows more than the caller, who could not wait for it.
    assert (only(log).error_name, only(log).status) == (None, 200)
    assert calls.call_ids == (only(log).call_id,)


# A socket of a pool that is not used any more is left to the interpreter, which says so.
@pytest.mark.filterwarnings("ignore:Exception ignored in. <socket.socket :pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("library", ["httpx", "httpx2"])
@pytest.mark.parametrize("error", [SoftTimeLimit("too slow"), KeyboardInterrupt()], ids=repr)
def test_an_interruption_while_a_pool_takes_a_lock_does_not_block_the_calls_that_follow(
    error: BaseException, library: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ASTRA_HTTP", library)
    locks = import_module(library.replace("httpx", "httpcore") + "._synchronization")
    take = locks.ThreadLock.__enter__
    takes = 0

    def interrupted(self: Any) -> Any:
        nonlocal takes
        taken = take(self)
        takes += 1
        if takes == 1:
            os.kill(os.getpid(), signal.SIGUSR1)
        return taken

    ended: list[Any] = []
    with (
        AnsweringServer(answer(MADE)) as server,
        astra.Astra("client-id", "client-secret", base_url=server.origin) as client,
        signal_handler_that_raises(error),
    ):
        client.tokens.store_answer("customer-42", GRANT, astra_user_id="u_1")
        monkeypatch.setattr(locks.ThreadLock, "__enter__", interrupted)
        with pytest.raises((astra.UncertainOutcomeError, KeyboardInterrupt)):
            pay(client.user("customer-42"))
        following = threading.Thread(target=lambda: ended.append(pay(client.user("customer-42"))), daemon=True)
        following.start()
        following.join(10)
        assert len(ended) == 1, "the next call waits for ever"


@pytest.mark.parametrize("moment", ["attempt", "end"])
def test_an_interruption_of_an_observer_reaches_the_caller_and_nobody_hears_anything_twice(moment: str) -> None:
    log, limit, watcher = MemoryRequestLog(), SoftTimeLimit("too slow"), Watcher(moment)
    with (
        AnsweringServer(answer(MADE)) as server,
        astra.Astra("client-id", "client-secret", base_url=server.origin, request_log=log) as client,
        signal_handler_that_raises(limit),
    ):
        client.tokens.store_answer("customer-42", GRANT, astra_user_id="u_1")
        client.observers.add(watcher)
        with pytest.raises(astra.UncertainOutcomeError) as caught:
            pay(client.user("customer-42"))
    assert caught.value.__cause__ is limit
    assert only(log).call_id == caught.value.call_id
    assert watcher.heard == ["attempt", "end"]


def test_an_interruption_while_a_refused_payment_waits_to_be_sent_again_leaves_no_doubt() -> None:
    limit = SoftTimeLimit("too slow")

    def interrupted(_: float) -> None:
        raise limit

    with (
        AnsweringServer(answer(status=429)) as server,
        astra.Astra("client-id", "client-secret", base_url=server.origin) as client,
        pytest.raises(SoftTimeLimit) as caught,
    ):
        client.tokens.store_answer("customer-42", GRANT, astra_user_id="u_1")
        client._pipeline.sleep = interrupted
        pay(client.user("customer-42"))
    assert caught.value is limit
    assert "look before you send it again" not in notes(limit)


async def test_the_exchange_of_a_payment_sees_the_context_variables_of_its_caller() -> None:
    trace: ContextVar[str] = ContextVar("trace", default="none")
    seen: list[str] = []

    async def note_trace(_: httpx.Request) -> None:
        seen.append(trace.get())

    with AnsweringServer(answer(MADE)) as server:
        async with (
            httpx.AsyncClient(event_hooks={"request": [note_trace]}) as own,
            async_user(server, MemoryRequestLog(), http_client=own) as user,
        ):
            trace.set("trace-7")
            assert (await pay(user)).id == "rt_1"
    assert seen == ["trace-7"]


def test_close_in_another_thread_during_a_payment_is_an_uncertain_outcome() -> None:
    log = MemoryRequestLog()
    with SlowServer(answer(MADE)) as server:
        client = astra.Astra("client-id", "client-secret", base_url=server.origin, request_log=log)
        client.tokens.store_answer("customer-42", GRANT, astra_user_id="u_1")

        def close() -> None:
            server.arrived.wait(20)
            client.close()

        thread = threading.Thread(target=close)
        thread.start()
        with pytest.raises(astra.UncertainOutcomeError) as caught:
            pay(client.user("customer-42"))
        thread.join()
    assert (only(log).error_name, only(log).call_id) == ("UncertainOutcomeError", caught.value.call_id)


async def test_close_in_another_task_during_a_payment_is_an_uncertain_outcome() -> None:
    log = MemoryRequestLog()
    with SlowServer(answer(MADE)) as server:
        async with async_user(server, log) as user:
            task = asyncio.create_task(pay(user))
            await until(server.arrived)
        with pytest.raises(astra.UncertainOutcomeError) as caught:
            await task
    assert (only(log).error_name, only(log).call_id) == ("UncertainOutcomeError", caught.value.call_id)
