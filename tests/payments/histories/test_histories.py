"""Whatever happens to payments under keys, none is made twice, none is lost, and no record says what is not so."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from tests.payments.histories.stage import Stage
from tests.payments.histories.story import History, histories

pytestmark = pytest.mark.long

EVERYDAY = 100
"""Histories over each store in an everyday run; `make histories` plays thousands."""


@pytest.fixture
def sqlite_stage(tmp_path: Path) -> Iterator[Stage]:
    with Stage(f"sqlite:///{tmp_path}/payments.db") as stage:
        yield stage


@pytest.fixture
def postgres_stage(postgres_url: str) -> Iterator[Stage]:
    with Stage(postgres_url) as stage:
        yield stage


def play_many(stage: Stage, *, count: int, seed: int | None = None) -> Counter[str]:
    """Plays random histories, and raises for the first that goes wrong, in its shortest form."""
    seen: Counter[str] = Counter()

    @settings(
        max_examples=count,
        deadline=None,
        database=None,
        derandomize=seed is None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate, Phase.shrink],
    )
    @given(histories())
    def play(history: History) -> None:
        played = stage.play(history)
        seen.update(played.seen)
        assert not played.wrong, "\n".join([*played.wrong, *played.log])

    if seed is not None:
        from hypothesis import seed as seeded

        play = seeded(seed)(play)
    play()
    return seen
