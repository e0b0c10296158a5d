"""Whatever happens to payments under keys: none is made twice, none is lost, and no record says what is not so."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.payments.histories.broken import LosesTheFirstWrite, TakesLossForRefusal
from tests.payments.histories.many import play_many
from tests.payments.histories.stage import Break, Played, Stage
from tests.payments.histories.story import History

EVERYDAY = 8
"""Histories in a run that has little time; `python -m scripts.histories` plays thousands."""

NIGHTLY = 40
"""Histories over each store in a run of the long tests."""

SOON = 60
"""Histories within which a store is found out that does not keep its promises."""


def test_in_a_few_histories_no_payment_is_made_twice_or_lost(tmp_path: Path) -> None:
    with Stage(f"sqlite:///{tmp_path}/payments.db") as stage:
        seen = play_many(stage, count=EVERYDAY)
    assert seen["at the end: made"]


@pytest.mark.long
def test_no_payment_is_made_twice_or_lost_over_sqlite(tmp_path: Path) -> None:
    with Stage(f"sqlite:///{tmp_path}/payments.db") as stage:
        seen = play_many(stage, count=NIGHTLY)
    assert_that_much_happened(seen)


@pytest.mark.long
def test_no_payment_is_made_twice_or_lost_over_postgresql(postgres_url: str) -> None:
    with Stage(postgres_url) as stage:
        seen = play_many(stage, count=NIGHTLY)
    assert_that_much_happened(seen)


def assert_that_much_happened(seen: dict[str, int]) -> None:
    """Histories in which nothing goes wrong would prove nothing."""
    wanted = ("pay: killed", "pay: done", "pay: replayed", "pay: UncertainOutcomeError", "at the end: made")
    assert not [what for what in wanted if not seen.get(what)], seen


@pytest.mark.long
@pytest.mark.parametrize("broken", [LosesTheFirstWrite, TakesLossForRefusal])
def test_a_store_that_does_not_keep_its_promise_is_found_out(tmp_path: Path, broken: Break) -> None:
    found: list[str] = []

    def judge(_: History, played: Played) -> None:
        found.extend(played.wrong)
        assert not found

    with Stage(f"sqlite:///{tmp_path}/payments.db", break_store=broken) as stage, pytest.raises(AssertionError):
        play_many(stage, count=SOON, judge=judge)
    assert any("times" in one or "is said to be" in one or "has no record" in one for one in found), found
