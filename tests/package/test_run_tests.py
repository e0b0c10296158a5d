"""What fails beside others and passes alone is told and fails nothing; what fails alone too, or in numbers, does."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from scripts import run_tests

BESIDE_OTHERS = "import os\ndef test_crowded(): assert 'PYTEST_XDIST_WORKER' not in os.environ\ndef test_well(): pass\n"


def look(folder: Path, program: str) -> tuple[int, list[str], list[str]]:
    """Exit status, what passed only alone, and the tests that ran alone, in a project of one file."""
    (folder / "test_it.py").write_text(
        f"{program}\nimport os, pytest\n"
        "@pytest.fixture(autouse=True)\n"
        "def note(request):\n"
        "    if 'PYTEST_XDIST_WORKER' not in os.environ:\n"
        "        with open('alone.txt', 'a') as file: print(request.node.name, file=file)\n"
    )
    command = [sys.executable, "-m", "pytest", "-q", "-n", "2", "-c", str(folder / "pytest.ini"), str(folder)]
    (folder / "pytest.ini").touch()
    status, only_alone = run_tests.with_second_look(command)
    noted = folder / "alone.txt"
    return status, only_alone, noted.read_text().split() if noted.exists() else []


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run_tests, "ROOT", tmp_path)
    for name in ("PYTEST_XDIST_WORKER", "PYTEST_XDIST_WORKER_COUNT", "PYTEST_ADDOPTS"):
        monkeypatch.delenv(name, raising=False)


def test_what_passes_alone_is_named_and_fails_nothing(tmp_path: Path) -> None:
    assert look(tmp_path, BESIDE_OTHERS) == (0, ["test_it.py::test_crowded"], ["test_crowded"])


def test_what_fails_alone_too_fails_the_run(tmp_path: Path) -> None:
    status, only_alone, _ = look(tmp_path, f"{BESIDE_OTHERS}def test_wrong(): assert False\n")
    assert (status, only_alone) == (1, [])


def test_many_failures_are_not_tried_once_more(tmp_path: Path) -> None:
    many = "".join(BESIDE_OTHERS.replace("crowded", f"crowded_{n}") for n in range(run_tests.FEW + 1))
    assert look(tmp_path, many) == (1, [], [])


def test_a_file_that_cannot_be_read_is_not_tried_once_more(tmp_path: Path) -> None:
    assert look(tmp_path, "import nowhere\n") == (2, [], [])
