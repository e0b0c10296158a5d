"""Runs every test: side by side what can be, one after the other what needs the machine to itself.

    python scripts/run_tests.py [pytest arguments]

`PYTEST_WORKERS` sets how many run side by side; the default is one for each processor.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time

PHASES = (
    ("side by side", "not stress and not browser", True),
    ("one after the other", "stress or browser", False),
)

OTHER_LIBRARY = "httpx"
"""Clients send with httpx2 where it is installed, so all tests do; these run with the other library as well."""

WITH_BOTH = ("tests/http", "tests/resources", "tests/pagination", "tests/oauth", "tests/safe_writes", "tests/cassettes")


def main() -> int:
    """Runs the phases and says how they ended; the exit status is that of the first failure."""
    workers = os.environ.get("PYTEST_WORKERS") or str(os.cpu_count() or 1)
    side_by_side = ["-n", workers, "--dist", "worksteal"]
    status = 0
    ends: list[str] = []

    def run(name: str, marks: str, *arguments: str, **variables: str) -> None:
        nonlocal status
        print(f"== tests {name} ({marks})", flush=True)
        started = time.monotonic()
        command = [sys.executable, "-m", "pytest", "-q", "--durations=15", "-m", marks, *arguments]
        done = subprocess.run(command, check=False, env=os.environ | variables)
        ends.append(f"{name} {'passed' if done.returncode == 0 else 'FAILED'} in {time.monotonic() - started:.0f} s")
        status = status or done.returncode

    for name, marks, parallel in PHASES:
        run(name, marks, *(side_by_side if parallel else []), *sys.argv[1:])
    if not sys.argv[1:]:
        marks = "not stress and not browser and not long"
        run(f"with {OTHER_LIBRARY}", marks, *side_by_side, *WITH_BOTH, ASTRA_HTTP=OTHER_LIBRARY)
    print(f"== tests: {'; '.join(ends)}", flush=True)
    return status


if __name__ == "__main__":
    sys.exit(main())
