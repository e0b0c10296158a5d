"""Plays as many random histories as are wanted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import seed as seeded

from tests.payments.histories.stage import Played, Stage
from tests.payments.histories.story import History, histories


def play_many(
    stage: Stage, *, count: int, seed: int | None = None, judge: Callable[[History, Played], None] | None = None
) -> Counter[str]:
    """Plays random histories; returns how often what happened.

    Args:
        stage: where.
        count: how many.
        seed: other histories for each; None: the same in every run.
        judge: what is told of each; by default one that raises for the first that goes wrong.

    Raises:
        AssertionError: one went wrong.
    """
    seen: Counter[str] = Counter()

    # A history that goes wrong is not made shorter: what depends on how processes meet may not go wrong again.
    @settings(
        max_examples=count,
        deadline=None,
        database=None,
        derandomize=seed is None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate],
    )
    @given(histories())
    def play(history: History) -> None:
        played = stage.play(history)
        seen.update(played.seen)
        seen["histories"] += 1
        (judge or all_is_well)(history, played)

    (play if seed is None else seeded(seed)(play))()
    return seen


def all_is_well(_: History, played: Played) -> None:
    """Raises when something is wrong."""
    assert not played.wrong, "\n".join([*played.wrong, *played.log])
