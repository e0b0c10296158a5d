"""The contract of a token store, as a pytest class. Subclass it to prove a store of your own.

Example:
    from astra.testing.store_contract import StoreContract

    class TestMyStore(StoreContract):
        @pytest.fixture
        def store(self):
            store = MyStore(...)        # empty, and nobody else's
            yield store
            store.close()
"""

# ruff: noqa: D102, S101 - these are tests, named after what they show

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import attrs
import pytest

from astra.tokens.grant import Grant
from astra.tokens.stores.base import ClaimQuery, TokenStore

NOW = 1_800_000_000.0


def make_grant(key: str = "customer-1", **changes: Any) -> Grant:
    """A grant with unremarkable values, for tests of stores."""
    plain = Grant(
        key=key,
        access_token=f"access-of-{key}",
        access_expires_at=NOW + 7200,
        refresh_token=f"refresh-of-{key}",
        refresh_expires_at=NOW + 864_000,
        astra_user_id=f"usr-of-{key}",
        version=1,
        refreshed_at=NOW,
    )
    return attrs.evolve(plain, **changes)


def at_once(count: int, function: Callable[[int], Any]) -> list[Any]:
    """Calls a function in so many threads that all set out at the same moment."""
    barrier = threading.Barrier(count)

    def run(number: int) -> Any:
        barrier.wait(timeout=30)
        return function(number)

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(run, range(count)))


def claim(store: TokenStore, **changes: Any) -> list[str]:
    """Claims due grants with unremarkable arguments and returns their keys."""
    arguments: dict[str, Any] = {
        "refreshed_before": NOW,
        "attempted_before": NOW,
        "now": NOW,
        "limit": 100,
        "owner": "host-a",
        "ttl": 60.0,
    }
    return [grant.key for grant in store.claim_due(ClaimQuery(**(arguments | changes)))]


class StoreContract:
    """What every token store has to do. Subclasses provide the fixture `store`."""

    @pytest.fixture
    def store(self) -> Iterator[TokenStore]:
        """An empty store that nobody else uses."""
        raise NotImplementedError

    # -- reading and saving

    def test_an_unknown_key_loads_as_none(self, store: TokenStore) -> None:
        assert store.load("nobody") is None

    @pytest.mark.parametrize("key", ["customer-1", "a b/c:d", "Größe-42", "'; DROP TABLE astra_grants; --", "%s{}[]"])
    def test_a_saved_grant_is_loaded_exactly(self, store: TokenStore, key: str) -> None:
        grant = make_grant(
            key, access_expires_at=NOW + 0.123456, refreshed_at=NOW - 0.654321, version=1_800_000_000_123
        )
        assert store.save(grant, replaces=None)
        assert store.load(key) == grant

    def test_a_grant_without_a_user_id_is_loaded_without_one(self, store: TokenStore) -> None:
        store.save(make_grant(astra_user_id=None), replaces=None)
        loaded = store.load("customer-1")
        assert loaded is not None
        assert loaded.astra_user_id is None

    def test_loaded_tokens_stay_masked(self, store: TokenStore) -> None:
        store.save(make_grant(), replaces=None)
        loaded = store.load("customer-1")
        assert loaded is not None
        assert "access-of" not in repr(loaded) + repr(loaded.access_token) + repr(loaded.refresh_token)

    def test_a_first_save_does_not_overwrite(self, store: TokenStore) -> None:
        assert store.save(make_grant(), replaces=None)
        assert not store.save(make_grant(access_token="other"), replaces=None)
        assert store.load("customer-1") == make_grant()

    def test_an_older_grant_never_overwrites_a_newer_one(self, store: TokenStore) -> None:
        store.save(make_grant(), replaces=None)
        newer = make_grant(version=2, access_token="newer")
        assert store.save(newer, replaces=1)
        assert not store.save(make_grant(version=2, access_token="late"), replaces=1)
        assert store.load("customer-1") == newer

    def test_a_deleted_grant_is_not_brought_back_by_a_late_save(self, store: TokenStore) -> None:
        store.save(make_grant(), replaces=None)
        assert store.delete("customer-1")
        assert not store.delete("customer-1")
        assert not store.save(make_grant(version=2), replaces=1)
        assert store.load("customer-1") is None

    def test_of_many_savers_of_one_version_exactly_one_wins(self, store: TokenStore) -> None:
        store.save(make_grant(), replaces=None)
        won = at_once(8, lambda n: store.save(make_grant(version=2, access_token=f"from-{n}"), replaces=1))
        assert won.count(True) == 1
        assert store.load("customer-1") == make_grant(version=2, access_token=f"from-{won.index(True)}")

    def test_of_many_first_savers_exactly_one_wins(self, store: TokenStore) -> None:
        assert at_once(8, lambda n: store.save(make_grant(version=n + 1), replaces=None)).count(True) == 1

    def test_a_batch_saves_what_it_can_and_says_which(self, store: TokenStore) -> None:
        store.save(make_grant("a"), replaces=None)
        store.save(make_grant("b", version=5), replaces=None)
        saved = store.save_many(
            [
                (make_grant("a", version=2), 1),
                (make_grant("b", version=2), 1),
                (make_grant("c"), None),
                (make_grant("d", version=2), 1),
            ]
        )
        assert saved == [True, False, True, False]
        assert [grant.version if grant else None for grant in map(store.load, "abcd")] == [2, 5, 1, None]

    # -- finding and listing

    def test_a_grant_is_found_by_the_user_id(self, store: TokenStore) -> None:
        store.save(make_grant("a", astra_user_id="usr_1", refreshed_at=NOW - 60), replaces=None)
        store.save(make_grant("b", astra_user_id="usr_1"), replaces=None)
        store.save(make_grant("c", astra_user_id="usr_2"), replaces=None)
        assert store.find("usr_1") == "b"
        assert store.find("usr_2") == "c"
        assert store.find("usr_3") is None

    def test_a_changed_or_deleted_user_id_is_not_found(self, store: TokenStore) -> None:
        store.save(make_grant("a", astra_user_id="usr_1"), replaces=None)
        store.save(make_grant("a", astra_user_id="usr_2", version=2), replaces=1)
        assert store.find("usr_1") is None
        store.delete("a")
        assert store.find("usr_2") is None

    def test_a_scan_gives_every_grant_once(self, store: TokenStore) -> None:
        keys = {f"k{number:02}" for number in range(25)}
        store.save_many([(make_grant(key), None) for key in sorted(keys)])
        seen: list[str] = []
        while batch := store.scan(after=seen[-1] if seen else "", limit=7):
            assert len(batch) <= 7
            seen += [grant.key for grant in batch]
        assert len(seen) == 25
        assert set(seen) == keys

    def test_a_scan_of_due_grants_leaves_out_fresh_and_dead_ones(self, store: TokenStore) -> None:
        store.save(make_grant("due", refreshed_at=NOW - 100), replaces=None)
        store.save(make_grant("fresh", refreshed_at=NOW - 10), replaces=None)
        store.save(make_grant("dead", refreshed_at=NOW - 100, state="dead"), replaces=None)
        assert [grant.key for grant in store.scan(refreshed_before=NOW - 50)] == ["due"]
        assert store.count_due(refreshed_before=NOW - 50) == 1

    # -- leases

    def test_a_lease_has_one_owner(self, store: TokenStore) -> None:
        store.save(make_grant(), replaces=None)
        assert store.acquire_lease("customer-1", owner="a", ttl=60)
        assert not store.acquire_lease("customer-1", owner="b", ttl=60)
        store.release_lease("customer-1", owner="b")
        assert not store.acquire_lease("customer-1", owner="b", ttl=60)
        store.release_lease("customer-1", owner="a")
        assert store.acquire_lease("customer-1", owner="b", ttl=60)

    def test_an_owner_can_extend_its_lease(self, store: TokenStore) -> None:
        store.save(make_grant(), replaces=None)
        assert store.acquire_lease("customer-1", owner="a", ttl=60)
        assert store.acquire_lease("customer-1", owner="a", ttl=60)

    def test_there_is_no_lease_without_a_grant(self, store: TokenStore) -> None:
        assert not store.acquire_lease("nobody", owner="a", ttl=60)
        store.save(make_grant(), replaces=None)
        store.acquire_lease("customer-1", owner="a", ttl=60)
        store.delete("customer-1")
        store.save(make_grant(), replaces=None)
        assert store.acquire_lease("customer-1", owner="b", ttl=60)

    def test_of_many_takers_exactly_one_gets_the_lease(self, store: TokenStore) -> None:
        store.save(make_grant(), replaces=None)
        assert at_once(8, lambda n: store.acquire_lease("customer-1", owner=f"o{n}", ttl=60)).count(True) == 1

    def test_a_lease_ends_by_itself(self, store: TokenStore) -> None:
        store.save(make_grant(), replaces=None)
        assert store.acquire_lease("customer-1", owner="crashed", ttl=0.3)
        give_up = time.monotonic() + 10
        while not store.acquire_lease("customer-1", owner="next", ttl=60):
            assert time.monotonic() < give_up
            time.sleep(0.02)

    def test_a_save_leaves_the_lease_and_a_lease_leaves_the_grant(self, store: TokenStore) -> None:
        store.save(make_grant(), replaces=None)
        store.acquire_lease("customer-1", owner="a", ttl=60)
        assert store.load("customer-1") == make_grant()
        assert store.save(make_grant(version=2), replaces=1)
        assert not store.acquire_lease("customer-1", owner="b", ttl=60)

    def test_a_batch_can_end_its_owners_leases(self, store: TokenStore) -> None:
        for key in "ab":
            store.save(make_grant(key), replaces=None)
        store.acquire_lease("a", owner="me", ttl=60)
        store.acquire_lease("b", owner="other", ttl=60)
        store.save_many([(make_grant("a", version=2), 1), (make_grant("b", version=2), 1)], release="me")
        assert store.acquire_lease("a", owner="next", ttl=60)
        assert not store.acquire_lease("b", owner="next", ttl=60)

    # -- claims

    def test_due_grants_are_claimed_longest_ago_first(self, store: TokenStore) -> None:
        for age, key in enumerate("abcd"):
            store.save(make_grant(key, refreshed_at=NOW - 10 * age), replaces=None)
        assert claim(store, refreshed_before=NOW - 5, limit=2) == ["d", "c"]
        assert claim(store, refreshed_before=NOW - 5, limit=2) == ["b"]

    def test_dead_grants_are_not_claimed(self, store: TokenStore) -> None:
        store.save(make_grant("a", refreshed_at=NOW - 10), replaces=None)
        store.save(make_grant("a", refreshed_at=NOW - 10, version=2, state="dead"), replaces=1)
        assert claim(store) == []
        assert store.count_due(refreshed_before=NOW) == 0

    def test_a_claim_takes_the_leases(self, store: TokenStore) -> None:
        store.save(make_grant("a", refreshed_at=NOW - 10), replaces=None)
        store.save(make_grant("b", refreshed_at=NOW - 10), replaces=None)
        store.acquire_lease("a", owner="caller", ttl=60)
        assert claim(store) == ["b"]
        assert not store.acquire_lease("b", owner="caller", ttl=60)
        store.release_lease("b", owner="host-a")
        assert store.acquire_lease("b", owner="caller", ttl=60)

    def test_one_run_claims_a_grant_once_even_if_its_refresh_failed(self, store: TokenStore) -> None:
        store.save(make_grant("a", refreshed_at=NOW - 10), replaces=None)
        assert claim(store) == ["a"]
        store.release_lease("a", owner="host-a")
        assert claim(store) == []
        assert claim(store, attempted_before=NOW + 1) == ["a"]

    def test_a_claim_can_be_limited_to_some_keys(self, store: TokenStore) -> None:
        for key in "abc":
            store.save(make_grant(key, refreshed_at=NOW - 10), replaces=None)
        assert sorted(claim(store, keys=["a", "c", "nobody"])) == ["a", "c"]
        assert claim(store, keys=[]) == []
        assert claim(store) == ["b"]

    def test_a_claimed_grant_comes_as_it_is_stored(self, store: TokenStore) -> None:
        grant = make_grant("a", refreshed_at=NOW - 10.25)
        store.save(grant, replaces=None)
        query = ClaimQuery(refreshed_before=NOW, attempted_before=NOW, now=NOW, limit=5, owner="host-a", ttl=60)
        found = store.claim_due(query)
        assert found == [grant]

    def test_hosts_that_claim_at_once_share_without_overlap(self, store: TokenStore) -> None:
        keys = {f"k{number:03}" for number in range(200)}
        store.save_many([(make_grant(key, refreshed_at=NOW - 10), None) for key in sorted(keys)])

        def host(number: int) -> list[str]:
            mine: list[str] = []
            while batch := claim(store, owner=f"host-{number}", limit=15):
                mine += batch
            return mine

        shares = at_once(4, host)
        assert sorted(key for share in shares for key in share) == sorted(keys)
