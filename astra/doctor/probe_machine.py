"""Looks at what is installed on this machine, without importing any of it."""

from __future__ import annotations

import os
import platform
import sys
import sysconfig
from collections.abc import Iterable, Mapping
from contextlib import suppress
from functools import partial
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
from astra.doctor.running import Probe
from astra.version import __version__

SHOWN: Final = (OURS, "httpx", "httpx2", "attrs", "msgspec")
COMMANDS: Final = ("astra", "astra.exe", "astra.cmd", "astra.bat") if os.name == "nt" else ("astra",)


def machine_probes(wanted: Mapping[str, str]) -> dict[str, Probe]:
    """Checks for what else is called `astra`, and for what the settings need.

    Args:
        wanted: extras, and the setting that needs each.
    """
    own = Path(astra.__file__).resolve().parent
    return {
        "machine.versions": _versions,
        "machine.extras": partial(_extras, wanted),
        "machine.distributions": lambda: [judge_distributions(packages_distributions().get("astra", []))],
        "machine.shadows": lambda: [judge_shadows(find_shadows(_import_folders(own), own=own), loaded=str(own))],
        "machine.scripts": _scripts,
    }


def _versions() -> list[Finding]:
    versions = {"Python": platform.python_version()} | {name: _version(name) for name in SHOWN}
    return [judge_versions(versions, running=__version__)]


def _extras(wanted: Mapping[str, str]) -> list[Finding]:
    absent = {name for modules in MODULES.values() for name in modules if not _is_installed(name)}
    return [judge_extras(wanted, missing_modules=absent)]


def _scripts() -> list[Finding]:
    own = {os.path.dirname(sys.executable)}
    with suppress(OSError):  # it asks for the current folder, which may be gone
        own.add(sysconfig.get_path("scripts"))
    return [judge_scripts(find_scripts(command_folders()), own_folders=own)]


def _import_folders(own: Path) -> list[str]:
    """Where an import looks before it comes to the SDK: here, when a program is started here, and on the path."""
    before = takewhile(lambda folder: _real(folder) != str(own.parent), sys.path)
    return [".", *before]


def find_shadows(folders: Iterable[str], *, own: Path) -> list[str]:
    """Returns what `import astra` could find in some folders, other than the SDK itself.

    A folder without `__init__.py` is left out: Python takes a real package before it, wherever that is.

    Args:
        folders: where to look.
        own: folder of the SDK.
    """
    found: dict[str, None] = {}
    for folder in folders:
        # Not by pathlib, which raises where a folder may not be read.
        here = _real(folder)
        names = [name for name in _names_in(here) if _is_module(here, name)]
        for path in (os.path.join(here, name) for name in names):
            if os.path.realpath(path) != str(own):
                found[path] = None
    return list(found)


def _real(folder: str) -> str:
    """The absolute path of a folder; the current one has none when it was deleted."""
    try:
        return os.path.realpath(folder or ".")
    except OSError:
        return folder


def _names_in(folder: str) -> list[str]:
    try:
        return sorted(os.listdir(folder))
    except OSError:
        return []


def _is_module(folder: str, name: str) -> bool:
    if name == "astra":
        return os.path.isfile(os.path.join(folder, name, "__init__.py"))
    return name == "astra.py" or (name.startswith("astra.") and name.endswith((".so", ".pyd")))


def find_scripts(folders: Iterable[str]) -> list[str]:
    """Returns the commands `astra` in some folders; one that several paths lead to is there once.

    Args:
        folders: where to look, in this order.
    """
    found: dict[str, str] = {}
    for folder in folders:
        for name in COMMANDS:
            path = os.path.join(_real(folder), name)
            if os.path.isfile(path) and os.access(path, os.X_OK):
                found.setdefault(os.path.realpath(path), path)
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
