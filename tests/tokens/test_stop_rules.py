"""What ends a keep-alive run, and how long a failed grant is left alone."""

from __future__ import annotations

import pytest

from astra.errors import (
    APIConnectionError,
    APITimeoutError,
    AstraError,
    BadRequestError,
    InternalServerError,
    OAuthError,
    PermissionDeniedError,
    RateLimitError,
    ResponseDecodeError,
    ServiceUnavailableError,
    TokenStoreError,
)
from astra.tokens.stop_rules import StopRules, asked_pause, is_provisional, pause_after

OUTAGES = [
    APIConnectionError("lost"),
    APITimeoutError("late"),
    InternalServerError("broken", status_code=500),
    ServiceUnavailableError("away", status_code=503),
    ResponseDecodeError("garbage"),
]
OF_ONE_USER = [
    BadRequestError("no", status_code=400),
    PermissionDeniedError("no", status_code=403),
    OAuthError("no", status_code=400, code="invalid_request"),
    OAuthError("no", status_code=400, code=None),
    TokenStoreError("no"),
]


@pytest.mark.parametrize("error", OUTAGES, ids=lambda error: type(error).__name__)
def test_a_server_that_is_down_ends_the_run_after_25_failures(error: AstraError) -> None:
    rules = StopRules()
    assert [rules.failed(f"k{number}", error) for number in range(24)] == [None] * 24
    assert rules.failed("k24", error) == f"25 failures in a row, the last one {type(error).__name__}"


def test_an_answer_in_between_begins_the_count_anew() -> None:
    rules = StopRules()
    for number in range(24):
        rules.failed(f"k{number}", OUTAGES[0])
    rules.succeeded()
    assert rules.failed("k", OUTAGES[0]) is None
    for number in range(23):
        rules.failed(f"k{number}", OUTAGES[0])
    rules.failed("k", OF_ONE_USER[0])
    for number in range(24):
        assert rules.failed(f"k{number}", OUTAGES[0]) is None
    assert rules.failed("k", OUTAGES[0]) is not None
    rules.succeeded()
    for number in range(24):
        assert rules.failed(f"k{number}", OUTAGES[0]) is None
    assert rules.failed("k", OUTAGES[0]) is not None


@pytest.mark.parametrize("error", OF_ONE_USER, ids=str)
def test_what_is_about_one_user_never_ends_the_run(error: AstraError) -> None:
    rules = StopRules()
    assert {rules.failed(f"k{number}", error) for number in range(500)} == {None}


def test_wrong_credentials_end_the_run_at_once() -> None:
    error = OAuthError("no", status_code=401, code="invalid_client")
    assert StopRules().failed("k", error) == "the client's credentials were refused (invalid_client)"


def test_a_client_that_is_not_authorized_ends_the_run_when_three_users_get_it() -> None:
    rules, error = StopRules(), OAuthError("no", status_code=400, code="unauthorized_client")
    assert [rules.failed(key, error) for key in ("a", "a", "a", "b", "b")] == [None] * 5
    assert rules.failed("c", error) == "the client's credentials were refused (unauthorized_client)"


@pytest.mark.parametrize(
    ("error", "pause"),
    [
        (RateLimitError("slow", status_code=429, retry_after=3.0), 3.0),
        (RateLimitError("slow", status_code=429, retry_after=86400.0), 3600.0),
        (RateLimitError("slow", status_code=429, retry_after=0.0), 0.0),
        (RateLimitError("slow", status_code=429), 1.0),
        (ServiceUnavailableError("away", status_code=503, retry_after=30.0), 30.0),
        (ServiceUnavailableError("away", status_code=503), None),
        (InternalServerError("broken", status_code=500), None),
        (APIConnectionError("lost"), None),
    ],
)
def test_the_pause_that_a_server_asks_for_is_believed_up_to_a_limit(error: AstraError, pause: float | None) -> None:
    assert asked_pause(error, longest=3600.0) == pause


def test_a_grant_that_fails_again_and_again_is_left_alone_for_longer_and_longer() -> None:
    assert [pause_after(failures) for failures in (1, 2, 3, 4)] == [60.0, 120.0, 240.0, 480.0]
    assert pause_after(9) == 15360.0
    assert [pause_after(failures) for failures in (10, 20, 5000)] == [21600.0] * 3


@pytest.mark.parametrize(
    ("key", "made_up"),
    [
        ("pending-0123456789abcdef", True),
        ("pending-0123456789abcde", False),
        ("pending-0123456789abcdeg", False),
        ("pending_0123456789abcdef", False),
        ("pending-customer", False),
        ("customer-42", False),
        ("other-0123456789abcdef", False),
    ],
)
def test_a_made_up_key_is_known_by_its_form(key: str, made_up: bool) -> None:
    assert is_provisional(key) is made_up


def test_after_five_failures_in_a_row_the_run_looks_elsewhere() -> None:
    rules = StopRules()
    for number in range(5):
        assert not rules.needs_proof
        rules.failed(f"k{number}", OUTAGES[0])
    assert rules.needs_proof
    rules.succeeded()
    assert not rules.needs_proof
