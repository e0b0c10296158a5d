"""Every command says in its help what it does, with examples, and how it ends."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib import import_module
from typing import Any

import pytest
from typer.main import get_command

from astra.cli.exits import ExitCode
from astra.cli.main import GROUPS
from tests.cli.processes import run


def commands() -> Iterator[tuple[str, Any]]:
    """All commands that do something, by what is typed."""
    for name, (module, _) in GROUPS.items():
        group: Any = get_command(import_module(module).app)
        held = getattr(group, "commands", {})
        yield from ((f"astra {name} {one}", command) for one, command in held.items())
        if not held or group.invoke_without_command:
            yield f"astra {name}", group


COMMANDS = dict(commands())


@pytest.mark.parametrize("name", COMMANDS)
def test_the_help_has_a_summary_examples_and_exit_codes(name: str) -> None:
    told = COMMANDS[name].help
    summary, *_ = told.split("\n")
    assert summary.endswith(".")
    assert f"  {name}" in told.partition("Examples:\n")[2]
    codes = " ".join(told.split()).partition("Exit codes: ")[2].partition("\b")[0]
    named = {int(code) for code in re.findall(r"(?:^|[,;] )(\d+) ", codes)}
    assert 0 in named
    assert named <= {int(code) for code in ExitCode}


def test_examples_are_not_run_together() -> None:
    told = run("tokens", "list", "--help").stdout
    assert "\n  Examples:\n    astra tokens list --state dead\n    astra tokens list --state failing\n" in told
