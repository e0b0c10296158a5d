"""What may be sent again, and when."""

from __future__ import annotations

import time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from astra.http.retry import (
    LONGEST_BACKOFF,
    Safety,
    backoff,
    is_outcome_unknown,
    is_retryable_status,
    retry_after_seconds,
)


@pytest.mark.parametrize("safety", Safety)
def test_a_status_is_retried_only_for_reads_or_when_it_was_refused_unprocessed(safety: Safety) -> None:
    retried = {status for status in range(100, 600) if is_retryable_status(status, safety=safety)}
    assert retried == ({408, 429, *range(500, 600)} if safety is Safety.READ else {429})


def test_a_refusal_leaves_no_doubt_about_a_payment() -> None:
    assert {status for status in range(400, 500) if is_outcome_unknown(status)} == {408, 499}


@pytest.mark.parametrize("status", [100, 200, 302, 399, 500, 502, 503, 520, 599])
def test_servers_and_proxies_that_failed_leave_doubt(status: int) -> None:
    assert is_outcome_unknown(status)


@pytest.mark.parametrize(
    ("retry", "ceiling"), [(0, 0.5), (1, 1.0), (2, 2.0), (3, 4.0), (4, 8.0), (5, 8.0), (100_000, 8.0)]
)
def test_backoff_doubles_up_to_eight_seconds_with_full_jitter(retry: int, ceiling: float) -> None:
    waits = [backoff(retry, retry_after=None, random_unit=lambda unit=unit: unit) for unit in (0.0, 0.5, 1.0)]
    assert waits == [0.0, ceiling / 2, ceiling]


@given(st.integers(0, 10_000))
def test_backoff_is_bounded_with_its_own_randomness(retry: int) -> None:
    assert 0 <= backoff(retry, retry_after=None) <= LONGEST_BACKOFF


@pytest.mark.parametrize(("asked", "latest"), [(0.0, 0.0), (1.0, 1.1), (5.0, 5.5), (10.0, 11.0), (3600.0, 3601.0)])
def test_a_retry_comes_when_the_server_asked_or_a_little_later_spread_out(asked: float, latest: float) -> None:
    waits = [backoff(3, retry_after=asked, random_unit=lambda unit=unit: unit) for unit in (0.0, 0.5, 1.0)]
    assert waits == [asked, (asked + latest) / 2, latest]


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "120"}, 120.0),
        ({"retry-after": "0.5"}, 0.5),
        ({"retry-after": "-3"}, 0.0),
        ({"retry-after": "Thu, 01 Jan 1970 00:10:00 GMT"}, 500.0),
        ({"retry-after": "Thu, 01 Jan 1970 00:00:01 GMT"}, 0.0),
        ({"retry-after": "Thu, 01 Jan 1970 01:10:00 +0100"}, 500.0),
        ({"retry-after-ms": "250"}, 0.25),
        ({"retry-after-ms": "250", "retry-after": "7"}, 0.25),
        ({"retry-after-ms": "-1"}, 0.0),
        ({"retry-after-ms": "soon", "retry-after": "7"}, 7.0),
        ({"retry-after-ms": "inf"}, None),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "nan"}, None),
        ({"retry-after": "inf"}, None),
        ({}, None),
    ],
)
def test_retry_after_is_read_as_seconds_or_date(headers: dict[str, str], seconds: float | None) -> None:
    assert retry_after_seconds(headers, now=100.0) == seconds


@pytest.mark.parametrize("date", ["Thu Jan  1 00:10:00 1970", "Thu, 01 Jan 1970 00:10:00 -0000"])
def test_a_date_without_a_zone_means_utc_wherever_the_machine_is(date: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "America/New_York")
    time.tzset()
    try:
        assert retry_after_seconds({"retry-after": date}, now=100.0) == 500.0
    finally:
        monkeypatch.undo()
        time.tzset()


@given(st.text() | st.from_regex(r"Thu, [0-9]{1,30} Jan [0-9]{1,30} [0-9]{1,5}:10:00 [+-][0-9]{1,30}"))
@example("Thu, 01 Jan 1970 00:10:00 +999999999999999999999")
def test_no_retry_after_raises(text: str) -> None:
    seconds = retry_after_seconds({"retry-after": text}, now=100.0)
    assert seconds is None or seconds >= 0.0
