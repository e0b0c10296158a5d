"""The contract of an idempotency store, as a pytest class. Subclass it to prove a store of your own.

Example:
    from astra.testing.idempotency_contract import IdempotencyContract

    class TestMyStore(IdempotencyContract):
        @pytest.fixture
        def store(self):
            store = MyStore(...)        # empty, and nobody else's
            yield store
            store.close()
"""

# ruff: noqa: D102, S101 - these are tests, named after what they show

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import attrs
import pytest

from astra.payments.record import HistoryEntry, PaymentRecord, PaymentState
from astra.payments.stores.base import IdempotencyStore, PaymentQuery
from astra.testing.store_contract import at_once

NOW = datetime(2026, 11, 26, 12, 30, 15, 123456, tzinfo=UTC)
ME = ("sandbox", "client-1", "create_routine")


def make_record(key: str = "payout-1", **changes: Any) -> PaymentRecord:
    """A record with unremarkable values, for tests of stores."""
    plain = PaymentRecord(
        environment=ME[0],
        client_id=ME[1],
        operation=ME[2],
        key=key,
        user_key="customer-42",
        fingerprint="1:abc",
        match_fields={"amount": "20.00", "source_id": "acc_1"},
        client_correlation_id="AB12CD34",
        state=PaymentState.SENDING,
        holder="host:1:1",
        lease_until=NOW + timedelta(seconds=75),
        created=NOW,
        updated=NOW,
        first_sent=NOW,
        sent=NOW,
        history=(HistoryEntry(time=NOW, event="sent", state=PaymentState.SENDING, by="host:1:1"),),
    )
    return attrs.evolve(plain, **changes)


class IdempotencyContract:
    """What every idempotency store has to do. Subclasses provide the fixture `store`."""

    @pytest.fixture
    def store(self) -> Any:
        raise NotImplementedError("give the fixture `store`: an empty store")

    def test_what_is_written_is_read(self, store: IdempotencyStore) -> None:
        full = make_record(
            state=PaymentState.MADE,
            version=7,
            resource_id="rt_1",
            transfer_id="tr_1",
            call_id="call_1",
            request_ids=("r1", "r2"),
            status_code=201,
            result='{"id": "rt_1", "amount": "20.00"}',
            error="UncertainOutcomeError",
            error_detail="no answer",
            attempts=3,
        )
        assert store.get(*ME, "payout-1") is None
        assert store.insert(full)
        assert store.get(*ME, "payout-1") == full

    def test_a_record_may_lack_all_that_is_optional(self, store: IdempotencyStore) -> None:
        bare = make_record(user_key=None, client_correlation_id=None, match_fields={}, history=())
        assert store.insert(bare)
        assert store.get(*ME, "payout-1") == bare

    @pytest.mark.parametrize("key", ["a b", "ключ", "a'\"%;--", "\U0001f4b8", "x" * 255], ids=ascii)
    def test_any_key_is_kept_as_it_is(self, store: IdempotencyStore, key: str) -> None:
        assert store.insert(make_record(key))
        assert store.get(*ME, key) == make_record(key)

    def test_keys_that_differ_in_case_are_two(self, store: IdempotencyStore) -> None:
        assert store.insert(make_record("a"))
        assert store.insert(make_record("A", user_key="customer-43"))
        assert store.get(*ME, "A") != store.get(*ME, "a")

    @pytest.mark.parametrize(
        "other", [{"environment": "production"}, {"client_id": "c2"}, {"operation": "delete_routine"}]
    )
    def test_a_key_belongs_to_one_environment_one_client_and_one_operation(
        self, store: IdempotencyStore, other: dict[str, str]
    ) -> None:
        assert store.insert(make_record())
        elsewhere = make_record(**other)
        assert store.insert(elsewhere)
        place = (elsewhere.environment, elsewhere.client_id, elsewhere.operation)
        assert store.get(*place, "payout-1") == elsewhere
        assert store.get(*ME, "payout-1") == make_record()

    def test_a_key_is_inserted_once(self, store: IdempotencyStore) -> None:
        assert store.insert(make_record())
        assert not store.insert(make_record(user_key="customer-43"))
        assert store.get(*ME, "payout-1") == make_record()

    def test_of_many_at_once_one_inserts(self, store: IdempotencyStore) -> None:
        done = at_once(8, lambda number: store.insert(make_record(holder=f"host:{number}:1")))
        assert sorted(done) == [False] * 7 + [True]
        found = store.get(*ME, "payout-1")
        assert found is not None
        assert found.holder == f"host:{done.index(True)}:1"

    def test_a_version_is_changed_once(self, store: IdempotencyStore) -> None:
        store.insert(make_record())
        second = make_record(version=2, state=PaymentState.UNCERTAIN)
        assert store.change(second, replaces=1)
        assert not store.change(make_record(version=2, state=PaymentState.MADE), replaces=1)
        assert store.get(*ME, "payout-1") == second

    def test_of_many_at_once_one_changes(self, store: IdempotencyStore) -> None:
        store.insert(make_record())
        done = at_once(8, lambda number: store.change(make_record(version=2, holder=f"h:{number}:1"), replaces=1))
        assert sorted(done) == [False] * 7 + [True]

    def test_what_is_not_there_is_not_changed(self, store: IdempotencyStore) -> None:
        assert not store.change(make_record(version=2), replaces=1)
        assert store.get(*ME, "payout-1") is None

    def test_records_are_selected_oldest_first(self, store: IdempotencyStore) -> None:
        for number in (3, 1, 2):
            store.insert(make_record(f"p{number}", created=NOW + timedelta(minutes=number)))
        assert [record.key for record in store.select(PaymentQuery())] == ["p1", "p2", "p3"]
        assert [record.key for record in store.select(PaymentQuery(limit=2))] == ["p1", "p2"]
        assert list(store.select(PaymentQuery(limit=0))) == []

    @pytest.mark.parametrize(
        ("query", "keys"),
        [
            (PaymentQuery(environment="sandbox", client_id="client-1"), ["p1", "p2", "p3"]),
            (PaymentQuery(client_id="client-2"), []),
            (PaymentQuery(environment="production"), []),
            (PaymentQuery(states=[PaymentState.UNCERTAIN]), ["p2"]),
            (PaymentQuery(states=[PaymentState.UNCERTAIN, PaymentState.MADE]), ["p2", "p3"]),
            (PaymentQuery(states=[]), []),
            (PaymentQuery(operation="delete_routine"), ["p3"]),
            (PaymentQuery(key="p1"), ["p1"]),
            (PaymentQuery(user_key="customer-43"), ["p2"]),
            (PaymentQuery(since=NOW), ["p2", "p3"]),
            (PaymentQuery(until=NOW), ["p1"]),
            (PaymentQuery(sent_before=NOW), ["p1"]),
            (PaymentQuery(any_id="p1"), ["p1"]),
            (PaymentQuery(any_id="AB12CD34"), ["p1", "p2"]),
            (PaymentQuery(any_id="rt_3"), ["p3"]),
            (PaymentQuery(any_id="tr_3"), ["p3"]),
            (PaymentQuery(any_id="call_3"), ["p3"]),
            (PaymentQuery(any_id="r32"), ["p3"]),
            (PaymentQuery(any_id="rt_3", states=[PaymentState.UNCERTAIN]), []),
            (PaymentQuery(any_id=""), []),
        ],
        ids=str,
    )
    def test_records_are_found(self, store: IdempotencyStore, query: PaymentQuery, keys: list[str]) -> None:
        early = NOW - timedelta(hours=1)
        store.insert(make_record("p1", created=early, sent=early, first_sent=early))
        store.insert(make_record("p2", user_key="customer-43", state=PaymentState.UNCERTAIN))
        store.insert(
            make_record(
                "p3",
                operation="delete_routine",
                created=NOW + timedelta(seconds=1),
                client_correlation_id=None,
                state=PaymentState.MADE,
                resource_id="rt_3",
                transfer_id="tr_3",
                call_id="call_3",
                request_ids=("r31", "r32"),
                result="null",
            )
        )
        assert [record.key for record in store.select(query)] == keys

    def test_the_store_can_be_used_while_it_is_read(self, store: IdempotencyStore) -> None:
        for number in range(1200):
            store.insert(make_record(f"p{number}", created=NOW + timedelta(seconds=number)))
        seen = 0
        for record in store.select(PaymentQuery(states=[PaymentState.SENDING])):
            assert store.change(attrs.evolve(record, version=2, state=PaymentState.NOT_SENT), replaces=1)
            seen += 1
        assert seen == 1200

    def test_pruning_deletes_what_has_not_changed_for_long_and_is_in_one_of_the_states(
        self, store: IdempotencyStore
    ) -> None:
        early = NOW - timedelta(days=400)
        for state in PaymentState:
            store.insert(make_record(f"old {state}", state=state, updated=early))
            store.insert(make_record(f"new {state}", state=state))
        store.insert(make_record("other", client_id="client-2", state=PaymentState.MADE, updated=early))
        states = [PaymentState.MADE, PaymentState.REFUSED]
        deleted = store.prune(environment=ME[0], client_id=ME[1], before=NOW - timedelta(days=1), states=states)
        assert deleted == 2
        left = {record.key for record in store.select(PaymentQuery())}
        assert "other" in left
        assert {key for key in left if key.startswith("old")} == {"old sending", "old not_sent", "old uncertain"}
        assert len(left) == 9

    def test_a_check_leaves_nothing_behind(self, store: IdempotencyStore) -> None:
        store.insert(make_record())
        store.check_writable()
        store.check_writable()
        assert [record.key for record in store.select(PaymentQuery())] == ["payout-1"]

    def test_a_check_makes_a_store_that_is_not_there(self, store: IdempotencyStore) -> None:
        store.check_writable()
        assert store.exists()
        assert list(store.select(PaymentQuery())) == []
