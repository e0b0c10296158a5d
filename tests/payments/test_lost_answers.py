"""A payment under a key whose answer never came, or came to nobody: looked for, and never made twice."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest

import astra
from astra.payments import PaymentState
from tests.http.paying import FLAVOURS, Flavour
from tests.payments.clients import World, later, until

each_flavour = pytest.mark.parametrize("flavour", FLAVOURS)


@each_flavour
def test_a_lost_answer_is_found_by_the_next_call(here: World, flavour: Flavour, store: str) -> None:
    here.sandbox.faults.add(operation="create_routine", drop="after")
    with pytest.raises(astra.UncertainOutcomeError) as caught:
        here.pay(flavour, "k", store=store)
    assert caught.value.idempotency_key == "k"
    assert here.record("k", store=store).state == PaymentState.UNCERTAIN
    found = here.pay(flavour, "k", store=store)
    assert found.replayed
    assert [routine.id for routine in here.made()] == [found.id]


@each_flavour
def test_a_payment_that_is_not_there_stays_uncertain(here: World, flavour: Flavour, store: str) -> None:
    here.sandbox.faults.add(operation="create_routine", drop="before")
    for _ in range(2):
        with pytest.raises(astra.UncertainOutcomeError):
            here.pay(flavour, "k", store=store)
    assert here.made() == []


@each_flavour
def test_it_is_sent_again_after_resend_after_and_a_complete_look(here: World, flavour: Flavour, file: str) -> None:
    here.sandbox.faults.add(operation="create_routine", drop="before")
    resend: dict[str, Any] = {"store": file, "resend_after": timedelta(hours=12)}
    for clock in (later(0), later(3600)):
        with pytest.raises(astra.UncertainOutcomeError):
            here.pay(flavour, "k", **resend, clock=clock)
    here.sandbox.faults.add(operation="list_transfers", status=400)
    with pytest.raises(astra.UncertainOutcomeError, match="could not be looked for"):
        here.pay(flavour, "k", **resend, clock=later(13 * 3600))
    assert here.made() == []
    assert not here.pay(flavour, "k", **resend, clock=later(13 * 3600)).replayed
    assert len(here.made()) == 1


@pytest.mark.parametrize(
    ("fault", "state"), [({}, "made"), ({"status": 400}, "refused"), ({"status": 429}, "not_sent")]
)
def test_a_cancelled_call_is_settled_in_the_background(here: World, file: str, fault: Any, state: str) -> None:
    held = here.sandbox.faults.add(operation="create_routine", delay=0.5, **fault)

    async def act(client: Any) -> Any:
        task = asyncio.create_task(client.user("c1").routines.create(**here.payment, idempotency_key="k"))
        await until(lambda: held.hits > 0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert (await client.payments.get("k")).state == PaymentState.UNCERTAIN
        await until(lambda: here.record("k", store=file).state != PaymentState.UNCERTAIN)
        return await client.payments.get("k")

    assert here.run("asyncio", act, idempotency_store=file).state == state
    assert here.pay("blocking", "k", store=file).replayed is (state == "made")
    assert len(here.made()) == 1


def test_closing_the_client_leaves_a_cancelled_call_uncertain(here: World, file: str) -> None:
    held = here.sandbox.faults.add(operation="create_routine", delay=0.5)

    async def act(client: Any) -> Any:
        task = asyncio.create_task(client.user("c1").routines.create(**here.payment, idempotency_key="k"))
        await until(lambda: held.hits > 0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    here.run("asyncio", act, idempotency_store=file)
    assert here.record("k", store=file).state == PaymentState.UNCERTAIN


@pytest.mark.parametrize("fault", [{"drop": "after"}, {}])
def test_an_interruption_after_the_answer_is_no_proof_that_nothing_was_made(
    here: World, file: str, fault: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It comes between the end of the attempt and the return of the call, and the store cannot write in time."""
    from astra.payments._sync.ledger import PaymentLedger
    from astra.resources._sync.once import Once

    if fault:
        here.sandbox.faults.add(operation="create_routine", **fault)
    ended, settle = Once._ended, PaymentLedger.settle
    broken = [True]

    def interrupted(once: Any, record: Any, value: Any, error: Any, context: Any) -> None:
        ended(once, record, value, error, context)
        broken[0] = False
        once._call.in_flight = False
        raise KeyboardInterrupt

    def settles(ledger: Any, record: Any, decide: Any) -> Any:
        if broken[0] and not fault:
            raise astra.IdempotencyStoreError("the disk is full")
        return settle(ledger, record, decide)

    monkeypatch.setattr(Once, "_ended", interrupted)
    monkeypatch.setattr(PaymentLedger, "settle", settles)
    with pytest.raises(KeyboardInterrupt):
        here.pay("blocking", "k", store=file)
    monkeypatch.undo()
    assert here.record("k", store=file).state == PaymentState.UNCERTAIN
    assert here.pay("blocking", "k", store=file).replayed
    assert len(here.made()) == 1


def test_one_routine_is_not_given_to_two_keys(here: World, file: str) -> None:
    """Both carry the same correlation id, and only the first was made."""
    same = {"client_correlation_id": "INV00001"}
    first = here.pay("blocking", "k", store=file, changes=same)
    here.sandbox.faults.add(operation="create_routine", drop="before")
    with pytest.raises(astra.UncertainOutcomeError):
        here.pay("blocking", "l", store=file, changes=same)
    with pytest.raises(astra.InvalidRequestError, match="it is the payment under the key 'k'"):
        here.run("blocking", lambda c: c.payments.resolve("l", made=first.id, by="jane"), idempotency_store=file)
    report = here.run("blocking", lambda c: c.payments.reconcile(), idempotency_store=file)
    assert (report.made, report.ambiguous) == (0, 1)


def test_of_two_undecided_with_one_correlation_id_none_is_taken_for_made(here: World, file: str) -> None:
    same = {"client_correlation_id": "INV00001"}
    for key, drop in (("k", "after"), ("l", "before")):
        here.sandbox.faults.add(operation="create_routine", drop=drop)
        with pytest.raises(astra.UncertainOutcomeError):
            here.pay("blocking", key, store=file, changes=same)
    report = here.run("blocking", lambda c: c.payments.reconcile(key="l"), idempotency_store=file)
    assert (report.made, report.ambiguous) == (0, 1)
