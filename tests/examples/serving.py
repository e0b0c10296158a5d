"""Starts an example that serves, as its reader would, and finds out where it listens."""

import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.examples.running import EXAMPLES, environment


@contextmanager
def started(name: str, *arguments: str, cwd: Path, log: str = "", **variables: str) -> Iterator[list[str]]:
    """Gives the addresses in the first line that the example prints; ends it with Ctrl-C, which has to go well.

    What it writes to standard error matches `log`.
    """
    # A file, because a pipe that nobody reads stops the example once it is full.
    complaints = cwd / f"{name}.stderr"
    with (
        complaints.open("w") as stderr,
        subprocess.Popen(
            [sys.executable, "-W", "error", str(EXAMPLES / name), *arguments],
            stdout=subprocess.PIPE,
            stderr=stderr,
            text=True,
            cwd=cwd,
            env=environment(**variables),
        ) as process,
    ):
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            assert line, complaints.read_text()
            yield re.findall(r"http://[\w.:/]*\w", line)
            process.send_signal(signal.SIGINT)
            process.wait(timeout=30)
        finally:
            process.kill()
    assert process.returncode == 0
    assert re.fullmatch(log, complaints.read_text()), complaints.read_text()
