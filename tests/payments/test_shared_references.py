"""Two keys whose payments carry the same correlation id: none is ever taken for the other's."""

from __future__ import annotations

from typing import Any

import pytest
from astra_api.models import Routine

from astra import AmbiguousPaymentError, InvalidRequestError, UncertainOutcomeError
from astra.payments import PaymentState
from tests.payments.world import USER, World

REFERENCE = "INV00042"


def pay(world: World, key: str | None, *, reference: str = REFERENCE, **more: Any) -> Routine:
    """Pays by a client of its own, as another process does: none remembers what the other has sent."""
    return world.pay(idempotency_key=key, client_correlation_id=reference, **more)


def lose(world: World, key: str | None, drop: str = "before") -> UncertainOutcomeError:
    world.lose(drop)
    with pytest.raises(UncertainOutcomeError) as lost:
        pay(world, key)
    return lost.value


@pytest.mark.parametrize("reference", [REFERENCE, REFERENCE.lower()])
def test_the_payment_of_another_key_is_not_taken_for_a_lost_one(world: World, reference: str) -> None:
    lose(world, "payout-1")
    other = pay(world, "payout-2", reference=reference)
    with pytest.raises(AmbiguousPaymentError):
        pay(world, "payout-1")
    with world.client() as astra:
        report = astra.payments.reconcile()
    assert (report.ambiguous, report.made) == (1, 0)
    assert world.record("payout-1").state is PaymentState.UNCERTAIN
    assert world.record("payout-2").resource_id == other.id


def test_a_payment_that_another_key_is_just_sending_is_not_taken_for_a_lost_one(world: World) -> None:
    lose(world, "payout-1")
    pay(world, "payout-2")
    world.be_sending("payout-2", seconds_left=300)
    with world.client() as astra:
        report = astra.payments.reconcile()
    assert (report.ambiguous, report.in_progress, report.made) == (1, 1, 0)
    with pytest.raises(AmbiguousPaymentError):
        pay(world, "payout-1")
    assert world.record("payout-1").state is PaymentState.UNCERTAIN


def test_looks_of_calls_and_of_reconcile_that_say_the_same_fill_one_line_of_the_history(world: World) -> None:
    lose(world, "payout-1")
    pay(world, "payout-2")
    for _ in range(3):
        with pytest.raises(AmbiguousPaymentError):
            pay(world, "payout-1")
        with world.client() as astra:
            assert astra.payments.reconcile().ambiguous == 1
    history = world.record("payout-1").history
    assert [(entry.event, entry.count) for entry in history] == [("sent", 1), ("lost", 1), ("looked", 6)]


def test_of_two_that_were_lost_none_is_taken_for_the_one_that_was_made(world: World) -> None:
    lose(world, "payout-1", "after")
    lose(world, "payout-2")
    with world.client() as astra:
        report = astra.payments.reconcile(key="payout-2")
    assert (report.made, report.ambiguous) == (0, 1)


def test_the_payment_of_a_key_is_not_taken_for_one_that_was_lost_without_a_key(world: World) -> None:
    lost = lose(world, None)
    pay(world, "payout-2")
    with world.client() as astra, pytest.raises(AmbiguousPaymentError):
        astra.user(USER).routines.reconcile(lost)


def test_waiting_for_a_lost_payment_does_not_end_with_that_of_another_key(world: World) -> None:
    pay(world, "payout-2")
    world.be_sending("payout-2", seconds_left=300)
    world.clock.ahead = -60.0  # so that the other is no older
    world.lose("before")
    with pytest.raises(UncertainOutcomeError):
        pay(world, "payout-1", on_uncertain="reconcile", timeout=3)
    assert world.record("payout-1").state is PaymentState.UNCERTAIN


def test_a_person_cannot_give_the_payment_of_another_key_to_a_lost_one(world: World) -> None:
    lose(world, "payout-1")
    other = pay(world, "payout-2")
    with (
        world.client() as astra,
        pytest.raises(InvalidRequestError, match="it is the payment under the key 'payout-2'"),
    ):
        astra.payments.resolve("payout-1", made=other.id, by="jane")


def test_changing_a_routine_under_a_key_does_not_make_it_the_payment_of_that_key(world: World) -> None:
    lose(world, "payout-1", "after")
    (routine,) = world.made()
    world.call("routines", "delete", routine.id, idempotency_key="stop-1")
    with world.client() as astra:
        assert astra.payments.reconcile().made == 1
    assert world.record("payout-1").resource_id == routine.id
