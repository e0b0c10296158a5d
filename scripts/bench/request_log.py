"""Fills a request log with a million rows, times `astra requests list` on it, and measures what logging adds to a call.

    python scripts/bench/request_log.py
    python scripts/bench/request_log.py --rows 1000000 --calls 2000

Times of the command line include the start of the interpreter. The cost of a call is CPU time of this process, the
log's own thread included, against the local Astra in a process of its own; the log that is written to holds the rows
already. Rounds with and without the log take turns, and the medians are compared. Of several starts of the command
line the best counts.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import attrs

HERE = Path(__file__).resolve()
sys.path[:0] = [str(HERE.parents[2])]

from astra import Astra, UserSession  # noqa: E402
from astra.request_log import RequestLog, RequestRecord  # noqa: E402
from astra.request_log.sqlite import SQLiteRequestLog, SQLiteSink, requests_file  # noqa: E402
from astra.tokens import TokenAnswer  # noqa: E402
from scripts.bench.sandbox_process import SandboxProcess  # noqa: E402

OPERATIONS = ("get_transfer", "list_transfers", "create_routine", "get_user", "list_cards", "exchange_token")
STATUSES = (200,) * 95 + (404, 404, 429, 500, None)
BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
SEARCHES = {
    "user": ["--user", "customer-77"],
    "status": ["--status", "404"],
    "status class": ["--status", "5xx"],
    "frequent status": ["--status", "200"],
    "time": ["--since", "2026-01-05", "--until", "2026-01-06"],
    "failures": ["--failed"],
    "operation": ["--operation", "create_routine"],
}


@attrs.frozen(kw_only=True)
class LogBenchResult:
    """What the bench has measured."""

    rows: int
    insert_us: float
    list_ms: dict[str, float]
    call_us: float
    logged_call_us: float

    @property
    def slowest_list_ms(self) -> float:
        """The slowest of the searches."""
        return max(self.list_ms.values())

    @property
    def overhead(self) -> float:
        """What logging adds to the CPU time of a call, as a share of it."""
        return self.logged_call_us / self.call_us - 1


def run_bench(*, rows: int = 1_000_000, calls: int = 2_000, starts: int = 5) -> LogBenchResult:
    """Runs the bench.

    Args:
        rows: how many rows the log holds.
        calls: how many calls are made with the log, and as many without.
        starts: how often each search is started; the best counts, as others use the machine too.
    """
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "requests.db")
        insert_us = fill(path, rows)
        found = {name: time_list(path, options, starts) for name, options in SEARCHES.items()}
        plain, logged = measure_calls(path, calls)
    return LogBenchResult(rows=rows, insert_us=insert_us, list_ms=found, call_us=plain, logged_call_us=logged)


def fill(path: Path, rows: int) -> float:
    """Writes made-up rows and returns the CPU microseconds that one took at the end, when the file was full."""
    sink, chance, spent = SQLiteSink(requests_file(path)), random.Random(1), 0.0
    batch_size = 2_000
    for start in range(0, rows, batch_size):
        batch = [made_up(number, chance) for number in range(start, min(start + batch_size, rows))]
        before = time.process_time()
        sink.write(batch)
        spent = (time.process_time() - before) / len(batch) * 1e6
    sink.close()
    return spent


def made_up(number: int, chance: random.Random) -> RequestRecord:
    """A row as a busy service writes it: ids at random, 20,000 users, 5 % failures."""
    status = chance.choice(STATUSES)
    return RequestRecord(
        call_id=f"call_a1b2c3d4{number:016x}",
        request_id=f"{chance.getrandbits(128):032x}",
        time=BEGIN + timedelta(seconds=2 * number),
        operation=chance.choice(OPERATIONS),
        method="GET",
        path="/v1/transfers/{id}",
        status=status,
        duration_ms=chance.random() * 400,
        user_key=f"customer-{chance.randrange(20_000)}",
        error_name=None if status == 200 else "InternalServerError",
    )


def time_list(path: Path, options: list[str], starts: int) -> float:
    """Milliseconds from the start of `astra requests list` to its end, at best."""
    command = [sys.executable, "-c", "from astra.cli import main; main()", "requests", "list", *options]
    environment = os.environ | {"ASTRA_REQUEST_LOG": f"sqlite:///{path}", "PYTHONPATH": str(HERE.parents[2])}
    taken: list[float] = []
    for _ in range(starts):
        before = time.perf_counter()
        subprocess.run(command, env=environment, check=True, capture_output=True)
        taken.append((time.perf_counter() - before) * 1000)
    return min(taken)


def measure_calls(path: Path, calls: int) -> tuple[float, float]:
    """CPU microseconds of a call without and with the log."""
    with SandboxProcess() as sandbox, tempfile.NamedTemporaryFile() as seeds:
        sandbox.do("seed", users=1, path=seeds.name)
        user_id, access, refresh = json.loads(Path(seeds.name).read_text())
        answer = TokenAnswer(access_token=access, expires_in=7200, refresh_token=refresh)
        log = SQLiteRequestLog(path)
        with (
            Astra(**sandbox.client_arguments) as plain,
            Astra(**sandbox.client_arguments, request_log=log) as logging,
        ):
            for client in (plain, logging):
                client.tokens.store_answer("customer-42", answer, astra_user_id=user_id)
            rounds = 20
            spent: dict[str, list[float]] = {"plain": [], "logged": []}
            for number in range(rounds + 2):
                one = cost(plain.user("customer-42"), None, calls // rounds)
                two = cost(logging.user("customer-42"), log, calls // rounds)
                if number > 1:
                    spent["plain"].append(one)
                    spent["logged"].append(two)
        log.close()
    return statistics.median(spent["plain"]), statistics.median(spent["logged"])


def cost(user: UserSession, log: RequestLog | None, calls: int) -> float:
    """CPU microseconds of one call, everything written out."""
    finish: Callable[[], object] = log.flush if log is not None else bool
    before = time.process_time()
    for _ in range(calls):
        user.profile.get()
    finish()
    return (time.process_time() - before) / calls * 1e6


def main() -> None:
    """Prints what the bench has measured."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--calls", type=int, default=2_000)
    options = parser.parse_args()
    result = run_bench(rows=options.rows, calls=options.calls)
    print(f"{result.rows:,} rows; a row more costs {result.insert_us:.0f} us of CPU")
    for name, taken in result.list_ms.items():
        print(f"astra requests list by {name:<16} {taken:6.0f} ms")
    print(
        f"a call: {result.call_us:.0f} us of CPU; with the log {result.logged_call_us:.0f} us, {result.overhead:+.1%}"
    )


if __name__ == "__main__":
    main()
