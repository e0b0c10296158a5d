"""`astra payments list` and `show`. The store is enough for both: no client secret is needed, and nothing is sent."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Annotated

import typer

from astra.cli.dates import parse_time
from astra.cli.errors import NOT_FOUND, fail
from astra.cli.options import JsonOption
from astra.cli.output import json_line, print_json, say
from astra.cli.payments.opening import opened
from astra.cli.payments.options import (
    OperationOption,
    StoreOption,
    describe,
    fields_of,
    print_advice,
    print_moments,
    print_payment,
)
from astra.cli.payments.story import Sources
from astra.cli.table import show as printable
from astra.cli.table import stream
from astra.payments import PaymentRecord, PaymentState
from astra.payments.advice import advise, trace
from astra.payments.links import key_of
from astra.payments.timeline import tell

COLUMNS = ("state", "key", "operation", "user key", "amount", "sent last", "correlation id", "resource id", "error")


def list_payments(
    store: StoreOption = None,
    state: Annotated[PaymentState | None, typer.Option(help="Only payments in this state.")] = None,
    operation: OperationOption = None,
    user: Annotated[str | None, typer.Option(metavar="KEY", help="Only payments of this user, by your key.")] = None,
    since: Annotated[
        str | None, typer.Option(metavar="TIME", help="Keys first used from: 30m, 12h, 5d ago, or 2026-11-24T12:00Z.")
    ] = None,
    until: Annotated[str | None, typer.Option(metavar="TIME", help="Keys first used before: as --since.")] = None,
    limit: Annotated[int | None, typer.Option("--limit", "-n", min=1, help="At most so many.")] = None,
    as_json: JsonOption = False,
) -> None:
    """List payments, that first whose key was first used longest ago, in memory that does not grow with their number.

    With --json: one object per line. Exit codes: 0 done, 2 it could not run, 3 no answer.

    \b
    Examples:
      astra payments list --state uncertain
      astra payments list --user customer-42 --since 1d --json
    """
    now = datetime.now(UTC)
    wanted = {
        "states": None if state is None else [state],
        "operation": operation,
        "user_key": user,
        "since": parse_time(since, now=now) if since else None,
        "until": parse_time(until, now=now) if until else None,
    }
    with opened(store) as found:
        rows = _Counted(found.select(**wanted, limit=limit))
        if as_json:
            for record in rows:
                sys.stdout.write(json_line(describe(record)))
        else:
            cells = ([fields_of(record)[column] for column in COLUMNS] for record in rows)
            for line in stream(COLUMNS, cells):
                sys.stdout.write(line)
        if not rows.count:
            say(f"no payments: {found.where(**wanted)}")


class _Counted:
    """Payments, and how many came.

    Args:
        records: the payments.
    """

    def __init__(self, records: Iterator[PaymentRecord]) -> None:
        self._records = records
        self.count = 0

    def __iter__(self) -> Iterator[PaymentRecord]:
        for record in self._records:
            self.count += 1
            yield record


def show(
    any_id: Annotated[
        str,
        typer.Argument(metavar="ID", help="The key, or a correlation, routine, transfer, call or request id."),
    ],
    store: StoreOption = None,
    log: Annotated[
        str | None, typer.Option("--log", help="URL of the request log; default: ASTRA_REQUEST_LOG.", metavar="URL")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Show what is known of a payment, and who has to do what next.

    With --json: one object per payment. Exit codes: 0 found, 7 nothing has this id, 2 it could not run, 3 no
    answer.

    \b
    Examples:
      astra payments show payout-17
    """
    with Sources(store=store, log=log, quiet=as_json, needs="store") as sources:
        story = sources.find(any_id)
        where = "" if story.payments else sources.where(any_id)
    if not story.payments:
        more = f" The request log knows it: astra requests show {any_id}." if story.requests else ""
        fail(f"no payment under the id {any_id!r}: {where}.{more}", code=NOT_FOUND)
    now = datetime.now(UTC)
    for index, record in enumerate(story.payments):
        advice = advise(record, now=now)
        attempts = [one for one in story.requests if key_of(one, story.payments) == record.key]
        if as_json:
            calls = list(dict.fromkeys(one.call_id for one in attempts))
            print_json(record.to_dict() | {"next": advice.to_dict(), "logged_calls": calls} | sources.fields)
            continue
        if index:
            sys.stdout.write("\n")
        print_payment(record)
        sys.stdout.write("\n")
        print_moments(tell([record], ()))
        sys.stdout.write("\n")
        print_advice(advice)
        if attempts:
            sys.stdout.write(f"{len(attempts)} attempt(s) in the request log: {printable(trace(record))}\n")
