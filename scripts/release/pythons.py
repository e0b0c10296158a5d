"""Finds Python interpreters by version."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Final

SUPPORTED: Final = ("3.11", "3.12", "3.13", "3.14")


def find_python(version: str) -> Path | None:
    """Returns an interpreter of a version; one that is not on this machine is fetched, where that is possible.

    Args:
        version: such as "3.12".
    """
    if version == f"{sys.version_info[0]}.{sys.version_info[1]}":
        return Path(sys.executable)
    for candidate in _candidates(version):
        if candidate.is_file() and _says(candidate, version):
            return candidate
    return None


def _candidates(version: str) -> list[Path]:
    pyenv = sorted(Path.home().glob(f".pyenv/versions/{version}.*/bin/python"), reverse=True)
    return [*pyenv, *(Path(line) for line in _uv(version))]


def _uv(version: str) -> list[str]:
    uv = [sys.executable, "-m", "uv", "python"]
    found = subprocess.run([*uv, "find", version], capture_output=True, text=True, check=False)
    if found.returncode != 0:
        subprocess.run([*uv, "install", version], capture_output=True, check=False, timeout=300)
        found = subprocess.run([*uv, "find", version], capture_output=True, text=True, check=False)
    return found.stdout.split("\n")[:1] if found.returncode == 0 else []


def _says(python: Path, version: str) -> bool:
    code = "import sys; print('%d.%d' % sys.version_info[:2])"
    done = subprocess.run([python, "-c", code], capture_output=True, text=True, check=False)
    return done.stdout.strip() == version
