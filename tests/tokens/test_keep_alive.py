"""Every grant that is due is refreshed once, whatever happens to the run."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from astra.errors import APIConnectionError, InvalidRequestError, OAuthError, RateLimitError, ReauthorizationRequired
from astra.testing.store_contract import ME, NOW, at_once
from astra.tokens import AsyncTokens, BoundStore, ClaimQuery, Grant, TokenAnswer, Tokens, TokenSettings, TokenStoreError
from astra.tokens.keep_alive import KeepAliveReport, NoJob, Scheduler
from astra.tokens.stores.memory import MemoryStore
from astra.tokens.stores.sqlite import SQLiteStore
from tests.tokens.fake_astra import FakeAstra

DAY = 24 * 3600.0


class Fleet:
    """Many users of a fake Astra whose grants were issued some days ago."""

    def __init__(self, store: BoundStore, *, users: int, days_ago: float = 6.0) -> None:
        self.store = store
        self.astra = FakeAstra()
        self.hooked: list[ReauthorizationRequired] = []
        self.asked: Counter[str] = Counter()
        self.lock = threading.Lock()
        saves: list[tuple[Grant, None]] = []
        for number in range(users):
            answer = self.astra.authorize(f"u{number}")
            saves.append((Grant.issued(f"k{number}", answer=answer, now=NOW - days_ago * DAY), None))
        store.save_many(saves)

    def refresh(self, refresh_token: str) -> TokenAnswer:
        with self.lock:
            self.asked[refresh_token] += 1
        return self.astra.refresh(refresh_token)

    async def async_refresh(self, refresh_token: str) -> TokenAnswer:
        return self.refresh(refresh_token)

    def tokens(self, refresh: Callable[[str], TokenAnswer] | None = None, **options: Any) -> Tokens:
        return Tokens(
            self.store,
            refresh=refresh or self.refresh,
            on_reauthorization_required=self.hooked.append,
            clock=lambda: NOW,
            **options,
        )

    def saved_right(self) -> int:
        """How many stored access tokens the server would accept."""
        return sum(self.astra.accepts(grant.access_token) for grant in self.store.iterate())


@pytest.fixture(params=["memory", "sqlite"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[BoundStore]:
    with MemoryStore() if request.param == "memory" else SQLiteStore(tmp_path / "tokens.db") as opened:
        yield opened.for_identity(ME)


def test_what_is_due_is_refreshed_once_and_saved(store: BoundStore) -> None:
    fleet = Fleet(store, users=500)
    report = fleet.tokens().keep_alive()
    assert (report.refreshed, report.failed, report.skipped, report.needs_reauthorization) == (500, 0, 0, 0)
    assert report.ok
    assert set(fleet.asked.values()) == {1}
    assert fleet.saved_right() == 500
    assert fleet.tokens().keep_alive().refreshed == 0


async def test_the_same_with_tasks(store: BoundStore) -> None:
    fleet = Fleet(store, users=500)
    async with AsyncTokens(store, refresh=fleet.async_refresh, clock=lambda: NOW) as tokens:
        report = await tokens.keep_alive(concurrency=50)
    assert report.refreshed == 500
    assert set(fleet.asked.values()) == {1}
    assert fleet.saved_right() == 500


def test_what_is_not_due_is_left_alone(store: BoundStore) -> None:
    fleet = Fleet(store, users=20, days_ago=4)
    assert fleet.tokens().keep_alive(older_than=timedelta(days=5)).refreshed == 0
    assert fleet.tokens().keep_alive(older_than=timedelta(days=3)).refreshed == 20


def test_some_keys_only(store: BoundStore) -> None:
    fleet = Fleet(store, users=20)
    assert fleet.tokens().keep_alive(keys=["k3", "k4", "nobody"]).refreshed == 2
    assert fleet.tokens().keep_alive().refreshed == 18


def test_runs_at_once_share_the_work(store: BoundStore) -> None:
    fleet = Fleet(store, users=600)
    reports = at_once(4, lambda _: fleet.tokens().keep_alive(concurrency=3))
    assert sum(report.refreshed for report in reports) == 600
    assert set(fleet.asked.values()) == {1}
    assert fleet.saved_right() == 600


def test_a_failed_refresh_is_reported_and_left_for_the_next_run(store: BoundStore) -> None:
    fleet = Fleet(store, users=30)
    broken = store.load("k7")
    assert broken is not None

    def refresh(refresh_token: str) -> TokenAnswer:
        if refresh_token == broken.refresh_token:
            raise APIConnectionError("lost")
        return fleet.refresh(refresh_token)

    report = fleet.tokens(refresh, settings=TokenSettings(lease_ttl=0.5)).keep_alive()
    assert (report.refreshed, report.failed, dict(report.errors)) == (29, 1, {"APIConnectionError": 1})
    assert not report.ok
    later = Tokens(store, refresh=fleet.refresh, clock=lambda: NOW + 60)
    assert later.keep_alive().refreshed == 1


def test_a_dead_refresh_token_is_marked_and_told_once(store: BoundStore) -> None:
    fleet = Fleet(store, users=30)
    fleet.astra.kill_refresh_tokens("u7")
    report = fleet.tokens().keep_alive()
    assert (report.refreshed, report.needs_reauthorization, report.failed) == (29, 1, 0)
    assert [error.user_key for error in fleet.hooked] == ["k7"]
    dead = store.load("k7")
    assert dead is not None
    assert dead.state == "dead"
    assert fleet.tokens().keep_alive() == KeepAliveReport(seconds=pytest.approx(0, abs=60))  # type: ignore[arg-type]


def test_a_server_that_asks_to_wait_is_given_time_and_the_grant_is_done(store: BoundStore) -> None:
    fleet = Fleet(store, users=10)
    refused: list[float] = []

    def refresh(refresh_token: str) -> TokenAnswer:
        if not refused:
            refused.append(time.monotonic())
            raise RateLimitError("slow down", status_code=429, retry_after=0.2)
        return fleet.refresh(refresh_token)

    report = fleet.tokens(refresh).keep_alive(concurrency=1)
    assert (report.refreshed, report.failed) == (10, 0)
    assert time.monotonic() - refused[0] >= 0.2


def test_a_server_that_is_down_is_not_hammered(store: BoundStore) -> None:
    fleet = Fleet(store, users=300)
    attempts = Counter[str]()

    def refresh(refresh_token: str) -> TokenAnswer:
        attempts[refresh_token] += 1
        raise APIConnectionError("down")

    report = fleet.tokens(refresh).keep_alive(concurrency=4)
    assert report.refreshed == 0
    assert report.ended_early is not None
    assert "APIConnectionError" in report.ended_early
    assert 25 <= attempts.total() <= 28


def test_wrong_client_credentials_end_the_run_at_once(store: BoundStore) -> None:
    fleet = Fleet(store, users=50)
    attempts: list[str] = []

    def refresh(refresh_token: str) -> TokenAnswer:
        attempts.append(refresh_token)
        raise OAuthError("no", status_code=401, code="invalid_client")

    report = fleet.tokens(refresh).keep_alive(concurrency=1)
    assert len(attempts) == 1
    assert report.ended_early is not None
    assert "invalid_client" in report.ended_early


def test_a_stopped_run_gives_its_claims_back_and_the_next_one_goes_on(store: BoundStore) -> None:
    fleet = Fleet(store, users=300)
    report = fleet.tokens().keep_alive(concurrency=2, stop=lambda: fleet.astra.refreshes >= 50)
    assert 50 <= report.refreshed <= 52
    assert report.ended_early == "stopped"
    later = Tokens(store, refresh=fleet.refresh, clock=lambda: NOW + 60)
    assert later.keep_alive().refreshed == 300 - report.refreshed
    assert set(fleet.asked.values()) == {1}


def test_an_interrupted_run_has_saved_what_it_refreshed(store: BoundStore) -> None:
    fleet = Fleet(store, users=300)

    def refresh(refresh_token: str) -> TokenAnswer:
        if fleet.astra.refreshes >= 40:
            raise KeyboardInterrupt
        return fleet.refresh(refresh_token)

    with pytest.raises(KeyboardInterrupt):
        fleet.tokens(refresh).keep_alive(concurrency=1)
    assert fleet.saved_right() == 300
    later = Tokens(store, refresh=fleet.refresh, clock=lambda: NOW + 60, settings=TokenSettings(lease_ttl=0.5))
    assert later.keep_alive().refreshed == 260


def test_leases_of_a_killed_run_are_waited_for(store: BoundStore) -> None:
    fleet = Fleet(store, users=50)
    store.claim_due(
        ClaimQuery(refreshed_before=NOW, attempted_before=NOW - 1, now=NOW - 1, limit=20, owner="killed", ttl=0.5)
    )
    report = fleet.tokens(settings=TokenSettings(lease_ttl=1.0)).keep_alive()
    assert report.refreshed == 50


def test_grants_of_a_host_whose_clock_was_days_ahead_are_refreshed_before_it_is_too_late(store: BoundStore) -> None:
    fleet = Fleet(store, users=3)
    wrong = Tokens(store, refresh=fleet.refresh, clock=lambda: NOW + 8 * DAY)
    assert wrong.keep_alive(keys=["k0", "k1"]).refreshed == 2
    store.postpone("k1", failures=1, until=NOW + 8 * DAY)
    tokens = fleet.tokens()
    assert sorted(key for keys in tokens.due_keys() for key in keys) == ["k0", "k1", "k2"]
    assert tokens.keep_alive().refreshed == 3
    assert {grant.refreshed_at for grant in store.iterate()} == {NOW}
    assert tokens.keep_alive().refreshed == 0


def test_of_two_keys_that_of_the_wrong_clock_does_not_pass_for_the_newer_one(store: BoundStore) -> None:
    fleet = Fleet(store, users=1)
    tokens = fleet.tokens()
    tokens.store_answer("ahead", fleet.astra.authorize("alice"), astra_user_id="alice", issued_at=NOW + 8 * DAY)
    newer = fleet.astra.authorize("alice")
    tokens.store_answer("now", newer)
    tokens.set_user_id("now", astra_user_id="alice", access_token=newer.access_token)
    assert {tokens.access_token(key) for key in ("ahead", "now")} == {newer.access_token}


def test_a_user_who_authorizes_during_the_run_keeps_the_new_tokens(store: BoundStore) -> None:
    fleet = Fleet(store, users=1)
    tokens = fleet.tokens()
    newer = fleet.astra.authorize("u0")

    def refresh(refresh_token: str) -> TokenAnswer:
        tokens.store_answer("k0", newer)
        return fleet.refresh(refresh_token)

    report = fleet.tokens(refresh).keep_alive()
    assert (report.refreshed, report.skipped) == (0, 1)
    stored = store.load("k0")
    assert stored is not None
    assert stored.refresh_token == newer.refresh_token


def test_a_forgotten_user_is_skipped_and_stays_forgotten(store: BoundStore) -> None:
    fleet = Fleet(store, users=1)

    def refresh(refresh_token: str) -> TokenAnswer:
        store.delete("k0")
        return fleet.refresh(refresh_token)

    report = fleet.tokens(refresh).keep_alive()
    assert (report.refreshed, report.skipped) == (0, 1)
    assert store.load("k0") is None


def test_a_call_in_the_same_process_uses_what_keep_alive_saved(store: BoundStore) -> None:
    fleet = Fleet(store, users=5, days_ago=0.01)
    tokens = fleet.tokens()
    before = tokens.access_token("k2")
    tokens.keep_alive(older_than=timedelta(0))
    after = tokens.access_token("k2")
    assert after != before
    assert fleet.astra.accepts(after)


def test_a_store_that_fails_ends_the_run_with_its_error(store: BoundStore) -> None:
    fleet = Fleet(store, users=5)

    def break_down(*_: Any, **__: Any) -> Any:
        raise OSError("disk full")

    store.save_many = break_down  # type: ignore[method-assign]
    with pytest.raises(TokenStoreError):
        fleet.tokens().keep_alive()


def test_progress_is_told_and_ends_with_the_report(store: BoundStore) -> None:
    fleet = Fleet(store, users=300)
    told: list[KeepAliveReport] = []
    report = fleet.tokens().keep_alive(progress=told.append, concurrency=1)
    counts = [one.refreshed for one in told]
    assert counts == sorted(counts)
    assert told[-1] == report
    assert len(told) >= 300 / 64


@pytest.mark.parametrize(
    ("argument", "value"),
    [
        ("concurrency", 0),
        ("concurrency", 1.5),
        ("concurrency", "8"),
        ("concurrency", True),
        ("rate", 0.0),
        ("rate", -1),
        ("rate", "5"),
        ("rate", float("nan")),
        ("rate", float("inf")),
        ("older_than", 5),
        ("older_than", None),
        ("older_than", timedelta(seconds=-1)),
        ("keys", "customer-42"),
    ],
)
def test_arguments_that_mean_nothing_are_refused_by_name(argument: str, value: Any) -> None:
    with pytest.raises(InvalidRequestError) as caught:
        Fleet(MemoryStore().for_identity(ME), users=1).tokens().keep_alive(**{argument: value})
    assert caught.value.argument == argument
    assert argument in str(caught.value)


class TestClaims:
    def test_a_slow_run_claims_few_grants_at_a_time(self) -> None:
        run = Scheduler(concurrency=8, rate=2.0, lease_ttl=30, stop=lambda: False)
        assert run.batch == 2
        assert run.next() is NoJob.CLAIM
        assert run.next() is NoJob.WAIT

    def test_a_claim_that_waited_too_long_is_made_again(self) -> None:
        now = [100.0]
        store = MemoryStore().for_identity(ME)
        Fleet(store, users=3)
        run = Scheduler(concurrency=1, rate=None, lease_ttl=30, stop=lambda: False, monotonic=lambda: now[0])
        assert run.next() is NoJob.CLAIM
        run.add(list(store.iterate()))
        claimed = run.next()
        assert not isinstance(claimed, NoJob)
        assert not run.is_stale(claimed)
        now[0] += 16
        assert run.is_stale(claimed)
