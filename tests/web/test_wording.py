"""Numbers, times and ages as people read them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from astra.web.wording import age, at, clock, duration, number, share


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(-5, "0 s"), (0.4, "0 s"), (59, "59 s"), (60, "1 min"), (3599, "59 min"), (3600, "1 h"), (3660, "1 h 1 min"),
     (86_399, "23 h 59 min"), (86_400, "1 d"), (90_000, "1 d 1 h"), (100 * 86_400, "100 d")],
)  # fmt: skip
def test_ages(seconds: float, text: str) -> None:
    assert age(seconds) == text == age(timedelta(seconds=seconds))


@pytest.mark.parametrize(
    ("ms", "text"),
    [(0.4, "0 ms"), (84.4, "84 ms"), (999, "999 ms"), (1250, "1.25 s"), (59_000, "59 s"), (2_000_000, "2,000 s")],
)
def test_durations(ms: float, text: str) -> None:
    assert duration(ms) == text


@pytest.mark.parametrize(
    ("part", "whole", "text"),
    [(0, 0, "0 %"), (0, 5, "0 %"), (1, 1_000_000, "< 0.1 %"), (999_999, 1_000_000, "> 99.9 %"), (1, 20, "5.0 %"),
     (1, 2, "50 %"), (995, 1000, "99.5 %"), (5, 5, "100.0 %")],
)  # fmt: skip
def test_shares_are_never_rounded_to_none_or_to_all(part: int, whole: int, text: str) -> None:
    assert share(part, whole) == text


def test_numbers_and_times() -> None:
    moment = datetime(2026, 11, 27, 1, 2, 3, tzinfo=UTC)
    assert number(1234567) == "1,234,567"
    assert clock(moment) == at(moment.timestamp()) == "2026-11-27 01:02:03"
    assert at(1e300) == at(float("nan")) == "no time"
