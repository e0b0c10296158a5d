"""Runs every test: side by side what can be, one after the other what needs the machine to itself.

The outages mostly wait for a server that hangs, so they run beside each other, whatever the number of processors.

    python scripts/run_tests.py [pytest arguments]

`PYTEST_WORKERS` sets how many run side by side; the default is one for each processor.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time

PHASES = (
    ("side by side", "not stress and not browser", None),
    ("through outages", "outage", "4"),
    ("one after the other", "(stress and not outage) or browser", "0"),
)
"""Name, marks, and how many run side by side; None: as many as there are processors."""

OTHER_LIBRARY = "httpx"
"""Clients send with httpx2 where it is installed, so all tests do; these run with the other library as well."""

WITH_BOTH = ("tests/http", "tests/resources", "tests/pagination", "tests/oauth", "tests/safe_writes", "tests/cassettes")


def main() -> int:
    """Runs the phases and says how they ended; the exit status is that of the first failure."""
    workers = os.environ.get("PYTEST_WORKERS") or str(os.cpu_count() or 1)
    status = 0
    ends: list[str] = []

    def run(name: str, marks: str, at_once: str, *arguments: str, **variables: str) -> None:
        nonlocal status
        print(f"== tests {name} ({marks})", flush=True)
        started = time.monotonic()
        command = [sys.executable, "-m", "pytest", "-q", "--durations=15", "-m", marks, "-n", at_once]
        command += ["--dist", "worksteal", *arguments]
        done = subprocess.run(command, check=False, env=os.environ | variables)
        ends.append(f"{name} {'passed' if done.returncode == 0 else 'FAILED'} in {time.monotonic() - started:.0f} s")
        status = status or done.returncode

    for name, marks, at_once in PHASES:
        run(name, marks, at_once or workers, *sys.argv[1:])
    if not sys.argv[1:]:
        marks = "not stress and not browser and not long"
        run(f"with {OTHER_LIBRARY}", marks, workers, *WITH_BOTH, ASTRA_HTTP=OTHER_LIBRARY)
    print(f"== tests: {'; '.join(ends)}", flush=True)
    return status


if __name__ == "__main__":
    sys.exit(main())
