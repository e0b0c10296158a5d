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
from typing import Any, ClassVar

import attrs
import pytest

from astra.tokens.grant import Grant
from astra.tokens.identity import UNBOUND, Identity
from astra.tokens.stores.base import ClaimQuery, TokenStore
from astra.tokens.stores.bound import BoundStore

NOW = 1_800_000_000.0
ME = Identity("sandbox", "client-1")
OTHERS = (Identity("production", "client-1"), Identity("sandbox", "client-2"))


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
        identity=ME,
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


def claim(grants: BoundStore, **changes: Any) -> list[str]:
    """Claims due grants with unremarkable arguments and returns their keys."""
    arguments: dict[str, Any] = {
        "refreshed_before": NOW,
        "attempted_before": NOW,
        "now": NOW,
        "limit": 100,
        "owner": "host-a",
        "ttl": 60.0,
    }
    return [grant.key for grant in grants.claim_due(ClaimQuery(**(arguments | changes))).grants]


class StoreContract:
    """What every token store has to do. Subclasses provide the fixture `store`."""

    many_keys: ClassVar[int] = 300_000
    """Keys of one claim: more than a database takes parameters in a statement. SQLite's limit may be 250,000."""

    @pytest.fixture
    def store(self) -> Iterator[TokenStore]:
        """An empty store that nobody else uses."""
        raise NotImplementedError

    @pytest.fixture
    def grants(self, store: TokenStore) -> BoundStore:
        """The store as the client `ME` sees it."""
        return store.for_identity(ME)

    # -- reading and saving

    def test_an_unknown_key_loads_as_none(self, grants: BoundStore) -> None:
        assert grants.load("nobody") is None

    @pytest.mark.parametrize(
        "key", ["customer-1", "a b/c:d", "Größe-42", "'; DROP TABLE astra_grants; --", "%s{}[]", "😀" * 255]
    )
    def test_a_saved_grant_is_loaded_exactly(self, grants: BoundStore, key: str) -> None:
        grant = make_grant(
            key,
            access_expires_at=NOW + 0.123456,
            refreshed_at=NOW - 0.654321,
            version=1_800_000_000_123,
            generation=1_800_000_000_120,
            state="dead",
            failures=3,
            next_attempt_at=NOW + 0.5,
            dead_since=NOW - 0.25,
            dead_reason="invalid_grant",
        )
        assert grants.save(grant, replaces=None)
        assert grants.load(key) == grant

    def test_a_grant_without_a_user_id_is_loaded_without_one(self, grants: BoundStore) -> None:
        grants.save(make_grant(astra_user_id=None), replaces=None)
        loaded = grants.load("customer-1")
        assert loaded is not None
        assert loaded.astra_user_id is None

    def test_loaded_tokens_stay_masked(self, grants: BoundStore) -> None:
        grants.save(make_grant(), replaces=None)
        loaded = grants.load("customer-1")
        assert loaded is not None
        assert "access-of" not in repr(loaded) + repr(loaded.access_token) + repr(loaded.refresh_token)

    def test_a_first_save_does_not_overwrite(self, grants: BoundStore) -> None:
        assert grants.save(make_grant(), replaces=None)
        assert not grants.save(make_grant(access_token="other"), replaces=None)
        assert grants.load("customer-1") == make_grant()

    def test_an_older_grant_never_overwrites_a_newer_one(self, grants: BoundStore) -> None:
        grants.save(make_grant(), replaces=None)
        newer = make_grant(version=2, access_token="newer")
        assert grants.save(newer, replaces=1)
        assert not grants.save(make_grant(version=2, access_token="late"), replaces=1)
        assert grants.load("customer-1") == newer

    def test_a_deleted_grant_is_not_brought_back_by_a_late_save(self, grants: BoundStore) -> None:
        grants.save(make_grant(), replaces=None)
        assert grants.delete("customer-1")
        assert not grants.delete("customer-1")
        assert not grants.save(make_grant(version=2), replaces=1)
        assert grants.load("customer-1") is None

    def test_of_many_savers_of_one_version_exactly_one_wins(self, grants: BoundStore) -> None:
        grants.save(make_grant(), replaces=None)
        won = at_once(8, lambda n: grants.save(make_grant(version=2, access_token=f"from-{n}"), replaces=1))
        assert won.count(True) == 1
        assert grants.load("customer-1") == make_grant(version=2, access_token=f"from-{won.index(True)}")

    def test_of_many_first_savers_exactly_one_wins(self, grants: BoundStore) -> None:
        assert at_once(8, lambda n: grants.save(make_grant(version=n + 1), replaces=None)).count(True) == 1

    def test_many_may_look_at_once_whether_it_can_be_written(self, grants: BoundStore) -> None:
        def look(_: int) -> None:
            for _ in range(10):
                grants.check_writable()

        at_once(6, look)
        assert grants.scan().grants == []

    def test_of_many_batches_that_replace_one_version_exactly_one_is_told_that_it_is_saved(
        self, grants: BoundStore
    ) -> None:
        for number in range(10):
            keys = (f"a{number}", f"b{number}")
            grants.save_many([(make_grant(key), None) for key in keys])

            def save(taker: int, keys: tuple[str, ...] = keys) -> list[bool]:
                batch = [(make_grant(key, version=2, access_token=f"of {taker}"), 1) for key in keys]
                return grants.save_many(batch, release="host-a")

            told = at_once(6, save)
            for index, key in enumerate(keys):
                (winner,) = [taker for taker, done in enumerate(told) if done[index]]
                stored = grants.load(key)
                assert stored is not None
                assert stored.access_token == f"of {winner}"

    def test_a_batch_saves_what_it_can_and_says_which(self, grants: BoundStore) -> None:
        grants.save(make_grant("a"), replaces=None)
        grants.save(make_grant("b", version=5), replaces=None)
        saved = grants.save_many(
            [
                (make_grant("a", version=2), 1),
                (make_grant("b", version=2), 1),
                (make_grant("c"), None),
                (make_grant("d", version=2), 1),
            ]
        )
        assert saved == [True, False, True, False]
        assert [grant.version if grant else None for grant in map(grants.load, "abcd")] == [2, 5, 1, None]

    # -- finding and listing

    def test_a_grant_is_found_by_the_user_id(self, grants: BoundStore) -> None:
        grants.save(make_grant("a", astra_user_id="usr_1", refreshed_at=NOW - 60), replaces=None)
        grants.save(make_grant("b", astra_user_id="usr_1"), replaces=None)
        grants.save(make_grant("c", astra_user_id="usr_2"), replaces=None)
        assert grants.find("usr_1") == "b"
        assert grants.find("usr_2") == "c"
        assert grants.find("usr_3") is None

    def test_a_changed_or_deleted_user_id_is_not_found(self, grants: BoundStore) -> None:
        grants.save(make_grant("a", astra_user_id="usr_1"), replaces=None)
        grants.save(make_grant("a", astra_user_id="usr_2", version=2), replaces=1)
        assert grants.find("usr_1") is None
        grants.delete("a")
        assert grants.find("usr_2") is None

    def test_a_scan_gives_every_grant_once(self, grants: BoundStore) -> None:
        keys = {f"k{number:02}" for number in range(25)}
        grants.save_many([(make_grant(key), None) for key in sorted(keys)])
        batches = list(grants.batches(limit=7))
        seen = [grant.key for batch in batches for grant in batch.grants]
        assert max(len(batch.grants) for batch in batches) <= 7
        assert len(seen) == 25
        assert set(seen) == keys

    def test_a_scan_of_due_grants_leaves_out_fresh_and_dead_ones(self, grants: BoundStore) -> None:
        grants.save(make_grant("due", refreshed_at=NOW - 100), replaces=None)
        grants.save(make_grant("fresh", refreshed_at=NOW - 10), replaces=None)
        grants.save(make_grant("dead", refreshed_at=NOW - 100, state="dead"), replaces=None)
        assert [grant.key for grant in grants.iterate(refreshed_before=NOW - 50)] == ["due"]
        assert [grant.key for grant in grants.iterate(state="dead")] == ["dead"]
        assert [grant.key for grant in grants.iterate(state="active")] == ["due", "fresh"]
        assert grants.count_due(refreshed_before=NOW - 50) == 1

    # -- leases

    def test_a_lease_has_one_owner(self, grants: BoundStore) -> None:
        grants.save(make_grant(), replaces=None)
        assert grants.acquire_lease("customer-1", owner="a", ttl=60)
        assert not grants.acquire_lease("customer-1", owner="b", ttl=60)
        grants.release_lease("customer-1", owner="b")
        assert not grants.acquire_lease("customer-1", owner="b", ttl=60)
        grants.release_lease("customer-1", owner="a")
        assert grants.acquire_lease("customer-1", owner="b", ttl=60)

    def test_an_owner_can_extend_its_lease(self, grants: BoundStore) -> None:
        grants.save(make_grant(), replaces=None)
        assert grants.acquire_lease("customer-1", owner="a", ttl=60)
        assert grants.acquire_lease("customer-1", owner="a", ttl=60)

    def test_there_is_no_lease_without_a_grant(self, grants: BoundStore) -> None:
        assert not grants.acquire_lease("nobody", owner="a", ttl=60)
        grants.save(make_grant(), replaces=None)
        grants.acquire_lease("customer-1", owner="a", ttl=60)
        grants.delete("customer-1")
        grants.save(make_grant(), replaces=None)
        assert grants.acquire_lease("customer-1", owner="b", ttl=60)

    def test_of_many_takers_exactly_one_gets_the_lease(self, grants: BoundStore) -> None:
        grants.save(make_grant(), replaces=None)
        assert at_once(8, lambda n: grants.acquire_lease("customer-1", owner=f"o{n}", ttl=60)).count(True) == 1

    def test_a_lease_ends_by_itself(self, grants: BoundStore) -> None:
        grants.save(make_grant(), replaces=None)
        assert grants.acquire_lease("customer-1", owner="crashed", ttl=0.3)
        give_up = time.monotonic() + 10
        while not grants.acquire_lease("customer-1", owner="next", ttl=60):
            assert time.monotonic() < give_up
            time.sleep(0.02)

    def test_a_save_leaves_the_lease_and_a_lease_leaves_the_grant(self, grants: BoundStore) -> None:
        grants.save(make_grant(), replaces=None)
        grants.acquire_lease("customer-1", owner="a", ttl=60)
        assert grants.load("customer-1") == make_grant()
        assert grants.save(make_grant(version=2), replaces=1)
        assert not grants.acquire_lease("customer-1", owner="b", ttl=60)

    def test_a_batch_can_end_its_owners_leases(self, grants: BoundStore) -> None:
        for key in "ab":
            grants.save(make_grant(key), replaces=None)
        grants.acquire_lease("a", owner="me", ttl=60)
        grants.acquire_lease("b", owner="other", ttl=60)
        grants.save_many([(make_grant("a", version=2), 1), (make_grant("b", version=2), 1)], release="me")
        assert grants.acquire_lease("a", owner="next", ttl=60)
        assert not grants.acquire_lease("b", owner="next", ttl=60)

    # -- claims

    def test_due_grants_are_claimed_longest_ago_first(self, grants: BoundStore) -> None:
        for age, key in enumerate("abcd"):
            grants.save(make_grant(key, refreshed_at=NOW - 10 * age), replaces=None)
        assert claim(grants, refreshed_before=NOW - 5, limit=2) == ["d", "c"]
        assert claim(grants, refreshed_before=NOW - 5, limit=2) == ["b"]

    def test_dead_grants_are_not_claimed(self, grants: BoundStore) -> None:
        grants.save(make_grant("a", refreshed_at=NOW - 10), replaces=None)
        grants.save(make_grant("a", refreshed_at=NOW - 10, version=2, state="dead"), replaces=1)
        assert claim(grants) == []
        assert grants.count_due(refreshed_before=NOW) == 0

    def test_a_claim_takes_the_leases(self, grants: BoundStore) -> None:
        grants.save(make_grant("a", refreshed_at=NOW - 10), replaces=None)
        grants.save(make_grant("b", refreshed_at=NOW - 10), replaces=None)
        grants.acquire_lease("a", owner="caller", ttl=60)
        assert claim(grants) == ["b"]
        assert not grants.acquire_lease("b", owner="caller", ttl=60)
        grants.release_lease("b", owner="host-a")
        assert grants.acquire_lease("b", owner="caller", ttl=60)

    def test_one_run_claims_a_grant_once_even_if_its_refresh_failed(self, grants: BoundStore) -> None:
        grants.save(make_grant("a", refreshed_at=NOW - 10), replaces=None)
        assert claim(grants) == ["a"]
        grants.release_lease("a", owner="host-a")
        assert claim(grants) == []
        assert claim(grants, attempted_before=NOW + 1) == ["a"]

    def test_a_claim_can_be_limited_to_some_keys(self, grants: BoundStore) -> None:
        for key in "abc":
            grants.save(make_grant(key, refreshed_at=NOW - 10), replaces=None)
        assert sorted(claim(grants, keys=["a", "c", "nobody"])) == ["a", "c"]
        assert claim(grants, keys=[]) == []
        assert claim(grants) == ["b"]

    def test_a_claimed_grant_comes_as_it_is_stored(self, grants: BoundStore) -> None:
        grant = make_grant("a", refreshed_at=NOW - 10.25)
        grants.save(grant, replaces=None)
        query = ClaimQuery(refreshed_before=NOW, attempted_before=NOW, now=NOW, limit=5, owner="host-a", ttl=60)
        found = grants.claim_due(query)
        assert list(found.grants) == [grant]
        assert list(found.unreadable) == []

    def test_hosts_that_claim_at_once_share_without_overlap(self, grants: BoundStore) -> None:
        keys = {f"k{number:03}" for number in range(200)}
        grants.save_many([(make_grant(key, refreshed_at=NOW - 10), None) for key in sorted(keys)])

        def host(number: int) -> list[str]:
            mine: list[str] = []
            while batch := claim(grants, owner=f"host-{number}", limit=15):
                mine += batch
            return mine

        shares = at_once(4, host)
        assert sorted(key for share in shares for key in share) == sorted(keys)

    def test_a_claim_takes_any_number_of_keys(self, grants: BoundStore) -> None:
        last = f"k{self.many_keys - 1:06}"
        for age, key in enumerate(("a", last, "z")):
            grants.save(make_grant(key, refreshed_at=NOW - 10 * (age + 1)), replaces=None)
        keys = ["a", *(f"k{number:06}" for number in range(self.many_keys))]
        assert sorted(claim(grants, keys=keys)) == ["a", last]

    # -- failures

    def test_a_failed_grant_waits_and_then_goes_to_the_back_of_the_queue(self, grants: BoundStore) -> None:
        for age, key in enumerate(("young", "old", "rotten", "worse")):
            grants.save(make_grant(key, refreshed_at=NOW - 10 * (age + 1)), replaces=None)
        assert grants.postpone("worse", failures=2, until=NOW + 60)
        assert grants.postpone("rotten", failures=1, until=NOW + 30)
        assert claim(grants, limit=3) == ["old", "young"]
        assert claim(grants, now=NOW + 59, attempted_before=NOW - 1) == ["rotten"]
        for key in ("old", "young", "rotten"):
            grants.release_lease(key, owner="host-a")
        assert claim(grants, now=NOW + 60, attempted_before=NOW + 100) == ["old", "young", "rotten", "worse"]

    def test_a_note_of_a_failure_changes_nothing_else(self, grants: BoundStore) -> None:
        grants.save(make_grant(), replaces=None)
        assert grants.postpone("customer-1", failures=4, until=NOW + 60)
        assert grants.load("customer-1") == make_grant(failures=4, next_attempt_at=NOW + 60)
        assert grants.save(make_grant(version=2), replaces=1)
        assert grants.load("customer-1") == make_grant(version=2)
        assert not grants.postpone("nobody", failures=1, until=NOW)

    def test_a_note_of_a_failure_can_end_its_owners_lease(self, grants: BoundStore) -> None:
        grants.save(make_grant(), replaces=None)
        grants.acquire_lease("customer-1", owner="other", ttl=60)
        grants.postpone("customer-1", failures=1, until=NOW, owner="me")
        assert not grants.acquire_lease("customer-1", owner="me", ttl=60)
        grants.postpone("customer-1", failures=1, until=NOW, owner="other")
        assert grants.acquire_lease("customer-1", owner="me", ttl=60)

    def test_due_grants_are_counted_with_and_without_those_that_wait(self, grants: BoundStore) -> None:
        for key in "abc":
            grants.save(make_grant(key, refreshed_at=NOW - 10), replaces=None)
        grants.save(make_grant("fresh"), replaces=None)
        grants.postpone("a", failures=1, until=NOW + 60)
        grants.postpone("fresh", failures=1, until=NOW + 60)
        assert grants.count_due(refreshed_before=NOW) == 3
        assert grants.count_due(refreshed_before=NOW, now=NOW) == 2
        assert grants.count_due(refreshed_before=NOW, now=NOW + 60) == 3

    def test_times_far_ahead_are_those_of_a_wrong_clock_and_count_as_long_ago(self, grants: BoundStore) -> None:
        week = 7 * 86400.0
        for key, refreshed_at in {
            "issued": NOW + week,
            "fresh": NOW + 3600,
            "tried": NOW - 10,
            "waits": NOW - 10,
        }.items():
            grants.save(make_grant(key, refreshed_at=refreshed_at), replaces=None)
        grants.postpone("waits", failures=1, until=NOW + week)
        assert claim(grants, keys=["tried"], now=NOW + week, attempted_before=NOW + week) == ["tried"]
        grants.release_lease("tried", owner="host-a")
        assert grants.count_due(refreshed_before=NOW, now=NOW) == 3
        due = grants.scan(refreshed_before=NOW, now=NOW)
        assert [grant.key for grant in due.grants] == ["issued", "tried", "waits"]
        assert claim(grants, keys=["issued", "fresh"]) == ["issued"]
        assert sorted(claim(grants)) == ["tried", "waits"]
        for key in ("issued", "tried", "waits"):
            grants.release_lease(key, owner="host-a")
        assert claim(grants) == [], "one run claims a grant once"

    def test_a_saved_refresh_is_no_longer_a_failure(self, grants: BoundStore) -> None:
        grants.save(make_grant(refreshed_at=NOW - 10), replaces=None)
        grants.postpone("customer-1", failures=1, until=NOW + 60)
        grants.save(make_grant(refreshed_at=NOW - 5, version=2), replaces=1)
        assert claim(grants) == ["customer-1"]

    # -- identities

    @pytest.mark.parametrize("other", [*OTHERS, UNBOUND])
    def test_grants_of_another_identity_are_out_of_reach(self, store: TokenStore, other: Identity) -> None:
        mine, theirs = make_grant(refreshed_at=NOW - 10), make_grant(refreshed_at=NOW - 20, identity=other, version=7)
        assert store.save(mine, replaces=None)
        assert store.load(other, "customer-1") is None
        assert store.find_keys(other, "usr-of-customer-1") == []
        assert store.scan(other).grants == []
        assert store.count_due(other, refreshed_before=NOW) == 0
        assert not store.acquire_lease(other, "customer-1", owner="a", ttl=60)
        assert not store.postpone(other, "customer-1", failures=1, until=NOW)
        assert not store.delete(other, "customer-1")
        query = ClaimQuery(refreshed_before=NOW, attempted_before=NOW, now=NOW, limit=5, owner="host-a", ttl=60)
        assert store.claim_due(other, query).grants == []
        assert not store.save(theirs, replaces=1)
        assert store.save(theirs, replaces=None)
        assert store.load(ME, "customer-1") == mine
        assert store.load(other, "customer-1") == theirs
        assert store.acquire_lease(ME, "customer-1", owner="a", ttl=60)
        assert store.acquire_lease(other, "customer-1", owner="b", ttl=60)
        assert store.claim_due(other, query).grants == []
        store.release_lease(other, "customer-1", owner="b")
        assert store.claim_due(other, query).grants == [theirs]
        assert store.delete(other, "customer-1")
        assert store.load(ME, "customer-1") == mine

    def test_every_identity_is_listed_with_its_number_of_grants(self, store: TokenStore) -> None:
        odd = Identity("sandbox@https://proxy.example.com:8443/ä", "client /:'%{}")
        assert store.identities() == {}
        for key in "ab":
            store.save(make_grant(key), replaces=None)
            store.save(make_grant(key, identity=UNBOUND), replaces=None)
        store.save(make_grant("a", identity=odd), replaces=None)
        assert store.identities() == {ME: 2, UNBOUND: 2, odd: 1}
        store.delete(odd, "a")
        assert store.identities() == {ME: 2, UNBOUND: 2}

    def test_a_client_all_of_whose_neighbours_have_grants_is_told_so(self, store: TokenStore) -> None:
        mine, other = store.for_identity(ME), Identity("production", "client-9")
        assert mine.of_others_only() is None
        store.save(make_grant("a", identity=other), replaces=None)
        assert f"1 of {other}" in (mine.of_others_only() or "")
        mine.save(make_grant("a"), replaces=None)
        assert mine.of_others_only() is None

    def test_other_keys_of_one_astra_user_are_found(self, grants: BoundStore) -> None:
        grants.save(make_grant("a", astra_user_id="usr_1", refreshed_at=NOW - 60), replaces=None)
        grants.save(make_grant("b", astra_user_id="usr_1"), replaces=None)
        grants.save(make_grant("c", astra_user_id="usr_1", refreshed_at=NOW - 30, state="dead"), replaces=None)
        grants.save(make_grant("d", astra_user_id="usr_2"), replaces=None)
        assert grants.find_keys("usr_1") == ["b", "c", "a"]
        assert grants.find_keys("usr_1", active=True) == ["b", "a"]
        assert grants.find_keys("usr_3") == []

    # -- grants of nobody, as release 0.1.0 wrote them

    def test_a_grant_of_nobody_is_adopted_with_its_lease(self, store: TokenStore) -> None:
        store.save(make_grant(identity=UNBOUND), replaces=None)
        store.acquire_lease(UNBOUND, "customer-1", owner="me", ttl=60)
        assert not store.adopt(make_grant(version=3), replaces=2)
        assert store.adopt(make_grant(version=2), replaces=1)
        assert not store.adopt(make_grant(version=2), replaces=1)
        assert store.load(ME, "customer-1") == make_grant(version=2)
        assert store.load(UNBOUND, "customer-1") is None
        assert store.scan(UNBOUND).grants == []
        assert store.find_keys(UNBOUND, "usr-of-customer-1") == []
        assert not store.acquire_lease(ME, "customer-1", owner="other", ttl=60)
        store.release_lease(ME, "customer-1", owner="me")
        assert store.acquire_lease(ME, "customer-1", owner="other", ttl=60)

    def test_of_many_who_adopt_a_grant_exactly_one_gets_it(self, store: TokenStore) -> None:
        store.save(make_grant(identity=UNBOUND), replaces=None)
        whose = [Identity("sandbox", f"client-{number}") for number in range(6)]
        won = at_once(6, lambda n: store.adopt(make_grant(identity=whose[n], version=2), replaces=1))
        assert won.count(True) == 1
        assert store.identities() == {whose[won.index(True)]: 1}

    def test_no_grant_is_adopted_over_one_that_is_there(self, store: TokenStore) -> None:
        store.save(make_grant(identity=UNBOUND), replaces=None)
        store.save(make_grant(version=9), replaces=None)
        assert not store.adopt(make_grant(version=2), replaces=1)
        assert store.load(ME, "customer-1") == make_grant(version=9)
        assert store.load(UNBOUND, "customer-1") == make_grant(identity=UNBOUND)

    def test_a_grant_of_nobody_is_seen_by_everyone_until_it_is_refreshed(self, store: TokenStore) -> None:
        nobodys = make_grant(identity=UNBOUND, refreshed_at=NOW - 10)
        store.save(nobodys, replaces=None)
        views = [store.for_identity(identity) for identity in (ME, *OTHERS)]
        for view in views:
            assert view.load("customer-1") == nobodys
            assert view.find("usr-of-customer-1") == "customer-1"
            assert list(view.iterate()) == [nobodys]
            assert view.count_due(refreshed_before=NOW) == 1
        assert claim(views[0]) == ["customer-1"]
        assert not views[1].acquire_lease("customer-1", owner="other", ttl=60)
        refreshed = make_grant(version=2, access_token="new")
        assert views[0].save_many([(refreshed, 1)], release="host-a") == [True]
        assert views[0].load("customer-1") == refreshed
        assert [view.load("customer-1") for view in views[1:]] == [None, None]
        assert views[0].acquire_lease("customer-1", owner="next", ttl=60)

    def test_a_grant_of_nobody_is_not_marked_dead_and_not_taken_without_new_tokens(self, store: TokenStore) -> None:
        nobodys = make_grant(identity=UNBOUND)
        store.save(nobodys, replaces=None)
        view = store.for_identity(ME)
        assert not view.save(nobodys.invalidated(now=NOW, access_rejected=True), replaces=1)
        assert view.save(nobodys.revived(), replaces=1)
        assert store.for_identity(OTHERS[0]).load("customer-1") == nobodys.revived()

    def test_an_authorization_over_a_grant_of_nobody_keeps_it_unless_the_person_is_the_same(
        self, store: TokenStore
    ) -> None:
        for key in ("a", "b"):
            store.save(make_grant(key, identity=UNBOUND, refreshed_at=NOW - 10), replaces=None)
        view = store.for_identity(ME)
        other = make_grant("a", version=2, generation=2, access_token="new", astra_user_id=None)
        same = make_grant("b", version=2, generation=2, access_token="new")
        assert view.save(other, replaces=1)
        assert view.save(same, replaces=1)
        assert [view.load(key) for key in "ab"] == [other, same]
        assert store.identities() == {ME: 2, UNBOUND: 1}
        assert [grant.key for grant in view.iterate()] == ["a", "b"]
        assert claim(view) == []
        assert view.find_keys("usr-of-a") == []
        # Who it was is known a moment later.
        assert view.save(attrs.evolve(other, version=3, astra_user_id="usr-of-a"), replaces=2)
        assert store.identities() == {ME: 2}

    def test_a_deleted_grant_does_not_come_up_again_as_nobodys(self, store: TokenStore) -> None:
        store.save(make_grant("a", identity=UNBOUND), replaces=None)
        store.save(make_grant("a"), replaces=None)
        store.save(make_grant("b", identity=UNBOUND), replaces=None)
        view = store.for_identity(ME)
        assert view.delete("a")
        assert view.delete("b")
        assert not view.delete("b")
        assert store.identities() == {}
