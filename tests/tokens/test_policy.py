"""Decisions about grants, without a clock, a store or a network."""

from __future__ import annotations

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from astra.errors import APIConnectionError, OAuthError, RateLimitError
from astra.testing.store_contract import NOW, make_grant
from astra.tokens import policy
from astra.tokens.grant import Grant, TokenAnswer
from astra.tokens.policy import Need, TokenSettings

SETTINGS = TokenSettings()


def grant_of(lifetime: float) -> Grant:
    return make_grant(refreshed_at=NOW, access_expires_at=NOW + lifetime)


@pytest.mark.parametrize(
    ("left", "expected"),
    [
        (7200.0, Need.FRESH),
        (121.0, Need.FRESH),
        (120.0, Need.SHOULD_REFRESH),
        (31.0, Need.SHOULD_REFRESH),
        (30.0, Need.MUST_REFRESH),
        (0.0, Need.MUST_REFRESH),
        (-1.0, Need.MUST_REFRESH),
    ],
)
def test_the_two_tiers_of_a_two_hour_token(left: float, expected: Need) -> None:
    assert policy.need(grant_of(7200), now=NOW + 7200 - left) is expected


@pytest.mark.parametrize(
    ("lifetime", "fresh_for", "edge_after"), [(100, 50, 70), (60, 30, 30), (20, 10, 10), (0, 0, 0), (-5, 0, 0)]
)
def test_a_short_lived_token_is_used_for_half_of_its_life(lifetime: float, fresh_for: float, edge_after: float) -> None:
    grant = grant_of(lifetime)
    if fresh_for:
        assert policy.need(grant, now=NOW + fresh_for - 0.001) is Need.FRESH
    assert policy.need(grant, now=NOW + fresh_for) is not Need.FRESH
    assert policy.need(grant, now=NOW + edge_after) is Need.MUST_REFRESH


@given(
    lifetime=st.floats(0, 1e6),
    moments=st.lists(st.floats(-1e5, 2e6), min_size=2, max_size=2).map(sorted),
    early=st.floats(0, 1000),
    edge=st.floats(0, 1000),
)
def test_a_grant_only_ever_needs_more_as_time_goes_by(
    lifetime: float, moments: list[float], early: float, edge: float
) -> None:
    order = [Need.FRESH, Need.SHOULD_REFRESH, Need.MUST_REFRESH]
    settings = TokenSettings(early=early, edge=edge)
    first, second = (policy.need(grant_of(lifetime), now=NOW + at, settings=settings) for at in moments)
    assert order.index(first) <= order.index(second)


@given(lifetime=st.floats(0.001, 1e6), at=st.floats(-100, 2e6))
def test_a_token_that_is_called_fresh_lives(lifetime: float, at: float) -> None:
    grant, now = grant_of(lifetime), NOW + at
    if policy.need(grant, now=now) is Need.FRESH:
        assert policy.lives(grant, now=now, rejected=None)
        assert now < policy.fresh_until(grant)


def test_a_rejected_token_settles_nothing_and_any_other_does() -> None:
    grant = make_grant()
    assert not policy.settles(grant, now=NOW, rejected=grant.access_token)
    assert policy.settles(grant, now=NOW, rejected="another")


def test_a_dead_grant_serves_out_its_access_token() -> None:
    dead = make_grant().died(now=NOW, access_rejected=False)
    assert policy.settles(dead, now=NOW, rejected=None)
    assert not policy.settles(dead, now=NOW + 7200, rejected=None)


def test_a_dead_grant_whose_access_token_was_rejected_serves_nobody() -> None:
    dead = make_grant().died(now=NOW, access_rejected=True)
    assert not policy.settles(dead, now=NOW, rejected=None)


def test_a_refresh_token_shortly_past_its_lifetime_is_tried_because_clocks_differ() -> None:
    grant = make_grant(refresh_expires_at=NOW)
    assert policy.can_refresh(grant, now=NOW + 300)
    assert not policy.can_refresh(grant, now=NOW + 3600)


def test_a_refusal_kills_only_the_refresh_token_that_was_refused() -> None:
    sent = make_grant()
    assert policy.refusal_is_final(sent=sent, stored=attrs.evolve(sent, version=9))
    assert not policy.refusal_is_final(sent=sent, stored=attrs.evolve(sent, refresh_token="newer"))


def test_a_lost_save_is_repeated_over_a_reencryption_and_given_up_for_newer_tokens() -> None:
    former = make_grant(version=5)
    fresh = make_grant(version=6, access_token="fresh", refresh_token="fresh")
    assert policy.rebase(fresh, former=former, stored=attrs.evolve(former, version=8)) == attrs.evolve(fresh, version=9)
    newer = attrs.evolve(former, version=6, access_token="newer", refresh_token="newer")
    assert policy.rebase(fresh, former=former, stored=newer) is None
    assert policy.rebase(fresh, former=former, stored=former.died(now=NOW, access_rejected=False)) is None


def test_an_answer_without_a_refresh_token_keeps_the_former_one_and_its_expiry() -> None:
    former = make_grant(refresh_expires_at=NOW + 5)
    answer = TokenAnswer(access_token="a", expires_in=7200, refresh_token=None)
    fresh = Grant.issued("customer-1", answer=answer, now=NOW, former=former)
    assert (fresh.refresh_token, fresh.refresh_expires_at) == (former.refresh_token, NOW + 5)


@pytest.mark.parametrize(
    ("error", "final"),
    [
        (OAuthError("x", status_code=400, code="invalid_grant"), True),
        (OAuthError("x", status_code=401, code="invalid_client"), False),
        (OAuthError("x", status_code=400, code=None), False),
        (APIConnectionError("x"), False),
    ],
)
def test_only_invalid_grant_is_final(error: Exception, final: bool) -> None:
    assert policy.is_refusal(error) is final


class TestPauses:
    def test_each_failure_in_a_row_doubles_the_pause_up_to_a_bound(self) -> None:
        failure = None
        pauses: list[float] = []
        for _ in range(7):
            failure = policy.failed(APIConnectionError("x"), now=NOW, former=failure, early=False)
            pauses.append(failure.barred_until - NOW)
        assert pauses == [1, 2, 4, 8, 16, 30, 30]

    def test_an_early_failure_bars_nobody_whose_token_is_gone(self) -> None:
        failure = policy.failed(APIConnectionError("x"), now=NOW, former=None, early=True)
        assert (failure.until, failure.barred_until) == (NOW + SETTINGS.early_backoff, NOW)

    @pytest.mark.parametrize("early", [True, False])
    def test_retry_after_bars_everyone(self, early: bool) -> None:
        error = RateLimitError("x", retry_after=45.0, status_code=429)
        failure = policy.failed(error, now=NOW, former=None, early=early)
        assert (failure.until, failure.barred_until) == (NOW + 45, NOW + 45)

    def test_an_absurd_retry_after_is_not_believed(self) -> None:
        error = RateLimitError("x", retry_after=1e9, status_code=429)
        assert policy.failed(error, now=NOW, former=None, early=False).until == NOW + SETTINGS.max_retry_after
