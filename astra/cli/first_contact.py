"""`astra first-contact`: which guesses of the spec are right, told by Astra's own sandbox.

Exit codes: 0 it went to its end, whatever it found; 2 wrong usage or settings; 3 the server cannot be reached, or
stopped answering, and what was found before is kept; 4 what answers is no Astra; 5 it refuses the credentials, or the
user's, before the walk or in the middle; 6 something was changed and not taken back, or nobody knows whether it was.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from astra.cli.errors import PLAIN, Command, fail
from astra.cli.options import JsonOption
from astra.cli.output import say
from astra.config import ENVIRONMENTS, read_environment
from astra.conformance.remote import Given, WrongSetup, probe, target_of
from astra.conformance.target import Target
from astra.first_contact.calls import MOST_CALLS
from astra.first_contact.contact import (
    CASSETTES,
    REPORT,
    Contact,
    authorized,
    contact,
    earlier,
    journal_in,
    one_walk,
    planned,
)

app = typer.Typer(**PLAIN)


@app.command(cls=Command)
def first_contact(
    base: Annotated[
        str | None,
        typer.Option(metavar="URL", help="Origin of the API; default: ASTRA_BASE_URL, else Astra's sandbox."),
    ] = None,
    app_url: Annotated[str | None, typer.Option("--app", metavar="URL", help="Origin of the hosted module.")] = None,
    redirect_uri: Annotated[
        str | None, typer.Option(metavar="URI", help="A registered redirect URI; default: ASTRA_REDIRECT_URI.")
    ] = None,
    code: Annotated[str | None, typer.Option(help="A code, or the address with it at which a person ended.")] = None,
    interactive: Annotated[bool, typer.Option("--interactive", help="Show a link, and ask where it led.")] = False,
    phone: Annotated[str | None, typer.Option(help="Of the person who authorizes, who gets text messages.")] = None,
    batch_transfer: Annotated[str | None, typer.Option(metavar="ID", help="A batch transfer to read.")] = None,
    with_payments: Annotated[bool, typer.Option("--with-payments", help="Allow two payments of a dollar.")] = False,
    folder: Annotated[
        Path,
        typer.Option("--folder", metavar="PATH", help="Where report and cassettes go; a report that is there goes on."),
    ] = Path("first-contact"),
    timeout: Annotated[float, typer.Option(min=0.1, max=600, help="Seconds that an answer may take.")] = 30.0,
    as_json: JsonOption = False,
) -> None:
    """Make the calls that settle what the spec only guesses, and tell guess by guess what they show.

    ASTRA_CLIENT_ID and ASTRA_CLIENT_SECRET have the client, ASTRA_REFRESH_TOKEN a test user; else --code or
    --interactive. Says beforehand what it will do, and moves no money without --with-payments. What it writes holds
    names, statuses and request ids; cassettes are scrubbed, and say whom they were recorded against.

    Exit codes: 0 it went to its end, 2 wrong usage or settings, 3 no answer, 4 no Astra answers, 5 refused, 6
    something was changed and not taken back, or nobody knows.

    \b
    Examples:
      astra first-contact
      astra first-contact --interactive --folder first-contact
    """
    given = Given(
        base=base or read_environment().base_url or ENVIRONMENTS["sandbox"].api,
        app=app_url,
        redirect_uri=redirect_uri,
        code=code,
        phone=phone,
        payments=with_payments,
        timeout=timeout,
    )
    try:
        target = target_of(given)
        with one_walk(folder):
            before = earlier(folder, base=target.base)
            journal = journal_in(folder)
            announce(target, interactive=interactive, changes=planned(before, journal, payments=with_payments))
            target = probe(target)
            if target.refresh_token is None and interactive:
                target = authorized(target, ask)
            made = contact(
                target,
                folder=folder,
                before=before,
                payments=with_payments,
                batch_transfer=batch_transfer,
                journal=journal,
            )
    except WrongSetup as error:
        fail(str(error), code=error.code)
    sys.stdout.write(f"{json.dumps(made.report.to_dict(), indent=2) if as_json else made.report.to_text()}\n")
    tell(made, folder)
    if made.code:
        raise typer.Exit(made.code)


def announce(target: Target, *, interactive: bool, changes: list[str]) -> None:
    """Says what will be done, before anything is."""
    user = ["reads what the test user has", "refreshes the user's tokens, which ends access tokens in use elsewhere"]
    if target.code is not None:
        user = ["exchanges the code, which can be done once", *user]
    elif target.refresh_token is None and not interactive:
        user = ["sees nothing of a user (ASTRA_REFRESH_TOKEN, --code or --interactive)"]
    *others, last = changes
    wrong = "sends requests that cannot be taken, for the names in what they are answered"
    say(
        f"about 50 calls of {target.base}, and never more than {MOST_CALLS}: this "
        f"{', '.join([*user, *others, wrong])}, and {last}."
    )


def ask(link: str) -> str:
    """Shows a link, and returns the address at which a person says to have ended."""
    say("Open this, authorize, and paste the address at which you end (it may be an error page):")
    sys.stderr.write(f"\n{link}\n\n")
    sys.stderr.flush()
    return sys.stdin.readline()


def tell(made: Contact, folder: Path) -> None:
    """Says where things are, and what somebody has to look after."""
    for text in made.warnings:
        say(f"WARNING: {text}")
    say(f"wrote {folder / REPORT}")
    if made.left_out:
        say(f"no cassettes: {made.left_out}")
    else:
        say(f"wrote {len(made.files)} cassettes to {folder / CASSETTES}")
