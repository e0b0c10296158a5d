"""`astra tokens list`, `show` and `find`."""

from __future__ import annotations

import enum
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Annotated, Any

import typer

from astra.cli.dates import parse_duration
from astra.cli.errors import FAILED, NOT_FOUND, fail
from astra.cli.options import JsonOption, print_fields
from astra.cli.output import json_line, print_json, say
from astra.cli.table import stream
from astra.cli.tokens.opening import Opened, opened
from astra.cli.tokens.options import EverybodyOption, StoreOption, describe
from astra.errors import UnreadableGrantError
from astra.tokens import Batch, Grant
from astra.tokens.transfer.exporting import batches_of

COLUMNS = {
    "user key": "key",
    "state": "state",
    "Astra user": "astra_user_id",
    "refreshed": "refreshed_at",
    "access token until": "access_expires_at",
    "refresh token until": "refresh_expires_at",
    "failures": "failures",
    "next attempt": "next_attempt_at",
    "dead because": "dead_reason",
}
WHOSE = {"environment": "environment", "client": "client_id"}


class State(enum.Enum):
    """Values of --state: those of a grant, and active ones whose last refresh by keep-alive failed."""

    ACTIVE = "active"
    FAILING = "failing"
    DEAD = "dead"


def list_grants(
    store: StoreOption = None,
    state: Annotated[
        State | None, typer.Option(help="Only grants in this state; failing ones are active, too.")
    ] = None,
    older_than: Annotated[str | None, typer.Option(help="Only those refreshed longer ago, e.g. 5d.")] = None,
    everybody: EverybodyOption = False,
    as_json: JsonOption = False,
) -> None:
    """List grants, without their tokens, in memory that does not grow with their number.

    With --json: one object per line. Exit codes: 0 done, 1 some rows are damaged, 2 it could not run, 3 no answer.

    \b
    Examples:
      astra tokens list --state dead
      astra tokens list --state failing
      astra tokens list --older-than 5d --json | jq -r .key
    """
    before = datetime.now(UTC).timestamp() - parse_duration(older_than).total_seconds() if older_than else None
    with opened(store, everybody=everybody) as found:
        rows = Rows(found, state=state, before=before)
        if as_json:
            for grant in rows:
                sys.stdout.write(json_line(describe(grant)))
        else:
            columns = COLUMNS | (WHOSE if everybody else {})
            cells = ([row[column] for column in columns.values()] for row in map(describe, rows))
            for line in stream(list(columns), cells):
                sys.stdout.write(line)
        if not rows.count:
            say(f"no grants: {found.where()}")
    if rows.unreadable:
        raise typer.Exit(FAILED)


class Rows:
    """The grants that were asked for, a batch at a time. Rows that are no grants are told, not left out in silence.

    Args:
        found: which store, and whose.
        state: only these, or None for all.
        before: only those refreshed before this (seconds since the epoch), or None for all.
    """

    def __init__(self, found: Opened, *, state: State | None, before: float | None) -> None:
        self._found = found
        self._failing = state is State.FAILING
        self._state = State.ACTIVE.value if self._failing else state and state.value
        self._before = before
        self.count = self.unreadable = 0

    def _batches(self) -> Iterator[Batch]:
        if self._found.identity is None:
            return batches_of(self._found.base, self._found.identities, limit=500)
        return self._found.bound.batches(state=self._state)

    def __iter__(self) -> Iterator[Grant]:
        for batch in self._batches():
            for error in batch.unreadable:
                self.unreadable += 1
                say(f"error: {error}")
            for grant in batch.grants:
                if self._is_wanted(grant):
                    self.count += 1
                    yield grant

    def _is_wanted(self, grant: Grant) -> bool:
        in_state = self._state in (None, grant.state) and (grant.failures or not self._failing)
        return bool(in_state) and (self._before is None or grant.refreshed_at < self._before)


def show(
    key: Annotated[str, typer.Argument(help="Your key of the user.")],
    store: StoreOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show one grant, without its tokens.

    Exit codes: 0 found, 2 it could not run, 3 the store does not answer, 7 there is no such grant.

    \b
    Examples:
      astra tokens show customer-42
    """
    with opened(store, check=False, quiet=as_json) as found:
        grant = found.bound.load(key)
        if grant is None:
            fail(f"no grant for {key!r}: {found.where()}", code=NOT_FOUND)
        print_fields(describe(grant) | {"store": found.place}, as_json=as_json)


def find(
    astra_user: Annotated[str, typer.Option(help="Astra's id of the person, e.g. from a webhook.", metavar="ID")],
    store: StoreOption = None,
    as_json: JsonOption = False,
) -> None:
    """Find your keys of a person by Astra's id, that of the grant refreshed last first.

    With --json: one object per line. Exit codes: 0 found, 7 nobody has this id, 2 it could not run, 3 no answer.

    \b
    Examples:
      astra tokens find --astra-user 78f309c66b114f4d5909aa04db438fde
    """
    with opened(store) as found:
        keys = found.bound.find_keys(astra_user)
        if not keys:
            fail(f"no grant of the Astra user {astra_user!r}: {found.where()}", code=NOT_FOUND)
        cells: list[list[object]] = []
        for key in keys:
            shown = _describe(found, key)
            if as_json:
                print_json(shown)
            cells.append([shown[column] for column in COLUMNS.values()])
        if not as_json:
            sys.stdout.writelines(stream(list(COLUMNS), cells))


def _describe(found: Opened, key: str) -> dict[str, Any]:
    try:
        grant = found.bound.load(key)
    except UnreadableGrantError as error:
        say(f"error: {error}")
        grant = None
    return dict.fromkeys(COLUMNS.values()) | {"key": key} if grant is None else describe(grant)
