"""How long each page of the sandbox's workbench takes with 100,000 transfers and 100,000 requests.

    python -m scripts.bench.workbench [--many 100000]

The time is that of a whole request over HTTP, the best and the median of some. Then how long a page makes the sandbox
itself wait at most: whoever holds the engine's lock stops every call. Exit code 1: a page took 100 ms or more at best.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from typing import Any

from tests.workbench.bench import ROOT, Bench
from tests.workbench.many import pages_of, with_many

LIMIT = 0.1
TRIES = 9


class Watched:
    """A lock that tells how long it was held."""

    def __init__(self, lock: Any) -> None:
        self._lock, self._depth, self._since, self.longest = lock, 0, 0.0, 0.0

    def __enter__(self) -> None:
        self._lock.acquire()
        self._depth += 1
        if self._depth == 1:
            self._since = time.perf_counter()

    def __exit__(self, *error: object) -> None:
        self._depth -= 1
        if not self._depth:
            self.longest = max(self.longest, time.perf_counter() - self._since)
        self._lock.release()


def time_of(bench: Bench, path: str) -> float:
    """Returns how long a page takes, in seconds."""
    before = time.perf_counter()
    status = bench.http.get(ROOT + path).status_code
    took = time.perf_counter() - before
    if status not in (200, 303, 404):
        sys.exit(f"{path} answered {status}")
    return took


def main() -> int:
    """Prints a line for each page."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--many", type=int, default=100_000, help="how many transfers, and how many requests")
    many = parser.parse_args().many
    slow = 0
    with with_many(many) as (bench, ids):
        engine: Any = bench.sandbox._backend.engine
        watched = engine.lock = Watched(engine.lock)
        print(f"{many:,} transfers, {many:,} requests; best, median, and how long the sandbox waits at most")
        for path in pages_of(ids):
            watched.longest = 0.0
            times = [time_of(bench, path) for _ in range(TRIES)]
            late = min(times) >= LIMIT
            slow += late
            figures = (min(times), statistics.median(times), watched.longest)
            told = "".join(f"{figure * 1000:7.1f} ms" for figure in figures)
            print(f"{told}  {path or '/'}{'   TOO SLOW' if late else ''}")
    return int(bool(slow))


if __name__ == "__main__":
    sys.exit(main())
