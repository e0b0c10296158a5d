"""Environments with a wheel and what it asks for, and the smoke in them."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from scripts.release.pythons import find_python

ROOT: Final = Path(__file__).resolve().parents[2]
SMOKE: Final = ROOT / "scripts" / "release" / "smoke"
UV: Final = (sys.executable, "-m", "uv")


class Failed(Exception):
    """A step did not succeed; the text is what it printed."""


def call(*command: object, cwd: Path = ROOT, timeout: float = 900, **variables: str) -> str:
    """Runs a program; returns what it printed.

    Args:
        command: the program and its arguments.
        cwd: where it runs.
        timeout: seconds that it may take.
        variables: of its environment, beside ours.

    Raises:
        Failed: it ended with another status than 0.
    """
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("ASTRA_", "PYTHON"))}
    words = [str(word) for word in command]
    try:
        done = subprocess.run(
            words, cwd=cwd, env={**kept, **variables}, capture_output=True, text=True, timeout=timeout, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise Failed(f"{' '.join(words)}\ndid not end within {timeout:g} seconds\n{error.stdout or b''!r}") from None
    if done.returncode != 0:
        raise Failed(f"{' '.join(words)}\n{done.stdout}{done.stderr}")
    return done.stdout


def build(folder: Path) -> tuple[Path, Path]:
    """Builds the two distributions; returns the paths of wheel and sdist.

    The wheel is built from the sdist, as it is for those who install from source.

    Args:
        folder: where they go; what it held is removed.
    """
    for old in folder.glob("astra_finance-*"):
        old.unlink()
    call(sys.executable, "-m", "build", "--no-isolation", "--outdir", folder, ROOT)
    [wheel], [sdist] = folder.glob("astra_finance-*.whl"), folder.glob("astra_finance-*.tar.gz")
    return wheel, sdist


def resolve(requirements: Sequence[str], *, python: str, lowest: bool = False) -> list[str]:
    """Returns what a resolver chooses, each pinned; without builds, as most users install.

    Args:
        requirements: what is asked for.
        python: version of the interpreter.
        lowest: choose the lowest versions of what is asked for itself.
    """
    wanted = ROOT / "build" / "requirements.in"
    wanted.parent.mkdir(exist_ok=True)
    wanted.write_text("\n".join(requirements) + "\n", encoding="utf-8")
    strategy = ["--resolution", "lowest-direct"] if lowest else []
    more = ["--no-header", "--no-annotate", "--only-binary", ":all:", "--quiet"]
    return call(*UV, "pip", "compile", "--python-version", python, *strategy, *more, wanted).split()


def make_environment(folder: Path, *, python: str, pins: Sequence[str], wheel: Path) -> Path | None:
    """Makes an environment with a wheel and the pinned distributions; returns its interpreter, or None without Python.

    Args:
        folder: where.
        python: version of the interpreter.
        pins: the distributions.
        wheel: the wheel, which is not asked what it needs: the pins are that.
    """
    base = find_python(python)
    if base is None:
        return None
    call(*UV, "venv", "--quiet", "--clear", "--python", base, folder)
    interpreter = folder / ("Scripts" if sys.platform == "win32" else "bin") / "python"
    install = [*UV, "pip", "install", "--quiet", "--python", interpreter]
    call(*install, *pins)
    call(*install, "--no-deps", wheel)
    call(*UV, "pip", "check", "--quiet", "--python", interpreter)
    return interpreter


def smoke(interpreter: Path, *arguments: str, services: Mapping[str, str]) -> str:
    """Runs the smoke; returns its last line.

    Args:
        interpreter: of the environment.
        arguments: for pytest.
        services: variables that name PostgreSQL and Redis.
    """
    settings = ["-c", SMOKE / "pytest.ini", "--rootdir", SMOKE]
    # Not from the repository, whose folder `astra` would be found before the wheel.
    away = interpreter.parent.parent
    return call(
        interpreter, "-P", "-m", "pytest", *settings, SMOKE, *arguments, cwd=away, timeout=2400, **services
    ).splitlines()[-1]
