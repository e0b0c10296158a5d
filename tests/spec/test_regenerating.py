"""Regenerating gives the same bytes: twice, in another folder, and under a parent with another ruff configuration."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.spec.documents import ROOT

HOSTILE = '[tool.ruff]\nline-length = 40\nextend-exclude = ["*"]\n\n[tool.ruff.format]\nquote-style = "single"\n'


def tree(folder: Path) -> dict[str, str]:
    """Every file of a folder by its hash."""
    return {
        file.relative_to(folder).as_posix(): hashlib.sha256(file.read_bytes()).hexdigest()
        for file in sorted(folder.rglob("*"))
        if file.is_file() and "__pycache__" not in file.parts
    }


def generate(repository: Path, seed: str) -> dict[str, str]:
    environment = {"PATH": "/usr/bin:/bin", "PYTHONHASHSEED": seed, "HOME": str(repository)}
    command = [sys.executable, "scripts/generate.py"]
    ran = subprocess.run(
        command, cwd=repository, env=environment, capture_output=True, text=True, check=False, timeout=170
    )
    assert ran.returncode == 0, ran.stderr
    return tree(repository / "generated/astra_api")


def copy_to(folder: Path) -> Path:
    """What generating needs, in another place, without the output."""
    for name in ("spec", "scripts"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "generated").mkdir()
    return folder


@pytest.mark.long
def test_regenerating_twice_in_two_folders_and_under_a_hostile_parent_gives_identical_bytes(tmp_path: Path) -> None:
    committed = tree(ROOT / "generated/astra_api")
    plain = copy_to(tmp_path / "plain")
    parent = tmp_path / "parent"
    hostile = copy_to(parent / "deep" / "repository")
    (parent / "pyproject.toml").write_text(HOSTILE, encoding="utf-8")
    assert len(committed) > 120
    assert generate(plain, "1") == committed
    assert generate(plain, "2") == committed
    assert generate(hostile, "3") == committed
