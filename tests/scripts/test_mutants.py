"""Mutation testing finds what tests miss, and its list of harmless mutants cannot go stale unnoticed."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

from scripts.mutants.mutations import mutants_of

ROOT = Path(__file__).parents[2]
CONFIG: dict[str, Any] = tomllib.loads((ROOT / "scripts/mutants/mutants.toml").read_text(encoding="utf-8"))
MODULE = '''"""Rules."""


def may_pay(amount: int, limit: int) -> bool:
    """Tells whether the amount is within the limit."""
    return amount <= limit
'''
WEAK = """from rules import may_pay


def test_may_pay():
    assert may_pay(1, 5)
    assert not may_pay(6, 5)
"""
STRONG = f"{WEAK}    assert may_pay(5, 5)\n"
BOUNDARY = "may_pay: amount <= limit -> amount < limit"
LISTED = """
[[equivalent]]
module = "rules.py"
function = "may_pay"
line = "return amount <= limit"
change = "amount <= limit -> amount < limit"
reason = "for the test"
"""


def run(folder: Path, test: str, *, listed: str = "", module: str = MODULE) -> subprocess.CompletedProcess[str]:
    (folder / "rules.py").write_text(module, encoding="utf-8")
    (folder / "test_rules.py").write_text(test, encoding="utf-8")
    config = folder / "mutants.toml"
    config.write_text(f'[tests]\n"rules.py" = "test_rules.py"\n{listed}', encoding="utf-8")
    command = [sys.executable, "-m", "scripts.mutants", "--root", str(folder), "--config", str(config)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def test_a_mutant_that_the_tests_miss_is_named(tmp_path: Path) -> None:
    done = run(tmp_path, WEAK)
    assert f"SURVIVED rules.py:6 {BOUNDARY}\n    return amount <= limit\n" in done.stdout, done.stdout + done.stderr
    assert "4 killed, 0 equivalent, 1 survived" in done.stdout
    assert done.returncode == 1
    assert (tmp_path / "rules.py").read_text(encoding="utf-8") == MODULE


@pytest.mark.long
def test_nothing_is_left_when_the_tests_see_every_mutant(tmp_path: Path) -> None:
    done = run(tmp_path, STRONG)
    assert "5 killed, 0 equivalent, 0 survived" in done.stdout, done.stdout + done.stderr
    assert done.returncode == 0


@pytest.mark.long
def test_a_listed_mutant_may_survive(tmp_path: Path) -> None:
    done = run(tmp_path, WEAK, listed=LISTED)
    assert "4 killed, 1 equivalent, 0 survived" in done.stdout, done.stdout + done.stderr
    assert done.returncode == 0


@pytest.mark.long
def test_a_listed_mutant_that_is_killed_is_stale(tmp_path: Path) -> None:
    done = run(tmp_path, STRONG, listed=LISTED)
    assert f"STALE, it is killed: rules.py:6 {BOUNDARY}" in done.stdout, done.stdout + done.stderr
    assert done.returncode == 1


@pytest.mark.long
def test_a_listed_mutant_that_no_longer_exists_is_stale(tmp_path: Path) -> None:
    done = run(tmp_path, STRONG, listed=LISTED.replace("< limit", "== limit"))
    assert "STALE, there is no such mutant" in done.stdout, done.stdout + done.stderr
    assert done.returncode == 1


@pytest.mark.long
def test_tests_that_fail_by_themselves_judge_nothing(tmp_path: Path) -> None:
    done = run(tmp_path, STRONG.replace("may_pay(1, 5)", "may_pay(9, 5)"))
    assert "test_rules.py fails without any change" in done.stdout, done.stdout + done.stderr
    assert done.returncode == 1


@pytest.mark.parametrize(
    ("source", "change"),
    [
        ("LIMIT = 15", "15 -> 16"),
        ('NAMES = ("a", "b")', "('a', 'b') -> ('b',)"),
        ("x = a and b", "a and b -> a or b"),
        ("x = a and b", "a and b -> b"),
        ("x = not a", "not a -> a"),
        ("x = a is None", "a is None -> a is not None"),
        ("x = a - b", "a - b -> a + b"),
        ("x = min(a, b)", "min(a, b) -> max(a, b)"),
        ("x = f(a, key=b)", "f(a, key=b) -> f(a)"),
        ("x = b if a else c", "a -> False"),
        ("x = [a for a in b if a]", "for a in b if a -> for a in b"),
        ("x |= a", "x |= a -> pass"),
        ("raise a", "raise a -> pass"),
        ("def f() -> bool:\n    return a", "return a -> return True"),
        ("def f() -> int:\n    return a", "return a -> return None"),
        ("try:\n    a()\nexcept ValueError:\n    b()", "except ValueError: b() -> except ValueError: raise"),
        ('x = f"{a + b}"', "a + b -> a - b"),
    ],
)
def test_every_kind_of_change_is_made(source: str, change: str) -> None:
    assert change in [mutant.change for mutant in mutants_of("rules.py", source)]


def test_types_and_docstrings_are_left_alone() -> None:
    source = '"""Rules."""\nfrom __future__ import annotations\n\ndef f(a: int | str) -> int | None:\n    """Says."""\n'
    assert mutants_of("rules.py", source) == []


@pytest.mark.long
def test_every_listed_mutant_of_this_repository_exists_once_and_has_a_reason() -> None:
    entries = [tuple(entry[key] for key in ("module", "function", "line", "change")) for entry in CONFIG["equivalent"]]
    assert len(set(entries)) == len(entries)
    assert {module for module, *_ in entries} <= set(CONFIG["tests"])
    assert all(entry["reason"].endswith(".") for entry in CONFIG["equivalent"])
    existing = {
        (mutant.module, mutant.function, mutant.line, mutant.change)
        for module in {module for module, *_ in entries}
        for mutant in mutants_of(module, (ROOT / module).read_text(encoding="utf-8"))
    }
    assert set(entries) <= existing


@pytest.mark.parametrize(("module", "test"), CONFIG["tests"].items())
def test_every_module_is_paired_with_the_test_module_of_its_name(module: str, test: str) -> None:
    assert (ROOT / test).is_file()
    assert test == module.replace("astra/", "tests/").replace(Path(module).name, f"test_{Path(module).name}")
