"""Loads the local sandbox: 10,000 users and 100,000 transfers, how fast it lists them, and how much it serves.

    python scripts/bench/sandbox_load.py

Prints the time from starting the process to its first answer, the median time of a list call, and the requests served
in a second over a few kept connections. The sandbox has a process of its own; every answer is checked. And what a
sandbox of its own costs each of a hundred tests: to start it, and to close it after a call.
"""

from __future__ import annotations

import argparse
import http.client
import json
import random
import statistics
import subprocess
import sys
import threading
import time
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


def start_and_close(count: int) -> tuple[float, float]:
    """Starts and closes sandboxes in this process, each after a call; returns the medians of both, in milliseconds."""
    starts, closes = [], []
    for _ in range(count):
        began = time.perf_counter()
        sandbox = Sandbox().start()
        starts.append((time.perf_counter() - began) * 1000.0)
        address = urlsplit(sandbox.url)
        connection = http.client.HTTPConnection(address.hostname or "", address.port)
        connection.request("GET", "/healthz")
        assert connection.getresponse().read()
        began = time.perf_counter()
        sandbox.close()
        closes.append((time.perf_counter() - began) * 1000.0)
        connection.close()
    return statistics.median(starts), statistics.median(closes)


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

    threads = [threading.Thread(target=work, args=(number,)) for number in range(connections)]
    started = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(counts) / (time.monotonic() - started)


def fetch(connection: http.client.HTTPConnection, path: str, token: str) -> Any:
    """Sends one call and reads its answer."""
    connection.request("GET", path, headers={"Authorization": f"Bearer {token}"})
    response = connection.getresponse()
    body = response.read()
    assert response.status == 200, body
    return json.loads(body)


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
    start, close = start_and_close(100)
    print(f"a sandbox of its own for a test: {start:.1f} ms to start, {close:.1f} ms to close (medians of 100)")


if __name__ == "__main__":
    main()
