"""Each operation that starts, changes or stops a payment takes a key, and does its work once under it."""

from __future__ import annotations

from typing import Any

import attrs
import pytest
from astra_api.operations import OPERATIONS

from astra import IdempotencyConflictError, UncertainOutcomeError
from astra.payments import PaymentState
from tests.payments.world import FLAVOURS, KEY, USER, World

each_flavour = pytest.mark.parametrize("flavour", FLAVOURS)
WAYS = {
    "create_routine": ("routines", "create"),
    "create_account_to_card_routine": ("routines", "account_to_card"),
    "create_card_to_account_routine": ("routines", "card_to_account"),
    "create_book_routine": ("routines", "book"),
    "update_routine": ("routines", "update"),
    "delete_routine": ("routines", "delete"),
    "cancel_transfer": ("transfers", "cancel"),
    "delete_account": ("accounts", "delete"),
}


def test_these_are_all_operations_that_move_money() -> None:
    assert set(WAYS) == {name for name, operation in OPERATIONS.items() if operation.money}


def arguments(world: World, operation: str) -> tuple[tuple[str, ...], dict[str, Any]]:
    """What the method is called with; what it needs is there."""
    if operation == "create_routine":
        payment = world.payment()
        del payment["idempotency_key"]
        return (), payment
    if operation.startswith("create_"):
        return (), new_payment(world, operation)
    if operation == "delete_account":
        return (world.source,), {}
    kind = {"type": "recurring", "frequency": "monthly"} if operation != "cancel_transfer" else {}
    routine = world.pay(idempotency_key="what is changed", **kind)
    if operation != "cancel_transfer":
        return (routine.id,), {"active": False} if operation == "update_routine" else {}
    with world.client() as astra:
        transfer = astra.user(USER).routines.transfers(routine.id).first()
    assert transfer is not None
    return (transfer.id,), {}


def new_payment(world: World, operation: str) -> dict[str, Any]:
    fbo, operating = world.sandbox.payment_instruments.list()
    payment = {"name": "Payout", "amount": "20.00"}
    with world.client() as astra:
        if operation == "create_book_routine":
            business = world.sandbox.authorize(business_profile_id=world.sandbox.client_business_profile_id)
            astra.oauth.exchange(business, key="ourselves")
            return payment | {"source_id": fbo.id, "destination_id": operating.id, "user": "ourselves"}
        user = astra.user(USER)
        user_id = user.profile.get().id
        card = world.sandbox.cards.create(user_id)
        payment |= {"destination_user_id": user_id}
        if operation == "create_account_to_card_routine":
            ends = {"source_id": operating.id, "destination_id": card.id}
            return payment | ends | {"settlement_mode": "gross_debit"}
        spare = user.accounts.create(
            institution_id="astra_ins_131",
            bank_account_type="checking",
            name="Spare",
            account_number="7654321",
            routing_number="222222226",
        )
        return payment | {"source_id": card.id, "destination_id": spare.id}


@pytest.mark.sampled
@each_flavour
@pytest.mark.parametrize("operation", WAYS)
def test_it_is_done_once_under_a_key(world: World, operation: str, flavour: str) -> None:
    path, given = arguments(world, operation)
    done = [world.call(*WAYS[operation], *path, flavour=flavour, idempotency_key=KEY, **given) for _ in range(2)]
    assert world.sent(operation) == 1
    if operation == "update_routine":  # whose name is yours, so it is not kept; a creation gives it again
        done[0] = attrs.evolve(done[0], name="x")
        done[1] = attrs.evolve(done[1], name="x")
    assert done[0] == done[1]
    record = world.record()
    assert (record.operation, record.state) == (operation, PaymentState.MADE)
    assert record.user_key == given.get("user", USER)


@pytest.mark.sampled
@each_flavour
@pytest.mark.parametrize("operation", WAYS)
def test_it_is_not_done_twice_when_its_answer_was_lost(world: World, operation: str, flavour: str) -> None:
    path, given = arguments(world, operation)
    world.sandbox.faults.add(operation=operation, drop="after")
    with pytest.raises(UncertainOutcomeError) as lost:
        world.call(*WAYS[operation], *path, flavour=flavour, idempotency_key=KEY, **given)
    assert lost.value.idempotency_key == KEY
    before = len(world.made())
    with world.client() as astra:
        report = astra.payments.reconcile()
    if operation == "create_book_routine":  # it knows no correlation id, so a person decides
        assert (report.ambiguous, world.record().state) == (1, PaymentState.UNCERTAIN)
    else:
        assert (report.made, world.record().state) == (1, PaymentState.MADE)
        world.call(*WAYS[operation], *path, flavour=flavour, idempotency_key=KEY, **given)
    assert world.sent(operation) == 1
    assert len(world.made()) == before


@pytest.mark.parametrize("operation", ["delete_routine", "cancel_transfer", "delete_account"])
def test_a_key_stops_one_thing(world: World, operation: str) -> None:
    path, given = arguments(world, operation)
    world.call(*WAYS[operation], *path, idempotency_key=KEY, **given)
    with pytest.raises(IdempotencyConflictError):
        world.call(*WAYS[operation], world.destination, idempotency_key=KEY, **given)
