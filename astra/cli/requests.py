"""`astra requests`: what was called, how it ended, and the request ids that Astra's support asks for.

Exit codes: see `astra.cli.errors`; `show` and `export` that find nothing exit with 1.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Generator
from contextlib import contextmanager
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated

import attrs
import typer

from astra.cli.dates import parse_time
from astra.cli.errors import NOT_FOUND, PLAIN, Group, fail
from astra.cli.table import align, harmless
from astra.config import read_environment
from astra.errors import ConfigurationError
from astra.instrumentation.record import RequestRecord
from astra.request_log.export import HEADERS, ticket_rows
from astra.request_log.log import RequestLog
from astra.request_log.opening import open_request_log
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
    """List attempts, the newest first."""
    with opened(log) as requests:
        wanted = build_query(user, operation, resource, correlation, status, failed, since, until, limit)
        records = list(requests.select(wanted))
        if as_json:
            write_json(records)
            return
        write_rows(records, LISTED)


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
        sys.stdout.write("".join(json.dumps(line) + "\n" for line in lines))
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
    """Sum up counts, failures and latencies by operation."""
    with opened(log) as requests:
        wanted = build_query(user, operation, resource, correlation, status, failed, since, until, None)
        found = requests.stats(wanted)
        if as_json:
            for entry in found:
                sys.stdout.write(json.dumps(attrs.asdict(entry) | {"error_rate": round(entry.error_rate, 6)}) + "\n")
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
    """Write attempts for a support ticket: no user keys, no ids in paths, nothing of any body."""
    with opened(log) as requests:
        if ids:
            records = list(dict.fromkeys(record for one in ids for record in requests.find(one)))
        else:
            wanted = build_query(user, operation, resource, correlation, status, failed, since, until, limit)
            records = list(requests.select(wanted))
    if not records:
        fail("nothing to export", code=NOT_FOUND)
    rows = ticket_rows(records, salt=os.urandom(16) if with_users else None)
    write_export(rows, (*HEADERS, "user") if with_users else HEADERS, form)


@contextmanager
def opened(url: str | None) -> Generator[RequestLog]:
    """Opens the log of the option or the environment."""
    found = (url or "").strip() or read_environment().request_log
    if not found or found == "memory://":
        raise ConfigurationError("Which request log? Set ASTRA_REQUEST_LOG or pass --log, e.g. sqlite:///requests.db")
    requests = open_request_log(found)
    try:
        yield requests
    finally:
        requests.close()


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


def write_json(records: list[RequestRecord]) -> None:
    """Writes records as JSON lines."""
    sys.stdout.write("".join(json.dumps(record.to_dict()) + "\n" for record in records))


def write_export(rows: list[list[str]], headers: tuple[str, ...], form: ExportFormat) -> None:
    """Writes the rows of an export."""
    if form is ExportFormat.csv:
        import csv

        writer = csv.writer(sys.stdout, lineterminator="\n")
        writer.writerow(headers)
        writer.writerows(rows)
    elif form is ExportFormat.json:
        json.dump([dict(zip(headers, row, strict=True)) for row in rows], sys.stdout, indent=2)
        sys.stdout.write("\n")
    else:
        sys.stdout.write(align(headers, rows, right=("ms",)))
