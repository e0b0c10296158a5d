"""`astra requests tail`: the latest requests of the request log, or of a running sandbox, and those that come."""

from __future__ import annotations

import sys
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

import attrs

from astra.cli.following import Follower
from astra.cli.output import print_json, say
from astra.cli.table import align, stream
from astra.errors import InvalidRequestError
from astra.instrumentation.record import RequestRecord
from astra.request_log.log import RequestLog
from astra.request_log.query import RequestQuery

if TYPE_CHECKING:
    from astra.sandbox import RemoteSandbox

MOST: Final = 1000
"""How many are read at once, and so how many may come between two looks."""

Row = dict[str, Any]


def follow(look: Callable[[], list[Row]], *, interval: float) -> Iterator[Row]:
    """Yields what comes, for ever.

    Args:
        look: returns what is new.
        interval: seconds between two looks.
    """
    pause = threading.Event()
    while True:
        yield from look()
        pause.wait(interval)


LOG_COLUMNS: Final = {
    "time": "time (UTC)                      ",
    "status": "status",
    "operation": "operation              ",
    "user_key": "user            ",
    "request_id": "request id                      ",
    "resource_id": "resource id                     ",
    "error_name": "error",
}
SANDBOX_COLUMNS: Final = {
    "time": "time (UTC)                      ",
    "status": "status",
    "operation": "operation              ",
    "method": "method",
    "request_id": "request id                      ",
    "path": "path",
}
"""Headers as wide as what stands under them, because rows that come later cannot widen a column."""


def looks_at_log(log: RequestLog, query: RequestQuery) -> Callable[[], list[Row]]:
    """Returns what looks into a request log: first for the newest, then for what is new.

    Args:
        log: the log.
        query: which requests, and how many of the newest at first.
    """
    start = query.since or datetime.now(UTC) - timedelta(days=36500)
    follower: Follower[RequestRecord] | None = None

    def look() -> list[Row]:
        nonlocal follower
        if follower is None:
            found = list(log.select(query))
            follower = Follower(max((one.time for one in found), default=start))
        else:
            since = max(follower.since, start)
            found = list(log.select(attrs.evolve(query, since=since, limit=MOST)))
            if len(found) == MOST:
                say(f"more than {MOST} came at once: some are not shown")
        return [one.to_dict() for one in follower.new(((one.call_id, one.attempt), one.time, one) for one in found)]

    return look


def looks_at_sandbox(sandbox: RemoteSandbox, *, operation: str | None, newest: int) -> Callable[[], list[Row]]:
    """Returns what looks into the journal of a sandbox.

    Args:
        sandbox: its controls.
        operation: only this one.
        newest: how many of the newest at first.
    """
    last: str | None = None
    is_first = True

    def look() -> list[Row]:
        nonlocal last, is_first
        rows: deque[Row] = deque(maxlen=newest if is_first else MOST)
        while True:
            try:
                page = sandbox.find_requests(operation=operation, after=last, limit=100)
            except InvalidRequestError:
                if last is None:
                    raise
                say("the sandbox keeps the former requests no more: some may not be shown")
                last = None
                continue
            rows.extend(_of_sandbox(one) for one in page)
            last = page[-1].request_id if page else last
            if len(page) < 100:
                is_first = False
                return list(rows)

    return look


def _of_sandbox(one: Any) -> Row:
    return {
        "time": datetime.fromtimestamp(one.time, UTC).isoformat(),
        "status": one.status,
        "operation": one.operation,
        "method": one.method,
        "path": one.path,
        "astra_user_id": one.user_id,
        "request_id": one.request_id,
    }


def print_rows(
    look: Callable[[], list[Row]],
    *,
    columns: dict[str, str],
    follow_every: float | None,
    as_json: bool,
    where: str,
) -> None:
    """Prints rows as they come, until Ctrl-C when they are followed.

    Args:
        look: returns what is new.
        columns: fields and headers of the table.
        follow_every: go on, and look every so many seconds; None ends with what there is.
        as_json: print JSON.
        where: what was looked at, for when there is nothing.
    """
    first = look()
    if not first:
        say(f"no requests{'' if follow_every is None else ' yet'}: looked at {where}")
    rows = _all(first, look, follow_every)
    cells = ([row.get(name) for name in columns] for row in rows)
    try:
        if as_json:
            for row in rows:
                print_json(row)
        elif follow_every is not None:
            for line in stream(list(columns.values()), cells, sample=0):
                sys.stdout.write(line)
                sys.stdout.flush()
        elif first:
            sys.stdout.write(align([header.rstrip() for header in columns.values()], list(cells)))
    except KeyboardInterrupt:
        if follow_every is None:
            raise


def _all(first: Sequence[Row], look: Callable[[], list[Row]], interval: float | None) -> Iterator[Row]:
    yield from first
    if interval is not None:
        yield from follow(look, interval=interval)
