"""Request bodies are made by typed constructors, so that a change of the spec is an error of the type checker."""

from __future__ import annotations

import ast
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ROUTINES = "astra/resources/_async/routines.py"
# What is not written by us: the caller's own mappings.
FROM_CALLERS = {"BusinessInfo", "BusinessPerson", "Metadata"}
KEPT = {"returns"}  # the answer that was kept under an idempotency key
CHANGES = {
    "renamed and retyped": [
        (
            "    preferred_settlement_speed:",
            "    settlement_speed:",
            '"preferred_settlement_speed" for "RoutineCreate"',
        ),
        ("    source_id:", "    source:", 'argument "source_id" for "RoutineCreate"'),
        ("    amount: Decimal | int\n", "    amount: str\n", 'Argument "amount" to "RoutineCreate" has incompatible'),
    ],
    # Of a call with unknown arguments mypy does not say what is missing.
    "new": [
        ("    name: str\n", "    name: str\n    reason: str\n", 'Missing named argument "reason" for "RoutineCreate"')
    ],
}


@pytest.mark.long
@pytest.mark.parametrize("changes", CHANGES.values(), ids=list(CHANGES))
@pytest.mark.timeout(300)
def test_mypy_names_the_line_that_gives_a_field_that_has_changed(
    changes: list[tuple[str, str, str]], tmp_path: Path
) -> None:
    for package in ("astra", "generated/astra_api"):
        shutil.copytree(ROOT / package, tmp_path / package, ignore=shutil.ignore_patterns("__pycache__", "sandbox"))
    model = tmp_path / "generated/astra_api/models/routine_create.py"
    text = model.read_text(encoding="utf-8")
    for old, new, _ in changes:
        assert text.count(old) == 1
        text = text.replace(old, new)
    model.write_text(text, encoding="utf-8")
    # What the module takes from others of ours is not looked at: it is no part of a body, and takes ten seconds.
    (tmp_path / "mypy.ini").write_text(
        "[mypy]\n[mypy-astra.*]\nfollow_imports = skip\n[mypy-astra.money]\nfollow_imports = normal\n"
    )
    command = [sys.executable, "-m", "mypy", "--strict", f"--cache-dir={tmp_path}/cache", ROUTINES]
    environment = {**os.environ, "MYPYPATH": "generated", "PYTHONPATH": ""}
    ran = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    errors = [line for line in ran.stdout.splitlines() if line.startswith(ROUTINES) and ": error: " in line]
    for _, _, said in changes:
        assert any(said in line for line in errors), ran.stdout + ran.stderr


def test_no_body_is_made_of_a_dict_that_the_facade_wrote() -> None:
    files = [file for folder in ("resources", "oauth") for file in (ROOT / "astra" / folder / "_async").glob("*.py")]
    nodes = [node for file in files for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))]
    made = {ast.unparse(node.value) for node in nodes if isinstance(node, ast.Attribute) and node.attr == "from_dict"}
    assert made == FROM_CALLERS | KEPT
