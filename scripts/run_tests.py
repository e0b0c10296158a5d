"""Runs every test: side by side what can be, one after the other what needs the machine to itself.

The outages mostly wait for a server that hangs. So they run beside each other, whatever the number of processors, and
the type checkers run meanwhile.

A test that fails beside others is run once more, alone. If it passes then, it was too much for the machine, or another
test was in its way: it is named at the end, for somebody to look into, and the run goes on as passed.

    python scripts/run_tests.py [pytest arguments]

`PYTEST_WORKERS` sets how many run side by side; the default is one for each processor. With arguments only tests run.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Final

ROOT = Path(__file__).resolve().parent.parent

OTHER_LIBRARY = "httpx"
"""Clients send with httpx2 where it is installed, so all tests do; these run with the other library as well."""

WITH_BOTH = ("tests/http", "tests/resources", "tests/pagination", "tests/oauth", "tests/safe_writes", "tests/cassettes")
WITHOUT_HTTP = (
    *("--ignore=tests/resources/test_request_bodies.py", "--ignore=tests/resources/test_completeness.py"),
    *(f"--ignore=tests/http/test_{name}.py" for name in ("bodies", "masking", "error_mapping", "personal_data")),
    "--deselect=tests/cassettes/test_checks.py::test_a_leak_is_found_and_not_repeated",
    "--deselect=tests/cassettes/test_checks.py::test_a_violation_of_the_spec_is_found",
)
"""What of these makes neither a client nor a request or an answer of either library, and takes seconds."""


TESTS_FAILED: Final = 1
"""Exit status of pytest; others tell that it could not run them all."""

FEW: Final = 5
"""More failures than these are no matter of chance, and nothing is tried once more."""


class Job:
    """A program that runs beside this one, and shows what it printed when it has ended."""

    def __init__(self, name: str, command: list[str]) -> None:
        self.name = name
        self._started = time.monotonic()
        self._output = tempfile.TemporaryFile()  # noqa: SIM115 - closed when the job has ended
        self._process = subprocess.Popen(
            command, cwd=ROOT, env=environment(), stdout=self._output, stderr=subprocess.STDOUT
        )

    def end(self) -> tuple[int, str]:
        """Waits for the end; returns the exit status, and a line that says how it ended."""
        status = self._process.wait()
        took = time.monotonic() - self._started
        print(f"== {self.name}", flush=True)
        self._output.seek(0)
        sys.stdout.buffer.write(self._output.read())
        sys.stdout.flush()
        self._output.close()
        return status, f"{self.name} {'passed' if status == 0 else 'FAILED'} in {took:.0f} s"


def environment() -> dict[str, str]:
    """Ours, without what forbids to keep compiled files: the tests start hundreds of interpreters."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


def files_that_mark(*marks: str) -> list[str]:
    """Test files that use a mark: to collect all others takes longer than some of the runs."""
    return [
        str(file.relative_to(ROOT))
        for file in sorted((ROOT / "tests").rglob("test_*.py"))
        if any(f"pytest.mark.{mark}" in file.read_text(encoding="utf-8") for mark in marks)
    ]


def pytest(marks: str, at_once: str, *arguments: str, dist: str = "worksteal") -> list[str]:
    """The command that runs the tests with some marks, so many at once."""
    command = [sys.executable, "-m", "pytest", "-q", "--durations=15", "-m", marks, "--dist", dist, "-n", at_once]
    return [*command, *arguments]


def with_second_look(command: list[str], **variables: str) -> tuple[int, list[str]]:
    """Runs tests side by side, and those few that fail once more, alone.

    Returns:
        The exit status, and which tests passed only when they were alone.
    """
    with tempfile.TemporaryDirectory() as cache:
        command = [*command, "-o", f"cache_dir={cache}"]
        environ = environment() | variables
        status = subprocess.run(command, check=False, cwd=ROOT, env=environ).returncode
        failed = failures(Path(cache))
        if status != TESTS_FAILED or not 0 < len(failed) <= FEW:
            return status, []
        print(f"== {len(failed)} once more, alone", flush=True)
        again = [*command, "-n", "0", "--last-failed", "--last-failed-no-failures", "none"]
        status = subprocess.run(again, check=False, cwd=ROOT, env=environ).returncode
        return status, [] if status else failed


def failures(cache: Path) -> list[str]:
    """What failed in a run, by the cache of pytest."""
    file = cache / "v" / "cache" / "lastfailed"
    return sorted(json.loads(file.read_text(encoding="utf-8"))) if file.exists() else []


def main() -> int:
    """Runs all and says how it ended; the exit status is that of the first failure."""
    workers = os.environ.get("PYTEST_WORKERS") or str(os.cpu_count() or 1)
    given = sys.argv[1:]
    status = 0
    ends: list[str] = []

    def end(*jobs: Job) -> None:
        nonlocal status
        for job in jobs:
            failed, line = job.end()
            status = status or failed
            ends.append(line)

    def run(name: str, command: list[str], **variables: str) -> None:
        nonlocal status
        print(f"== {name}", flush=True)
        started = time.monotonic()
        failed, only_alone = with_second_look(command, **variables)
        line = f"{name} {'FAILED' if failed else 'passed'} in {time.monotonic() - started:.0f} s"
        ends.append(line + (f", but only when alone: {', '.join(only_alone)}" if only_alone else ""))
        status = status or failed

    # Not by stealing: a worker that has one test alone waits to be given another, so two would share four outages.
    outages = pytest("outage", "4", *(given or files_that_mark("outage")), dist="load")
    meanwhile = [Job("tests through outages", outages)]
    if not given:
        meanwhile += [Job(name, [sys.executable, "-m", name]) for name in ("mypy", "pyright")]
    end(*meanwhile)
    run("tests side by side", pytest("not stress and not browser", workers, *given))
    alone = pytest("(stress and not outage) or browser", "0", *(given or files_that_mark("stress", "browser")))
    run("tests one after the other", alone)
    if not given:
        marks = "not stress and not browser and not long"
        run(f"tests with {OTHER_LIBRARY}", pytest(marks, workers, *WITH_BOTH, *WITHOUT_HTTP), ASTRA_HTTP=OTHER_LIBRARY)
    print(f"== {'; '.join(ends)}", flush=True)
    return status


if __name__ == "__main__":
    sys.exit(main())
