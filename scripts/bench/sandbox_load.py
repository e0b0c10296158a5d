"""Loads the local sandbox: 10,000 users and 100,000 transfers, how fast it lists them, and how much it serves.

    python scripts/bench/sandbox_load.py

Prints the time from starting the process to its first answer, the median time of a list call, and the requests served
in a second over a few kept connections. The sandbox has a process of its own; every answer is checked. Then the same
with a state file that is saved without a pause while payments are made: how long calls take, and how long saving makes
the engine wait. And what a sandbox of its own costs a test, beside one that all share and that is reset before each.
"""

from __future__ import annotations

import argparse
import http.client
import json
import random
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import attrs

from astra.sandbox import Sandbox

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = """
import json, sys
from astra.sandbox import Sandbox
with Sandbox(seed=1) as sandbox:
    print(json.dumps({"url": sandbox.url}), flush=True)
    users, transfers = json.loads(sys.stdin.readline())
    made = sandbox.seed(users=users, transfers=transfers, authorized=True)
    print(json.dumps([user.access_token for user in made[:: max(1, users // 500)]]), flush=True)
    sys.stdin.read()
"""

PAY = "/v1/routines"
SAVING = """
import json, sys, threading, time
from astra.sandbox import Sandbox, backend
from astra.sandbox.engine import accounts

backend.SAVE_SECONDS = 0.0

class Lock:
    def __init__(self, lock):
        self.lock, self.longest, self.began = lock, 0.0, 0.0
    def __enter__(self):
        self.lock.acquire()
        if threading.current_thread().name == "astra-sandbox-saver":
            self.began = time.perf_counter()
    def __exit__(self, *error):
        if threading.current_thread().name == "astra-sandbox-saver":
            self.longest = max(self.longest, time.perf_counter() - self.began)
        self.lock.release()

users, transfers = json.loads(sys.argv[2])
sandbox = Sandbox(seed=1, state=sys.argv[1])
engine, saver, times = sandbox._backend.engine, sandbox._backend.saver, []
made = sandbox.seed(users=users, transfers=transfers, authorized=True)
some = made[:: max(1, users // 500)]
for one in some:
    accounts.link(engine, engine.state.users.rows[one.id], "savings")
tokens = [(one.access_token, [held.id for held in engine.state.accounts.of(one.id)]) for one in some]
lock, save = Lock(engine.lock), saver.save

def timed():
    began = time.perf_counter()
    save()
    times.append(time.perf_counter() - began)

engine.lock, saver.save = lock, timed
with sandbox:
    print(json.dumps([sandbox.url, tokens]), flush=True)
    sys.stdin.readline()
    while not times:
        time.sleep(0.01)
    print(json.dumps([times[0], len(times), lock.longest]), flush=True)
"""


@attrs.frozen
class Saving:
    """What was measured while the state was saved without a pause.

    Attributes:
        calls: how many calls were made, a third of them payments.
        p99_ms: what 99 of 100 calls took at most, milliseconds.
        whole_seconds: how long it took to write all.
        times: how often the state was saved.
        longest_ms: the longest time for which saving had the lock of the engine, milliseconds.
    """

    calls: int
    p99_ms: float
    whole_seconds: float
    times: int
    longest_ms: float


def run_saving(*, users: int, transfers: int, seconds: float, connections: int = 2) -> Saving:
    """Fills a sandbox that saves its state all the time, beginning with the whole of it, and loads it meanwhile."""
    with tempfile.TemporaryDirectory() as folder:
        process = subprocess.Popen(
            [sys.executable, "-c", SAVING, f"{folder}/sandbox.db", json.dumps([users, transfers])],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
        )
        with process:
            assert process.stdin is not None
            assert process.stdout is not None
            url, people = json.loads(process.stdout.readline())
            address = urlsplit(url)
            times: list[float] = []
            stop = time.monotonic() + seconds

            def work() -> None:
                connection = http.client.HTTPConnection(address.hostname or "", address.port)
                while time.monotonic() < stop:
                    token, (source, destination) = random.choice(people)
                    payment = {"type": "one-time", "name": "Savings", "payment_type": "ach", "amount": 1.5}
                    payment |= {"source_id": source, "destination_id": destination}
                    for path, body in (("/v1/user", None), ("/v1/transfers?page_size=10", None), (PAY, payment)):
                        began = time.perf_counter()
                        fetch(connection, path, token, body=body)
                        times.append((time.perf_counter() - began) * 1000.0)
                connection.close()

            run_together([work] * connections)
            process.stdin.write("\n")
            process.stdin.flush()
            whole, count, longest = json.loads(process.stdout.readline())
    return Saving(len(times), statistics.quantiles(times, n=100)[98], whole, count, longest * 1000.0)


def run_together(works: list[Callable[[], None]]) -> None:
    """Runs each in a thread of its own, and waits for all."""
    threads = [threading.Thread(target=work) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


@attrs.frozen
class Load:
    """What was measured.

    Attributes:
        start_seconds: from starting the process to its first answer, the interpreter included.
        list_ms: median of a list call over one connection, milliseconds.
        served: requests per second over several connections.
    """

    start_seconds: float
    list_ms: float
    served: float


def run_load(*, users: int, transfers: int, calls: int, seconds: float, connections: int = 4) -> Load:
    """Starts a sandbox, fills it, and loads it.

    Args:
        users: how many people.
        transfers: how many transfers, spread over them.
        calls: how many list calls to time one by one.
        seconds: how long to load it.
        connections: kept connections of the load.
    """
    started = time.monotonic()
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        address = urlsplit(json.loads(process.stdout.readline())["url"])
        place = (address.hostname or "", address.port or 0)
        connection = http.client.HTTPConnection(*place)
        connection.request("GET", "/v1/user")
        assert connection.getresponse().read()
        start_seconds = time.monotonic() - started
        process.stdin.write(json.dumps([users, transfers]) + "\n")
        process.stdin.flush()
        tokens: list[str] = json.loads(process.stdout.readline())
        each = transfers // users
        times = []
        for _ in range(calls):
            began = time.perf_counter()
            page = fetch(connection, "/v1/transfers?page_size=100", random.choice(tokens))
            times.append((time.perf_counter() - began) * 1000.0)
            assert len(page["transfers"]) == min(100, each)
        connection.close()
        served = load(place, tokens, seconds=seconds, connections=connections)
    finally:
        process.stdin.close()
        process.wait(20)
        process.stdout.close()
    return Load(start_seconds=start_seconds, list_ms=statistics.median(times), served=served)


@attrs.frozen
class PerTest:
    """What a sandbox costs a test, in milliseconds; medians.

    Attributes:
        start: to start one of its own.
        close: to close that one, after a call.
        own: to start one, make a call, and close it.
        shared: to reset one that all tests share, and make a call.
    """

    start: float
    close: float
    own: float
    shared: float


def run_tests(count: int) -> PerTest:
    """Gives each of some tests a sandbox of its own, and each of as many one that is reset, in turns."""
    starts, closes, owns, shares = [], [], [], []
    with Sandbox() as shared:
        for _ in range(count):
            began = time.perf_counter()
            own = Sandbox().start()
            started = time.perf_counter()
            greet(own)
            called = time.perf_counter()
            own.close()
            ended = time.perf_counter()
            shared.reset()
            greet(shared)
            reset = time.perf_counter()
            starts.append(started - began)
            closes.append(ended - called)
            owns.append(ended - began)
            shares.append(reset - ended)
    return PerTest(*(statistics.median(times) * 1000.0 for times in (starts, closes, owns, shares)))


def greet(sandbox: Sandbox) -> None:
    """Makes a call over a connection of its own."""
    address = urlsplit(sandbox.url)
    connection = http.client.HTTPConnection(address.hostname or "", address.port)
    connection.request("GET", "/healthz")
    assert connection.getresponse().read()
    connection.close()


def load(place: tuple[str, int], tokens: list[str], *, seconds: float, connections: int) -> float:
    """Sends list and read calls over several connections; returns the answers per second."""
    counts = [0] * connections
    stop = time.monotonic() + seconds

    def work(number: int) -> None:
        connection = http.client.HTTPConnection(*place)
        while time.monotonic() < stop:
            token = random.choice(tokens)
            assert fetch(connection, "/v1/user", token)["id"]
            assert fetch(connection, "/v1/transfers?page_size=10", token)["transfers"]
            counts[number] += 2
        connection.close()

    started = time.monotonic()
    run_together([partial(work, number) for number in range(connections)])
    return sum(counts) / (time.monotonic() - started)


def fetch(connection: http.client.HTTPConnection, path: str, token: str, *, body: object = None) -> Any:
    """Sends one call, a POST if it has a body, and reads its answer."""
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    connection.request("GET" if body is None else "POST", path, body and json.dumps(body), headers)
    response = connection.getresponse()
    answer = response.read()
    assert response.status in (200, 201), answer
    return json.loads(answer)


def main() -> None:
    """Prints what was measured."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--users", type=int, default=10_000)
    parser.add_argument("--transfers", type=int, default=100_000)
    parser.add_argument("--seconds", type=float, default=5.0)
    options = parser.parse_args()
    result = run_load(users=options.users, transfers=options.transfers, calls=300, seconds=options.seconds)
    print(f"{options.users:,} users, {options.transfers:,} transfers")
    print(f"start to first answer: {result.start_seconds:.2f} s")
    print(f"a list call: {result.list_ms:.1f} ms (median)")
    print(f"served: {result.served:,.0f} requests per second")
    saving = run_saving(users=options.users, transfers=options.transfers, seconds=4 * options.seconds)
    print(
        f"while the state is saved {saving.times} times: 99 % of {saving.calls:,} calls take {saving.p99_ms:.1f} ms; "
        f"the whole of it is written in {saving.whole_seconds:.1f} s; others wait {saving.longest_ms:.1f} ms at most"
    )
    test = run_tests(300)
    print(f"a sandbox of its own for a test: {test.start:.1f} ms to start, {test.close:.1f} ms to close")
    more = test.own - test.shared
    print(f"1,000 tests with one each take {more:.1f} s more than with a shared one that is reset (medians of 300)")


if __name__ == "__main__":
    main()
