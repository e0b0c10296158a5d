"""Which refreshed grants are saved together."""

from __future__ import annotations

from astra.testing.store_contract import make_grant
from astra.tokens.batching import Unsaved

FORMER, FRESH = make_grant(), make_grant(version=2)


def test_nothing_is_nothing() -> None:
    assert Unsaved().take(now=0.0, soon=False) == []
    assert Unsaved().take(now=9.0, soon=True) == []


def test_a_grant_waits_for_others_but_not_long() -> None:
    unsaved = Unsaved()
    unsaved.add(FORMER, FRESH, now=1.0)
    assert unsaved.take(now=1.24, soon=True) == []
    unsaved.add(FORMER, FRESH, now=1.24)
    assert unsaved.take(now=1.25, soon=True) == [(FORMER, FRESH)] * 2
    assert unsaved.take(now=9.0, soon=False) == []


def test_the_next_grant_waits_as_long_again() -> None:
    unsaved = Unsaved()
    unsaved.add(FORMER, FRESH, now=1.0)
    unsaved.take(now=2.0, soon=False)
    unsaved.add(FORMER, FRESH, now=5.0)
    assert unsaved.take(now=5.2, soon=True) == []


def test_a_full_batch_is_saved_at_once() -> None:
    unsaved = Unsaved()
    for _ in range(63):
        unsaved.add(FORMER, FRESH, now=1.0)
    assert unsaved.take(now=1.0, soon=True) == []
    unsaved.add(FORMER, FRESH, now=1.0)
    assert len(unsaved.take(now=1.0, soon=True)) == 64


def test_when_nothing_happens_soon_all_of_it_is_saved() -> None:
    unsaved = Unsaved()
    unsaved.add(FORMER, FRESH, now=1.0)
    assert unsaved.take(now=1.0, soon=False) == [(FORMER, FRESH)]
