"""Runs the contenders against one server, in rounds that take turns."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import attrs

from scripts.bench.speed import starts
from scripts.bench.speed.cases import (
    ASYNC_MANY,
    ASYNC_ONE,
    ASYNC_PAGE,
    ASYNC_PAGE_READ,
    IN_FLIGHT,
    LINK,
    ONE,
    PAGE,
    PAGE_READ,
    WEBHOOK,
)
from scripts.bench.speed.environments import ROOT, variables

CASES = (ONE, ASYNC_ONE, ASYNC_MANY, PAGE, ASYNC_PAGE, PAGE_READ, ASYNC_PAGE_READ, WEBHOOK, LINK)
IMPORT = "import"
CLIENT = "import and client"
HERE = Path(__file__).resolve().parent


@attrs.frozen
class Sample:
    """One round of one contender in one case, in microseconds per call.

    Attributes:
        cpu: CPU time of the process, all its threads included.
        wall: time on the clock.
    """

    cpu: float
    wall: float


@attrs.define
class Results:
    """All samples of a run.

    Attributes:
        samples: by case, then by contender, one for each round.
        paging: by number of transfers: CPU seconds and peak resident MiB.
        peak_mib: by contender: peak resident memory of its process.
    """

    samples: dict[str, dict[str, list[Sample]]] = attrs.field(factory=dict[str, dict[str, list[Sample]]])
    paging: dict[int, tuple[float, float]] = attrs.field(factory=dict[int, tuple[float, float]])
    peak_mib: dict[str, float] = attrs.field(factory=dict[str, float])

    def cpu(self, case: str, contender: str) -> float | None:
        """Median CPU microseconds, or None when the contender has no such case."""
        found = self.samples.get(case, {}).get(contender)
        return statistics.median(sample.cpu for sample in found) if found else None

    def wall(self, case: str, contender: str) -> float | None:
        """Median wall-clock microseconds."""
        found = self.samples.get(case, {}).get(contender)
        return statistics.median(sample.wall for sample in found) if found else None

    def ratios(self, case: str, contender: str, base: str = "httpx") -> list[float]:
        """CPU of each round beside the base's CPU of the same round."""
        ours, theirs = self.samples.get(case, {}).get(contender, []), self.samples.get(case, {}).get(base, [])
        return [one.cpu / other.cpu for one, other in zip(ours, theirs, strict=False)]

    def ratio(self, case: str, contender: str, base: str = "httpx") -> float | None:
        """Median of the ratios."""
        found = self.ratios(case, contender, base)
        return statistics.median(found) if found else None


class Worker:
    """A contender's process."""

    def __init__(self, python: Path, name: str, url: str) -> None:
        command = [str(python), str(HERE / "worker.py"), name, url]
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=variables()
        )
        self.name = name
        self.peak_mib = 0.0
        self.cases: list[str] = self._answer()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        assert self._process.stdin is not None
        with suppress(BrokenPipeError):
            self._process.stdin.close()
        self._process.wait()
        assert self._process.stdout is not None
        self._process.stdout.close()

    def run(self, case: str, calls: int) -> Sample:
        """Makes calls and returns what one took."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"{case}\t{calls}\n")
        self._process.stdin.flush()
        found = self._answer()
        self.peak_mib = found["peak_mib"]
        return Sample(cpu=found["cpu"] * 1e6, wall=found["wall"] * 1e6)

    def _answer(self) -> Any:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise SystemExit(f"{self.name} gave up; see above")
        return json.loads(line)


def run_cases(
    workers: Iterable[Worker],
    results: Results,
    *,
    rounds: int,
    seconds: float,
    say: Callable[[str], None],
    warm: int = 50,
    burst: int = 10 * IN_FLIGHT,
) -> None:
    """Measures every case in rounds; in each round every contender has its turn.

    Args:
        workers: the contenders.
        results: filled in.
        rounds: how many rounds.
        seconds: about how long a turn takes.
        say: told what is being measured.
        warm: calls before the first turn: connections, caches, lazy imports.
        burst: least calls of a turn with many in flight, so that it comes to a steady state.
    """
    everyone = list(workers)
    for case in CASES:
        able = [worker for worker in everyone if case in worker.cases]
        say(f"{case}: {', '.join(worker.name for worker in able)}")
        calls: dict[str, int] = {}
        for worker in able:
            few = min(warm, 5) if worker.name == "plaid" else warm
            worker.run(case, few)
            price = worker.run(case, few).wall
            calls[worker.name] = max(burst if case == ASYNC_MANY else 10, int(seconds * 1e6 / price))
        found: dict[str, list[Sample]] = {worker.name: [] for worker in able}
        for number in range(rounds):
            turns = able[number % len(able) :] + able[: number % len(able)]
            for worker in turns:
                found[worker.name].append(worker.run(case, calls[worker.name]))
        results.samples[case] = found
    results.peak_mib = {worker.name: worker.peak_mib for worker in everyone}


def run_starts(pythons: dict[str, Path], results: Results, *, rounds: int) -> None:
    """Measures what imports and clients cost beyond a bare interpreter."""
    bare: dict[Path, list[float]] = {python: [] for python in set(pythons.values())}
    found: dict[str, dict[str, list[float]]] = {IMPORT: {}, CLIENT: {}}
    for _ in range(rounds + 1):
        for python, taken in bare.items():
            taken.append(starts.cost(python, starts.BARE))
        for name, (plain, client) in starts.PROGRAMS.items():
            if name not in pythons:
                continue
            found[IMPORT].setdefault(name, []).append(starts.cost(pythons[name], plain))
            found[CLIENT].setdefault(name, []).append(starts.cost(pythons[name], client))
    for case, by_name in found.items():
        results.samples[case] = {
            name: [
                Sample(cpu=(total - empty) * 1e3, wall=(total - empty) * 1e3)
                # The first round fills the caches of the file system and of compiled modules.
                for total, empty in zip(taken[1:], bare[pythons[name]][1:], strict=True)
            ]
            for name, taken in by_name.items()
        }


def run_paging(python: Path, url: str, results: Results, *, counts: tuple[int, ...]) -> None:
    """Measures walks through lists of different length."""
    for count in counts:
        command = [str(python), str(HERE / "paging.py"), url, str(count)]
        done = subprocess.run(command, capture_output=True, text=True, check=False, env=variables(), cwd=ROOT)
        if done.returncode != 0:
            sys.stderr.write(done.stderr)
            raise SystemExit(f"paging through {count} transfers failed")
        found = json.loads(done.stdout)
        results.paging[count] = (found["cpu"], found["peak_mib"])
