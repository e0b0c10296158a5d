"""The development environment is pinned: what pyproject.toml asks for, with hashes, and no address."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "constraints.txt").read_text(encoding="utf-8")
PINS = re.findall(r"(?m)^([\w.-]+)==([\w.]+)(.*(?:\n    --hash=sha256:[0-9a-f]{64}.*)+)", TEXT)
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
ASKED = [
    *PYPROJECT["project"]["dependencies"],
    *(one for extra in PYPROJECT["project"]["optional-dependencies"].values() for one in extra),
    *(one for group in PYPROJECT["dependency-groups"].values() for one in group),
]


@pytest.mark.parametrize("asked", sorted({one for one in ASKED if not one.startswith("astra-finance[")}))
def test_what_is_asked_for_is_pinned_to_a_version_that_fits(asked: str) -> None:
    """After a change of pyproject.toml, `make constraints`."""
    wanted = Requirement(asked)
    versions = [version for name, version, _ in PINS if canonicalize_name(name) == canonicalize_name(wanted.name)]
    assert versions, f"{asked} is not pinned: make constraints"
    assert all(wanted.specifier.contains(version, prereleases=True) for version in versions), versions


def test_every_line_is_a_pin_with_hashes_and_none_an_address() -> None:
    rest = re.sub(r"(?m)^    --hash=sha256:[0-9a-f]{64}( \\)?\n", "", TEXT)
    assert [line for line in rest.splitlines() if not re.fullmatch(r"[\w.-]+==[\w.]+( ; [^\\]+)? \\|#.*", line)] == []
    assert len(PINS) == len(re.findall("(?m)^[a-z]", TEXT)) > 150


def test_setup_installs_nothing_that_is_not_pinned() -> None:
    text = (ROOT / "scripts" / "setup.sh").read_text(encoding="utf-8")
    lines = text.replace("\\\n    ", "").splitlines()
    installs = [line.partition("--disable-pip-version-check ")[2] for line in lines if "pip install" in line]
    assert installs == [
        "'.[sandbox,cli]'",  # the demo's, as the README has it
        "--no-compile --require-hashes --requirement constraints.txt",
        "--no-deps --no-build-isolation --editable .",
    ]
