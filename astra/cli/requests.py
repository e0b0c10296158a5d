"""`astra requests`: what was called, how it ended, and the request ids that Astra's support asks for.

Exit codes: see `astra.cli.errors`; `show` and `export` that find nothing exit with 1.
"""

from __future__ import annotations

import os
import sys
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated

import attrs
import typer

from astra.cli.dates import parse_time
from astra.cli.errors import NOT_FOUND, PLAIN, Group, fail
from astra.cli.local import SandboxOption
from astra.cli.output import json_line, print_json
from astra.cli.request_logs import described, opened, say_empty, where
from astra.cli.table import align, harmless
from astra.instrumentation.record import RequestRecord
from astra.request_log.export import HEADERS, ticket_rows
from astra.request_log.query import RequestQuery

app = typer.Typer(
    **PLAIN, cls=Group, no_args_is_help=True, help="Find the request ids of past calls in the request log."
)

LogOption = Annotated[
    str | None, typer.Option("--log", metavar="URL", help="URL of the request log; default: ASTRA_REQUEST_LOG.")
]
UserOption = Annotated[str | None, typer.Option("--user", metavar="KEY", help="Only calls for this user key of yours.")]
OperationOption = Annotated[str | None, typer.Option(metavar="NAME", help="Only this operation, e.g. create_routine.")]
ResourceOption = Annotated[
    str | None, typer.Option("--resource", metavar="ID", help="Only calls about this object of Astra's.")
]
CorrelationOption = Annotated[
    str | None, typer.Option("--correlation", metavar="ID", help="Only payments with this client_correlation_id.")
]
StatusOption = Annotated[str | None, typer.Option(help="Only this status: 404, 4xx, or none for no answer.")]
FailedOption = Annotated[bool, typer.Option("--failed", help="Only failures.")]
SinceOption = Annotated[str | None, typer.Option(metavar="TIME", help="From: 30m, 12h, 5d ago, or 2026-11-24T12:00Z.")]
UntilOption = Annotated[str | None, typer.Option(metavar="TIME", help="Before: as --since.")]
LimitOption = Annotated[int, typer.Option("--limit", "-n", min=1, help="At most so many, the newest.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON object per line.")]

COLUMNS = {
    "attempt": "attempt",
    "call_id": "call id",
    "client_correlation_id": "correlation id",
    "duration_ms": "ms",
    "error_name": "error",
    "operation": "operation",
    "request_id": "request id",
    "resource_id": "resource id",
    "status": "status",
    "time": "time (UTC)",
    "user_key": "user",
}
LISTED = (
    "time",
    "status",
    "duration_ms",
    "operation",
    "user_key",
    "request_id",
    "resource_id",
    "client_correlation_id",
    "call_id",
    "error_name",
)
EXPORTED = (
    *("time", "request_id", "operation", "method", "path", "status", "duration_ms", "attempt", "error_name", "call_id"),
    "user",
)
"""Names of an export's columns in JSON."""
SHOWN = ("attempt", "time", "status", "duration_ms", "request_id", "resource_id", "error_name")


IdsArgument = Annotated[
    list[str] | None,
    typer.Argument(metavar="[ID]...", help="Request or call ids; or else what the options find."),
]


class ExportFormat(StrEnum):
    """How `export` writes."""

    text = "text"
    csv = "csv"
    json = "json"


@app.command("list")
def list_requests(
    log: LogOption = None,
    user: UserOption = None,
    operation: OperationOption = None,
    resource: ResourceOption = None,
    correlation: CorrelationOption = None,
    status: StatusOption = None,
    failed: FailedOption = False,
    since: SinceOption = None,
    until: UntilOption = None,
    limit: LimitOption = 50,
    as_json: JsonOption = False,
) -> None:
    """List attempts, the newest first.

    Exit codes: 0 done, also when there is none, 2 it could not run, 3 the log does not answer.

    \b
    Examples:
      astra requests list --user customer-42 --since 2h
      astra requests list --status 5xx --operation create_routine --json
    """
    with opened(log) as requests:
        wanted = build_query(user, operation, resource, correlation, status, failed, since, until, limit)
        records = list(requests.select(wanted))
        if as_json:
            sys.stdout.writelines(json_line(record.to_dict()) for record in records)
        elif records:
            write_rows(records, LISTED)
        if not records:
            say_empty(requests, wanted, where(log))


@app.command()
def show(
    any_id: Annotated[
        str,
        typer.Argument(
            metavar="ID", help="A request or call id; or a routine, transfer or correlation id, or a payment's key."
        ),
    ],
    log: LogOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show every attempt of the call that an id names; or of all calls about a payment, by any of its ids.

    With ASTRA_IDEMPOTENCY_STORE it also says to which payment they belong.

    Exit codes: 0 found, 2 it could not run, 3 the log does not answer, 7 nothing has this id.

    \b
    Examples:
      astra requests show 8d0f6ac1b7a94d0f8c0c5a8ab1a3a6f1
    """
    from astra.cli.payments.story import Sources
    from astra.payments.advice import show as show_payment
    from astra.payments.links import key_of

    with Sources(store=None, log=log, quiet=True, needs="log") as sources:
        story = sources.find(any_id)
        records = sources.attempts(any_id) or list(story.requests)
        if not records:
            fail(f"no request or call {any_id} in the log, and no payment: {sources.where(any_id)}", code=NOT_FOUND)
    keys = {record: key_of(record, story.payments) for record in records}
    if as_json:
        lines = (record.to_dict() | {"idempotency_key": key} for record, key in keys.items())
        sys.stdout.writelines(map(json_line, lines))
        return
    first = records[0]
    if {record.call_id for record in records} == {first.call_id}:
        reference = f", correlation id {first.client_correlation_id}" if first.client_correlation_id else ""
        sys.stdout.write(
            f"{first.operation}  {first.method} {first.path}\n"
            f"call {first.call_id}, user {first.user_key or '-'}{reference}, {len(records)} attempt(s)\n\n"
        )
        write_rows(records, SHOWN)
    else:
        write_rows(records, LISTED)
    for payment in story.payments:
        if payment.key in keys.values():
            line = f"payment {payment.key}: {payment.state}, more by {show_payment(payment)}"
            sys.stdout.write(f"\n{harmless(line)}\n")


@app.command()
def stats(
    log: LogOption = None,
    user: UserOption = None,
    operation: OperationOption = None,
    resource: ResourceOption = None,
    correlation: CorrelationOption = None,
    status: StatusOption = None,
    failed: FailedOption = False,
    since: SinceOption = None,
    until: UntilOption = None,
    as_json: JsonOption = False,
) -> None:
    """Sum up counts, failures and latencies by operation.

    Exit codes: 0 done, also when there is none, 2 it could not run, 3 the log does not answer.

    \b
    Examples:
      astra requests stats --since 24h
    """
    with opened(log) as requests:
        wanted = build_query(user, operation, resource, correlation, status, failed, since, until, None)
        found = requests.stats(wanted)
        if as_json:
            for entry in found:
                print_json(attrs.asdict(entry) | {"error_rate": round(entry.error_rate, 6)})
        if not found:
            say_empty(requests, wanted, where(log))
        if as_json or not found:
            return
        headers = ("operation", "count", "failed", "failed %", "p50 ms", "p95 ms", "p99 ms", "max ms")
        rows = [
            (one.operation, one.count, one.failed, one.error_rate * 100, one.p50_ms, one.p95_ms, one.p99_ms, one.max_ms)
            for one in found
        ]
        sys.stdout.write(align(headers, rows, right=headers[1:]))


@app.command()
def export(
    ids: IdsArgument = None,
    log: LogOption = None,
    user: UserOption = None,
    operation: OperationOption = None,
    resource: ResourceOption = None,
    correlation: CorrelationOption = None,
    status: StatusOption = None,
    failed: FailedOption = False,
    since: SinceOption = None,
    until: UntilOption = None,
    limit: LimitOption = 100,
    form: Annotated[ExportFormat, typer.Option("--format", help="How to write it.")] = ExportFormat.text,
    with_users: Annotated[bool, typer.Option("--with-users", help="Add a hash per user, never the key.")] = False,
) -> None:
    """Write attempts for a support ticket: no user keys, no ids in paths, nothing of any body.

    Exit codes: 0 done, 2 it could not run, 3 the log does not answer, 7 there is nothing to export.

    \b
    Examples:
      astra requests export --failed --since 1d
      astra requests export 8d0f6ac1b7a94d0f8c0c5a8ab1a3a6f1 --format csv
    """
    wanted = build_query(user, operation, resource, correlation, status, failed, since, until, limit)
    with opened(log) as requests:
        if ids:
            records = list(dict.fromkeys(record for one in ids for record in requests.find(one)))
        else:
            records = list(requests.select(wanted))
    if not records:
        asked = f"with the ids {', '.join(ids)}" if ids else described(wanted)
        fail(f"nothing to export: looked at {where(log)} {asked}".rstrip(), code=NOT_FOUND)
    rows = ticket_rows(records, salt=os.urandom(16) if with_users else None)
    write_export(rows, (*HEADERS, "user") if with_users else HEADERS, form)


@app.command()
def tail(
    log: LogOption = None,
    sandbox: SandboxOption = None,
    from_sandbox: Annotated[
        bool, typer.Option("--from-sandbox", help="Those that came to the local sandbox, instead of those of the log.")
    ] = False,
    user: UserOption = None,
    operation: OperationOption = None,
    status: StatusOption = None,
    failed: FailedOption = False,
    since: SinceOption = None,
    limit: LimitOption = 10,
    is_followed: Annotated[bool, typer.Option("--follow", "-f", help="Go on with what comes, until Ctrl-C.")] = False,
    interval: Annotated[float, typer.Option(min=0.1, max=3600, help="With --follow: seconds between looks.")] = 1.0,
    as_json: JsonOption = False,
) -> None:
    """Show the latest requests, the newest last, and with --follow those that come.

    They come from the request log, or with --sandbox or --from-sandbox from a running local sandbox, which knows only
    --operation. Exit codes: 0 done, also after Ctrl-C with --follow, 2 wrong usage or settings, 3 it cannot be reached.

    \b
    Examples:
      astra requests tail --follow --failed
      astra requests tail -f --user customer-42 --json
      astra requests tail -f --from-sandbox
    """
    from astra.cli import tailing

    seconds = interval if is_followed else None
    if sandbox or from_sandbox:
        if user or status or failed or since or log:
            raise typer.BadParameter("Of a sandbox only --operation can be asked for; it knows none of your keys.")
        from astra.cli.local import controlled

        with controlled(sandbox) as running:
            look = tailing.looks_at_sandbox(running, operation=operation, newest=limit)
            place = f"the sandbox at {running.url}" + (f" for the operation {operation}" if operation else "")
            tailing.print_rows(
                look, columns=tailing.SANDBOX_COLUMNS, where=place, follow_every=seconds, as_json=as_json
            )
        return
    wanted = build_query(user, operation, None, None, status, failed, since, None, limit)
    with opened(log) as requests:
        look = tailing.looks_at_log(requests, wanted)
        place = f"{where(log)} {described(wanted)}".rstrip()
        tailing.print_rows(look, columns=tailing.LOG_COLUMNS, where=place, follow_every=seconds, as_json=as_json)


def build_query(
    user: str | None,
    operation: str | None,
    resource: str | None,
    correlation: str | None,
    status: str | None,
    failed: bool,
    since: str | None,
    until: str | None,
    limit: int | None,
) -> RequestQuery:
    """Reads the filter options."""
    now = datetime.now(UTC)
    return RequestQuery(
        user_key=user,
        operation=operation,
        resource_id=resource,
        client_correlation_id=correlation,
        status=status,
        failed=True if failed else None,
        since=parse_time(since, now=now) if since else None,
        until=parse_time(until, now=now) if until else None,
        limit=limit,
    )


def format_time(record: RequestRecord) -> str:
    """Returns the time of a record, to the millisecond."""
    return record.time.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")[:-3]


def write_rows(records: list[RequestRecord], fields: tuple[str, ...]) -> None:
    """Writes some fields of records as columns."""
    rows = [[format_time(one) if name == "time" else getattr(one, name) for name in fields] for one in records]
    sys.stdout.write(align([COLUMNS[name] for name in fields], rows, right=("status", "ms")))


def exported(row: list[str]) -> dict[str, str | int | None]:
    """Returns a row of an export under the names, and with the types, that `list --json` has."""
    named = dict(zip(EXPORTED, row, strict=False))
    return {
        name: None
        if text in ("-", "no answer")
        else int(text)
        if name in ("status", "duration_ms", "attempt")
        else text
        for name, text in named.items()
    }


def write_export(rows: list[list[str]], headers: tuple[str, ...], form: ExportFormat) -> None:
    """Writes the rows of an export."""
    if form is ExportFormat.csv:
        import csv

        writer = csv.writer(sys.stdout, lineterminator="\n")
        writer.writerow(headers)
        writer.writerows(rows)
    elif form is ExportFormat.json:
        sys.stdout.writelines(json_line(exported(row)) for row in rows)
    else:
        sys.stdout.write(align(headers, rows, right=("ms",)))
