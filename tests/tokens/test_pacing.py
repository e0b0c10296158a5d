"""When the refreshes of a keep-alive run may start."""

from __future__ import annotations

import pytest

from astra.tokens.pacing import Pace


def turns(pace: Pace, count: int, now: float = 0.0) -> list[float]:
    return [round(pace.take(now), 6) for _ in range(count)]


def test_without_a_limit_every_turn_is_now() -> None:
    pace = Pace(rate=None, now=5.0)
    assert turns(pace, 3, now=7.0) == [7.0, 7.0, 7.0]
    assert pace.interval == 0.0


def test_a_rate_spreads_the_turns_evenly() -> None:
    pace = Pace(rate=10.0, now=0.0)
    assert turns(pace, 4) == [0.0, 0.1, 0.2, 0.3]
    assert turns(pace, 2, now=10.0) == [10.0, 10.1]


def test_a_turn_that_stands_is_confirmed_with_the_time_left() -> None:
    pace = Pace(rate=10.0, now=0.0)
    pace.take(0.0)
    turn = pace.take(0.0)
    assert pace.confirm(turn, 0.04) == (turn, pytest.approx(0.06))
    assert pace.confirm(turn, 5.0) == (turn, 0.0)


def test_a_server_that_asks_to_wait_is_left_alone_by_all_who_have_a_turn() -> None:
    pace = Pace(rate=None, now=0.0)
    held = pace.take(1.0)
    pace.asked_to_wait(3.0, started=1.0, now=1.0)
    first, left = pace.confirm(held, 1.0)
    assert (first, left) == (4.0, 3.0)
    second, _ = pace.confirm(held, 1.0)
    assert second > first


def test_after_the_pause_the_turns_are_twice_as_far_apart_as_before() -> None:
    pace = Pace(rate=None, now=50.0)
    for _ in range(100):
        pace.succeeded()
    pace.asked_to_wait(1.0, started=50.9, now=51.0)
    assert pace.interval == pytest.approx(2 * 0.01)
    assert turns(pace, 3, now=51.0) == [52.0, 52.02, 52.04]
    assert pace.confirm(52.0, 52.0) == (52.0, 0.0)
    pace.succeeded()
    pace.asked_to_wait(1.0, started=52.0, now=52.5)
    assert pace.interval == pytest.approx(2 * 0.5)


def test_who_had_begun_before_the_turns_were_spaced_only_makes_the_pause_longer() -> None:
    pace = Pace(rate=10.0, now=0.0)
    pace.asked_to_wait(1.0, started=0.0, now=1.0)
    spaced = pace.interval
    assert spaced == pytest.approx(0.2)
    for _ in range(7):
        pace.asked_to_wait(2.0, started=0.5, now=1.1)
    assert pace.interval == spaced
    assert pace.take(1.2) == pytest.approx(3.1)
    pace.asked_to_wait(1.0, started=4.0, now=4.1)
    assert pace.interval == pytest.approx(2 * spaced)


def test_a_server_that_asks_before_anything_was_done_gets_some_room_and_not_much() -> None:
    pace = Pace(rate=None, now=0.0)
    pace.asked_to_wait(1.0, started=0.0, now=60.0)
    assert pace.interval == pytest.approx(0.01)


def test_a_long_time_between_successes_does_not_make_the_turns_hours_apart() -> None:
    pace = Pace(rate=None, now=0.0)
    pace.succeeded()
    pace.asked_to_wait(1.0, started=1.0, now=3600.0)
    assert pace.interval == 2.0


def test_successes_bring_the_turns_closer_together_and_never_closer_than_the_rate() -> None:
    pace = Pace(rate=10.0, now=0.0)
    pace.asked_to_wait(1.0, started=0.0, now=1.0)
    pace.succeeded()
    assert pace.interval == pytest.approx(0.2 * 0.97)
    for _ in range(200):
        pace.succeeded()
    assert pace.interval == pytest.approx(0.1)
