"""What a release has to be, as far as files say. Decisions only.

Each check gives what is wrong, in words; an empty list is good.
"""

from __future__ import annotations

import re
import tarfile
import zipfile
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any, Final

UNRELEASED: Final = "Unreleased"
OWN: Final = ("Repository", "Changelog", "Issues")
"""Addresses of ours that a published distribution names."""
IN_SDIST: Final = (
    "pyproject.toml",
    "README.md",
    "LICENSE",
    "CHANGELOG.md",
    "spec/astra.yaml",
    "tests/conftest.py",
)


def check_version(project: str, *, module: str, wheel: str, tag: str | None) -> list[str]:
    """Checks that every place says the same version.

    Args:
        project: the version in `pyproject.toml`.
        module: that of `astra.version`.
        wheel: file name of the wheel.
        tag: name of the tag that is released, such as "v1.2.0", if one is.
    """
    said = {"astra/version.py": module, "the wheel": wheel.split("-")[1]} | ({"the tag": tag[1:]} if tag else {})
    return [
        f"{place} says {version}, pyproject.toml {project}" for place, version in said.items() if version != project
    ]


def check_changelog(text: str, version: str, *, dated: bool) -> list[str]:
    """Checks that the changelog has the version, or what is not released yet, with something under it.

    Args:
        text: the changelog.
        version: what is released.
        dated: the version itself has to be there, with a day.
    """
    sections = re.split(r"(?m)^## ", text)[1:]
    titles = {section.split("\n")[0].strip(): section.partition("\n")[2].strip() for section in sections}
    of_version = [title for title in titles if re.fullmatch(rf"\[?{re.escape(version)}\]?( - .*)?", title)]
    if dated:
        if not of_version:
            return [f"no section '## {version} - <day>'"]
        if not re.search(r"\d{4}-\d{2}-\d{2}$", of_version[0]):
            return [f"'## {of_version[0]}' has no day, such as 2026-12-01"]
    found = of_version or [title for title in titles if title.strip("[]") == UNRELEASED]
    if not found:
        return [f"neither a section '## {version}' nor '## {UNRELEASED}'"]
    return [] if titles[found[0]] else [f"nothing stands under '## {found[0]}'"]


def check_urls(project: Mapping[str, Any], owners: str) -> list[str]:
    """Checks that a distribution that is published says where it comes from, and its repository who answers for it.

    Args:
        project: table `project` of `pyproject.toml`.
        owners: the file CODEOWNERS.
    """
    urls = project.get("urls", {})
    wrong = [".github/CODEOWNERS names @OWNER, who stands for nobody"] if "@OWNER" in owners else []
    return wrong + [f"[project.urls] has no {name}: say where the repository is" for name in OWN if name not in urls]


def check_contents(wheel: Path, sdist: Path) -> list[str]:
    """Checks what the two distributions hold.

    Args:
        wheel: path of the wheel.
        sdist: path of the source distribution.
    """
    with zipfile.ZipFile(wheel) as archive:
        in_wheel = archive.namelist()
    with tarfile.open(sdist) as archive:
        in_sdist = {name.partition("/")[2] for name in archive.getnames()}
    foreign = {name.split("/")[0] for name in in_wheel} - {"astra", "astra_api"}
    wrong = [f"the wheel has {name}" for name in sorted(foreign) if not name.endswith(".dist-info")]
    wrong += [f"the wheel has no {name}" for name in _missing(("astra/py.typed", "astra_api/py.typed"), in_wheel)]
    wrong += [f"the sdist has no {name}" for name in _missing(IN_SDIST, in_sdist)]
    stray = [name for name in (*in_wheel, *in_sdist) if name.endswith((".pyc", ".db", ".env")) or "/.venv/" in name]
    return wrong + [f"{name} is no source" for name in stray]


def _missing(wanted: Collection[str], there: Collection[str]) -> list[str]:
    return [name for name in wanted if name not in there]
