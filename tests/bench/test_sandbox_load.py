"""The load of the sandbox checks the answers that it times."""

from __future__ import annotations

import pytest

from scripts.bench.sandbox_load import run_load, run_saving, run_tests


def test_the_load_fills_the_sandbox_and_gets_right_answers() -> None:
    result = run_load(users=20, transfers=200, calls=5, seconds=0.1, connections=2)
    assert result.served > 0
    assert result.list_ms > 0


@pytest.mark.long
def test_the_load_pays_while_the_state_is_saved() -> None:
    result = run_saving(users=20, transfers=200, seconds=0.1)
    assert min(result.calls, result.times, result.longest_ms) > 0


def test_each_test_has_a_sandbox_that_answers() -> None:
    result = run_tests(2)
    assert min(result.own, result.shared) > 0
