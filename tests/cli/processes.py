"""The command `astra` in a process of its own, as people and scripts run it, or quicker in this one."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from pathlib import Path
from unittest import mock

from astra.cli.main import run as run_astra

ASTRA = (sys.executable, "-m", "astra")


def clean(**variables: str) -> dict[str, str]:
    """The environment of a shell that sets no `ASTRA_*` but these."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("ASTRA_")}
    return kept | variables


def before_others(folder: Path) -> str:
    """A PYTHONPATH whose first folder is this one."""
    return os.pathsep.join(filter(None, (str(folder), os.environ.get("PYTHONPATH"))))


def run(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Runs the command to its end."""
    return subprocess.run(
        [*ASTRA, *arguments], capture_output=True, text=True, env=clean(**variables), timeout=60, check=False
    )


def here(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Runs the command to its end in this process, as its entry does: half a second less than in another one."""
    out, err = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True) for _ in range(2))
    with (
        mock.patch.dict(os.environ, clean(**variables), clear=True),
        mock.patch.multiple(sys, argv=["astra", *arguments], stdin=io.StringIO(), stdout=out, stderr=err),
    ):
        try:
            run_astra()
            code: object = 0
        except SystemExit as end:
            code = end.code or 0
    assert isinstance(code, int), code
    shown, told = (stream.buffer.getvalue().decode() for stream in (out, err))
    return subprocess.CompletedProcess(arguments, code, shown, told)


def shell(line: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Runs a line of bash in which `astra` is the command."""
    line = f'astra() {{ "{sys.executable}" -m astra "$@"; }}; {line}'
    return subprocess.run(
        ["bash", "-c", line], capture_output=True, text=True, env=clean(**variables), timeout=60, check=False
    )
