"""The promise itself: whoever kills tokens and however often, no call fails, and nobody refreshes more than needed."""

from __future__ import annotations

from pathlib import Path

import pytest

from scripts.bench.token_stress import stress

pytestmark = [pytest.mark.stress, pytest.mark.timeout(180)]


@pytest.fixture(params=["sqlite", "postgresql", "redis"])
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/tokens.db"
    return str(request.getfixturevalue("postgres_url" if request.param == "postgresql" else "redis_url"))


@pytest.mark.sampled(1)
def test_no_call_of_six_processes_fails_while_the_token_dies_every_second(store_url: str) -> None:
    result = stress(store_url, processes=6, threads=8, seconds=6.0)
    assert (result.failed, result.errors) == (0, [])
    assert result.deaths >= 5
    assert result.refreshes <= result.deaths + 2
    assert result.calls > 200


@pytest.mark.long
def test_no_call_of_a_thousand_tasks_fails_while_the_token_dies_every_second(tmp_path: Path) -> None:
    result = stress(f"sqlite:///{tmp_path}/tokens.db", processes=1, tasks=1000, seconds=6.0)
    assert (result.failed, result.errors) == (0, [])
    assert result.deaths >= 5
    assert result.refreshes <= result.deaths
    assert result.calls >= 1000


@pytest.mark.long
def test_no_call_of_two_hundred_threads_fails_while_the_token_dies_every_second(tmp_path: Path) -> None:
    result = stress(f"sqlite:///{tmp_path}/tokens.db", processes=1, threads=200, seconds=6.0)
    assert (result.failed, result.errors) == (0, [])
    assert result.deaths >= 5
    assert result.refreshes <= result.deaths
    assert result.calls >= 200
