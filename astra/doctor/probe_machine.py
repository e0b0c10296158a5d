"""Looks at what is installed on this machine, without importing any of it."""

from __future__ import annotations

import os
import platform
import sys
import sysconfig
from collections.abc import Iterable, Iterator, Mapping
from importlib.metadata import PackageNotFoundError, packages_distributions, version
from importlib.util import find_spec
from itertools import takewhile
from pathlib import Path
from typing import Final

import astra
from astra.config import command_folders
from astra.doctor.findings import Finding
from astra.doctor.machine import (
    MODULES,
    OURS,
    judge_distributions,
    judge_extras,
    judge_scripts,
    judge_shadows,
    judge_versions,
)
from astra.version import __version__

SHOWN: Final = (OURS, "httpx", "httpx2", "attrs", "msgspec")
COMMANDS: Final = ("astra", "astra.exe", "astra.cmd", "astra.bat") if os.name == "nt" else ("astra",)


def probe_machine(wanted: Mapping[str, str]) -> Iterator[Finding]:
    """Looks for what else is called `astra`, and for what the settings need.

    Args:
        wanted: extras, and the setting that needs each.
    """
    own = Path(astra.__file__).resolve().parent
    yield judge_versions(
        {"Python": platform.python_version()} | {name: _version(name) for name in SHOWN}, running=__version__
    )
    absent = {name for modules in MODULES.values() for name in modules if not _is_installed(name)}
    yield judge_extras(wanted, missing_modules=absent)
    yield judge_distributions(packages_distributions().get("astra", []))
    before_it = takewhile(lambda folder: Path(folder or ".").resolve() != own.parent, sys.path)
    yield judge_shadows(find_shadows([os.getcwd(), *before_it], own=own), loaded=str(own))
    yield judge_scripts(find_scripts(command_folders()), own_folders={sysconfig.get_path("scripts")})


def find_shadows(folders: Iterable[str], *, own: Path) -> list[str]:
    """Returns what `import astra` could find in some folders, other than the SDK itself.

    A folder without `__init__.py` is left out: Python takes a real package before it, wherever that is.

    Args:
        folders: where to look.
        own: folder of the SDK.
    """
    found: dict[str, None] = {}
    for folder in dict.fromkeys(folders):
        here = Path(folder or ".").absolute()
        candidates = [here / "astra.py", *sorted(here.glob("astra.*.so")), *sorted(here.glob("astra.*.pyd"))]
        if (here / "astra" / "__init__.py").is_file():
            candidates.append(here / "astra")
        for path in candidates:
            if path.exists() and path.resolve() != own:
                found[str(path)] = None
    return list(found)


def find_scripts(folders: Iterable[str]) -> list[str]:
    """Returns the commands `astra` in some folders; one that several paths lead to is there once.

    Args:
        folders: where to look, in this order.
    """
    found: dict[Path, str] = {}
    for folder in folders:
        for name in COMMANDS:
            path = Path(folder).absolute() / name
            if path.is_file() and os.access(path, os.X_OK):
                found.setdefault(path.resolve(), str(path))
    return list(found.values())


def _is_installed(name: str) -> bool:
    try:
        return find_spec(name) is not None
    except ValueError:  # something imported it that says nothing of where it came from
        return True


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None
