"""Another distribution that brings a package `astra` leaves an installation that says what happened.

pip lets distributions overwrite each other's files, and removes them with either.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A folder with ours installed."""
    shutil.copytree(ROOT / "astra", tmp_path / "site" / "astra", ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "site" / "astra_api").symlink_to(ROOT / "generated" / "astra_api")
    record(tmp_path / "site", "astra_finance")
    return tmp_path / "site"


def record(site: Path, name: str) -> None:
    info = site / f"{name}-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    (info / "RECORD").write_text("astra/__init__.py,,\n")


def overwrite(site: Path) -> None:
    """As `pip install astra-sdk` does."""
    (site / "astra" / "__init__.py").write_text('"""Something else."""\n')
    record(site, "astra_sdk")


def run(site: Path, *arguments: str) -> str:
    """What a process prints that finds this folder first, and how it ended."""
    done = subprocess.run(
        [sys.executable, "-P", "-S", *arguments],  # -S: not the repository, to which a .pth file leads
        cwd=site.parent,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(site), sysconfig.get_path("purelib")])},
        capture_output=True,
        text=True,
    )
    return f"{done.returncode} {(done.stdout + done.stderr).splitlines()[-1]}"


def test_the_command_names_the_distribution_that_has_overwritten_ours(site: Path) -> None:
    assert run(site, "-m", "astra", "--version").startswith("0 astra ")
    overwrite(site)
    assert run(site, "-m", "astra", "--version") == (
        "2 The package astra is not of astra-finance: astra-sdk installs a package astra, too, and pip lets one "
        "overwrite the other. Type: pip uninstall astra-sdk, then pip install --force-reinstall astra-finance"
    )


def test_the_command_says_what_to_do_when_the_other_one_took_files_of_ours_along(site: Path) -> None:
    (site / "astra" / "__init__.py").unlink()
    assert run(site, "-m", "astra", "doctor") == (
        "2 The package astra is not of astra-finance: another distribution with a package astra was perhaps "
        "uninstalled, and took files of ours along. Type: pip install --force-reinstall astra-finance"
    )


def test_an_import_of_a_public_name_whose_module_is_gone_says_so(site: Path) -> None:
    (site / "astra" / "config.py").unlink()
    record(site, "astra")
    assert run(site, "-c", "from astra import Astra") == (
        "1 ImportError: The module astra.config of astra-finance is missing: astra installs a package astra, too, and "
        "pip lets one overwrite the other. Type: pip uninstall astra, then pip install --force-reinstall astra-finance"
    )


def test_a_dependency_that_is_missing_is_not_blamed_on_others(site: Path) -> None:
    (site / "msgspec.py").write_text("import nothing_of_this_name")
    assert run(site, "-c", "from astra import Grant, Astra; Astra").endswith("No module named 'nothing_of_this_name'")
