"""Options and outputs that several commands share."""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from typing import Annotated, Any

import typer
from rich.console import Console

from astra.cli.errors import COULD_NOT_RUN, fail
from astra.cli.table import harmless, show
from astra.tokens import Grant

err = Console(stderr=True)

StoreOption = Annotated[
    str | None, typer.Option("--store", help="URL of the token store; default: ASTRA_TOKEN_STORE.", metavar="URL")
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]
YesOption = Annotated[bool, typer.Option("--yes", help="Do not ask.")]
EverybodyOption = Annotated[
    bool, typer.Option("--all-identities", help="Grants of all environments and clients, not only of this one.")
]
PlainOption = Annotated[bool, typer.Option("--accept-plain", help="Also take tokens that are not encrypted yet.")]


def format_time(seconds: float) -> str:
    """Returns a time as people and programs read it, in UTC."""
    try:
        return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    except (OverflowError, ValueError, OSError):
        return f"{seconds!r} s"


def describe(grant: Grant) -> dict[str, Any]:
    """What may be shown of a grant: everything but its tokens."""
    return {
        "key": grant.key,
        "environment": grant.identity.environment or None,
        "client_id": grant.identity.client_id or None,
        "state": grant.state,
        "astra_user_id": grant.astra_user_id,
        "refreshed_at": format_time(grant.refreshed_at),
        "access_expires_at": format_time(grant.access_expires_at),
        "refresh_expires_at": format_time(grant.refresh_expires_at),
        "failures": grant.failures,
        "next_attempt_at": format_time(grant.next_attempt_at) if grant.next_attempt_at else None,
        "dead_since": None if grant.dead_since is None else format_time(grant.dead_since),
        "dead_reason": grant.dead_reason,
        "version": grant.version,
    }


def ask(question: str) -> None:
    """Asks on standard error. Whatever is not yes ends the command, and nothing was changed.

    Args:
        question: what to ask.
    """
    try:
        agreed = typer.confirm(question, err=True)
    except typer.Abort:  # Ctrl-C, or nobody there
        if sys.stdin.isatty():
            raise
        sys.stderr.write("\n")
        fail("there is nobody to ask. Pass --yes to go on all the same. Nothing was changed.", code=COULD_NOT_RUN)
    if not agreed:
        raise typer.Abort


def print_json(value: object) -> None:
    """Prints one line of JSON, at once."""
    sys.stdout.write(json.dumps(value) + "\n")
    sys.stdout.flush()


def print_fields(row: dict[str, Any], *, as_json: bool) -> None:
    """Prints names and values."""
    if as_json:
        print_json(row)
        return
    for name, value in row.items():
        sys.stdout.write(f"{name:20} {'' if value is None else show(value)}".rstrip() + "\n")


def say(text: str) -> None:
    """Says something to a person, on standard error."""
    sys.stderr.write(f"{harmless(text)}\n")


def names(keys: list[str], *, most: int = 10) -> str:
    """Some keys, for a question or a message."""
    listed = ", ".join(repr(key) for key in keys[:most])
    return listed + (f" and {len(keys) - most} more" if len(keys) > most else "")
