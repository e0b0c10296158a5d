"""A process that is killed, or left, at any step of what it does: each step in turn, until there is none left."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.payments.histories.broken import HasNoLease
from tests.payments.histories.stage import Stage
from tests.payments.histories.story import Cut, Deed, History, Pass, Pay, Reconcile, Resolve, Scene, Settle

MOST_STEPS = 40

Cutting = Callable[[Cut], Deed]


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with Stage(f"sqlite:///{tmp_path_factory.mktemp('steps')}/payments.db") as running:
        yield running


def ends_at_each_step(
    stage: Stage, deed: Cutting, *before: Scene, how: str = "kill", resends: bool = False
) -> list[int]:
    """Plays it with an end at each step in turn; returns the steps that were reached."""
    reached: list[int] = []
    for step in range(1, MOST_STEPS):
        last = deed(Cut(step, how))
        played = stage.play(History(scenes=(*before, (last,)), resends=resends))
        assert not played.wrong, "\n".join([f"step {step}", *played.wrong, *played.log])
        what = type(last).__name__.lower()
        ended = played.seen[f"{what}: killed"] + sum(n for name, n in played.seen.items() if f"{what} left" in name)
        if not ended:
            return reached
        reached.append(step)
    raise AssertionError("it never comes to its end")


LOST: tuple[Scene, ...] = ((Pay(by="other", fault="lost"),), Pass(30.0))
NEVER_ARRIVED: tuple[Scene, ...] = ((Pay(by="other", fault="lost before"),), Pass(30.0))


@pytest.mark.parametrize("by", ["blocking", pytest.param("asyncio", marks=pytest.mark.long)])
@pytest.mark.parametrize("how", ["kill", pytest.param("cancel", marks=pytest.mark.long)])
def test_a_payment_that_ends_at_any_step_is_made_once_or_not_at_all(stage: Stage, by: str, how: str) -> None:
    reached = ends_at_each_step(stage, lambda cut: Pay(by=by, cut=cut), how=how)
    assert len(reached) >= 8  # around both writes, before the first byte, within, after the last one, and at the answer


@pytest.mark.long
def test_whoever_looks_for_a_lost_payment_may_die_at_any_step(stage: Stage) -> None:
    assert len(ends_at_each_step(stage, lambda cut: Pay(by="blocking", cut=cut), *LOST)) >= 14


@pytest.mark.long
def test_whoever_sends_a_payment_again_may_die_at_any_step(stage: Stage) -> None:
    lost_for_long = (NEVER_ARRIVED[0], Pass(2 * 3600.0))
    reached = ends_at_each_step(stage, lambda cut: Pay(by="blocking", cut=cut), *lost_for_long, resends=True)
    assert len(reached) >= 20


@pytest.mark.long
@pytest.mark.parametrize("before", [LOST, NEVER_ARRIVED])
def test_whoever_reconciles_may_die_at_any_step(stage: Stage, before: tuple[Scene, ...]) -> None:
    assert len(ends_at_each_step(stage, lambda cut: Reconcile(by="asyncio", cut=cut), *before)) >= 10


@pytest.mark.long
def test_whoever_receives_a_webhook_may_die_at_any_step(stage: Stage) -> None:
    assert len(ends_at_each_step(stage, lambda cut: Settle(by="blocking", cut=cut), *LOST)) >= 8


@pytest.mark.long
@pytest.mark.parametrize(("before", "least"), [(LOST, 8), (NEVER_ARRIVED, 4)])
def test_whoever_resolves_may_die_at_any_step(stage: Stage, before: tuple[Scene, ...], least: int) -> None:
    assert len(ends_at_each_step(stage, lambda cut: Resolve(by="asyncio", cut=cut), *before)) >= least


TWO_AT_ONCE = History(scenes=((Pay(by="blocking"), Pay(by="other")), (Pay(by="blocking"), Pay(by="asyncio"))))


def test_two_processes_that_pay_at_once_pay_once(stage: Stage) -> None:
    for _ in range(5):
        played = stage.play(TWO_AT_ONCE)
        assert not played.wrong, played
        assert played.seen["pay: done"] == 1
        assert played.seen["pay: replayed"] == 3


@pytest.mark.long
def test_they_would_pay_twice_if_nobody_saw_that_the_other_is_sending(tmp_path: Path) -> None:
    slow = History(scenes=((Pay(by="blocking", fault="slow"), Pay(by="other", fault="slow")),))
    with Stage(f"sqlite:///{tmp_path}/payments.db", break_store=HasNoLease) as stage:
        assert any("was made 2 times" in wrong for _ in range(10) for wrong in stage.play(slow).wrong)
