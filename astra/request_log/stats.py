"""Counts, error rates and latencies by operation. Pure."""

from __future__ import annotations

from array import array
from collections.abc import Iterable

import attrs

from astra._public import public


@public("astra.request_log")
@attrs.frozen
class OperationStats:
    """What the ledger says of one operation.

    Attributes:
        operation: its name.
        count: attempts.
        failed: attempts that failed.
        p50_ms: half of the attempts took at most so many milliseconds.
        p95_ms: 95 % of them did.
        p99_ms: 99 % of them did.
        max_ms: the slowest.
    """

    operation: str
    count: int
    failed: int
    p50_ms: float
    p95_ms: float
    p99_ms: float
    max_ms: float

    @property
    def error_rate(self) -> float:
        """Share of failed attempts, 0 to 1."""
        return self.failed / self.count


def summarize(rows: Iterable[tuple[str, bool, float]]) -> list[OperationStats]:
    """Sums up attempts.

    Args:
        rows: operation, whether it failed, milliseconds.

    Returns:
        One entry per operation, the most frequent first.
    """
    durations: dict[str, array[float]] = {}
    failures: dict[str, int] = {}
    for operation, failed, duration in rows:
        series = durations.get(operation)
        if series is None:
            series = durations[operation] = array("d")
            failures[operation] = 0
        series.append(duration)
        if failed:
            failures[operation] += 1
    summary = [_summary(name, sorted(series), failures[name]) for name, series in durations.items()]
    return sorted(summary, key=lambda entry: (-entry.count, entry.operation))


def _summary(operation: str, ordered: list[float], failed: int) -> OperationStats:
    # Nearest rank: the smallest value that at least the share of all values does not exceed.
    def percentile(percent: int) -> float:
        return ordered[(len(ordered) * percent + 99) // 100 - 1]

    return OperationStats(operation, len(ordered), failed, percentile(50), percentile(95), percentile(99), ordered[-1])
