"""The same key pays once: what a call does, by what is known of the payment under its key."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from astra import (
    APIConnectionError,
    BadRequestError,
    ConfigurationError,
    IdempotencyConflictError,
    InvalidRequestError,
    PaymentInProgressError,
    RateLimitError,
    UncertainOutcomeError,
)
from astra.payments import PaymentState
from tests.payments.world import FLAVOURS, KEY, USER, World

each_flavour = pytest.mark.parametrize("flavour", FLAVOURS)
LONG_AFTER = timedelta(hours=6).total_seconds()


@each_flavour
def test_the_same_key_returns_the_same_payment_and_sends_nothing(each_world: World, flavour: str) -> None:
    first = each_world.pay(flavour=flavour)
    again = each_world.pay(flavour=flavour)
    assert (first.replayed, again.replayed) == (False, True)
    assert again == first
    assert (again.id, again.name, again.amount, again.request_id) == (
        first.id,
        "Wages of Jane",
        first.amount,
        first.request_id,
    )
    assert each_world.sent() == 1
    record = each_world.record()
    assert (record.state, record.resource_id, record.request_ids) == (PaymentState.MADE, first.id, (first.request_id,))
    assert record.client_correlation_id == first.client_correlation_id


@each_flavour
@pytest.mark.parametrize("amount", ["20.10", "20.00"])
def test_an_amount_that_is_replayed_is_a_number_as_it_was_the_first_time(
    world: World, flavour: str, amount: str
) -> None:
    first = world.pay(flavour=flavour, amount=amount).to_dict()["amount"]
    again = world.pay(flavour=flavour, amount=amount).to_dict()["amount"]
    assert again == first
    assert not isinstance(again, str)


def test_other_keys_pay_other_payments(world: World) -> None:
    assert len({world.pay(idempotency_key=f"payout-{number}").id for number in range(3)}) == 3


@pytest.mark.parametrize("same", [{"amount": 20}, {"client_correlation_id": "INV00042"}])
def test_what_asks_for_the_same_payment_is_the_same(world: World, same: dict[str, Any]) -> None:
    first = world.pay()
    assert world.pay(**same).id == first.id


@each_flavour
@pytest.mark.parametrize("change", [{"amount": "20.01"}, {"name": "Rent"}, {"payment_type": "ach", "start_date": None}])
def test_another_payment_under_the_key_is_refused(each_world: World, flavour: str, change: dict[str, Any]) -> None:
    change = change if "start_date" not in change else {"source_id": each_world.destination,
                                                        "destination_id": each_world.source}  # fmt: skip
    each_world.pay(flavour=flavour)
    with pytest.raises(IdempotencyConflictError, match="Nothing was sent") as conflict:
        each_world.pay(flavour=flavour, **change)
    assert (conflict.value.idempotency_key, conflict.value.operation, conflict.value.state) == (
        KEY,
        "create_routine",
        "made",
    )
    assert each_world.sent() == 1


@each_flavour
def test_a_refused_payment_may_be_corrected_under_its_key(each_world: World, flavour: str) -> None:
    each_world.sandbox.faults.add(operation="create_routine", status=400)
    with pytest.raises(BadRequestError):
        each_world.pay(flavour=flavour)
    refused = each_world.record()
    assert (refused.state, refused.error, refused.status_code) == (PaymentState.REFUSED, "BadRequestError", 400)
    made = each_world.pay(flavour=flavour, amount="19.00")
    assert not made.replayed
    assert (each_world.record().state, each_world.record().attempts) == (PaymentState.MADE, 2)
    assert len(each_world.made()) == 1


def test_a_payment_that_was_limited_was_not_made_and_is_sent_again(world: World) -> None:
    world.sandbox.faults.add(operation="create_routine", status=429, times=None)
    with pytest.raises(RateLimitError):
        world.pay(max_retries=0)
    assert world.record().state is PaymentState.NOT_SENT
    world.sandbox.faults.clear()
    assert not world.pay().replayed


@each_flavour
def test_a_payment_that_reached_nobody_is_sent_again(world: World, flavour: str) -> None:
    nowhere = {"base_url": "http://127.0.0.1:9", "max_retries": 0}
    with world.client() as astra:  # so that a token is at hand
        environment = astra._ledger.environment if astra._ledger is not None else ""
    with pytest.raises(APIConnectionError) as lost:
        world.pay(flavour=flavour, client=nowhere)
    assert not lost.value.sent
    assert environment == world.record().environment
    assert world.record().state is PaymentState.NOT_SENT
    assert not world.pay(flavour=flavour).replayed


@each_flavour
def test_a_payment_whose_answer_was_lost_is_found_and_not_sent_again(each_world: World, flavour: str) -> None:
    each_world.lose()
    with pytest.raises(UncertainOutcomeError) as lost:
        each_world.pay(flavour=flavour)
    assert lost.value.idempotency_key == KEY
    assert each_world.record().state is PaymentState.UNCERTAIN
    found = each_world.pay(flavour=flavour)
    assert found.replayed
    assert [routine.id for routine in each_world.made()] == [found.id]
    assert each_world.sent() == 1
    assert [entry.event for entry in each_world.record().history] == ["sent", "lost", "looked"]
    assert each_world.pay(flavour=flavour).id == found.id


@each_flavour
def test_a_payment_that_is_not_there_stays_uncertain_and_is_never_sent_again(each_world: World, flavour: str) -> None:
    each_world.lose("before")
    with pytest.raises(UncertainOutcomeError):
        each_world.pay(flavour=flavour)
    each_world.clock.ahead = LONG_AFTER
    for _ in range(3):
        with pytest.raises(UncertainOutcomeError, match="no proof that it will never be made") as again:
            each_world.pay(flavour=flavour)
    assert again.value.idempotency_key == KEY
    assert (each_world.sent(), each_world.made()) == (1, [])
    assert each_world.record().state is PaymentState.UNCERTAIN
    assert each_world.record().history[-1].count == 3


@each_flavour
def test_resend_after_sends_what_a_complete_look_has_not_found(each_world: World, flavour: str) -> None:
    patient = {"resend_after": timedelta(hours=1)}
    each_world.lose("before")
    with pytest.raises(UncertainOutcomeError):
        each_world.pay(flavour=flavour, client=patient)
    with pytest.raises(UncertainOutcomeError):
        each_world.pay(flavour=flavour, client=patient)
    each_world.clock.ahead = LONG_AFTER
    made = each_world.pay(flavour=flavour, client=patient)
    assert [routine.id for routine in each_world.made()] == [made.id]
    assert (each_world.record().attempts, each_world.record().lost) == (2, 1)


@each_flavour
def test_what_is_sent_again_and_refused_is_refused_after_one_more_look(each_world: World, flavour: str) -> None:
    patient = {"resend_after": timedelta(hours=1)}
    each_world.lose("before")
    with pytest.raises(UncertainOutcomeError):
        each_world.pay(flavour=flavour, client=patient)
    each_world.clock.ahead = LONG_AFTER
    each_world.sandbox.faults.add(operation="create_routine", status=400)
    with pytest.raises(BadRequestError):
        each_world.pay(flavour=flavour, client=patient)
    for after, expected in ((0, PaymentState.UNCERTAIN), (LONG_AFTER, PaymentState.REFUSED)):
        each_world.clock.ahead = LONG_AFTER + after
        with each_world.client(**patient) as astra:
            report = astra.payments.reconcile()
        assert (report.refused, report.not_found) == ((0, 1) if after == 0 else (1, 0))
        assert report.exit_code == int(after == 0)
        assert each_world.record().state is expected
    assert (each_world.sent(), each_world.made()) == (2, [])


@pytest.mark.long
def test_a_lost_payment_is_found_behind_more_than_a_thousand_newer_ones(world: World) -> None:
    world.lose("after")
    with pytest.raises(UncertainOutcomeError):
        world.pay(on_uncertain="raise")
    with world.client() as astra:
        routines = astra.user(USER).routines
        for number in range(1100):
            routines.create(**world.payment(idempotency_key=f"other-{number}", amount="1.00"))
    assert world.pay().replayed
    assert len(world.made()) == 1101


@pytest.mark.parametrize("operation", ["list_routines", "list_transfers"])
@pytest.mark.parametrize("fault", [{"status": 400}, {"status": 500}, {"garbage": b'{"data": []}'}, {"drop": "before"}])
def test_resend_after_sends_nothing_when_the_look_was_not_complete(
    world: World, operation: str, fault: dict[str, Any]
) -> None:
    patient = {"resend_after": timedelta(hours=1), "max_retries": 0}
    world.lose("before")
    with pytest.raises(UncertainOutcomeError):
        world.pay(client=patient)
    world.clock.ahead = LONG_AFTER
    world.sandbox.faults.add(operation=operation, times=None, **fault)
    with pytest.raises(UncertainOutcomeError, match="could not be looked for"):
        world.pay(client=patient)
    world.sandbox.faults.clear()
    assert (world.sent(), world.made()) == (1, [])


@each_flavour
def test_a_payment_that_another_process_sends_is_waited_for_within_the_timeout(each_world: World, flavour: str) -> None:
    each_world.pay()
    each_world.be_sending(KEY, seconds_left=300)
    with pytest.raises(PaymentInProgressError) as busy:
        each_world.pay(flavour=flavour, timeout=0.3)
    assert 0 < busy.value.retry_after <= 300
    assert each_world.sent() == 1


@each_flavour
def test_a_payment_whose_sender_has_died_is_looked_for(each_world: World, flavour: str) -> None:
    first = each_world.pay()
    each_world.be_sending(KEY, seconds_left=1)
    each_world.clock.ahead = 2
    found = each_world.pay(flavour=flavour)
    assert (found.id, found.replayed) == (first.id, True)
    assert each_world.sent() == 1


def test_of_many_at_once_over_two_clients_one_sends_and_all_get_the_payment(each_world: World) -> None:
    each_world.sandbox.faults.add(operation="create_routine", delay=0.3)
    together = threading.Barrier(16)
    with each_world.client() as one, each_world.client() as other, ThreadPoolExecutor(16) as pool:

        def pay(number: int) -> Any:
            user = (one, other)[number % 2].user("customer-42")
            together.wait()
            return user.routines.create(**each_world.payment())

        made = list(pool.map(pay, range(16)))
    assert len({routine.id for routine in made}) == 1
    assert sum(not routine.replayed for routine in made) == 1
    assert each_world.sent() == 1


@each_flavour
def test_reconcile_for_a_time_is_possible_under_a_key_too(world: World, flavour: str) -> None:
    world.lose()
    made = world.pay(flavour=flavour, on_uncertain="reconcile")
    assert world.record().resource_id == made.id
    assert world.pay(flavour=flavour).id == made.id


@each_flavour
def test_a_client_without_a_store_refuses_keys(world: World, flavour: str) -> None:
    with pytest.raises(ConfigurationError, match="idempotency_store="):
        world.pay(flavour=flavour, client={"idempotency_store": None})
    with (
        world.client(idempotency_store=None) as astra,
        pytest.raises(ConfigurationError, match="ASTRA_IDEMPOTENCY_STORE"),
    ):
        astra.payments.get(KEY)
    assert world.sent() == 0


@pytest.mark.parametrize("key", ["", "x" * 256, "with\nbreak", "with\x00nul", 17, b"bytes", "half \ud800"])
@each_flavour
def test_a_key_that_cannot_be_kept_is_refused(world: World, flavour: str, key: Any) -> None:
    with pytest.raises(InvalidRequestError) as refused:
        world.pay(flavour=flavour, idempotency_key=key)
    assert refused.value.argument == "idempotency_key"
    assert world.sent() == 0


@pytest.mark.parametrize("key", ["x" * 255, "payout 17/ä", "日本"])
def test_any_other_text_is_a_key(each_world: World, key: str) -> None:
    first = each_world.pay(idempotency_key=key)
    assert each_world.pay(idempotency_key=key).id == first.id


def test_a_key_belongs_to_its_operation(world: World) -> None:
    routine = world.pay()
    world.call("routines", "delete", routine.id, idempotency_key=KEY)
    with world.client() as astra:
        with pytest.raises(InvalidRequestError, match="name the operation"):
            astra.payments.get(KEY)
        record = astra.payments.get(KEY, operation="delete_routine")
    assert record is not None
    assert record.resource_id == routine.id


def test_nothing_secret_and_nothing_personal_is_in_the_store(world: World) -> None:
    with world.client() as astra:
        token = astra.tokens.access_token("customer-42")
    world.pay()
    world.sandbox.faults.add(operation="create_routine", status=400, body={"description": "Jane is broke"})
    folder = Path(world.store_url.removeprefix("sqlite:///")).parent
    content = b"".join(file.read_bytes() for file in folder.glob("payments.db*"))
    for text in ("Jane", "Wages", "Bearer", world.sandbox.client_secret, token):
        assert text.encode() not in content
