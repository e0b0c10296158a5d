"""Programs that fork by themselves, with everything open and in use before."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from astra.request_log import open_request_log
from scripts.bench.sandbox_process import ROOT, SandboxProcess

MULTIPROCESSING = """
import multiprocessing, sys, threading
from tests.forks.client import astra, call

def child(reports):
    reports.put(call(245))
    with astra:  # its end closes what is the child's alone
        reports.put(call(5))

context = multiprocessing.get_context("fork")
reports, stop, parent = context.SimpleQueue(), threading.Event(), []

def busy():
    while not stop.is_set():
        parent.append(call(5))

threads = [threading.Thread(target=busy) for _ in range(2)]
for thread in threads:
    thread.start()
children = [context.Process(target=child, args=(reports,)) for _ in range(4)]
for process in children:
    process.start()
told = [reports.get() for _ in range(8)]
for process in children:
    process.join()
stop.set()
for thread in threads:
    thread.join()
parent.append(call(1))
astra.close()
print([process.exitcode for process in children], sum(report["made"] for report in told),
      [report["failed"] for report in told + parent if report["failed"]])
print(sum(report["made"] for report in parent))
"""


def run(program: str, environment: dict[str, str]) -> list[str]:
    """The lines that a program prints; it must not warn of anything, nor leave anything open."""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-W", "ignore:This process:DeprecationWarning", "-c", program],
        env=os.environ | environment,
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert (done.stderr, done.returncode) == ("", 0)
    return done.stdout.splitlines()


@pytest.mark.sampled(1)
@pytest.mark.parametrize("kind", ["sqlite", "postgresql", "redis"])
def test_four_children_make_1000_calls_beside_busy_threads_of_their_parent(
    kind: str, sandbox: SandboxProcess, environment: dict[str, str], request: pytest.FixtureRequest
) -> None:
    if kind != "sqlite":
        url = request.getfixturevalue(f"{'postgres' if kind == 'postgresql' else 'redis'}_url")
        with sandbox.view(environment["ASTRA_TOKEN_STORE"]) as first, sandbox.view(url) as store:
            store.save(next(first.iterate()), replaces=None)
        environment |= {"ASTRA_TOKEN_STORE": url}
        if kind == "postgresql":
            environment |= {"ASTRA_REQUEST_LOG": url}
    ended, parent = run(MULTIPROCESSING, environment)
    assert ended == "[0, 0, 0, 0] 1000 []"
    made = 1_000 + int(parent) + 1
    assert sandbox.do("counts")["get_user"] == made
    with open_request_log(environment["ASTRA_REQUEST_LOG"]) as log:
        assert len(log.query(operation="get_user", limit=2 * made)) == made


@pytest.mark.sampled(1)
@pytest.mark.parametrize("library", ["httpx", "httpx2"])
def test_an_async_client_works_in_the_loops_of_parent_and_child(
    library: str, sandbox: SandboxProcess, environment: dict[str, str]
) -> None:
    program = """
import asyncio, os
from astra import AsyncAstra
from tests.forks import KEY

astra = AsyncAstra.from_env()

async def call(times):
    await asyncio.gather(*(astra.user(KEY).profile.get() for _ in range(times)))

asyncio.run(call(10))
child = os.fork()
asyncio.run(call(10))
if child == 0:
    asyncio.run(astra.close())
    os._exit(0)
print(os.waitpid(child, 0)[1])
asyncio.run(call(10))
asyncio.run(astra.close())
"""
    assert run(program, environment | {"ASTRA_HTTP": library}) == ["0"]
    assert sandbox.do("counts")["get_user"] == 40
    with open_request_log(environment["ASTRA_REQUEST_LOG"]) as log:
        assert len(log.query(operation="get_user")) == 40


def test_what_a_child_of_multiprocessing_did_last_is_in_the_ledger(
    sandbox: SandboxProcess, environment: dict[str, str]
) -> None:
    program = """
import multiprocessing
from tests.forks.client import astra, call

child = multiprocessing.get_context("fork").Process(target=call, args=(7,))
child.start()
child.join()
print(child.exitcode)
astra.close()
"""
    assert run(program, environment) == ["0"]
    with open_request_log(environment["ASTRA_REQUEST_LOG"]) as log:
        assert len(log.query(operation="get_user")) == 1 + 7


def test_no_child_waits_for_a_lock_that_a_thread_of_its_parent_held_while_it_used_a_resource() -> None:
    program = """
import os, signal, sys, threading
from astra import Astra

sys.setswitchinterval(1e-6)
astra, stop = Astra("id", "secret"), threading.Event()

def use():
    user = astra.user("customer-42")
    user.profile, user.accounts, user.cards, user.routines, user.transfers

def busy():
    while not stop.is_set():
        use()

use()
threads = [threading.Thread(target=busy) for _ in range(3)]
for thread in threads:
    thread.start()
failed = 0
for _ in range(20):
    child = os.fork()
    if child == 0:
        signal.alarm(20)
        use()
        os._exit(0)
    failed += os.waitpid(child, 0)[1] != 0
stop.set()
for thread in threads:
    thread.join()
print(failed)
"""
    assert run(program, {}) == ["0"]
