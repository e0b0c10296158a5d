"""A webhook settles the payment that it is about, and no other one."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from astra import Astra, ConfigurationError, NotFoundError, UncertainOutcomeError, capture_requests
from astra.payments import PaymentState
from astra.sandbox import Sandbox
from astra.webhooks import WebhookEvent, Webhooks
from tests.payments.world import USER, World

REFERENCE = "INV00042"


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with Sandbox() as running:
        yield World(running, tmp_path, f"sqlite:///{tmp_path}/payments.db")


@pytest.fixture
def astra(world: World) -> Iterator[Astra]:
    with world.client() as client:
        yield client


def pay(world: World, key: str | None, *, reference: str | None = REFERENCE, **changes: Any) -> str:
    return world.pay(idempotency_key=key, client_correlation_id=reference, **changes).id


def pay_and_lose(world: World, key: str, *, drop: str = "after") -> None:
    world.lose(drop)
    with pytest.raises(UncertainOutcomeError):
        pay(world, key)


def state_of(world: World, key: str) -> PaymentState:
    return world.record(key).state


def newest(astra: Astra) -> tuple[str, str]:
    """Ids of the newest routine and of its transfer."""
    routine = astra.user(USER).routines.list().first()
    assert routine is not None
    transfer = astra.user(USER).routines.transfers(routine.id).first()
    assert transfer is not None
    return routine.id, transfer.id


def event_of(astra: Astra, kind: str, resource_id: str, *, user_id: str | None = None) -> WebhookEvent:
    user = astra.user(USER).profile.get().id if user_id is None else user_id
    body = {"webhook_type": kind, "webhook_id": f"wh-{resource_id}", "user_id": user, "resource_id": resource_id}
    return Webhooks("secret").parse_unverified(json.dumps(body).encode())


@pytest.mark.parametrize("kind", ["routine_updated", "transfer_created", "transfer_updated"])
def test_a_lost_payment_is_settled_without_a_look_through_lists(world: World, astra: Astra, kind: str) -> None:
    pay_and_lose(world, "payout-1")
    routine_id, transfer_id = newest(astra)
    event = event_of(astra, kind, routine_id if kind == "routine_updated" else transfer_id)
    with capture_requests() as calls:
        record = astra.payments.settle(event)
    assert record is not None
    assert (record.state, record.resource_id) == (PaymentState.MADE, routine_id)
    assert record.transfer_id == (None if kind == "routine_updated" else transfer_id)
    assert (record.history[-1].event, record.history[-1].detail) == ("webhook", f"{kind} {event.id}")
    assert not [call for call in calls if call.operation.startswith("list_")]
    assert pay(world, "payout-1") == routine_id
    assert newest(astra) == (routine_id, transfer_id)


def test_settling_works_for_asyncio(world: World, astra: Astra) -> None:
    pay_and_lose(world, "payout-1")
    routine_id, transfer_id = newest(astra)
    event = event_of(astra, "transfer_created", transfer_id)

    async def settle() -> PaymentState | None:
        async with world.async_client() as other:
            record = await other.payments.settle(event)
            return None if record is None else record.state

    assert asyncio.run(settle()) is PaymentState.MADE
    assert world.record("payout-1").resource_id == routine_id


def test_an_event_settles_once(world: World, astra: Astra) -> None:
    pay_and_lose(world, "payout-1")
    event = event_of(astra, "transfer_created", newest(astra)[1])
    assert astra.payments.settle(event) is not None
    assert astra.payments.settle(event) is None
    assert [entry.event for entry in world.record("payout-1").history].count("webhook") == 1


def test_an_event_about_another_payment_of_the_same_amount_settles_nothing(world: World, astra: Astra) -> None:
    pay_and_lose(world, "payout-1", drop="before")
    pay(world, None, reference="OTHER001")
    assert astra.payments.settle(event_of(astra, "transfer_created", newest(astra)[1])) is None
    assert state_of(world, "payout-1") is PaymentState.UNCERTAIN


def test_an_event_about_a_payment_with_the_same_reference_and_another_amount_settles_nothing(
    world: World, astra: Astra
) -> None:
    pay_and_lose(world, "payout-1", drop="before")
    pay(world, None, amount="21.00")
    assert astra.payments.settle(event_of(astra, "transfer_created", newest(astra)[1])) is None
    assert state_of(world, "payout-1") is PaymentState.UNCERTAIN


def test_an_event_about_an_older_payment_with_the_same_reference_settles_nothing(world: World, astra: Astra) -> None:
    pay(world, None)
    older = newest(astra)
    world.clock.ahead = 60.0
    world.sandbox.advance(minutes=1)
    pay_and_lose(world, "payout-1", drop="before")
    for kind, resource_id in (("routine_updated", older[0]), ("transfer_updated", older[1])):
        assert astra.payments.settle(event_of(astra, kind, resource_id)) is None
    assert state_of(world, "payout-1") is PaymentState.UNCERTAIN


def test_an_event_about_the_payment_of_another_key_with_the_same_reference_settles_nothing(
    world: World, astra: Astra
) -> None:
    pay_and_lose(world, "payout-1", drop="before")
    routine_id = pay(world, "payout-2")
    assert astra.payments.settle(event_of(astra, "routine_updated", routine_id)) is None
    assert (state_of(world, "payout-1"), state_of(world, "payout-2")) == (PaymentState.UNCERTAIN, PaymentState.MADE)


def test_an_event_that_may_be_about_either_of_two_lost_payments_settles_neither(world: World, astra: Astra) -> None:
    pay_and_lose(world, "payout-1", drop="before")
    pay_and_lose(world, "payout-2")
    assert astra.payments.settle(event_of(astra, "transfer_created", newest(astra)[1])) is None
    assert {state_of(world, key) for key in ("payout-1", "payout-2")} == {PaymentState.UNCERTAIN}


def test_while_nothing_is_open_an_event_costs_no_request(world: World, astra: Astra) -> None:
    pay(world, "payout-1")
    event = event_of(astra, "transfer_created", newest(astra)[1])
    with capture_requests() as calls:
        assert astra.payments.settle(event) is None
    assert list(calls) == []


@pytest.mark.parametrize(
    ("kind", "user_id"), [("user_updated", None), ("transfer_created", "nobody-we-know"), ("something_new", None)]
)
def test_events_about_other_things_and_other_people_are_passed_over(
    world: World, astra: Astra, kind: str, user_id: str | None
) -> None:
    pay_and_lose(world, "payout-1")
    assert astra.payments.settle(event_of(astra, kind, newest(astra)[1], user_id=user_id)) is None
    assert state_of(world, "payout-1") is PaymentState.UNCERTAIN


def test_what_cannot_be_read_is_an_error_so_that_the_event_comes_again(world: World, astra: Astra) -> None:
    pay_and_lose(world, "payout-1")
    with pytest.raises(NotFoundError):
        astra.payments.settle(event_of(astra, "transfer_created", "not-there-yet"))
    assert state_of(world, "payout-1") is PaymentState.UNCERTAIN


def test_without_a_store_that_works_an_event_is_not_lost_in_silence(world: World, astra: Astra, tmp_path: Path) -> None:
    pay_and_lose(world, "payout-1")
    event = event_of(astra, "transfer_created", newest(astra)[1])
    for file in tmp_path.glob("payments.db*"):
        file.write_bytes(b"no database" * 1000)
    with pytest.raises(ConfigurationError, match="cannot be read as the idempotency store"):
        astra.payments.settle(event)
