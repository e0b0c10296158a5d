"""Importing the SDK is cheap, needs the core alone, and works from any module."""

from __future__ import annotations

import pkgutil
import re
import subprocess
import sys
from pathlib import Path

import pytest

import astra

ROOT = Path(__file__).resolve().parents[2]
HEAVY = ("httpx", "attr", "attrs", "asyncio", "ssl", "sqlite3", "astra_api", "typer", "rich", "sqlalchemy", "redis")
HEAVY += ("cryptography", "celery", "opentelemetry", "starlette", "uvicorn", "jinja2", "pytest", "msgspec", "vcr")
# Rooms that a user imports by name, with the extras that they must not pull in.
ROOMS = ("astra.errors", "astra.config", "astra.tokens", "astra.webhooks", "astra.request_log", "astra.oauth.links")
ROOMS += ("astra.instrumentation",)
EXTRAS = ("typer", "rich", "sqlalchemy", "psycopg", "redis", "cryptography", "celery", "opentelemetry", "starlette")
EXTRAS += ("uvicorn", "jinja2", "segno", "pytest", "msgspec", "vcr", "flask", "django", "fastapi")


def python(program: str) -> str:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", program], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def loaded_by(statement: str, names: tuple[str, ...]) -> list[str]:
    return python(f"import sys; {statement}; print(*[n for n in {names!r} if n in sys.modules])").split()


def test_importing_astra_loads_nothing_else() -> None:
    assert loaded_by("import astra", HEAVY) == []


@pytest.mark.parametrize("room", ROOMS)
def test_importing_a_room_loads_no_extra(room: str) -> None:
    assert loaded_by(f"import {room}", EXTRAS) == []


def test_making_a_client_loads_no_extra() -> None:
    # msgspec is used where it is; rich is loaded by httpx itself, for its own command line.
    assert set(loaded_by("import astra; astra.Astra('id', 'secret').close()", EXTRAS)) <= {"msgspec", "rich"}


@pytest.mark.parametrize("is_room", [True, pytest.param(False, marks=pytest.mark.long)], ids=["rooms", "the rest"])
def test_every_module_can_be_imported_first(is_room: bool) -> None:
    """A circular import shows itself only for some first module, so each is tried in a process of its own."""
    names = [
        module.name
        for module in pkgutil.walk_packages(astra.__path__, "astra.")
        if not module.name.startswith("astra.sandbox.engine.")  # reached by the rest, and imported by nobody else
    ]
    names = [name for name in names if (name.count(".") == 1) is is_room]
    assert len(names) > (20 if is_room else 80)
    program = """
import importlib, os, sys
# What others wrote is loaded once, before: it only makes the test slow.
import asyncio, attrs, httpx, jinja2, pytest, rich.progress, sqlite3, ssl, typer, uvicorn
import celery, django.http, flask, opentelemetry.trace, redis.asyncio, sqlalchemy, starlette.applications, vcr
import astra_api.models
failed = []
for name in sys.argv[1:]:
    child = os.fork()
    if child == 0:
        try:
            importlib.import_module(name)
        except BaseException as error:
            print(name, type(error).__name__, error, flush=True)
            os._exit(1)
        os._exit(0)
    if os.waitpid(child, 0)[1]:
        failed.append(name)
print(len(failed))
"""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", program, *names], capture_output=True, text=True, timeout=170, check=False
    )
    assert (done.stdout, done.stderr) == ("0\n", "")


def test_instrumentation_knows_neither_the_calls_nor_the_log_that_it_serves() -> None:
    for path in (ROOT / "astra" / "instrumentation").rglob("*.py"):
        assert not re.search(r"astra\.(http|request_log|resources)", path.read_text(encoding="utf-8")), path


def test_no_file_names_a_path_of_the_machine_it_was_written_on() -> None:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout
    pattern = re.compile(rb"(?<![\w.])/(?:work|home/\w+|root|Users/\w+)/")
    found = []
    for name in listed.decode().split("\0"):
        path = ROOT / name
        if not name or not path.is_file() or path == Path(__file__).resolve():
            continue
        if match := pattern.search(path.read_bytes()):
            found.append(f"{name}: {match.group().decode()}")
    assert found == []


def test_a_blocking_client_loads_nothing_of_asyncio() -> None:
    program = (
        "import sys; from astra import Astra; Astra('id', 'secret')\n"
        "print([name for name in sys.modules if name == 'asyncio' or (name.startswith('astra') and '_async' in name)])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
