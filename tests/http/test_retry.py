"""What may be sent again, and when."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from astra.http.retry import (
    LONGEST_BACKOFF,
    Safety,
    backoff,
    is_outcome_unknown,
    is_retryable_status,
    retry_after_seconds,
)


@given(st.integers(100, 599), st.sampled_from(list(Safety)))
def test_a_status_is_retried_only_for_reads_or_when_it_was_refused_unprocessed(status: int, safety: Safety) -> None:
    retried = is_retryable_status(status, safety=safety)
    if safety is Safety.READ:
        assert retried == (status in (408, 429) or status >= 500)
    else:
        assert retried == (status == 429)


@given(st.integers(400, 499))
def test_a_refusal_leaves_no_doubt_about_a_payment(status: int) -> None:
    assert is_outcome_unknown(status) == (status in (408, 499))


@pytest.mark.parametrize("status", [200, 302, 500, 502, 503, 520, 599])
def test_servers_and_proxies_that_failed_leave_doubt(status: int) -> None:
    assert is_outcome_unknown(status)


@given(st.integers(0, 10_000), st.floats(0, 1))
def test_backoff_grows_with_full_jitter_and_stays_bounded(retry: int, unit: float) -> None:
    assert 0 <= backoff(retry, retry_after=None, random_unit=lambda: unit) <= LONGEST_BACKOFF


@given(st.floats(0, 3600), st.floats(0, 1))
def test_a_retry_never_comes_earlier_than_the_server_asked(asked: float, unit: float) -> None:
    wait = backoff(0, retry_after=asked, random_unit=lambda: unit)
    assert asked <= wait <= asked + 1.0


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "120"}, 120.0),
        ({"retry-after": "0.5"}, 0.5),
        ({"retry-after": "-3"}, 0.0),
        ({"retry-after": "Thu, 01 Jan 1970 00:10:00 GMT"}, 500.0),
        ({"retry-after": "Thu, 01 Jan 1970 00:00:01 GMT"}, 0.0),
        ({"retry-after-ms": "250"}, 0.25),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "nan"}, None),
        ({"retry-after": "inf"}, None),
        ({}, None),
    ],
)
def test_retry_after_is_read_as_seconds_or_date(headers: dict[str, str], seconds: float | None) -> None:
    assert retry_after_seconds(headers, now=100.0) == seconds
