"""`astra trace`: the story of one payment, by any of its ids.

Exit codes: 0 found; 7 nothing has this id; 2 it could not run.
"""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from typing import Annotated

import typer

from astra.cli.errors import NOT_FOUND, PLAIN, Command, fail
from astra.cli.options import JsonOption
from astra.cli.output import print_json, say
from astra.cli.payments.options import StoreOption, print_advice, print_moments, print_payment
from astra.cli.payments.story import Sources
from astra.payments.advice import advise
from astra.payments.story import MOST
from astra.payments.timeline import tell

app = typer.Typer(**PLAIN)


@app.command(cls=Command)
def trace(
    any_id: Annotated[
        str,
        typer.Argument(
            metavar="ID", help="An idempotency key, or a correlation, routine, transfer, call or request id."
        ),
    ],
    store: StoreOption = None,
    log: Annotated[
        str | None, typer.Option("--log", help="URL of the request log; default: ASTRA_REQUEST_LOG.", metavar="URL")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Tell the story of a payment: every sending and answer, looks, the webhook that settled it, and what to do next.

    It puts together what the idempotency store and the request log know, and needs no client secret. Nothing is
    sent. Of webhooks only those are kept that settled a payment. Exit codes: 0 found, 7 nothing has this id, 2 it
    could not run, 3 no answer.

    \b
    Examples:
      astra trace payout-17
      astra trace 0239decedaaa5cefa4d173ee839ca37599165219 --json
    """
    with Sources(store=store, log=log, quiet=as_json) as sources:
        story = sources.find(any_id)
        if not story.payments and not story.requests:
            fail(f"nothing has the id {any_id!r}: {sources.where(any_id)}", code=NOT_FOUND)
    now = datetime.now(UTC)
    moments = tell(story.payments, story.requests)
    if as_json:
        payments = [one.to_dict() | {"next": advise(one, now=now).to_dict()} for one in story.payments]
        timeline = [one.to_dict() for one in moments]
        print_json({"id": any_id, "payments": payments, "timeline": timeline, "is_cut": story.is_cut} | sources.fields)
        return
    for record in story.payments:
        print_payment(record)
        sys.stdout.write("\n")
    print_moments(moments, with_keys=len(story.payments) > 1)
    if story.is_cut:
        say(f"only the newest {MOST} attempts by each id were read: astra requests list --resource or --correlation")
    if not story.payments:
        say("no payment under an idempotency key has this id: these are requests alone")
    for record in story.payments:
        sys.stdout.write("\n" if len(story.payments) == 1 else f"\n{record.key}: ")
        print_advice(advise(record, now=now))
