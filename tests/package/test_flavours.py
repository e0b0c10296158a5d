"""What differs between threads and asyncio has two names of one form, and behaves alike under both."""

from __future__ import annotations

import ast
import asyncio
import contextvars
import inspect
import logging
import os
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from astra import ReauthorizationRequired, _flavours
from astra._flavours import AsyncWorkers, async_run_many, run_many
from astra.tokens import Tokens, open_store
from astra.webhooks import AsyncWebhookHandler, WebhookEvent, Webhooks

PUBLIC = {
    name: value for name, value in vars(_flavours).items() if getattr(value, "__module__", "") == "astra._flavours"
}
ASYNC = [name for name in PUBLIC if name.startswith(("Async", "async_"))]


@pytest.mark.parametrize("name", ASYNC)
def test_a_thing_of_event_loops_has_a_blocking_twin_that_is_called_alike(name: str) -> None:
    ours, twin = PUBLIC[name], PUBLIC[name.removeprefix("Async").removeprefix("async_")]
    pairs = [(ours, twin)]
    if isinstance(ours, type):
        methods = [method for method in vars(ours) if not method.startswith("_")]
        pairs = [
            (getattr(ours, method), getattr(twin, "close" if method == "aclose" else method)) for method in methods
        ]
    for one, other in pairs:
        assert list(inspect.signature(one).parameters) == list(inspect.signature(other).parameters)


def test_the_flavours_know_nothing_of_what_uses_them() -> None:
    tree = ast.parse(Path(_flavours.__file__).read_text(encoding="utf-8"))
    imported = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert {module for module in imported if module and module.startswith("astra")} == {"astra.errors"}


async def test_callbacks_that_block_all_threads_of_the_loop_do_not_hold_up_other_events() -> None:
    """Else a finished event could not be marked done before its lease ends, and would be handled twice."""
    loop = asyncio.get_running_loop()
    loop.set_default_executor(ThreadPoolExecutor(1))
    webhooks, release, blocked = Webhooks("secret"), threading.Event(), asyncio.Event()
    handler = AsyncWebhookHandler(webhooks, dedupe="memory://")

    def block(event: WebhookEvent) -> None:
        loop.call_soon_threadsafe(blocked.set)
        assert release.wait(30)

    async def quick(event: WebhookEvent) -> None:
        pass

    def event(number: int) -> tuple[bytes, str]:
        body = b'{"webhook_type": "transfer_updated", "webhook_id": "w%d"}' % number
        return body, webhooks.sign(body)

    slow = asyncio.ensure_future(handler.handle(*event(1), block))
    async with asyncio.timeout(30):
        await blocked.wait()
        assert (await handler.handle(*event(2), quick)).outcome == "processed"
    release.set()
    assert (await slow).outcome == "processed"
    await handler.close()


async def test_work_in_a_thread_has_the_context_of_its_caller() -> None:
    variable = contextvars.ContextVar("variable", default="none")
    variable.set("mine")
    workers = AsyncWorkers()
    assert await workers.run(variable.get) == "mine"
    workers.close()
    assert await workers.run(variable.get) == "mine"
    workers.close()


def test_worker_threads_start_anew_after_a_fork() -> None:
    workers = AsyncWorkers()
    assert asyncio.run(workers.run(os.getpid)) == os.getpid()
    child = os.fork()
    if child == 0:
        try:
            os._exit(0 if asyncio.run(asyncio.wait_for(workers.run(os.getpid), 20)) == os.getpid() else 1)
        except BaseException:
            os._exit(2)
    assert os.waitpid(child, 0)[1] == 0
    workers.close()


async def test_one_of_many_tasks_that_fails_ends_the_others() -> None:
    ended = asyncio.Event()
    numbers = iter(range(3))

    async def work() -> None:
        if next(numbers) == 2:
            raise ZeroDivisionError
        await ended.wait()

    with pytest.raises(ZeroDivisionError):
        await async_run_many(3, work, ended.set)


def test_one_of_many_threads_that_fails_ends_the_others() -> None:
    ended = threading.Event()
    numbers = iter(range(3))

    def work() -> None:
        if next(numbers) == 2:
            raise ZeroDivisionError
        assert ended.wait(30)

    with pytest.raises(ZeroDivisionError):
        run_many(3, work, ended.set)


def test_an_async_hook_of_the_blocking_client_is_reported_and_not_lost(caplog: pytest.LogCaptureFixture) -> None:
    async def hook(error: ReauthorizationRequired) -> None:
        raise AssertionError("nobody can await this")

    tokens = Tokens(
        open_store("memory://"), refresh=lambda _: pytest.fail("not called"), on_reauthorization_required=hook
    )
    with caplog.at_level(logging.ERROR, "astra.tokens"):
        tokens._renewal.announce(ReauthorizationRequired("dead", user_key="k1"))
    assert "An async function needs the async class" in caplog.text
