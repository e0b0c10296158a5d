"""Runs an example as its reader would, in a process of its own with warnings as errors."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"


def environment(**variables: str) -> dict[str, str]:
    """This environment without any setting of Astra."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("ASTRA_")}
    return {**kept, "PYTHONUNBUFFERED": "1", "COLUMNS": "200", **variables}


def run(name: str, *arguments: str, cwd: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """Runs an example to its end."""
    return subprocess.run(
        [sys.executable, "-W", "error", str(EXAMPLES / name), *arguments],
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
        cwd=cwd,
        env=environment(**variables),
    )
