"""Many processes, threads and tasks call Astra for one user while the server kills the user's only valid token.

    python scripts/bench/token_stress.py --store sqlite:////tmp/tokens.db --processes 6 --threads 8 --seconds 6

Prints calls, failed calls, token deaths and refreshes. No call may fail, and there may be no more refreshes than
deaths, plus two.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

import attrs

HERE = Path(__file__).resolve()
sys.path[:0] = [str(HERE.parents[2])]

from scripts.bench.sandbox_process import SandboxProcess  # noqa: E402

KEY = "customer-1"


@attrs.frozen
class StressResult:
    """What a stress run has seen."""

    calls: int
    failed: int
    errors: list[str]
    deaths: int
    refreshes: int

    @property
    def ok(self) -> bool:
        """Whether the promise was kept."""
        return self.failed == 0 and self.calls > 0 and self.refreshes <= self.deaths + 2


def stress(
    store: str, *, processes: int = 6, threads: int = 8, tasks: int = 0, seconds: float = 6.0, period: float = 1.0
) -> StressResult:
    """Runs the callers against a fresh sandbox.

    Args:
        store: URL of an empty token store that the processes share.
        processes: number of calling processes.
        threads: calling threads in each.
        tasks: calling asyncio tasks in each, in place of threads.
        seconds: how long they call.
        period: seconds between two deaths of the token.
    """
    from astra import Astra

    with SandboxProcess() as sandbox:
        user_id = sandbox.do("user")
        with Astra(**sandbox.client_arguments, token_store=store) as astra:
            astra.oauth.exchange(sandbox.do("authorize", user_id=user_id), key=KEY)
        arguments = json.dumps(
            {"client": sandbox.client_arguments, "store": store, "threads": threads, "tasks": tasks, "seconds": seconds}
        )
        callers = [
            subprocess.Popen(
                [sys.executable, str(HERE), "--caller", arguments],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
            for _ in range(processes)
        ]
        for caller in callers:
            assert _line(caller) == "ready"
        for caller in callers:
            assert caller.stdin is not None
            caller.stdin.write("go\n")
            caller.stdin.flush()
        deaths = 0
        ends = time.monotonic() + seconds
        next_death = time.monotonic() + period / 2
        while next_death < ends - period / 2:
            time.sleep(max(0.0, next_death - time.monotonic()))
            sandbox.do("kill", user_id=user_id)
            deaths += 1
            next_death += period
        reports = [json.loads(_line(caller)) for caller in callers]
        for caller in callers:
            caller.communicate(timeout=60)
        return StressResult(
            calls=sum(report["calls"] for report in reports),
            failed=sum(report["failed"] for report in reports),
            errors=[error for report in reports for error in report["errors"]][:5],
            deaths=deaths,
            refreshes=sandbox.do("refreshes", user_id=user_id),
        )


def _line(caller: subprocess.Popen[str]) -> str:
    assert caller.stdout is not None
    return caller.stdout.readline().strip()


def call_from_threads(arguments: dict[str, Any]) -> dict[str, Any]:
    """Calls from threads until the time is over."""
    from astra import Astra

    calls, errors = [0] * arguments["threads"], list[str]()
    with Astra(**arguments["client"], token_store=arguments["store"]) as astra:
        session = astra.user(KEY)
        session.profile.get()
        _ready()
        ends = time.monotonic() + arguments["seconds"]

        def work(number: int) -> None:
            while time.monotonic() < ends:
                try:
                    session.profile.get()
                except Exception as error:  # noqa: BLE001 - counted and shown
                    errors.append(repr(error))
                calls[number] += 1

        workers = [threading.Thread(target=work, args=(number,)) for number in range(arguments["threads"])]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
    return {"calls": sum(calls), "failed": len(errors), "errors": errors[:5]}


async def call_from_tasks(arguments: dict[str, Any]) -> dict[str, Any]:
    """Calls from asyncio tasks until the time is over."""
    from astra import AsyncAstra

    calls, errors = [0] * arguments["tasks"], list[str]()
    async with AsyncAstra(**arguments["client"], token_store=arguments["store"]) as astra:
        session = astra.user(KEY)
        await session.profile.get()
        _ready()
        ends = time.monotonic() + arguments["seconds"]

        async def work(number: int) -> None:
            while time.monotonic() < ends:
                try:
                    await session.profile.get()
                except Exception as error:  # noqa: BLE001 - counted and shown
                    errors.append(repr(error))
                calls[number] += 1

        await asyncio.gather(*(work(number) for number in range(arguments["tasks"])))
    return {"calls": sum(calls), "failed": len(errors), "errors": errors[:5]}


def _ready() -> None:
    print("ready", flush=True)
    sys.stdin.readline()


def main() -> int:
    """Runs once and prints the result."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--store", help="URL of an empty token store; default: a SQLite file of its own")
    parser.add_argument("--processes", type=int, default=6)
    parser.add_argument("--threads", type=int, default=8)
    parser.add_argument("--tasks", type=int, default=0)
    parser.add_argument("--seconds", type=float, default=6.0)
    parser.add_argument("--caller", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.caller:
        arguments = json.loads(options.caller)
        report = asyncio.run(call_from_tasks(arguments)) if arguments["tasks"] else call_from_threads(arguments)
        print(json.dumps(report), flush=True)
        return 0
    with tempfile.TemporaryDirectory() as folder:
        store = options.store or f"sqlite:///{folder}/tokens.db"
        result = stress(
            store,
            processes=options.processes,
            threads=options.threads,
            tasks=options.tasks,
            seconds=options.seconds,
        )
    print(
        f"{result.calls} calls, {result.failed} failed, {result.deaths} token deaths, {result.refreshes} refreshes",
        *result.errors,
        sep="\n",
    )
    return 0 if result.ok else 1


if __name__ == "__main__":
    raise SystemExit(main())
