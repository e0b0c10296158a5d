"""Requests by operation, status and time, out of a log that may have millions of them. Nothing is read whole.

Counts are exact: each comes from an index alone. Durations stand in no index, so those of the newest attempts stand for
all; the page says how many they are.
"""

# ruff: noqa: S608 - only constants and placeholders are put into statements

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import attrs

from astra.dashboard.cursors import Cursor, following
from astra.dashboard.masking import Masks, word
from astra.instrumentation.record import FIELDS, RequestRecord
from astra.request_log.log import REQUESTS
from astra.request_log.query import FAILED_IN_SQL
from astra.request_log.sqlite_select import MIGRATIONS
from astra.request_log.stats import OperationStats, summarize
from astra.storage.reading import Kept, Reading
from astra.web.charts import Column

LOG: Final = Kept(
    family=REQUESTS,
    schema="requests_schema",
    version=len(MIGRATIONS),
    table="astra_requests",
    columns=frozenset(FIELDS),
)
SAMPLE: Final = 10_000
"""Attempts, the newest, whose durations are read."""

MOST_FAILURES: Final = 50_000
"""Failures, the newest, that are counted by operation."""

PAGE: Final = 50
ANSWERED, OTHER, REFUSED, BROKEN, SILENT = "2xx", "other", "4xx", "5xx", "no answer"
KINDS: Final = (ANSWERED, OTHER, REFUSED, BROKEN, SILENT)

Counts = Mapping[tuple[int | None, int], int]
"""Attempts by status and number of the slot of time."""


@attrs.frozen(kw_only=True)
class Period:
    """A time that is looked at.

    Attributes:
        name: as it stands in the address.
        title: for people.
        length: how long it is.
        slots: into how many columns it is divided.
        form: how the time of a column is written.
    """

    name: str
    title: str
    length: timedelta
    slots: int
    form: str

    @property
    def slot(self) -> timedelta:
        """How long a column is."""
        return self.length / self.slots


PERIODS: Final = {
    one.name: one
    for one in (
        Period(name="1h", title="Last hour", length=timedelta(hours=1), slots=60, form="%H:%M"),
        Period(name="24h", title="Last 24 hours", length=timedelta(hours=24), slots=48, form="%d %b %H:%M"),
        Period(name="7d", title="Last 7 days", length=timedelta(days=7), slots=56, form="%d %b %H:%M"),
        Period(name="30d", title="Last 30 days", length=timedelta(days=30), slots=60, form="%d %b"),
    )
}


@attrs.frozen(kw_only=True)
class Window:
    """A period that ends now.

    Attributes:
        period: which.
        end: its end, itself excluded.
    """

    period: Period
    end: datetime

    @property
    def start(self) -> datetime:
        """Its begin."""
        return self.end - self.period.length


@attrs.frozen(kw_only=True)
class OperationRow:
    """What is known of one operation.

    Attributes:
        name: its name.
        count: attempts.
        failed: those that failed.
        stats: durations of those in the sample, or None when there are none of it.
    """

    name: str
    count: int
    failed: int
    stats: OperationStats | None


@attrs.frozen(kw_only=True)
class Summary:
    """Requests of a window.

    Attributes:
        total: attempts.
        failed: those that failed.
        columns: attempts by time, in parts by kind of status.
        statuses: attempts by status, the most frequent first; None is no answer.
        operations: the most frequent first.
        sampled: how many durations were read.
        failures_counted: of how many failures, the newest, it is known which operation failed.
        read_from: None when all of the window was looked at; else since when.
    """

    total: int
    failed: int
    columns: tuple[Column, ...]
    statuses: tuple[tuple[int | None, int], ...]
    operations: tuple[OperationRow, ...]
    sampled: int
    failures_counted: int
    read_from: datetime | None = None


@attrs.frozen(kw_only=True)
class FailurePage:
    """Failed attempts, the newest first.

    Attributes:
        rows: masked records.
        after: where the next page begins, or None when this is the last.
    """

    rows: tuple[RequestRecord, ...]
    after: Cursor | None = None


def kind_of(status: int | None) -> str:
    """What a status comes to.

    Args:
        status: the status, or None for no answer.
    """
    if status is None:
        return SILENT
    return {2: ANSWERED, 4: REFUSED, 5: BROKEN}.get(status // 100, OTHER)


def sum_up(
    window: Window,
    counts: Counts,
    operations: Mapping[str, int],
    failures: Mapping[str, int],
    durations: Sequence[tuple[str, bool, float]],
    *,
    failed: int,
    read_from: datetime | None = None,
) -> Summary:
    """Puts together what was counted.

    Args:
        window: the window.
        counts: attempts by status and slot.
        operations: attempts by operation.
        failures: failed attempts by operation.
        durations: the sample.
        failed: failed attempts in all.
        read_from: as of `Summary`.
    """
    by_slot: dict[int, Counter[str]] = {}
    by_status: Counter[int | None] = Counter()
    for (status, slot), count in counts.items():
        by_slot.setdefault(slot, Counter())[kind_of(status)] += count
        by_status[status] += count
    columns = [
        Column(
            label=f"{window.start + window.period.slot * slot:{window.period.form}}",
            parts=tuple((kind, by_slot.get(slot, Counter())[kind]) for kind in KINDS),
        )
        for slot in range(window.period.slots)
    ]
    merged: Counter[str] = Counter()
    broken: Counter[str] = Counter()
    for name, count in operations.items():
        merged[word(name)] += count
    for name, count in failures.items():
        broken[word(name)] += count
    stats = {one.operation: one for one in summarize((word(name), bad, ms) for name, bad, ms in durations)}
    rows = [
        OperationRow(name=name, count=count, failed=broken[name], stats=stats.get(name))
        for name, count in sorted(merged.items(), key=lambda item: (-item[1], item[0]))
    ]
    return Summary(
        total=sum(by_status.values()),
        failed=failed,
        columns=tuple(columns),
        statuses=tuple(sorted(by_status.items(), key=lambda item: (-item[1], item[0] or 0))),
        operations=tuple(rows),
        sampled=len(durations),
        failures_counted=sum(failures.values()),
        read_from=read_from,
    )


def most_and_others(
    names: Sequence[str], sample: Sequence[tuple[str, bool, float]]
) -> tuple[str | None, Sequence[str]]:
    """Returns the operation that need not be counted, the most frequent one as a sample has it, and the others.

    Args:
        names: of all operations.
        sample: name, whether it failed, and duration of some attempts.
    """
    frequent = Counter(name for name, _, _ in sample).most_common(1)
    most = frequent[0][0] if frequent else None
    return most, [name for name in names if name != most]


def with_the_rest(counted: Mapping[str, int], most: str | None, *, total: int) -> dict[str, int]:
    """Returns attempts by operation, with that one which was not counted.

    Args:
        counted: attempts of the others.
        most: the operation that was not counted, or None.
        total: attempts of all.
    """
    found = {name: count for name, count in counted.items() if count}
    if most is not None:
        found[most] = total - sum(found.values())
    return found


def read_summary(look: Reading, window: Window) -> Summary:
    """Counts requests in SQL.

    Args:
        look: into the log.
        window: which.
    """
    return _in_postgresql(look, window) if look.is_postgresql else _in_sqlite(look, window)


def _in_sqlite(look: Reading, window: Window) -> Summary:
    start, end = _us(window.start), _us(window.end)
    whole = {"start": start, "end": end}
    span = "time_us >= :start AND time_us < :end"
    counts: dict[tuple[int | None, int], int] = {}
    width = (end - start) // window.period.slots
    statuses: list[int | None] = [None, *_distinct(look, "status", -1)]
    for status in statuses:
        is_it = "status IS NULL" if status is None else "status = :status"
        query = f"SELECT count(*) FROM astra_requests INDEXED BY astra_requests_status WHERE {is_it} AND {span}"
        given = {} if status is None else {"status": status}
        if not look.rows(f"{query} LIMIT 1".replace("count(*)", "1"), **whole, **given):
            continue
        for slot in range(window.period.slots):
            until = end if slot == window.period.slots - 1 else start + width * (slot + 1)
            if count := look.rows(query, start=start + width * slot, end=until, **given)[0][0]:
                counts[status, slot] = count
    by_operation = (
        f"SELECT count(*) FROM astra_requests INDEXED BY astra_requests_operation WHERE operation = :name AND {span}"
    )
    source = f"astra_requests INDEXED BY astra_requests_failed WHERE failed AND {span}"
    failed = look.rows(f"SELECT count(*) FROM {source}", **whole)[0][0]
    failures = look.rows(
        f"SELECT operation, count(*) FROM (SELECT operation FROM {source} ORDER BY time_us DESC LIMIT {MOST_FAILURES})"
        " GROUP BY operation",
        **whole,
    )
    durations = look.rows(
        f"SELECT operation, failed, duration_ms FROM astra_requests WHERE {span} ORDER BY time_us DESC LIMIT {SAMPLE}",
        **whole,
    )
    rows = [(row[0], bool(row[1]), row[2]) for row in durations]
    most, others = most_and_others(["", *_distinct(look, "operation", "")], rows)
    operations = {name: look.rows(by_operation, name=name, **whole)[0][0] for name in others}
    present = with_the_rest(operations, most, total=sum(counts.values()))
    return sum_up(window, counts, present, dict(failures), rows, failed=failed)  # type: ignore[arg-type]


def _distinct(look: Reading, column: str, before: Any) -> list[Any]:
    """The values of an indexed column, one step in the index for each."""
    found: list[Any] = []
    query = f"SELECT min({column}) FROM astra_requests WHERE {column} > :value"
    value = look.rows(query, value=before)[0][0]
    while value is not None:
        found.append(value)
        value = look.rows(query, value=value)[0][0]
    return found


_FAILED: Final = FAILED_IN_SQL


def _in_postgresql(look: Reading, window: Window) -> Summary:
    whole: dict[str, Any] = {"start": window.start, "end": window.end}
    span = "time >= :start AND time < :end"
    # One range of an index for each slot and each operation: a pass over all rows takes several times as long.
    statuses = _distinct(look, "status", -1)
    in_slot = (
        "(SELECT count(*) FROM astra_requests WHERE {} AND time >= CAST(:start AS timestamptz) + n * CAST(:slot AS "
        "interval) AND time < least(CAST(:end AS timestamptz), CAST(:start AS timestamptz) + (n + 1) * CAST(:slot AS "
        "interval)))"
    )
    slots = f"generate_series(0, {window.period.slots - 1}) AS n"
    counts: dict[tuple[int | None, int], int] = {}
    for row in look.rows(
        f"SELECT s, n, {in_slot.format('status = s')} FROM unnest(CAST(:statuses AS int[])) AS s, {slots}",
        statuses=statuses,
        slot=window.period.slot,
        **whole,
    ):
        counts[row[0], row[1]] = row[2]
    for row in look.rows(
        f"SELECT n, {in_slot.format('status IS NULL')} FROM {slots}", slot=window.period.slot, **whole
    ):
        counts[None, row[0]] = row[1]
    failures = look.rows(
        f"SELECT operation, count(*) FROM astra_requests WHERE {_FAILED} AND {span} GROUP BY operation", **whole
    )
    durations = look.rows(
        f"SELECT operation, {_FAILED}, duration_ms FROM astra_requests WHERE {span} ORDER BY time DESC LIMIT {SAMPLE}",
        **whole,
    )
    by_name = {str(row[0]): int(row[1]) for row in failures}
    rows = [(row[0], bool(row[1]), row[2]) for row in durations]
    most, others = most_and_others(["", *_distinct(look, "operation", "")], rows)
    operations = look.rows(
        f"SELECT o, (SELECT count(*) FROM astra_requests WHERE operation = o AND {span})"
        " FROM unnest(CAST(:names AS varchar[])) AS o",
        names=others,
        **whole,
    )
    kept = {key: count for key, count in counts.items() if count}
    present = with_the_rest({str(row[0]): int(row[1]) for row in operations}, most, total=sum(kept.values()))
    return sum_up(window, kept, present, by_name, rows, failed=sum(by_name.values()))


def read_failures(
    look: Reading,
    window: Window,
    *,
    masks: Masks,
    operation: str | None,
    after: Cursor | None,
    limit: int = PAGE,
) -> FailurePage:
    """Lists failed attempts.

    Args:
        look: into the log.
        window: of which time.
        masks: what may be shown.
        operation: only of this one, or None for all.
        after: where to begin, or None for the first page.
        limit: at most so many.
    """
    sql = look.is_postgresql
    time = "time" if sql else "time_us"
    source = "astra_requests" if sql else "astra_requests INDEXED BY astra_requests_failed"
    only = "" if operation is None else " AND operation = :operation"
    end = _us(window.end) if after is None else int(after.value) + 1
    rows = look.rows(
        f"SELECT {', '.join('time_us' if name == 'time' and not sql else name for name in FIELDS)} FROM {source}"
        f" WHERE {_FAILED if sql else 'failed'} AND {time} >= :start AND {time} < :end{only}"
        f" ORDER BY {time} DESC, seq DESC LIMIT :size OFFSET :skip",
        start=window.start if sql else _us(window.start),
        end=_moment(end) if sql else end,
        size=limit + 1,
        skip=0 if after is None else after.skip,
        **({} if operation is None else {"operation": operation}),
    )
    records = [_record(row) for row in rows[:limit]]
    values = [_us(record.time) for record in records]
    more = following(values, after=after) if len(rows) > limit else None
    return FailurePage(rows=tuple(masks.request(record) for record in records), after=more)


def summary_of(records: Iterable[RequestRecord], window: Window, *, read_from: datetime | None) -> Summary:
    """Counts requests that were read one by one.

    Args:
        records: all that were read.
        window: which of them count.
        read_from: since when they were read, or None for all.
    """
    known = [one for one in records if window.start <= one.time < window.end]
    slot = window.period.slot
    counts = Counter((one.status, (one.time - window.start) // slot) for one in known)
    failures = Counter(one.operation for one in known if one.failed)
    durations = [(one.operation, one.failed, one.duration_ms) for one in known]
    return sum_up(
        window,
        counts,
        Counter(one.operation for one in known),
        failures,
        durations,
        failed=failures.total(),
        read_from=read_from if read_from is not None and read_from > window.start else None,
    )


def failures_of(
    records: Iterable[RequestRecord],
    window: Window,
    *,
    masks: Masks,
    operation: str | None,
    after: Cursor | None,
    limit: int = PAGE,
) -> FailurePage:
    """Lists failed attempts of those that were read one by one, as `read_failures` does."""
    found = [
        one
        for one in records
        if one.failed and window.start <= one.time < window.end and operation in (None, one.operation)
    ]
    found.sort(key=lambda one: one.time, reverse=True)
    if after is not None:
        found = [one for one in found if _us(one.time) <= after.value][after.skip :]
    values = [_us(one.time) for one in found[:limit]]
    more = following(values, after=after) if len(found) > limit else None
    return FailurePage(rows=tuple(masks.request(one) for one in found[:limit]), after=more)


def _us(moment: datetime) -> int:
    return round(moment.timestamp() * 1_000_000)


_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def _moment(microseconds: int) -> datetime:
    return _EPOCH + timedelta(microseconds=microseconds)


def _record(row: Sequence[Any]) -> RequestRecord:
    values = dict(zip(FIELDS, row, strict=True))
    time = values["time"]
    values["time"] = _moment(time) if isinstance(time, int) else time.astimezone(UTC)
    return RequestRecord(**values)
