"""Decisions about grants, without a clock, a store or a network."""

from __future__ import annotations

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from astra.errors import (
    APIConnectionError,
    BadRequestError,
    OAuthError,
    RateLimitError,
    ServiceUnavailableError,
)
from astra.testing.store_contract import NOW, make_grant
from astra.tokens import policy
from astra.tokens.grant import Grant, TokenAnswer
from astra.tokens.identity import Identity
from astra.tokens.policy import Need, TokenSettings

SETTINGS = TokenSettings()


def test_the_numbers_are_the_documented_ones_and_are_given_by_name() -> None:
    assert TokenSettings.__module__ == "astra"
    assert attrs.asdict(SETTINGS) == {
        "advisory_refresh_seconds": 120,
        "mandatory_refresh_seconds": 30,
        "advisory_wait": 1,
        "advisory_backoff": 5,
        "backoff": 1,
        "max_backoff": 30,
        "max_retry_after": 3600,
        "wait": 60,
        "lease_ttl": 30,
        "refresh_lifetime": 10 * 24 * 3600,
        "skew": 600,
        "recheck": 60,
        "cache_size": 20_000,
    }
    with pytest.raises(TypeError):
        TokenSettings(60.0)  # type: ignore[misc]


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
    ("lifetime", "fresh_for", "mandatory_after"), [(100, 50, 70), (60, 30, 30), (20, 10, 10), (0, 0, 0), (-5, 0, 0)]
)
def test_a_short_lived_token_is_used_for_half_of_its_life(
    lifetime: float, fresh_for: float, mandatory_after: float
) -> None:
    grant = grant_of(lifetime)
    if fresh_for:
        assert policy.need(grant, now=NOW + fresh_for - 0.001) is Need.FRESH
    assert policy.need(grant, now=NOW + fresh_for) is not Need.FRESH
    assert policy.need(grant, now=NOW + mandatory_after) is Need.MUST_REFRESH


@pytest.mark.parametrize(
    ("lifetime", "fresh_for"), [(7200, 7080), (240, 120), (200, 100), (60, 30), (20, 10), (1, 0.5), (0, 0), (-5, -5)]
)
def test_a_token_is_fresh_until_the_first_tier_or_half_of_its_life(lifetime: float, fresh_for: float) -> None:
    assert policy.fresh_until(grant_of(lifetime)) == NOW + fresh_for


@pytest.mark.parametrize(("advisory", "mandatory"), [(50, 10), (10, 50)])
def test_the_tiers_can_be_set(advisory: float, mandatory: float) -> None:
    settings, grant = (
        TokenSettings(advisory_refresh_seconds=advisory, mandatory_refresh_seconds=mandatory),
        grant_of(7200),
    )
    assert policy.fresh_until(grant, settings=settings) == NOW + 7150
    assert policy.need(grant, now=NOW + 7149, settings=settings) is Need.FRESH
    assert policy.need(grant, now=NOW + 7150, settings=settings) is (
        Need.SHOULD_REFRESH if advisory > mandatory else Need.MUST_REFRESH
    )


@pytest.mark.parametrize("at", [0.0, 7100.0, 9000.0])
def test_a_dead_grant_is_dead_whatever_the_time(at: float) -> None:
    assert policy.need(attrs.evolve(grant_of(7200), state="dead"), now=NOW + at) is Need.DEAD


@given(
    lifetime=st.floats(0, 1e6),
    moments=st.lists(st.floats(-1e5, 2e6), min_size=2, max_size=2).map(sorted),
    advisory=st.floats(0, 1000),
    mandatory=st.floats(0, 1000),
)
def test_a_grant_only_ever_needs_more_as_time_goes_by(
    lifetime: float, moments: list[float], advisory: float, mandatory: float
) -> None:
    order = [Need.FRESH, Need.SHOULD_REFRESH, Need.MUST_REFRESH]
    settings = TokenSettings(advisory_refresh_seconds=advisory, mandatory_refresh_seconds=mandatory)
    first, second = (policy.need(grant_of(lifetime), now=NOW + at, settings=settings) for at in moments)
    assert order.index(first) <= order.index(second)


@given(lifetime=st.floats(0.001, 1e6), at=st.floats(-100, 2e6))
def test_a_token_that_is_called_fresh_lives(lifetime: float, at: float) -> None:
    grant, now = grant_of(lifetime), NOW + at
    if policy.need(grant, now=now) is Need.FRESH:
        assert policy.is_usable(grant, now=now, rejected=None)
        assert now < policy.fresh_until(grant)


@pytest.mark.parametrize(("left", "usable"), [(1.0, True), (0.0, False), (-1.0, False)])
def test_a_token_lives_up_to_its_expiry_unless_it_was_rejected(left: float, usable: bool) -> None:
    grant = grant_of(7200)
    now = grant.access_expires_at - left
    assert policy.is_usable(grant, now=now, rejected=None) is usable
    assert policy.is_usable(grant, now=now, rejected="another") is usable
    assert policy.is_usable(grant, now=now, rejected=grant.access_token) is False


@pytest.mark.parametrize(("left", "enough"), [(121.0, True), (120.0, False), (10.0, False), (0.0, False)])
def test_only_a_fresh_token_settles_the_search(left: float, enough: bool) -> None:
    assert policy.needs_no_refresh(grant_of(7200), now=NOW + 7200 - left, rejected=None) is enough


def test_what_is_fresh_is_a_matter_of_the_settings() -> None:
    settings = TokenSettings(advisory_refresh_seconds=20, mandatory_refresh_seconds=10)
    assert policy.needs_no_refresh(grant_of(7200), now=NOW + 7170, rejected=None, settings=settings)


def test_a_rejected_token_settles_nothing_and_any_other_does() -> None:
    grant = make_grant()
    assert not policy.needs_no_refresh(grant, now=NOW, rejected=grant.access_token)
    assert policy.needs_no_refresh(grant, now=NOW, rejected="another")


def test_a_dead_grant_serves_out_its_access_token() -> None:
    dead = make_grant().invalidated(now=NOW, access_rejected=False)
    assert policy.needs_no_refresh(dead, now=NOW, rejected=None)
    assert not policy.needs_no_refresh(dead, now=NOW + 7200, rejected=None)


def test_a_dead_grant_whose_access_token_was_rejected_serves_nobody() -> None:
    dead = make_grant().invalidated(now=NOW, access_rejected=True)
    assert not policy.needs_no_refresh(dead, now=NOW, rejected=None)


def test_a_refresh_token_shortly_past_its_lifetime_is_tried_because_clocks_differ() -> None:
    grant = make_grant(refresh_expires_at=NOW)
    assert policy.can_refresh(grant, now=NOW + 599)
    assert not policy.can_refresh(grant, now=NOW + 600)
    assert policy.can_refresh(grant, now=NOW + 600, settings=TokenSettings(skew=601))


def test_a_dead_grant_or_one_without_a_refresh_token_is_not_refreshed() -> None:
    assert policy.can_refresh(make_grant(), now=NOW) is True
    assert policy.can_refresh(make_grant(state="dead"), now=NOW) is False
    assert policy.can_refresh(make_grant(refresh_token=""), now=NOW) is False


def test_a_refusal_kills_only_the_refresh_token_that_was_refused() -> None:
    sent = make_grant()
    assert policy.refusal_is_final(sent=sent, stored=attrs.evolve(sent, version=9))
    assert not policy.refusal_is_final(sent=sent, stored=attrs.evolve(sent, refresh_token="newer"))
    assert not policy.refusal_is_final(sent=sent, stored=attrs.evolve(sent, state="dead"))


def test_a_lost_save_is_repeated_over_a_reencryption_and_given_up_for_newer_tokens() -> None:
    former = make_grant(version=5)
    fresh = make_grant(version=6, access_token="fresh", refresh_token="fresh")
    assert policy.resolve_conflict(fresh, former=former, stored=attrs.evolve(former, version=8)) == attrs.evolve(
        fresh, version=9
    )
    for newer in ({"access_token": "newer"}, {"refresh_token": "newer"}):
        assert policy.resolve_conflict(fresh, former=former, stored=attrs.evolve(former, version=6, **newer)) is None
    assert (
        policy.resolve_conflict(fresh, former=former, stored=former.invalidated(now=NOW, access_rejected=False)) is None
    )


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
        (BadRequestError("x", status_code=400, code="invalid_grant"), False),
    ],
)
def test_only_invalid_grant_is_final(error: Exception, final: bool) -> None:
    assert policy.is_refusal(error) is final


class TestPauses:
    def test_each_failure_in_a_row_doubles_the_pause_up_to_a_bound(self) -> None:
        failure = None
        pauses: list[float] = []
        for _ in range(7):
            failure = policy.failed(APIConnectionError("x"), now=NOW, former=failure, advisory=False)
            pauses.append(failure.barred_until - NOW)
        assert pauses == [1, 2, 4, 8, 16, 30, 30]

    def test_the_pauses_can_be_set(self) -> None:
        settings = TokenSettings(backoff=0.25, max_backoff=1e5)
        failure = None
        for count in range(1, 19):
            failure = policy.failed(APIConnectionError("x"), now=NOW, former=failure, advisory=False, settings=settings)
            assert (failure.count, failure.until - NOW) == (count, 0.25 * 2 ** (count - 1))
        long_down = attrs.evolve(failure, count=5000)
        failure = policy.failed(APIConnectionError("x"), now=NOW, former=long_down, advisory=False, settings=settings)
        assert (failure.count, failure.until, failure.barred_until) == (5001, NOW + 1e5, NOW + 1e5)

    def test_a_failure_remembers_what_was_raised(self) -> None:
        error = APIConnectionError("x")
        assert policy.failed(error, now=NOW, former=None, advisory=False).error is error
        with pytest.raises(TypeError):
            policy.Failure(error, NOW, NOW, 1)  # type: ignore[misc]

    def test_without_an_early_refresh_everyone_waits_the_same(self) -> None:
        settings = TokenSettings(backoff=0.5)
        failure = policy.failed(APIConnectionError("x"), now=NOW, former=None, advisory=False, settings=settings)
        assert (failure.until, failure.barred_until) == (NOW + 0.5, NOW + 0.5)

    def test_early_failures_in_a_row_are_spread_out_too(self) -> None:
        fourth = policy.Failure(error=APIConnectionError("x"), until=NOW, barred_until=NOW, count=4)
        failure = policy.failed(APIConnectionError("x"), now=NOW, former=fourth, advisory=True)
        assert (failure.until, failure.barred_until) == (NOW + 16, NOW)

    def test_an_early_failure_bars_nobody_whose_token_is_gone(self) -> None:
        failure = policy.failed(APIConnectionError("x"), now=NOW, former=None, advisory=True)
        assert (failure.until, failure.barred_until) == (NOW + SETTINGS.advisory_backoff, NOW)

    @pytest.mark.parametrize("advisory", [True, False])
    @pytest.mark.parametrize("kind", [RateLimitError, ServiceUnavailableError])
    def test_retry_after_bars_everyone(
        self, advisory: bool, kind: type[RateLimitError | ServiceUnavailableError]
    ) -> None:
        error = kind("x", retry_after=45.0, status_code=503)
        failure = policy.failed(error, now=NOW, former=None, advisory=advisory)
        assert (failure.until, failure.barred_until) == (NOW + 45, NOW + 45)

    def test_an_absurd_retry_after_is_not_believed(self) -> None:
        error = RateLimitError("x", retry_after=1e9, status_code=429)
        assert policy.failed(error, now=NOW, former=None, advisory=False).until == NOW + SETTINGS.max_retry_after


class TestPatience:
    def test_who_has_no_token_waits_as_long_as_allowed(self) -> None:
        assert policy.patience(None, now=NOW, allowed=9.0) == 9.0

    @pytest.mark.parametrize("left", [7000.0, 119.0, 31.0])
    def test_who_has_one_waits_a_moment(self, left: float) -> None:
        grant, now = grant_of(7200), NOW + 7200 - left
        assert policy.patience(grant, now=now, allowed=9.0) == 1.0
        assert policy.patience(grant, now=now, allowed=0.5) == 0.5
        assert policy.patience(grant, now=now, allowed=9.0, settings=TokenSettings(advisory_wait=2.0)) == 2.0

    def test_who_has_one_about_to_expire_keeps_half_of_the_time_for_the_call(self) -> None:
        assert policy.patience(grant_of(7200), now=NOW + 7180, allowed=9.0) == 4.5
        late = TokenSettings(advisory_refresh_seconds=10, mandatory_refresh_seconds=5)
        assert policy.patience(grant_of(7200), now=NOW + 7180, allowed=9.0, settings=late) == 1.0


class TestSharing:
    FRESH = make_grant("one", access_token="new", refresh_token="new-refresh", version=9, astra_user_id="usr")
    FORMER = make_grant(
        "other", version=4, generation=3, astra_user_id="same", identity=Identity("sandbox", "us"), state="dead"
    )

    def test_a_grant_under_its_own_key_is_itself(self) -> None:
        assert policy.share(self.FRESH, former=make_grant("one")) is self.FRESH

    def test_another_key_of_the_person_gets_the_tokens_and_keeps_what_is_its_own(self) -> None:
        shared = policy.share(self.FRESH, former=self.FORMER)
        assert shared == attrs.evolve(
            self.FRESH,
            key="other",
            version=5,
            generation=3,
            identity=Identity("sandbox", "us"),
            astra_user_id="same",
        )
