"""`astra sandbox`: serves a local Astra."""

from __future__ import annotations

import errno
import socket
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from astra.cli.errors import COULD_NOT_RUN, PLAIN, Group, fail
from astra.cli.signals import wait_for_the_end

app = typer.Typer(**PLAIN, cls=Group, invoke_without_command=True)


@app.callback(invoke_without_command=True)
def serve(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port; 0 takes any free one.")] = 8787,
    state: Annotated[
        Path | None, typer.Option(help="File to continue from and to save to, such as sandbox.db.")
    ] = None,
    seed: Annotated[str | None, typer.Option(help="Makes ids and tokens the same in every run.")] = None,
    redirect_uri: Annotated[
        list[str] | None, typer.Option(help="Registered redirect URI; give it several times for several.")
    ] = None,
    webhook: Annotated[list[str] | None, typer.Option(help="URL to send webhooks to.")] = None,
    webhook_host: Annotated[
        list[str] | None, typer.Option(help="Host name of another machine that webhooks may be sent to.")
    ] = None,
    allow_host: Annotated[
        list[str] | None, typer.Option(help="Name by which it may be reached, such as that of a container.")
    ] = None,
    start: Annotated[
        datetime | None, typer.Option(help="When its clock starts, UTC.", formats=["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S"])
    ] = None,
    frozen: Annotated[bool, typer.Option("--frozen", help="Let the clock stand still until it is advanced.")] = False,
    quirks: Annotated[
        str, typer.Option(help="Habits of the real API, such as 'absent_empty_lists,no-string_active'.")
    ] = "",
    strict_secure_host: Annotated[
        bool, typer.Option("--strict-secure-host", help="Serve card and account creation on a second port only.")
    ] = False,
    secure_port: Annotated[int, typer.Option(help="Port of the secure host; 0 takes any free one.")] = 0,
    p2p: Annotated[bool, typer.Option("--p2p", help="Let the client move money between people.")] = False,
) -> None:
    """Serve a local Astra that behaves as documented, until Ctrl-C.

    Other programs control it with the control URL, whose token is ASTRA_SANDBOX_TOKEN or a new one each time.

    Exit codes: 0 it was ended, 2 it could not run, for example because the port is taken.

    \b
    Examples:
      astra sandbox
      astra sandbox --port 0 --seed 1 --frozen
      astra sandbox --state sandbox.db --webhook http://127.0.0.1:8000/webhooks/astra
    """
    from astra.config import is_loopback, sandbox_token
    from astra.errors import ConfigurationError
    from astra.sandbox import REDIRECT_URI, Options, Quirks, Sandbox, SandboxClock

    try:
        clock = SandboxClock(start_at=None if start is None else start.replace(tzinfo=UTC))
        if frozen:
            clock.freeze()
        options = Options(strict_secure_host=strict_secure_host, quirks=Quirks.parse(quirks))
        sandbox = Sandbox(
            host=host,
            port=port,
            secure_port=secure_port,
            state=state,
            seed=seed,
            redirect_uri=redirect_uri or REDIRECT_URI,
            options=options,
            p2p=p2p,
            clock=clock,
            webhook_urls=webhook or (),
            webhook_hosts=webhook_host or (),
            allow_hosts=allow_host or (),
            control_token=sandbox_token(),
        )
        sandbox.start()
    except OSError as error:
        fail(f"{error.strerror or error}. {hint(error)}".rstrip(), code=COULD_NOT_RUN)
    except (ConfigurationError, ValueError) as error:
        fail(str(error), code=COULD_NOT_RUN)
    if not is_loopback(host):
        typer.echo(
            f"WARNING: it listens on {host}, so whoever reaches this machine can use it. Its data is not real, but "
            "give it no real credentials and no real person's data.",
            err=True,
        )
    typer.echo(f"Astra sandbox on {sandbox.url} (open it in a browser for a guide)")
    typer.echo(f"control URL      {sandbox.control_url}")
    if strict_secure_host:
        typer.echo(f"secure host      {sandbox.secure_url}")
    typer.echo(f"client id        {sandbox.client_id}")
    typer.echo(f"client secret    {sandbox.client_secret}  (a sandbox value, not a secret)")
    typer.echo(f"redirect URI     {sandbox.redirect_uri}")
    typer.echo(f"state            {state or 'in memory'}")
    typer.echo(f"clock            {sandbox.now():%Y-%m-%d %H:%M:%S} UTC{', frozen' if frozen else ''}")
    wait_for_the_end()
    sandbox.close()


def hint(error: OSError) -> str:
    """Says what to type when it cannot listen."""
    if error.errno == errno.EADDRINUSE:
        return "Another program listens there, perhaps another sandbox: give another --port; 0 takes any free one."
    if error.errno == errno.EACCES and error.filename is None:
        return "Give a --port above 1023."
    if error.errno == errno.EADDRNOTAVAIL or isinstance(error, socket.gaierror):
        return "Give --host an address of this machine, such as 127.0.0.1, or 0.0.0.0 for all."
    return ""
