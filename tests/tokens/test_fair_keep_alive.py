"""Grants that fail delay no others, refusals kill only what is dead, and a run ends when it is told to."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

import attrs
import pytest

from astra.errors import (
    APIConnectionError,
    AstraError,
    BadRequestError,
    ConfigurationError,
    InternalServerError,
    OAuthError,
    PermissionDeniedError,
    RateLimitError,
)
from astra.testing.store_contract import NOW
from astra.tokens import AsyncTokens, TokenAnswer, Tokens
from astra.tokens.identity import UNBOUND, Identity
from astra.tokens.keep_alive import KeepAliveReport
from astra.tokens.stores.bound import BoundStore
from tests.tokens.test_keep_alive import DAY, Fleet, store

__all__ = ["store"]

ERRORS: dict[str, Callable[[], AstraError]] = {
    "400": lambda: BadRequestError("no", status_code=400),
    "403": lambda: PermissionDeniedError("no", status_code=403),
    "500": lambda: InternalServerError("no", status_code=500),
    "unauthorized_client": lambda: OAuthError("no", status_code=400, code="unauthorized_client"),
    "lost": lambda: APIConnectionError("no"),
}


class Rotten(Fleet):
    """A fleet whose first users, which are due longest, get an error of their own for ever."""

    def __init__(self, store: BoundStore, *, rotten: int, good: int, error: Callable[[int], AstraError]) -> None:
        super().__init__(store, users=rotten + good)
        self.rotten: dict[str, AstraError] = {}
        for number in range(rotten):
            grant = store.load(f"k{number}")
            assert grant is not None
            older = attrs.evolve(grant, refreshed_at=grant.refreshed_at - 60 + number, version=grant.version + 1)
            store.save(older, replaces=grant.version)
            self.rotten[grant.refresh_token] = error(number)

    def refresh(self, refresh_token: str) -> TokenAnswer:
        with self.lock:
            self.asked[refresh_token] += 1
        if refresh_token in self.rotten:
            raise self.rotten[refresh_token]
        return self.astra.refresh(refresh_token)


@pytest.mark.parametrize("concurrency", [1, 8])
@pytest.mark.parametrize("kind", ["400", "403", "500", "lost"])
def test_forty_rotten_grants_at_the_head_delay_a_hundred_good_ones_by_nothing(
    store: BoundStore, kind: str, concurrency: int
) -> None:
    fleet = Rotten(store, rotten=40, good=100, error=lambda _: ERRORS[kind]())
    report = fleet.tokens().keep_alive(concurrency=concurrency)
    assert (report.refreshed, report.failed, report.ended_early) == (100, 40, None)
    assert report.exit_code == 1
    assert set(fleet.asked.values()) == {1}


@pytest.mark.parametrize("concurrency", [1, 8, 64])
def test_forty_dead_grants_at_the_head_are_found_dead_and_delay_a_hundred_good_ones_by_nothing(
    store: BoundStore, concurrency: int
) -> None:
    fleet = Rotten(store, rotten=40, good=100, error=lambda _: OAuthError("no", status_code=400, code="invalid_grant"))
    report = fleet.tokens().keep_alive(concurrency=concurrency)
    assert (report.refreshed, report.failed, report.ended_early) == (100, 0, None)
    assert report.needs_reauthorization + report.doubted == 40
    assert len(fleet.hooked) == report.needs_reauthorization
    assert all(error.user_key in {f"k{number}" for number in range(40)} for error in fleet.hooked)


def test_a_mixture_of_them_delays_nobody_either(store: BoundStore) -> None:
    kinds = list(ERRORS.values())[:3]
    fleet = Rotten(store, rotten=40, good=100, error=lambda number: kinds[number % 3]())
    assert fleet.tokens().keep_alive().refreshed == 100


def test_one_user_for_whom_the_client_is_not_authorized_is_that_users_trouble(store: BoundStore) -> None:
    fleet = Rotten(store, rotten=1, good=100, error=lambda _: ERRORS["unauthorized_client"]())
    report = fleet.tokens().keep_alive()
    assert (report.refreshed, report.failed, report.ended_early) == (100, 1, None)


def test_several_of_them_are_the_clients_trouble_and_kill_nobody(store: BoundStore) -> None:
    fleet = Rotten(store, rotten=40, good=0, error=lambda _: ERRORS["unauthorized_client"]())
    report = fleet.tokens().keep_alive(concurrency=1)
    assert report.ended_early == "the client's credentials were refused (unauthorized_client)"
    assert sum(fleet.asked.values()) == 3
    assert alive(store) == 40


def alive(store: BoundStore) -> int:
    return sum(grant.state == "active" for grant in store.iterate())


def test_a_failed_grant_is_left_alone_for_longer_and_longer_and_others_come_first(store: BoundStore) -> None:
    fleet = Rotten(store, rotten=1, good=0, error=lambda _: ERRORS["403"]())
    clock = [NOW]
    tokens = Tokens(store, refresh=fleet.refresh, clock=lambda: clock[0])
    attempts: list[float] = []
    while clock[0] < NOW + 3600:
        before = sum(fleet.asked.values())
        tokens.keep_alive()
        if sum(fleet.asked.values()) > before:
            attempts.append(clock[0] - NOW)
        clock[0] += 60
    assert attempts == [0, 60, 180, 420, 900, 1860]
    grant = store.load("k0")
    assert grant is not None
    assert grant.failures == 6
    fleet.rotten.clear()
    clock[0] += 3600
    assert tokens.keep_alive().refreshed == 1
    grant = store.load("k0")
    assert grant is not None
    assert (grant.failures, grant.next_attempt_at) == (0, 0)


class TestRefusalsThatAreNotBelieved:
    @pytest.mark.parametrize("concurrency", [1, 2, 64])
    def test_an_endpoint_that_refuses_everybody_kills_nobody_and_is_shown_few_tokens(
        self, store: BoundStore, concurrency: int
    ) -> None:
        fleet = Fleet(store, users=100)
        fleet.astra._refresh_tokens.clear()
        report = fleet.tokens().keep_alive(concurrency=concurrency)
        assert (report.needs_reauthorization, report.refreshed) == (0, 0)
        assert report.ended_early is not None
        assert "refused" in report.ended_early
        assert (report.ok, report.exit_code) == (False, 1)
        assert 5 <= report.doubted == sum(fleet.asked.values()) <= 10
        assert fleet.hooked == []
        assert alive(store) == 100

    def test_not_even_when_it_begins_to_in_the_midst_of_a_run(self, store: BoundStore) -> None:
        fleet = Fleet(store, users=200)

        def refresh(refresh_token: str) -> TokenAnswer:
            if fleet.astra.refreshes >= 15:
                raise OAuthError("refused", status_code=400, code="invalid_grant")
            return fleet.refresh(refresh_token)

        report = fleet.tokens(refresh).keep_alive(concurrency=8)
        assert (report.refreshed, report.needs_reauthorization) == (15, 0)
        assert report.ended_early is not None
        assert fleet.hooked == []
        assert alive(store) == 200

    def test_afterwards_all_is_well_by_itself(self, store: BoundStore) -> None:
        fleet = Fleet(store, users=50)
        held, fleet.astra._refresh_tokens = fleet.astra._refresh_tokens, {}
        fleet.tokens().keep_alive()
        fleet.astra._refresh_tokens = held
        later = Tokens(store, refresh=fleet.refresh, clock=lambda: NOW + 60)
        report = later.keep_alive()
        assert (report.refreshed, report.ok) == (50, True)

    def test_five_dead_ones_at_the_head_are_found_dead_and_the_others_are_refreshed(self, store: BoundStore) -> None:
        fleet = Rotten(
            store, rotten=5, good=50, error=lambda _: OAuthError("no", status_code=400, code="invalid_grant")
        )
        report = fleet.tokens().keep_alive(concurrency=1)
        assert (report.refreshed, report.needs_reauthorization, report.ended_early) == (50, 5, None)
        assert sorted(error.user_key for error in fleet.hooked) == ["k0", "k1", "k2", "k3", "k4"]
        assert (report.ok, report.exit_code) == (True, 1)

    def test_a_single_refusal_without_any_success_is_doubted_and_tried_again(self, store: BoundStore) -> None:
        fleet = Fleet(store, users=1)
        fleet.astra._refresh_tokens.clear()
        report = fleet.tokens().keep_alive()
        assert (report.doubted, report.needs_reauthorization, report.exit_code) == (1, 0, 1)
        assert alive(store) == 1

    def test_a_grant_that_belongs_to_no_client_yet_is_never_marked(self) -> None:
        from astra.tokens.stores.memory import MemoryStore

        base = MemoryStore()
        fleet = Fleet(base.for_identity(UNBOUND), users=20)
        fleet.astra.kill_refresh_tokens("u3")
        ours = base.for_identity(Identity("sandbox", "client-1"))
        hooked: list[Any] = []
        tokens = Tokens(ours, refresh=fleet.refresh, clock=lambda: NOW, on_reauthorization_required=hooked.append)
        report = tokens.keep_alive()
        assert (report.refreshed, report.doubted, report.needs_reauthorization) == (19, 1, 0)
        assert hooked == []
        with pytest.raises(OAuthError):
            tokens.refresh("k3")
        assert alive(ours) == 20

    def test_wrong_credentials_kill_nobody(self, store: BoundStore) -> None:
        fleet = Fleet(store, users=10)

        def refresh(refresh_token: str) -> TokenAnswer:
            raise OAuthError("no", status_code=401, code="invalid_client")

        tokens = fleet.tokens(refresh)
        assert tokens.keep_alive(concurrency=1).failed == 1
        with pytest.raises(OAuthError):
            tokens.refresh("k3")
        assert alive(store) == 10
        later = Tokens(store, refresh=fleet.refresh, clock=lambda: NOW + 1)
        assert later.keep_alive().refreshed == 10


def test_a_run_that_cannot_go_on_raises_and_marks_nothing(store: BoundStore) -> None:
    fleet = Fleet(store, users=10)

    def refresh(refresh_token: str) -> TokenAnswer:
        raise ConfigurationError("no such proxy")

    with pytest.raises(ConfigurationError):
        fleet.tokens(refresh).keep_alive(concurrency=1)
    assert Tokens(store, refresh=fleet.refresh, clock=lambda: NOW + 1).keep_alive().refreshed == 10


class TestARunThatIsToldToStop:
    @pytest.mark.parametrize("seconds", [40.0, 86_400.0])
    def test_hears_it_during_a_pause_that_the_server_asked_for(self, store: BoundStore, seconds: float) -> None:
        fleet, stop = Fleet(store, users=20), Stop()

        def refresh(refresh_token: str) -> TokenAnswer:
            stop.soon()
            raise RateLimitError("slow down", status_code=429, retry_after=seconds)

        report = fleet.tokens(refresh).keep_alive(stop=stop)
        assert stop.ago() < 1
        assert (report.ended_early, report.failed) == ("stopped", 0)
        assert Tokens(store, refresh=fleet.refresh, clock=lambda: NOW + 1).keep_alive().refreshed == 20

    def test_hears_it_between_two_refreshes_of_a_slow_run(self, store: BoundStore) -> None:
        fleet, stop = Fleet(store, users=20), Stop()
        fleet.astra.after = stop.soon
        report = fleet.tokens().keep_alive(stop=stop, rate=0.02)
        assert stop.ago() < 1
        assert (report.ended_early, report.refreshed) == ("stopped", 1)

    def test_does_not_wait_for_a_refresh_that_hangs(self, store: BoundStore) -> None:
        fleet, stop, go = Fleet(store, users=20), Stop(), threading.Event()

        def refresh(refresh_token: str) -> TokenAnswer:
            stop.soon()
            go.wait(30)
            return fleet.refresh(refresh_token)

        try:
            report = fleet.tokens(refresh).keep_alive(stop=stop, concurrency=3)
            assert stop.ago() < 1
            assert report.ended_early == "stopped"
        finally:
            go.set()

    async def test_hears_it_as_tasks_do(self, store: BoundStore) -> None:
        import asyncio

        Fleet(store, users=20)
        stop = Stop()

        async def refresh(refresh_token: str) -> TokenAnswer:
            stop.soon()
            await asyncio.sleep(3600)
            raise AssertionError

        async with AsyncTokens(store, refresh=refresh, clock=lambda: NOW) as tokens:
            report = await tokens.keep_alive(stop=stop, concurrency=3)
        assert stop.ago() < 1
        assert report.ended_early == "stopped"


class Stop:
    """Says stop a moment after it was asked to."""

    def __init__(self) -> None:
        self._event = threading.Event()
        self._at: float | None = None

    def soon(self) -> None:
        if self._at is None:
            self._at = time.monotonic() + 0.3
            threading.Timer(0.3, self._event.set).start()

    def __call__(self) -> bool:
        return self._event.is_set()

    def ago(self) -> float:
        assert self._at is not None
        return time.monotonic() - self._at


class Bucket:
    """A rate limit as gateways have them: so many at once, so many a second, and `Retry-After`."""

    def __init__(self, *, per_second: float, burst: float, retry_after: float) -> None:
        self.posts = 0
        self._rate, self._burst, self._retry_after = per_second, burst, retry_after
        self._left, self._at = burst, time.monotonic()
        self._lock = threading.Lock()

    def take(self) -> None:
        with self._lock:
            self.posts += 1
            now = time.monotonic()
            self._left = min(self._burst, self._left + (now - self._at) * self._rate)
            self._at = now
            if self._left < 1:
                raise RateLimitError("slow down", status_code=429, retry_after=self._retry_after)
            self._left -= 1


@pytest.mark.outage
@pytest.mark.sampled(1)
@pytest.mark.parametrize("concurrency", [8, 64])
def test_a_rate_limit_is_found_and_kept_with_few_requests_in_vain(concurrency: int) -> None:
    from astra.tokens.stores.memory import MemoryStore

    fleet = Fleet(MemoryStore().for_identity(UNBOUND), users=200)
    bucket = Bucket(per_second=50, burst=5, retry_after=0.2)

    def refresh(refresh_token: str) -> TokenAnswer:
        bucket.take()
        return fleet.refresh(refresh_token)

    report = fleet.tokens(refresh).keep_alive(concurrency=concurrency)
    assert (report.refreshed, report.failed, report.ended_early) == (200, 0, None)
    assert bucket.posts <= 200 * 1.5 + concurrency


class TestGrantsUnderAMadeUpKey:
    KEY = "pending-0123456789abcdef"

    def world(self, store: BoundStore, *, days_ago: float) -> Fleet:
        fleet = Fleet(store, users=3)
        grant = store.load("k0")
        assert grant is not None
        orphan = attrs.evolve(
            grant,
            key=self.KEY,
            refreshed_at=NOW - days_ago * DAY,
            refresh_expires_at=NOW - days_ago * DAY + 10 * DAY,
        )
        store.save(orphan, replaces=None)
        return fleet

    def test_is_not_renewed(self, store: BoundStore) -> None:
        fleet = self.world(store, days_ago=6)
        report = fleet.tokens().keep_alive()
        assert (report.refreshed, report.skipped, report.forgotten, report.exit_code) == (3, 1, 0, 0)
        assert store.load(self.KEY) is not None
        assert fleet.tokens().keep_alive().skipped == 0

    def test_is_deleted_when_its_lifetime_is_over_and_the_report_says_so(self, store: BoundStore) -> None:
        fleet = self.world(store, days_ago=10.1)
        report = fleet.tokens().keep_alive()
        assert (report.refreshed, report.forgotten) == (3, 1)
        assert store.load(self.KEY) is None


def test_grants_of_one_person_under_two_keys_get_the_same_tokens_by_one_refresh(store: BoundStore) -> None:
    fleet = Fleet(store, users=20)
    for number in range(20):
        grant = store.load(f"k{number}")
        assert grant is not None
        named = attrs.evolve(grant, astra_user_id=f"u{number}", version=grant.version + 1)
        store.save_many([(named, grant.version), (attrs.evolve(named, key=f"second-{number}"), None)])
    report = fleet.tokens().keep_alive()
    assert (report.refreshed, fleet.astra.refreshes) == (40, 20)
    for number in range(20):
        one, other = store.load(f"k{number}"), store.load(f"second-{number}")
        assert one is not None
        assert other is not None
        assert fleet.astra.accepts(one.access_token)
        assert (one.access_token, one.refresh_token) == (other.access_token, other.refresh_token)


def test_a_report_says_in_a_number_what_a_program_exits_with() -> None:
    assert KeepAliveReport(refreshed=5, skipped=2, forgotten=1).exit_code == 0
    for trouble in ("failed", "doubted", "needs_reauthorization"):
        assert KeepAliveReport(**{trouble: 1}).exit_code == 1
    assert KeepAliveReport(ended_early="stopped").exit_code == 1
