"""Throwaway environments: one with what the SDK needs and its `fast` extra, one with the peers."""

from __future__ import annotations

import os
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
OURS = ("httpx>=0.27,<0.29", "attrs>=23.2,<27", "msgspec>=0.19,<0.23", "httpx2>=2.16,<3")
PEERS = ("stripe>=16,<17", "plaid-python>=46,<47", "openai>=3.54,<4", "increase>=0.552,<0.600")


def make(name: str, requirements: tuple[str, ...]) -> Path:
    """Makes an environment under `build/bench`, unless it is there, and returns its interpreter."""
    home = ROOT / "build" / "bench" / name
    python = home / "bin" / "python"
    wanted, stamp = "\n".join(requirements), home / "requirements.txt"
    if not stamp.is_file() or stamp.read_text() != wanted:
        print(f"installing {', '.join(requirements)}", flush=True)
        venv.create(home, with_pip=True, clear=True)
        pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *requirements]
        subprocess.run(pip, check=True)
        stamp.write_text(wanted)
    return python


def variables() -> dict[str, str]:
    """The environment variables of a measured process: ours on the path, no proxy, no settings of the caller."""
    kept = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG", "TMPDIR")}
    return kept | {"PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'generated'}"}


def versions(python: Path, names: tuple[str, ...]) -> str:
    """Says which versions an environment holds; of what it does not hold it says nothing."""
    code = (
        "import importlib.metadata as m; held = {d.name: d.version for d in m.distributions()}; "
        f"print(', '.join(n + ' ' + held[n] for n in {names!r} if n in held))"
    )
    return subprocess.run([str(python), "-c", code], capture_output=True, text=True, check=True).stdout.strip()


def machine() -> str:
    """Says what the figures were measured on."""
    model = next(
        (line.partition(":")[2].strip() for line in _lines("/proc/cpuinfo") if line.startswith("model name")), "unknown"
    )
    return f"{model}, {os.cpu_count()} cores, Python {sys.version.split()[0]}"


def _lines(path: str) -> list[str]:
    try:
        return Path(path).read_text(encoding="utf-8").splitlines()
    except OSError:
        return []
