"""`client.payments`: what is kept is found, looked for, decided by people, and pruned."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from astra import BadRequestError, InvalidRequestError, NotFoundError, UncertainOutcomeError
from astra.payments import PaymentState, ReconcileReport
from tests.payments.world import FLAVOURS, KEY, USER, World

each_flavour = pytest.mark.parametrize("flavour", FLAVOURS)
SOON = timedelta(minutes=10).total_seconds()


def ask(world: World, flavour: str, question: Callable[[Any], Any], **options: Any) -> Any:
    """Asks `client.payments`."""
    if flavour == "blocking":
        with world.client(**options) as astra:
            answer = question(astra.payments)
            return list(answer) if hasattr(answer, "__next__") else answer

    async def main() -> Any:
        async with world.async_client(**options) as astra:
            answer = question(astra.payments)
            return [record async for record in answer] if hasattr(answer, "__anext__") else await answer

    return asyncio.run(main())


def pay_all_ways(world: World) -> None:
    """One payment in each state but "sending"."""
    world.pay(idempotency_key="made")
    world.sandbox.faults.add(operation="create_routine", status=400)
    with pytest.raises(BadRequestError):
        world.pay(idempotency_key="refused")
    for key, drop in (("lost", "after"), ("gone", "before")):
        world.lose(drop)
        with pytest.raises(UncertainOutcomeError):
            world.pay(idempotency_key=key)


@each_flavour
def test_payments_are_listed_by_state_time_user_and_operation(each_world: World, flavour: str) -> None:
    pay_all_ways(each_world)

    def keys(**which: Any) -> list[str]:
        return [record.key for record in ask(each_world, flavour, lambda payments: payments.list(**which))]

    assert keys() == ["made", "refused", "lost", "gone"]
    assert keys(state="uncertain") == ["lost", "gone"]
    assert keys(state=PaymentState.MADE, user=USER, operation="create_routine") == ["made"]
    assert keys(limit=2) == ["made", "refused"]
    assert (
        keys(user="somebody") == keys(operation="delete_routine") == keys(since=datetime.max.replace(tzinfo=UTC)) == []
    )
    with pytest.raises(InvalidRequestError, match="state must be one of sending, made"):
        keys(state="paid")
    with pytest.raises(InvalidRequestError, match="time zone"):
        keys(since=datetime(2026, 1, 1))


@each_flavour
def test_a_payment_is_found_by_any_of_its_ids(each_world: World, flavour: str) -> None:
    made = each_world.pay()
    record = each_world.record()
    for known in (KEY, made.id, made.client_correlation_id, made.request_id, record.call_id):
        assert [one.key for one in ask(each_world, flavour, lambda payments, known=known: payments.find(known))] == [
            KEY
        ]
    assert ask(each_world, flavour, lambda payments: payments.find("nobody")) == []


@each_flavour
def test_reconcile_finds_what_is_there_and_says_what_is_not(each_world: World, flavour: str) -> None:
    pay_all_ways(each_world)
    seen: list[ReconcileReport] = []
    report = ask(each_world, flavour, lambda payments: payments.reconcile(progress=seen.append))
    assert (report.made, report.not_found, report.exit_code) == (1, 1, 1)
    assert seen[-1] == report
    assert each_world.record("lost").state is PaymentState.MADE
    assert each_world.record("gone").state is PaymentState.UNCERTAIN
    assert each_world.sent() == 4
    assert ask(each_world, flavour, lambda payments: payments.reconcile(key="made")) == ReconcileReport()


def test_reconcile_of_what_cannot_be_read_is_no_success(world: World) -> None:
    pay_all_ways(world)
    world.sandbox.faults.add(operation="list_transfers", status=500, times=None)
    report = ask(world, "blocking", lambda payments: payments.reconcile(), max_retries=0)
    assert (report.failed, report.made, report.exit_code) == (2, 0, 1)
    assert [key for key, _ in report.problems] == ["lost", "gone"]


@each_flavour
def test_a_person_decides_that_it_was_not_made_once_it_cannot_be_on_its_way(world: World, flavour: str) -> None:
    pay_all_ways(world)

    def decide() -> Any:
        return ask(world, flavour, lambda payments: payments.resolve("gone", not_made=True, by="jane@example.com"))

    with pytest.raises(InvalidRequestError, match="may still be on its way"):
        decide()
    world.clock.ahead = SOON
    record = decide()
    assert (record.state, record.history[-1].by) == (PaymentState.NOT_SENT, "jane@example.com")
    assert not world.pay(idempotency_key="gone").replayed


@each_flavour
def test_a_person_decides_which_payment_it_is(world: World, flavour: str) -> None:
    pay_all_ways(world)
    routine_id = next(routine.id for routine in world.made() if routine.id != world.record("made").resource_id)
    record = ask(world, flavour, lambda payments: payments.resolve("lost", made=routine_id, by="jane"))
    assert (record.state, record.resource_id) == (PaymentState.MADE, routine_id)
    again = world.pay(idempotency_key="lost")
    assert (again.id, again.replayed) == (routine_id, True)


@pytest.mark.parametrize(
    ("decision", "error"),
    [
        ({"made": "not-there"}, NotFoundError),
        ({}, InvalidRequestError),
        ({"made": "x", "not_made": True}, InvalidRequestError),
        ({"not_made": True, "by": " "}, InvalidRequestError),
    ],
)
def test_a_decision_that_cannot_be_right_is_refused(
    world: World, decision: dict[str, Any], error: type[Exception]
) -> None:
    pay_all_ways(world)
    world.clock.ahead = SOON
    with pytest.raises(error):
        ask(world, "blocking", lambda payments: payments.resolve("lost", **{"by": "jane", **decision}))
    with pytest.raises(InvalidRequestError, match="never used"):
        ask(world, "blocking", lambda payments: payments.resolve("no key", not_made=True, by="jane"))
    assert world.record("lost").state is PaymentState.UNCERTAIN


def test_another_payment_is_not_taken_for_it_by_a_person_either(world: World) -> None:
    pay_all_ways(world)
    other = world.pay(idempotency_key="other", amount="21.00")
    with pytest.raises(InvalidRequestError, match="is another payment"):
        ask(world, "blocking", lambda payments: payments.resolve("lost", made=other.id, by="jane"))


@each_flavour
def test_pruning_forgets_old_outcomes_and_keeps_what_is_not_known(each_world: World, flavour: str) -> None:
    pay_all_ways(each_world)
    year = timedelta(days=365)
    assert ask(each_world, flavour, lambda payments: payments.prune(older_than=year)) == 0
    each_world.clock.ahead = timedelta(days=366).total_seconds()
    assert ask(each_world, flavour, lambda payments: payments.prune(older_than=year)) == 2
    assert [one.key for one in ask(each_world, flavour, lambda payments: payments.list())] == ["lost", "gone"]
    with pytest.raises(InvalidRequestError, match="a day or more"):
        ask(each_world, flavour, lambda payments: payments.prune(older_than=timedelta(hours=1)))
