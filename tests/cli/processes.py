"""The command `astra` in a process of its own, as people and scripts run it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

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


def shell(line: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Runs a line of bash in which `astra` is the command."""
    line = f'astra() {{ "{sys.executable}" -m astra "$@"; }}; {line}'
    return subprocess.run(
        ["bash", "-c", line], capture_output=True, text=True, env=clean(**variables), timeout=60, check=False
    )
