"""The rules of the house hold, and breaking one of them is found."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.package.layers import (
    DECISIONS,
    DOORS,
    ENVIRONMENT_DOOR,
    ROOT,
    SEAM,
    impure_decisions,
    modules,
    upward_imports,
    wrong_doors,
)


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
    for path in {ENVIRONMENT_DOOR, SEAM}.union(*DOORS.values()):
        assert (ROOT / path).exists(), path


@pytest.mark.sampled(3)
@pytest.mark.parametrize(
    ("module", "text", "said"),
    [
        (
            "astra/webhooks/events.py",
            "import sqlite3",
            "imports sqlite3; only astra/storage/, astra/sandbox/saving/ may",
        ),
        ("astra/tokens/grant.py", "def late():\n    from sqlalchemy import text", "imports sqlalchemy; only"),
        ("astra/cli/main.py", "import redis.asyncio", "imports redis; only"),
        (
            "astra/oauth/links.py",
            "from httpx import Client",
            "imports httpx; only astra/http/library.py may",
        ),
        ("astra/money.py", "import importlib\nimportlib.import_module('httpx')", "imports httpx; only"),
        ("astra/cli/main.py", "import os\nos.environ['ASTRA_X']", "reads the environment; only astra/config.py may"),
        ("astra/http/retry.py", "from os import getenv", "reads the environment; only"),
        ("astra/cli/main.py", "import os as o\no.environ", "reads the environment; only"),
        ("astra/cli/main.py", "from os import environ as e", "reads the environment; only"),
        ("astra/cli/main.py", "import os\ngetattr(os, 'environ')", "reads the environment; only"),
        ("astra/http/_async/transport.py", "import urllib.request as u\nu.getproxies()", "reads the environment; only"),
        ("astra/http/_async/transport.py", "from urllib.request import getproxies", "reads the environment; only"),
        ("astra/http/encode.py", "import httpx", "imports httpx; only"),
        ("astra/http/_async/pipeline.py", "def late():\n    import httpx", "imports httpx; only"),
        ("astra/http/encode.py", "def f(m):\n    return m._get_kwargs()", "uses _get_kwargs; only"),
        (
            "astra/http/encode.py",
            "from astra_api.api.bins.get_bin import _parse_response",
            "uses _parse_response; only",
        ),
        (
            "astra/resources/inputs.py",
            "def f(m):\n    return m._get_kwargs()",
            "uses _get_kwargs; only astra/http/operations.py may",
        ),
    ],
)
def test_a_second_door_is_found(copy: Path, module: str, text: str, said: str) -> None:
    add(copy, module, text)
    [found] = wrong_doors(copy)
    assert found.startswith(f"{module} {said}")


def test_no_room_imports_one_beside_or_above_it() -> None:
    assert upward_imports(ROOT) == []


@pytest.mark.sampled(2)
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


@pytest.mark.sampled(2)
@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("import time", "imports time"),
        ("import astra", "imports astra"),
        ("import astra.config", "imports astra.config"),
        ("def late():\n    import astra_api.client", "imports astra_api.client"),
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


@pytest.mark.sampled(2)
@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("from astra.config import read_environment", "imports astra.config.read_environment"),
        ("from astra.storage import SQLiteFile", "imports astra.storage.SQLiteFile"),
        ("from astra._flavours import sleep", "imports astra._flavours.sleep"),
        ("from astra import config", "imports astra.config"),
        ("from astra.tokens import grants", "imports astra.tokens.grants"),
    ],
)
def test_a_module_of_ours_that_no_decision_may_import_is_found(copy: Path, text: str, said: str) -> None:
    add(copy, "astra/tokens/policy.py", text)
    assert f"astra/tokens/policy.py {said}" in impure_decisions(copy)


def test_the_checks_look_at_every_module() -> None:
    assert len(list(modules(ROOT))) > 150
