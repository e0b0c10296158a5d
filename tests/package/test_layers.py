"""The rules of the house hold, and breaking one of them is found."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.package.layers import DECISIONS, ROOT, impure_decisions, modules, upward_imports, wrong_doors


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the package, to break."""
    shutil.copytree(ROOT / "astra", tmp_path / "astra", ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path


def add(root: Path, module: str, text: str) -> None:
    path = root / module
    path.write_text(f"{path.read_text(encoding='utf-8')}\n{text}\n", encoding="utf-8")


def test_each_outside_thing_has_one_door() -> None:
    assert wrong_doors(ROOT) == []


@pytest.mark.parametrize(
    ("module", "text", "said"),
    [
        ("astra/webhooks/events.py", "import sqlite3", "imports sqlite3; only astra/storage/ may"),
        ("astra/tokens/grant.py", "def late():\n    from sqlalchemy import text", "imports sqlalchemy; only"),
        ("astra/cli/main.py", "import redis.asyncio", "imports redis; only"),
        ("astra/oauth/links.py", "from httpx import Client", "imports httpx; only astra/http/ may"),
        ("astra/money.py", "import importlib\nimportlib.import_module('httpx')", "imports httpx; only"),
        ("astra/cli/main.py", "import os\nos.environ['ASTRA_X']", "reads the environment; only astra/config.py may"),
        ("astra/http/retry.py", "from os import getenv", "reads the environment; only"),
        (
            "astra/resources/inputs.py",
            "def f(m):\n    return m._get_kwargs()",
            "uses _get_kwargs; only astra/http/ may",
        ),
    ],
)
def test_a_second_door_is_found(copy: Path, module: str, text: str, said: str) -> None:
    add(copy, module, text)
    [found] = wrong_doors(copy)
    assert found.startswith(f"{module} {said}")


def test_no_room_imports_one_beside_or_above_it() -> None:
    assert upward_imports(ROOT) == []


@pytest.mark.parametrize(
    ("module", "text", "said"),
    [
        ("astra/http/retry.py", "import astra.tokens.grant", "astra.http must not import"),
        ("astra/tokens/grant.py", "import astra.http.retry", "astra.tokens must not import astra.http"),
        ("astra/errors.py", "def late():\n    from astra import config", "astra.errors must not import astra.config"),
        ("astra/tokens/grant.py", "import astra.webhooks.events", "astra.tokens must not import astra.webhooks"),
    ],
)
def test_an_import_up_the_house_is_found(copy: Path, module: str, text: str, said: str) -> None:
    add(copy, module, text)
    assert any(found.startswith(said) for found in upward_imports(copy))


def test_a_room_without_a_floor_is_found(copy: Path) -> None:
    (copy / "astra" / "attic.py").write_text("", encoding="utf-8")
    assert upward_imports(copy) == ["astra.attic has no floor"]


def test_decisions_do_no_io() -> None:
    assert all((ROOT / path).is_file() for path in DECISIONS)
    assert impure_decisions(ROOT) == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("import time", "imports time"),
        ("import asyncio", "imports asyncio"),
        ("def read():\n    return open('x')", "calls open"),
        ("async def wait():\n    pass", "awaits"),
    ],
)
def test_io_in_a_decision_is_found(copy: Path, text: str, said: str) -> None:
    add(copy, DECISIONS[0], text)
    [found] = impure_decisions(copy)
    assert DECISIONS[0] in found
    assert found.endswith(said)


def test_the_checks_look_at_every_module() -> None:
    assert len(list(modules(ROOT))) > 150
