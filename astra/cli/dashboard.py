"""`astra dashboard`: grants, payments and requests of an installation, in a browser of this machine. Read-only."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from astra.cli.errors import COULD_NOT_RUN, PLAIN, Command, fail
from astra.cli.opening import find_identity
from astra.cli.output import say
from astra.cli.signals import wait_for_the_end
from astra.config import read_environment
from astra.errors import ConfigurationError

app = typer.Typer(**PLAIN)


@app.command(cls=Command)
def dashboard(
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port of this machine; 0 takes any free one.")] = 8788,
    no_open: Annotated[bool, typer.Option("--no-open", help="Do not open a browser, only print the URL.")] = False,
    hide_keys: Annotated[
        bool, typer.Option("--hide-keys", help="Show no user keys, idempotency keys and references of yours.")
    ] = False,
) -> None:
    """Show the health of grants, payments and requests in a browser of this machine, until Ctrl-C.

    It reads the stores that ASTRA_TOKEN_STORE, ASTRA_IDEMPOTENCY_STORE and ASTRA_REQUEST_LOG name, and writes to
    none. Nothing is sent to Astra, and neither the client secret nor encryption keys are needed. It shows no
    tokens, secrets or personal data; whoever has the printed URL may look. Exit codes: 0 it was ended, 2 it could
    not run.

    \b
    Examples:
      astra dashboard
      astra dashboard --port 0 --no-open
    """
    try:
        from astra.dashboard.opening import dashboard as serve
        from astra.web.serving import listen
    except ImportError as error:
        fail(f"{error.name} is missing: pip install 'astra-finance[dashboard]'", code=COULD_NOT_RUN)
    settings = read_environment()
    identity, unknown = None, None
    try:
        identity = find_identity(of="grants and payments")
    except ConfigurationError as error:
        unknown = error
    try:
        listener = listen(port)
    except OSError as error:
        fail(f"port {port} cannot be used ({error.strerror or error}): pass another with --port", code=COULD_NOT_RUN)
    with serve(settings, listener=listener, identity=identity, identity_error=unknown, hides_keys=hide_keys) as address:
        typer.echo(f"Astra dashboard, read-only: {address.url}")
        sys.stdout.flush()
        if not no_open and sys.stdout.isatty():
            _open(address.url)
        say("For this machine only. From another one: ssh -L 8788:127.0.0.1:" + f"{address.port} HOST. Ctrl-C ends it.")
        wait_for_the_end()


def _open(url: str) -> None:
    import webbrowser

    try:
        browser = webbrowser.get()
    except webbrowser.Error:
        return
    # One that runs in the terminal would take it over.
    if type(browser) is not webbrowser.GenericBrowser:
        browser.open(url)
