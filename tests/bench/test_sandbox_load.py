"""The load of the sandbox checks the answers that it times."""

from __future__ import annotations

from scripts.bench.sandbox_load import run_load


def test_the_load_fills_the_sandbox_and_gets_right_answers() -> None:
    result = run_load(users=20, transfers=200, calls=5, seconds=0.1, connections=2)
    assert result.served > 0
    assert result.list_ms > 0
