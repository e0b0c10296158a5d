"""The bench of the drift store measures both kinds of calls, and knows a promise that is missed."""

from __future__ import annotations

from scripts.bench.drift import LIMIT, DriftBenchResult, run_bench


def test_it_measures_single_objects_and_lists() -> None:
    result = run_bench(calls=20, rounds=2)
    assert result.call_us.keys() == result.overhead.keys() == {"one object", "a list"}
    assert min(result.call_us.values()) > 0


def test_a_share_over_the_limit_is_a_promise_that_is_missed() -> None:
    assert DriftBenchResult({}, {"a": 0.01, "b": LIMIT - 0.001}).kept
    assert not DriftBenchResult({}, {"a": 0.01, "b": LIMIT + 0.001}).kept
