"""Where the marks of a chart are."""

from __future__ import annotations

import pytest

from astra.web.charts import LEAST, STEP, Column, place, stack


def test_columns_stand_side_by_side_and_end_where_their_totals_do() -> None:
    chart = stack([Column(label="a", parts=(("2xx", 50),)), Column(label="b", parts=(("2xx", 60), ("5xx", 40)))])
    assert (chart.peak, chart.width, chart.total) == (100, 2 * STEP, 150)
    first, lower, upper = chart.marks
    assert (first.y, first.height) == (50, 50)
    assert (lower.y, lower.height, upper.y, upper.height) == (40, 60, 0, 40)
    assert lower.x == upper.x > first.x + first.width


def test_one_failure_among_a_million_is_seen_and_the_column_keeps_its_height() -> None:
    chart = stack([Column(label="a", parts=(("2xx", 999_999), ("5xx", 1)))])
    fine, bad = chart.marks
    assert bad.height == LEAST
    assert bad.y == pytest.approx(0, abs=0.02)
    assert fine.height + bad.height == pytest.approx(100, abs=0.02)


def test_nothing_is_drawn_of_nothing() -> None:
    chart = stack([Column(label="a", parts=(("2xx", 0),)), Column(label="b", parts=(("2xx", 0),))])
    assert (chart.marks, chart.peak, chart.kinds) == ((), 0, ())
    assert stack([]).marks == ()


def test_labels_below_are_spread_from_the_first_to_the_last() -> None:
    columns = [Column(label=str(n), parts=()) for n in range(10)]
    assert stack(columns).ticks == ("0", "3", "6", "9")
    assert stack(columns, ticks=0).ticks == tuple(map(str, range(10)))
    assert stack(columns[:2]).ticks == ("0", "1")


def test_marks_say_what_they_are() -> None:
    (mark,) = stack([Column(label="12:00", parts=(("5xx", 1234),))]).marks
    assert mark.tip == "12:00: 1,234 5xx"


def test_only_kinds_that_occur_are_named_in_the_order_of_the_parts() -> None:
    chart = stack(
        [Column(label="a", parts=(("2xx", 0), ("4xx", 0), ("5xx", 1))), Column(label="b", parts=(("2xx", 1),))]
    )
    assert chart.kinds == ("2xx", "5xx")


@pytest.mark.parametrize(("value", "where"), [(0, 0), (1, 0), (10, 25), (100, 50), (10_000, 100), (10**9, 100)])
def test_durations_are_placed_on_a_logarithmic_scale(value: float, where: float) -> None:
    assert place(value, low=1, high=10_000) == where
