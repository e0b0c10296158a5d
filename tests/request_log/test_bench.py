"""The ledger's bench finds what it times."""

from __future__ import annotations

import pytest

from scripts.bench.request_log import run_bench


@pytest.mark.long
def test_the_bench_finds_its_rows_and_measures_each_search() -> None:
    result = run_bench(rows=2_000, calls=50)
    assert result.rows == 2_000
    assert {"user", "status", "time"} <= set(result.list_ms)
