"""Grants that were marked dead by mistake come back; lists and due keys are read a batch at a time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import attrs
import pytest

from astra.errors import InvalidRequestError, ReauthorizationRequired, UnknownUserError
from astra.testing.store_contract import NOW
from astra.tokens import AsyncTokens, BoundStore, Tokens
from tests.tokens.test_keep_alive import DAY, Fleet, store

__all__ = ["store"]


def bury(fleet: Fleet, *keys: str, at: float = NOW) -> None:
    for key in keys:
        grant = fleet.store.load(key)
        assert grant is not None
        fleet.store.save(grant.invalidated(now=at, access_rejected=True), replaces=grant.version)


def state(store: BoundStore, key: str) -> str:
    grant = store.load(key)
    assert grant is not None
    return grant.state


def test_a_revived_grant_works_again_in_clients_that_had_met_its_death(store: BoundStore) -> None:
    fleet = Fleet(store, users=1)
    tokens = fleet.tokens()
    bury(fleet, "k0")
    with pytest.raises(ReauthorizationRequired):
        tokens.access_token("k0")
    assert tokens.revive("k0") == ["k0"]
    assert fleet.astra.accepts(tokens.access_token("k0"))
    assert tokens.revive("k0") == []


def test_all_that_died_lately_come_back_and_no_others(store: BoundStore) -> None:
    fleet = Fleet(store, users=6)
    bury(fleet, "k0", "k1", at=NOW - 7200)
    bury(fleet, "k2", "k3", at=NOW - 600)
    assert sorted(fleet.tokens().revive(since=timedelta(hours=1))) == ["k2", "k3"]
    assert [state(store, f"k{number}") for number in range(6)] == ["dead", "dead", *["active"] * 4]
    moment = datetime.fromtimestamp(NOW - 7200, UTC)
    assert sorted(fleet.tokens().revive(since=moment)) == ["k0", "k1"]


async def test_the_same_with_tasks(store: BoundStore) -> None:
    fleet = Fleet(store, users=3)
    bury(fleet, "k0", "k1")
    async with AsyncTokens(store, refresh=fleet.async_refresh, clock=lambda: NOW) as tokens:
        assert sorted(await tokens.revive(since=timedelta(hours=1))) == ["k0", "k1"]
        assert [grant.key async for grant in tokens.list(state="dead")] == []
        assert [len(keys) async for keys in tokens.due_keys(chunk=2)] == [2, 1]


def test_a_grant_past_its_lifetime_stays_dead(store: BoundStore) -> None:
    fleet = Fleet(store, users=1, days_ago=11)
    bury(fleet, "k0")
    assert fleet.tokens().revive("k0") == []
    assert state(store, "k0") == "dead"


def test_a_grant_that_is_really_dead_is_found_dead_again(store: BoundStore) -> None:
    fleet = Fleet(store, users=1)
    tokens = fleet.tokens()
    bury(fleet, "k0")
    fleet.astra.kill_refresh_tokens("u0")
    tokens.revive("k0")
    with pytest.raises(ReauthorizationRequired):
        tokens.access_token("k0")
    assert [error.user_key for error in fleet.hooked] == ["k0"]


def test_a_key_of_nobody_is_said_to_be_one(store: BoundStore) -> None:
    with pytest.raises(UnknownUserError, match="no grant for 'typo'"):
        Fleet(store, users=1).tokens().revive("typo")


@pytest.mark.parametrize(
    "arguments",
    [
        {},
        {"key": "k0", "since": timedelta(hours=1)},
        {"since": datetime(2026, 1, 1)},
        {"since": 3600},
    ],
    ids=str,
)
def test_what_names_no_grants_is_refused(store: BoundStore, arguments: dict[str, Any]) -> None:
    with pytest.raises(InvalidRequestError) as caught:
        Fleet(store, users=1).tokens().revive(**arguments)
    assert caught.value.argument == "since"


def test_grants_are_listed_by_state_and_age(store: BoundStore) -> None:
    fleet = Fleet(store, users=1200)
    bury(fleet, "k7")
    tokens = fleet.tokens()
    assert len({grant.key for grant in tokens.list()}) == 1200
    assert [grant.key for grant in tokens.list(state="dead")] == ["k7"]
    assert sum(1 for _ in tokens.list(older_than=timedelta(days=5))) == 1199
    assert sum(1 for _ in tokens.list(older_than=timedelta(days=7))) == 0


def test_due_keys_come_in_chunks_for_any_queue_and_leave_out_who_failed_lately(store: BoundStore) -> None:
    fleet = Fleet(store, users=45)
    store.postpone("k3", failures=1, until=NOW + 60)
    fresh = store.load("k4")
    assert fresh is not None
    store.save(attrs.evolve(fresh, refreshed_at=NOW - DAY, version=fresh.version + 1), replaces=fresh.version)
    chunks = list(fleet.tokens().due_keys(chunk=20))
    assert all(len(chunk) <= 20 for chunk in chunks)
    assert {key for chunk in chunks for key in chunk} == {f"k{n}" for n in range(45)} - {"k3", "k4"}
    reports = [Tokens(store, refresh=fleet.refresh, clock=lambda: NOW).keep_alive(keys=chunk) for chunk in chunks]
    assert sum(report.refreshed for report in reports) == 43
    assert list(fleet.tokens().due_keys()) == []


@pytest.mark.parametrize("chunk", [0, -1, 1.5, "20", True])
def test_a_chunk_of_no_size_is_refused(store: BoundStore, chunk: Any) -> None:
    with pytest.raises(InvalidRequestError) as caught:
        list(Fleet(store, users=1).tokens().due_keys(chunk=chunk))
    assert caught.value.argument == "chunk"
