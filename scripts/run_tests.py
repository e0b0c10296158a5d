"""Runs the tests: side by side what can be, one after the other what needs the machine to itself.

    python scripts/run_tests.py [--long] [pytest arguments]

Without `--long` all runs that is not marked `long`, and mypy: what every push needs, in less than ten minutes on two
processors. With it the rest runs: long histories, every case of what is sampled otherwise, every page in a browser, all
that sends requests once more with the other HTTP library, and pyright. No test is in neither, or in both.

Two things run beside each other, so that no processor waits for what a test waits for: the tests that run side by side,
and a lane with what is generated, types, the browser, the other HTTP library and the outages, one after the other. The
stress runs come last, alone.

A test that fails beside others is run once more, alone. If it passes then, it was too much for the machine, or another
test was in its way: it is named at the end, for somebody to look into, and the run goes on as passed.

`PYTEST_WORKERS` sets how many run side by side; the default is one more than there are processors, since many a test
waits for another process. With arguments only tests run.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import IO, Final, NamedTuple

ROOT = Path(__file__).resolve().parent.parent

OTHER_LIBRARY = "httpx"
"""Clients send with httpx2 where it is installed, so all tests do; these run with the other library as well."""

WITH_BOTH = ("tests/http", "tests/resources", "tests/pagination", "tests/oauth", "tests/safe_writes", "tests/cassettes")
WITHOUT_HTTP = (
    *("--ignore=tests/resources/test_request_bodies.py", "--ignore=tests/resources/test_completeness.py"),
    *(f"--ignore=tests/http/test_{name}.py" for name in ("bodies", "masking", "error_mapping", "personal_data")),
    "--ignore=tests/safe_writes/test_fault_matrix.py",
    "--deselect=tests/cassettes/test_checks.py::test_a_leak_is_found_and_not_repeated",
    "--deselect=tests/cassettes/test_checks.py::test_a_violation_of_the_spec_is_found",
)
"""What of these makes neither a client nor a request or an answer of either library, and takes seconds; and what
chooses its libraries by itself."""

FEW_WITH_BOTH = tuple(
    f"tests/http/test_{name}.py"
    for name in ("calls", "failures", "interrupted_calls", "senders", "sizes", "transport", "way_out", "what_is_sent")
)
"""Where the two libraries are most likely to differ."""

PHASES: Final = {
    "tests side by side": "not outage and not browser and not stress",
    "tests in a browser": "browser and not outage",
    "tests through outages": "outage",
    "tests alone": "stress and not outage and not browser",
}
"""Which marks run where: each test is in one of them."""


def chosen(phase: str, *, long: bool) -> str:
    """The marks of a phase in `make test`, or in `make test-long`."""
    return f"{PHASES[phase]} and {'long' if long else 'not long'}"


TESTS_FAILED: Final = 1
"""Exit status of pytest; others tell that it could not run them all."""

NO_TESTS: Final = 5
"""Exit status of pytest that found none: of the tests that were asked for, none may have some mark."""

FEW: Final = 5
"""More failures than these are no matter of chance, and nothing is tried once more."""


class Step(NamedTuple):
    """Something to run, and how to call it."""

    name: str
    command: list[str]
    variables: Mapping[str, str] = {}
    is_pytest: bool = True
    may_be_empty: bool = False

    def run(self, output: IO[bytes] | None = None) -> tuple[int, str]:
        """Returns the exit status, and a line that says how it ended."""
        say(f"== {self.name}", output)
        started = time.monotonic()
        if self.is_pytest:
            status, only_alone = with_second_look(self.command, output, **self.variables)
        else:
            status, only_alone = call(self.command, output), []
        if self.may_be_empty and status == NO_TESTS:
            status = 0
        line = f"{self.name} {'FAILED' if status else 'passed'} in {time.monotonic() - started:.0f} s"
        return status, line + (f", but only when alone: {', '.join(only_alone)}" if only_alone else "")


class Lane:
    """Steps that run one after the other, beside this program; it shows what they printed when they have ended."""

    def __init__(self, steps: Iterable[Step]) -> None:
        self._output = tempfile.TemporaryFile()  # noqa: SIM115 - closed when the lane has ended
        self._ends: list[tuple[int, str]] = []
        self._thread = threading.Thread(target=self._run, args=(list(steps),))
        self._thread.start()

    def _run(self, steps: list[Step]) -> None:
        for step in steps:
            self._ends.append((-1, f"{step.name} CAME TO NO END"))
            self._ends[-1] = step.run(self._output)

    def end(self) -> list[tuple[int, str]]:
        """Waits for the end; returns how each of them ended."""
        self._thread.join()
        self._output.seek(0)
        sys.stdout.buffer.write(self._output.read())
        sys.stdout.flush()
        self._output.close()
        return self._ends


def say(line: str, output: IO[bytes] | None) -> None:
    """Prints a line where the steps print."""
    if output is None:
        print(line, flush=True)
    else:
        output.write(f"{line}\n".encode())
        output.flush()


def call(command: list[str], output: IO[bytes] | None, **variables: str) -> int:
    """Runs a program to its end; returns the exit status."""
    environ = environment() | variables
    error = None if output is None else subprocess.STDOUT
    return subprocess.run(command, check=False, cwd=ROOT, env=environ, stdout=output, stderr=error).returncode


def environment() -> dict[str, str]:
    """Ours, without what forbids to keep compiled files: the tests start hundreds of interpreters."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


ROOM: Final = 4 * 2**30
"""Bytes that have to be free in memory before tests write there; they need less than a tenth."""


def memory(folder: str = "/dev/shm") -> str | None:
    """A folder in memory where tests may write and run what they wrote; None where there is none, or little room.

    Nothing of theirs has to outlive a loss of power, and what they pay and refresh waits for the disk otherwise.
    """
    try:
        found = os.statvfs(folder)
    except OSError:
        return None
    fits = found.f_bavail * found.f_frsize >= ROOM and not found.f_flag & os.ST_NOEXEC
    return folder if fits and os.access(folder, os.W_OK) else None


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


def with_second_look(command: list[str], output: IO[bytes] | None = None, **variables: str) -> tuple[int, list[str]]:
    """Runs tests side by side, and those few that fail once more, alone.

    Returns:
        The exit status, and which tests passed only when they were alone.
    """
    with tempfile.TemporaryDirectory() as cache:
        command = [*command, "-o", f"cache_dir={cache}"]
        status = call(command, output, **variables)
        failed = failures(Path(cache))
        if status != TESTS_FAILED or not 0 < len(failed) <= FEW:
            return status, []
        say(f"== {len(failed)} once more, alone", output)
        again = [*command, "-n", "0", "--last-failed", "--last-failed-no-failures", "none"]
        status = call(again, output, **variables)
        return status, [] if status else failed


def failures(cache: Path) -> list[str]:
    """What failed in a run, by the cache of pytest."""
    file = cache / "v" / "cache" / "lastfailed"
    return sorted(json.loads(file.read_text(encoding="utf-8"))) if file.exists() else []


def lanes(given: list[str], workers: str, *, long: bool) -> tuple[list[list[Step]], Step, Step]:
    """What runs: beside the others, side by side, and alone at the end."""
    browser, outages, alone = "tests in a browser", "tests through outages", "tests alone"

    def tests(name: str, at_once: str, *marks: str, dist: str = "worksteal") -> Step:
        files = given or (files_that_mark(*marks) if marks else [])
        command = pytest(chosen(name, long=long), at_once, *files, dist=dist)
        return Step(name, command, may_be_empty=bool(given) or (long and bool(marks)))

    # The other library chooses by itself which of its tests are long: all run in `make test-long`.
    marks = PHASES["tests side by side"] + ("" if long else " and not long")
    files = (*WITH_BOTH, *WITHOUT_HTTP) if long else FEW_WITH_BOTH
    other = Step(f"tests with {OTHER_LIBRARY}", pytest(marks, "1", *files), {"ASTRA_HTTP": OTHER_LIBRARY})
    checker = "pyright" if long else "mypy"
    types = Step(checker, [sys.executable, "-m", checker], is_pytest=False)
    written = [
        Step(f"{program} --check", [sys.executable, f"scripts/{program}.py", "--check"], is_pytest=False)
        for program in (() if long else ("generate", "unasync"))
    ]
    beside = [*([] if given else [*written, types]), tests(browser, "0", "browser"), *([] if given else [other])]
    # Not by stealing: a worker that has one test alone waits to be given another, so two would share four outages.
    through = tests(outages, "4", "outage", dist="load")
    return [[*beside, through]], tests("tests side by side", workers), tests(alone, "0", "stress")


def main() -> int:
    """Runs all and says how it ended; the exit status is that of the first failure."""
    workers = os.environ.get("PYTEST_WORKERS") or str((os.cpu_count() or 1) + 1)
    long = "--long" in sys.argv[1:]
    given = [argument for argument in sys.argv[1:] if argument != "--long"]
    with tempfile.TemporaryDirectory(prefix="astra-", dir=memory(), ignore_cleanup_errors=True) as folder:
        os.environ["TMPDIR"] = folder
        ends = run_all(given, workers, long=long)
    print(f"== {'; '.join(line for _, line in ends)}", flush=True)
    return next((status for status, _ in ends if status), 0)


def run_all(given: list[str], workers: str, *, long: bool) -> list[tuple[int, str]]:
    """Runs every lane and step; returns how each of them ended."""
    beside, side_by_side, alone = lanes(given, workers, long=long)
    running = [Lane(steps) for steps in beside]
    ends = [side_by_side.run()]
    for lane in running:
        ends += lane.end()
    return [*ends, alone.run()]


if __name__ == "__main__":
    sys.exit(main())
