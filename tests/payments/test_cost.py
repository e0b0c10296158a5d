"""What a payment under a key asks of its store."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from astra import Astra
from astra.payments.stores.memory import MemoryIdempotencyStore
from astra.sandbox import Sandbox


class CountingStore(MemoryIdempotencyStore):
    """Counts what is asked of it."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: Counter[str] = Counter()

    def __getattribute__(self, name: str) -> Any:
        if name in ("get", "insert", "change", "select"):
            self.asked[name] += 1
        return super().__getattribute__(name)


@pytest.fixture
def store() -> CountingStore:
    return CountingStore()


def pay(store: CountingStore, *, times: int = 1) -> None:
    with Sandbox() as sandbox:
        person = sandbox.users.create(accounts=2)
        with Astra(
            sandbox.client_id,
            sandbox.client_secret,
            base_url=sandbox.url,
            redirect_uri=sandbox.redirect_uri,
            idempotency_store=store,
        ) as client:
            user = client.oauth.exchange(sandbox.authorize(user_id=person.id), key="customer-42")
            one, other = user.accounts.list()
            for _ in range(times):
                user.routines.create(
                    type="one-time",
                    name="Payout",
                    payment_type="ach",
                    source_id=one.id,
                    destination_id=other.id,
                    amount="20.00",
                    idempotency_key="payout-17",
                )


def test_a_payment_is_written_down_twice_and_read_never(store: CountingStore) -> None:
    pay(store)
    assert store.asked == {"insert": 1, "change": 1}


def test_a_payment_that_was_made_is_read_once(store: CountingStore) -> None:
    pay(store, times=2)
    assert store.asked == {"insert": 2, "change": 1, "get": 1}
