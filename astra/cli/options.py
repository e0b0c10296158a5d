"""Options and outputs that commands share."""

from __future__ import annotations

import sys
from typing import Annotated, Any

import typer
from rich.console import Console

from astra.cli.errors import COULD_NOT_RUN, fail
from astra.cli.output import print_json
from astra.cli.table import show

err = Console(stderr=True)

JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]
YesOption = Annotated[bool, typer.Option("--yes", help="Do not ask.")]


def ask(question: str) -> None:
    """Asks on standard error. Whatever is not yes ends the command, and nothing was changed.

    Args:
        question: what to ask.
    """
    try:
        agreed = typer.confirm(question, err=True)
    except typer.Abort:  # Ctrl-C, or nobody there
        sys.stderr.write("\n")
        if sys.stdin.isatty():
            raise KeyboardInterrupt from None
        fail("there is nobody to ask. Pass --yes to go on all the same. Nothing was changed.", code=COULD_NOT_RUN)
    if not agreed:
        fail("the answer was no. Nothing was changed.")


def print_fields(row: dict[str, Any], *, as_json: bool) -> None:
    """Prints names and values."""
    if as_json:
        print_json(row)
        return
    for name, value in row.items():
        sys.stdout.write(f"{name:20} {'' if value is None else show(value)}".rstrip() + "\n")


def names(keys: list[str], *, most: int = 10) -> str:
    """Some keys, for a question or a message."""
    listed = ", ".join(repr(key) for key in keys[:most])
    return listed + (f" and {len(keys) - most} more" if len(keys) > most else "")
