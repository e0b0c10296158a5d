"""The command `astra`. Only the group that is called is imported, so each starts fast."""

from __future__ import annotations

import sys
from importlib import import_module
from typing import Annotated, Any

import typer
from typer.core import TyperCommand
from typer.main import get_command

from astra.cli.errors import Group
from astra.cli.streams import mend_streams
from astra.version import __version__

GROUPS = {
    "get": ("astra.cli.reading.get", "Get one object of Astra's by its id."),
    "list": ("astra.cli.reading.list", "List objects of Astra's."),
    "tokens": ("astra.cli.tokens", "Look at grants, refresh them, keep them alive."),
    "payments": ("astra.cli.payments", "Look at payments under keys, settle those of unknown outcome."),
    "trace": ("astra.cli.trace", "Tell the story of one payment, by any of its ids."),
    "dashboard": ("astra.cli.dashboard", "Look at grants, payments and requests in a browser, read-only."),
    "requests": ("astra.cli.requests", "Find the request ids of past calls."),
    "drift": ("astra.cli.drift", "Show what Astra answers beside what the spec says."),
    "first-contact": ("astra.cli.first_contact", "Settle what the spec guesses, by calls to Astra's sandbox."),
    "webhooks": ("astra.cli.webhooks", "Verify, sign and replay webhooks."),
    "trigger": ("astra.cli.trigger", "Send a made-up webhook of any type from a local sandbox."),
    "sandbox": ("astra.cli.sandbox", "Serve a local Astra."),
    "doctor": ("astra.cli.doctor", "Check settings, stores, keys, hosts and clock."),
}
"""The commands: the module whose `app` each is, and what it does."""


class Root(Group):
    """The command `astra`, which imports a group when it is called."""

    _is_listing = False

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002
        """Names the commands."""
        return list(GROUPS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ARG002
        """Returns a command; where only names are listed, what it does is known without it."""
        found = GROUPS.get(cmd_name)
        if found is None:
            return None
        if self._is_listing:
            return TyperCommand(name=cmd_name, help=found[1])
        return get_command(import_module(found[0]).app)

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """Writes the list of commands of the help."""
        self._is_listing = True
        try:
            super().format_commands(ctx, formatter)
        finally:
            self._is_listing = False

    def shell_complete(self, ctx: Any, incomplete: str) -> Any:
        """Returns what a shell offers to type."""
        self._is_listing = True
        try:
            return super().shell_complete(ctx, incomplete)
        finally:
            self._is_listing = False


app = typer.Typer(
    cls=Root,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 120},
    epilog="astra COMMAND --help tells more. Exit codes: docs/guides/command-line.md.",
)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"astra {__version__}")
        raise typer.Exit


@app.callback(invoke_without_command=True)
def root(
    context: typer.Context,
    _: Annotated[
        bool, typer.Option("--version", is_eager=True, callback=_version, help="Say which release this is.")
    ] = False,
) -> None:
    """Tools around the Python SDK for Astra. Settings come from the ASTRA_* environment variables."""
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())


def run(arguments: list[str] | None = None) -> None:
    """Runs the command line; `astra.cli.exits` says how it ends.

    Args:
        arguments: what follows "astra"; None takes the process's own.
    """
    mend_streams()
    get_command(app).main(args=sys.argv[1:] if arguments is None else arguments, prog_name="astra")
