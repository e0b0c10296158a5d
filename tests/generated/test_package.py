"""The package as a whole: drift is found, each file says what it is, and importing a part imports that part alone."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "generated" / "astra_api"
FILES = sorted(file for file in PACKAGE.rglob("*.py"))


@pytest.mark.long
def test_drift_is_named_file_by_file_and_fails_the_check(tmp_path: Path) -> None:
    there = tmp_path / "astra_api"
    shutil.copytree(PACKAGE, there, ignore=shutil.ignore_patterns("__pycache__"))
    edited = there / "models" / "transfer.py"
    edited.write_text(edited.read_text(encoding="utf-8") + "\nEDITED = True\n", encoding="utf-8")
    (there / "operations.py").unlink()
    (there / "models" / "invented.py").write_text("", encoding="utf-8")
    command = [sys.executable, "scripts/generate.py", "--check", "--output", str(there)]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert ran.returncode == 1
    drifted = {line.removeprefix("drifted: ") for line in ran.stderr.splitlines() if line.startswith("drifted: ")}
    assert drifted == {"astra_api/models/transfer.py", "astra_api/operations.py", "astra_api/models/invented.py"}
    assert "make generate" in ran.stderr


def test_the_first_line_of_every_file_says_not_to_edit_it() -> None:
    assert len(FILES) > 120
    assert [
        file.name for file in FILES if "Do not edit." not in file.read_text(encoding="utf-8").split("\n", 1)[0]
    ] == []


def test_the_package_says_that_it_is_typed() -> None:
    assert (PACKAGE / "py.typed").is_file()


def loaded_after(statement: str) -> set[str]:
    """The modules that are loaded in a new process after a statement."""
    program = f"import sys\n{statement}\nprint('\\n'.join(sys.modules))"
    environment = {"PYTHONPATH": str(ROOT / "generated")}
    ran = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True)
    return set(ran.stdout.split())


@pytest.mark.parametrize(
    "statement",
    [
        "import astra_api.api.transfers.get_transfer",
        "from astra_api.models import Transfer",
        "import astra_api.operations",
    ],
)
def test_importing_one_thing_loads_neither_httpx_nor_all_models(statement: str) -> None:
    loaded = loaded_after(statement)
    assert "httpx" not in loaded
    models = {name for name in loaded if name.startswith("astra_api.models.")}
    assert len(models) < 12, models


def test_the_clients_of_the_generator_are_still_there_for_who_wants_them() -> None:
    assert "httpx" in loaded_after("from astra_api import AuthenticatedClient, Client")


@pytest.mark.long
def test_mypy_strict_finds_nothing_in_the_package(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "mypy", "--strict", "--config-file", "/dev/null", "--cache-dir", str(tmp_path)]
    ran = subprocess.run(
        [*command, "-p", "astra_api"], cwd=ROOT / "generated", capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stdout
