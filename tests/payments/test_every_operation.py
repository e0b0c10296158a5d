"""Each operation that starts, changes or stops a payment takes a key, and does its work once under it."""

from __future__ import annotations

from typing import Any

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
    assert set(WAYS) == {name for name, operation in OPERATIONS.items() if operation.moves_money}


def arguments(world: World, operation: str) -> tuple[tuple[str, ...], dict[str, Any]]:
    """What the method is called with; what it needs is there."""
    if operation == "create_routine":
        payment = world.payment()
        del payment["idempotency_key"]
        return (), payment
    if operation.startswith("create_"):
        with world.client() as astra:
            user_id = astra.user(USER).profile.get().id
        to_own = {"name": "Payout", "amount": "20.00", "source_id": world.source, "destination_id": world.destination}
        if operation == "create_book_routine":
            return (), to_own
        card = world.sandbox.cards.create(user_id, external=False)
        ends = {"destination_id": card.id} if operation.endswith("to_card_routine") else {"source_id": card.id}
        return (), to_own | ends | {"destination_user_id": user_id}
    if operation == "delete_account":
        return (world.source,), {}
    kind = {"type": "recurring", "frequency": "monthly"} if operation != "cancel_transfer" else {}
    routine = world.pay(idempotency_key="what is changed", **kind)
    if operation != "cancel_transfer":
        return (routine.id,), {"amount": "30.00"} if operation == "update_routine" else {}
    with world.client() as astra:
        transfer = astra.user(USER).routines.transfers(routine.id).first()
    assert transfer is not None
    return (transfer.id,), {}


@each_flavour
@pytest.mark.parametrize("operation", WAYS)
def test_it_is_done_once_under_a_key(world: World, operation: str, flavour: str) -> None:
    path, given = arguments(world, operation)
    done = [world.call(*WAYS[operation], *path, flavour=flavour, idempotency_key=KEY, **given) for _ in range(2)]
    assert world.sent(operation) == 1
    assert done[0] == done[1]
    record = world.record()
    assert (record.operation, record.state, record.user_key) == (operation, PaymentState.MADE, USER)


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
