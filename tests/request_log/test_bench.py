"""What the ledger promises about its cost, measured."""

from __future__ import annotations

import pytest

from scripts.bench.request_log import run_bench


@pytest.mark.stress
def test_a_million_rows_answer_within_200_ms_and_logging_costs_less_than_a_tenth_of_a_call() -> None:
    result = run_bench(rows=1_000_000, calls=2_000)
    searches = {name: result.list_ms[name] for name in ("user", "status", "status class", "frequent status", "time")}
    assert max(searches.values()) < 200, searches
    assert result.overhead < 0.10, result
