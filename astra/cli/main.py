"""Finds the command group and hands over to it. Only the group that is called is imported, so each starts fast."""

from __future__ import annotations

import sys
from importlib import import_module

import typer

from astra.cli.streams import mend_streams
from astra.version import __version__

GROUPS = {
    "tokens": ("astra.cli.tokens", "Look at grants, refresh them, keep them alive."),
    "payments": ("astra.cli.payments", "Look at payments under keys, settle those of unknown outcome."),
    "trace": ("astra.cli.trace", "Tell the story of one payment, by any of its ids."),
    "dashboard": ("astra.cli.dashboard", "Look at grants, payments and requests in a browser, read-only."),
    "requests": ("astra.cli.requests", "Find the request ids of past calls."),
    "drift": ("astra.cli.drift", "Show what Astra answers beside what the spec says."),
    "first-contact": ("astra.cli.first_contact", "Settle what the spec guesses, by calls to Astra's sandbox."),
    "webhooks": ("astra.cli.webhooks", "Verify, sign and replay webhooks."),
    "sandbox": ("astra.cli.sandbox", "Serve a local Astra."),
    "doctor": ("astra.cli.doctor", "Check settings, stores, keys, hosts and clock."),
}


def run(arguments: list[str] | None = None) -> None:
    """Runs the command line; `astra.cli.errors` says how it ends.

    Args:
        arguments: what follows "astra"; None takes the process's own.
    """
    mend_streams()
    given = sys.argv[1:] if arguments is None else arguments
    if not given or given[0] in ("-h", "--help"):
        sys.stdout.write(usage())
        return
    if given[0] == "--version":
        sys.stdout.write(f"astra {__version__}\n")
        return
    group = GROUPS.get(given[0])
    if group is None:
        sys.stderr.write(f"astra: no such command: {given[0]}\n\n{usage()}")
        raise SystemExit(2)
    app: typer.Typer = import_module(group[0]).app
    app(args=given[1:], prog_name=f"astra {given[0]}")


def usage() -> str:
    """Returns the help text of `astra` itself."""
    width = max(map(len, GROUPS))
    lines = [f"  {name:<{width}}  {summary}" for name, (_, summary) in GROUPS.items()]
    return (
        "Usage: astra COMMAND [ARGS]...\n\n"
        "Tools around the Python SDK for Astra. Settings come from the ASTRA_* environment variables.\n\n"
        "Commands:\n" + "\n".join(lines) + "\n\nastra COMMAND --help tells more; astra --version says which this is.\n"
    )
