"""Whatever a command prints with --json begins with the version of these outputs."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.cli.conftest import Installation
from tests.cli.processes import here

CLI = Path(__file__).resolve().parents[2] / "astra" / "cli"
WRITES = re.compile(r"json\.dumps?\(")


def test_one_place_writes_json() -> None:
    """Others write a file, a cell of a table, or a report that has a version of its own."""
    found = {file.relative_to(CLI).as_posix() for file in CLI.rglob("*.py") if WRITES.search(file.read_text())}
    assert found == {"output.py", "drift.py", "doctor.py", "first_contact.py", "reading/showing.py"}


@pytest.mark.parametrize(
    "command",
    [
        "tokens list", "tokens show customer-42", "tokens status", "tokens keep-alive", "tokens refresh customer-42",
        "tokens find --astra-user USER", "tokens revive --since 2d --yes", "get profile --user customer-42",
        "list accounts --user customer-42", "list payment-instruments", "requests list", "requests stats",
        "requests tail", "requests export --format json", "trigger", "trigger user_updated --to URL/v1/none",
        "doctor --offline",
    ],
)  # fmt: skip
def test_each_object_begins_with_the_version(installed: Installation, command: str, tmp_path: Path) -> None:
    log = f"sqlite:///{tmp_path}/requests.db"
    settings = installed.settings | {
        "ASTRA_REQUEST_LOG": log,
        "ASTRA_SANDBOX_TOKEN": installed.sandbox.control_url.rpartition("token=")[2],
    }
    if command.startswith("requests"):
        here("get", "bins", "400000", **settings)
    words = command.replace("USER", installed.user_id).replace("URL", installed.sandbox.url).split()
    shown = here(*words, *([] if "--format" in words else ["--json"]), **settings).stdout
    texts = [shown] if command.startswith("doctor") else shown.splitlines()
    assert texts
    for text in texts:
        assert next(iter(json.loads(text).items())) == ("version", 1)
