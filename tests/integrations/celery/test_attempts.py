"""Which failures of a payment are tried again, and when. One test per row of the table."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from astra import errors
from astra.integrations.celery.attempts import Again, Ending, after, was_looked_for
from astra.payments.record import HistoryEntry, PaymentRecord, PaymentState

NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)


def step(error: BaseException, *, failures: int = 0, look_after: float = 300.0, chance: float = 0.0) -> Again | Ending:
    return after(error, failures=failures, look_after=look_after, chance=chance)


@pytest.mark.parametrize(
    "error",
    [
        errors.APIConnectionError("no connection", sent=False),
        errors.APITimeoutError("no connection in time", sent=False),
        errors.IdempotencyStoreError("the store failed"),
        errors.TokenStoreError("the store failed"),
        errors.TokenUnavailableError("not just now", user_key="customer-42"),
        errors.RateLimitError("too many", status_code=429),
        RuntimeError("a time limit of the worker"),
    ],
)
def test_what_was_not_sent_is_tried_again_later_each_time_and_not_all_at_once(error: Exception) -> None:
    assert step(error) == Again(0.5)
    assert step(error, chance=1.0) == Again(1.0)
    assert step(error, failures=3, chance=1.0) == Again(8.0)
    assert step(error, failures=8, chance=1.0) == Again(256.0)
    assert step(error, failures=2000, chance=1.0) == Again(300.0)


def test_astra_says_when_to_come_back() -> None:
    assert step(errors.RateLimitError("too many", status_code=429, retry_after=90.0)) == Again(90.0)
    assert step(errors.RateLimitError("too many", status_code=429, retry_after=86400.0)) == Again(1800.0)
    unavailable = errors.TokenUnavailableError("not just now", user_key="customer-42", retry_after=30.0)
    assert step(unavailable) == Again(30.0)


def test_a_payment_that_another_one_sends_is_asked_for_when_that_one_counts_as_dead() -> None:
    busy = errors.PaymentInProgressError("busy", idempotency_key="k", operation="create_routine", retry_after=75.0)
    assert step(busy) == Again(76.0)
    assert step(busy, failures=7, chance=1.0) == Again(128.0)
    held = errors.PaymentInProgressError("busy", idempotency_key="k", operation="create_routine", retry_after=9e9)
    assert step(held) == Again(1800.0)


def test_an_unknown_outcome_waits_for_the_look_that_beat_starts() -> None:
    lost = errors.UncertainOutcomeError("lost")
    assert step(lost) == Again(300.0)
    assert step(lost, chance=1.0) == Again(375.0)
    assert step(lost, look_after=0.0, failures=4, chance=1.0) == Again(16.0)


@pytest.mark.parametrize(
    ("error", "ending"),
    [
        (errors.BadRequestError("no", status_code=400), Ending.REFUSED),
        (errors.UnprocessableEntityError("no", status_code=422), Ending.REFUSED),
        (errors.AuthenticationError("no", status_code=401), Ending.REFUSED),
        (errors.InvalidRequestError("misspelt"), Ending.IMPOSSIBLE),
        (errors.ConfigurationError("no secret"), Ending.IMPOSSIBLE),
        (errors.ClientClosedError("closed"), Ending.IMPOSSIBLE),
        (errors.IdempotencyConflictError("other", idempotency_key="k", operation="o", state="made"), Ending.IMPOSSIBLE),
        (errors.ReauthorizationRequired("dead", user_key="customer-42"), Ending.IMPOSSIBLE),
        (errors.UnknownUserError("nobody", user_key="customer-42"), Ending.IMPOSSIBLE),
        (errors.UnreadableGrantError("damaged", user_key="customer-42"), Ending.IMPOSSIBLE),
        (errors.AmbiguousPaymentError("two of them"), Ending.UNDECIDED),
    ],
)
def test_what_another_attempt_cannot_help_is_final(error: Exception, ending: Ending) -> None:
    assert step(error) is ending


def test_the_log_says_in_a_word_why_a_payment_is_done_with() -> None:
    assert [ending.value for ending in Ending] == ["refused", "impossible", "undecided"]


def open_record(*history: HistoryEntry) -> PaymentRecord:
    return PaymentRecord(
        environment="sandbox",
        client_id="id",
        operation="create_routine",
        key="payout-17",
        user_key="customer-42",
        fingerprint="1:a",
        state=PaymentState.UNCERTAIN,
        lease_until=NOW,
        created=NOW - timedelta(minutes=20),
        updated=NOW,
        first_sent=NOW - timedelta(minutes=20),
        sent=NOW - timedelta(minutes=20),
        history=history,
    )


def looked(seconds: float) -> HistoryEntry:
    return HistoryEntry(time=NOW - timedelta(seconds=seconds), event="looked", state=PaymentState.UNCERTAIN)


def test_a_payment_that_was_looked_for_a_moment_ago_is_not_looked_for_again() -> None:
    recent, old = open_record(looked(299)), open_record(looked(300))
    assert was_looked_for(recent, now=NOW, within=300.0, resend_after=None)
    assert not was_looked_for(old, now=NOW, within=300.0, resend_after=None)
    assert not was_looked_for(open_record(), now=NOW, within=300.0, resend_after=None)
    sent = HistoryEntry(time=NOW, event="sent", state=PaymentState.SENDING)
    assert not was_looked_for(open_record(looked(1), sent), now=NOW, within=300.0, resend_after=None)


def test_a_payment_that_may_be_sent_again_is_looked_for_all_the_same() -> None:
    recent = open_record(looked(1))
    assert not was_looked_for(recent, now=NOW, within=300.0, resend_after=timedelta(minutes=20))
    assert was_looked_for(recent, now=NOW, within=300.0, resend_after=timedelta(minutes=21))


@pytest.mark.parametrize(("redelivered_after", "seconds"), [(None, 300.0), (3600.0, 300.0), (20.0, 10.0)])
def test_a_message_never_waits_so_long_that_the_broker_delivers_it_twice(
    redelivered_after: float | None, seconds: float
) -> None:
    error = errors.APIConnectionError("no connection", sent=False)
    wait = after(error, failures=2000, look_after=300.0, chance=1.0, redelivered_after=redelivered_after)
    assert wait == Again(seconds)
