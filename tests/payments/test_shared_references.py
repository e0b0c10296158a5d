"""Two keys whose payments carry the same correlation id: none is ever taken for the other's."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import attrs
import pytest
from astra_api.models import Routine

from astra import AmbiguousPaymentError, Astra, InvalidRequestError, UncertainOutcomeError
from astra.payments import PaymentRecord, PaymentState
from astra.sandbox import Sandbox

REFERENCE = "INV00042"


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as running:
        yield running


@pytest.fixture
def astra(sandbox: Sandbox, tmp_path: Path) -> Iterator[Astra]:
    with Astra(
        sandbox.client_id,
        sandbox.client_secret,
        base_url=sandbox.url,
        redirect_uri=sandbox.redirect_uri,
        idempotency_store=f"sqlite:///{tmp_path}/payments.db",
    ) as client:
        user = sandbox.users.create(accounts=2)
        client.oauth.exchange(sandbox.authorize(user_id=user.id), key="customer-42")
        yield client


def pay(astra: Astra, key: str | None, *, reference: str = REFERENCE) -> Routine:
    user = astra.user("customer-42")
    source, destination = user.accounts.list(limit=2).to_list()
    return user.routines.create(
        type="one-time",
        name="Payout",
        payment_type="ach",
        source_id=source.id,
        destination_id=destination.id,
        amount="20.00",
        client_correlation_id=reference,
        idempotency_key=key,
    )


def lose_before_it_arrives(sandbox: Sandbox, astra: Astra, key: str) -> UncertainOutcomeError:
    sandbox.faults.add(operation="create_routine", drop="before")
    with pytest.raises(UncertainOutcomeError) as lost:
        pay(astra, key)
    return lost.value


def record_of(astra: Astra, key: str) -> PaymentRecord:
    record = astra.payments.get(key)
    assert record is not None
    return record


def pretend_that_its_answer_is_on_its_way(astra: Astra, key: str) -> None:
    """Puts a payment back to the moment between its being made and its record's saying so."""
    record, store = record_of(astra, key), astra._ledger.store if astra._ledger is not None else None
    assert store is not None
    sending = attrs.evolve(
        record,
        state=PaymentState.SENDING,
        version=record.version + 1,
        resource_id=None,
        result=None,
        lease_until=record.sent + timedelta(minutes=5),
    )
    assert store.change(sending, replaces=record.version)


@pytest.mark.parametrize("reference", [REFERENCE, REFERENCE.lower()])
def test_the_payment_of_another_key_is_not_taken_for_a_lost_one(sandbox: Sandbox, astra: Astra, reference: str) -> None:
    lose_before_it_arrives(sandbox, astra, "payout-1")
    other = pay(astra, "payout-2", reference=reference)
    with pytest.raises(AmbiguousPaymentError):
        pay(astra, "payout-1")
    report = astra.payments.reconcile()
    assert (report.ambiguous, report.made) == (1, 0)
    assert record_of(astra, "payout-1").state is PaymentState.UNCERTAIN
    assert record_of(astra, "payout-2").resource_id == other.id


def test_a_payment_that_another_key_is_just_sending_is_not_taken_for_a_lost_one(sandbox: Sandbox, astra: Astra) -> None:
    lose_before_it_arrives(sandbox, astra, "payout-1")
    pay(astra, "payout-2")
    pretend_that_its_answer_is_on_its_way(astra, "payout-2")
    report = astra.payments.reconcile()
    assert (report.ambiguous, report.in_progress, report.made) == (1, 1, 0)
    with pytest.raises(AmbiguousPaymentError):
        pay(astra, "payout-1")
    assert record_of(astra, "payout-1").state is PaymentState.UNCERTAIN


def test_the_payment_of_a_key_is_not_taken_for_one_that_was_lost_without_a_key(sandbox: Sandbox, astra: Astra) -> None:
    sandbox.faults.add(operation="create_routine", drop="before")
    with pytest.raises(UncertainOutcomeError) as lost:
        pay(astra, None)
    pay(astra, "payout-2")
    with pytest.raises(AmbiguousPaymentError):
        astra.user("customer-42").routines.reconcile(lost.value)


def test_waiting_for_a_lost_payment_does_not_end_with_that_of_another_key(sandbox: Sandbox, astra: Astra) -> None:
    user = astra.user("customer-42")
    source, destination = user.accounts.list(limit=2).to_list()
    pay(astra, "payout-2")
    pretend_that_its_answer_is_on_its_way(astra, "payout-2")
    astra._ledger._clock = lambda: time.time() - 60  # type: ignore[union-attr]  # so that the other is no older
    sandbox.faults.add(operation="create_routine", drop="before")
    with pytest.raises(UncertainOutcomeError):
        user.routines.create(
            type="one-time",
            name="Payout",
            payment_type="ach",
            source_id=source.id,
            destination_id=destination.id,
            amount="20.00",
            client_correlation_id=REFERENCE,
            idempotency_key="payout-1",
            on_uncertain="reconcile",
            timeout=3,
        )
    assert record_of(astra, "payout-1").state is PaymentState.UNCERTAIN


def test_a_person_cannot_give_the_payment_of_another_key_to_a_lost_one(sandbox: Sandbox, astra: Astra) -> None:
    lose_before_it_arrives(sandbox, astra, "payout-1")
    other = pay(astra, "payout-2")
    with pytest.raises(InvalidRequestError, match="it is the payment under the key 'payout-2'"):
        astra.payments.resolve("payout-1", made=other.id, by="jane")


def test_changing_a_routine_under_a_key_does_not_make_it_the_payment_of_that_key(
    sandbox: Sandbox, astra: Astra
) -> None:
    sandbox.faults.add(operation="create_routine", drop="after")
    with pytest.raises(UncertainOutcomeError):
        pay(astra, "payout-1")
    routines = astra.user("customer-42").routines
    routine = routines.list().first()
    assert routine is not None
    routines.delete(routine.id, idempotency_key="stop-1")
    assert astra.payments.reconcile().made == 1
    assert record_of(astra, "payout-1").resource_id == routine.id
