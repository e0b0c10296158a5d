"""`astra drift`: what Astra answers beside what the spec says, by name.

Exit codes: see `astra.cli.errors`; `export` of nothing exits with 7.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Generator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from astra.cli.dates import parse_time
from astra.cli.errors import NOT_FOUND, PLAIN, Group, fail
from astra.cli.opening import name_store, refuse_absent
from astra.cli.options import JsonOption, YesOption, ask
from astra.cli.output import json_line, say
from astra.cli.table import align
from astra.config import read_environment
from astra.drift.export import as_openapi
from astra.drift.store import DRIFT, LOOKED, DriftName, DriftStore, open_drift_store
from astra.errors import ConfigurationError

app = typer.Typer(**PLAIN, cls=Group)

StoreOption = Annotated[
    str | None, typer.Option("--store", metavar="URL", help="URL of the drift store; default: ASTRA_DRIFT_STORE.")
]
HEADERS = ("operation", "kind", "where", "name", "type", "answers", "of", "first seen (UTC)", "first request id")


@app.callback(invoke_without_command=True)
def show(
    context: typer.Context,
    store: StoreOption = None,
    since: Annotated[
        str | None, typer.Option(metavar="TIME", help="First seen from: 30m, 12h, 5d ago, or 2026-11-24T12:00Z.")
    ] = None,
    operation: Annotated[
        str | None, typer.Option(metavar="NAME", help="Only this operation, e.g. create_routine.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Show what Astra answers beside what the spec says: names, never values.

    Unknown fields, values, statuses and shapes of errors, and required fields that were missing.

    Exit codes: 0 done, also when there is none, 2 it could not run, 3 the store does not answer.

    \b
    Examples:
      astra drift
      astra drift --since 7d --operation create_routine
    """
    if context.invoked_subcommand is not None:
        return
    earliest = parse_time(since, now=datetime.now(UTC)) if since else None
    with opened(store) as (names, where):
        found = list(names.select())
    looked = {one.operation: one.count for one in found if one.kind == LOOKED}
    shown = [
        one
        for one in found
        if one.is_different and operation in (None, one.operation) and (earliest is None or one.first_seen >= earliest)
    ]
    if as_json:
        lines = (one.to_dict() | {"looked_at": looked.get(one.operation, 0)} for one in shown)
        sys.stdout.writelines(map(json_line, lines))
    elif shown:
        rows = [row(one, looked.get(one.operation, 0)) for one in shown]
        sys.stdout.write(align(HEADERS, rows, right=("answers", "of")))
    if not shown:
        counted = sum(count for name, count in looked.items() if operation in (None, name))
        asked = f" of {operation}" if operation else ""
        asked += f" since {since}" if since else ""
        say(f"nothing that the spec does not know{asked}, in {counted} answers that were looked at: {where}")


@app.command()
def export(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Where to write; an existing file is replaced.")],
    store: StoreOption = None,
) -> None:
    """Write what was seen as an OpenAPI fragment, marked as observed, for `make import-spec FILE=...`.

    Exit codes: 0 done, 2 it could not run, 3 the store does not answer, 7 nothing was seen yet.

    \b
    Examples:
      astra drift export seen.json
    """
    with opened(store) as (names, where):
        found = list(names.select())
    if not found:
        fail(f"nothing was seen yet, so nothing was written: {where}", code=NOT_FOUND)
    document = as_openapi(found)
    file.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")
    say(f"wrote {file}: {len(document['paths'])} paths, {sum(one.is_different for one in found)} differences")


@app.command()
def clear(store: StoreOption = None, yes: YesOption = False) -> None:
    """Forget all names.

    Exit codes: 0 done, 1 the answer was no, 2 it could not run, 3 the store does not answer.

    \b
    Examples:
      astra drift clear
    """
    with opened(store) as (names, where):
        if not yes:
            ask(f"Forget all names in the {where}?")
        say(f"forgot {names.clear()} names in the {where}")


@contextmanager
def opened(url: str | None) -> Generator[tuple[DriftStore, str]]:
    """Opens the store of the option or the environment, which has to be there."""
    found = (url or "").strip() or read_environment().drift_store
    if not found:
        raise ConfigurationError("Which drift store? Set ASTRA_DRIFT_STORE or pass --store, e.g. sqlite:///drift.db")
    names = open_drift_store(found)
    try:
        refuse_absent(
            names,
            found,
            family=DRIFT,
            table="drift_names",
            made="A client with this drift_store makes it with its first answer.",
        )
        yield names, name_store(found, family=DRIFT)
    finally:
        names.close()


def row(one: DriftName, looked: int) -> tuple[object, ...]:
    """The columns of a name."""
    return (
        one.operation,
        one.kind,
        one.place or "-",
        one.name or "(names beyond the limit)",
        one.type or "-",
        one.count,
        looked,
        one.first_seen.strftime("%Y-%m-%d %H:%M:%S"),
        one.first_request_id,
    )
