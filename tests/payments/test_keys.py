"""A payment under a key, over a real sandbox: made once, whatever is lost, by whichever client it is called for."""

from __future__ import annotations

import threading
from typing import Any

import pytest

import astra
from astra.payments import PaymentState
from tests.http.paying import FLAVOURS, Flavour
from tests.payments.world import World

each_flavour = pytest.mark.parametrize("flavour", FLAVOURS)


@each_flavour
def test_the_same_key_from_another_client_returns_the_first_payment(here: World, flavour: Flavour, store: str) -> None:
    first = here.pay(flavour, "k", store=store)
    second = here.pay(flavour, "k", store=store, changes={"amount": 20})
    assert (first.replayed, second.replayed) == (False, True)
    assert second == first
    assert second.request_id == first.request_id
    assert len(here.made()) == 1


@each_flavour
@pytest.mark.parametrize("change", [{"amount": "20.01"}, {"name": "Another"}, {"payment_type": "debit"}])
def test_a_key_of_another_payment_is_a_conflict(here: World, flavour: Flavour, file: str, change: Any) -> None:
    here.pay(flavour, "k", store=file)
    with pytest.raises(astra.IdempotencyConflictError, match="Nothing was sent"):
        here.pay(flavour, "k", store=file, changes=change)
    assert len(here.made()) == 1


@each_flavour
def test_another_correlation_id_is_no_other_payment(here: World, flavour: Flavour, file: str) -> None:
    first = here.pay(flavour, "k", store=file, changes={"client_correlation_id": "INV00001"})
    assert here.pay(flavour, "k", store=file, changes={"client_correlation_id": "INV00002"}).id == first.id
    assert len(here.made()) == 1


@each_flavour
def test_a_refused_payment_may_be_corrected_under_its_key(here: World, flavour: Flavour, store: str) -> None:
    here.sandbox.faults.add(operation="create_routine", status=400)
    with pytest.raises(astra.BadRequestError):
        here.pay(flavour, "k", store=store)
    assert here.record("k", store=store).state == PaymentState.REFUSED
    assert not here.pay(flavour, "k", store=store, changes={"amount": "19.00"}).replayed
    assert len(here.made()) == 1


@each_flavour
def test_a_second_caller_waits_for_the_first(here: World, flavour: Flavour, store: str) -> None:
    here.sandbox.faults.add(operation="create_routine", delay=1.0)
    results: list[Any] = []
    threads = [threading.Thread(target=lambda: results.append(here.pay(flavour, "k", store=store))) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(one.replayed for one in results) == [False, True, True]
    assert len({one.id for one in results} | {one.id for one in here.made()}) == 1


@each_flavour
def test_a_second_caller_is_told_when_its_time_is_up(here: World, flavour: Flavour, file: str) -> None:
    fault = here.sandbox.faults.add(operation="create_routine", delay=2.0)
    first = threading.Thread(target=here.pay, args=(flavour, "k"), kwargs={"store": file})
    first.start()
    while not fault.hits:
        pass
    with pytest.raises(astra.PaymentInProgressError) as caught:
        here.pay(flavour, "k", store=file, timeout=0.3)
    first.join()
    assert caught.value.retry_after > 0
    assert len(here.made()) == 1


@each_flavour
@pytest.mark.parametrize("key", ["", "x" * 256, 7, "a\nb", " a"])
def test_a_key_that_is_none_sends_nothing(here: World, flavour: Flavour, file: str, key: Any) -> None:
    with pytest.raises(astra.InvalidRequestError, match="idempotency_key"):
        here.pay(flavour, key, store=file)
    assert here.made() == []


@each_flavour
@pytest.mark.parametrize(
    "act",
    [
        lambda user, key: user.routines.create(**PAY, type="one-time", payment_type="ach", idempotency_key=key),
        lambda user, key: user.routines.account_to_card(
            **PAY, destination_user_id="u_1", settlement_mode="gross_credit", idempotency_key=key
        ),
        lambda user, key: user.routines.card_to_account(**CARD, idempotency_key=key),
        lambda user, key: user.routines.book(**PAY, idempotency_key=key),
        lambda user, key: user.routines.update("rt_1", name="Other", idempotency_key=key),
        lambda user, key: user.routines.delete("rt_1", idempotency_key=key),
        lambda user, key: user.transfers.cancel("tr_1", idempotency_key=key),
        lambda user, key: user.accounts.delete("acc_1", idempotency_key=key),
    ],
)
def test_every_operation_that_moves_money_takes_a_key(here: World, flavour: Flavour, act: Any, file: str) -> None:
    def blocking(client: Any) -> Any:
        with pytest.raises(astra.AstraError):
            act(client.user("c1"), "k")
        return client.payments.get("k")

    async def on_a_loop(client: Any) -> Any:
        with pytest.raises(astra.AstraError):
            await act(client.user("c1"), "k")
        return await client.payments.get("k")

    here.sandbox.faults.add(status=400, times=None)
    record = here.run(flavour, blocking if flavour == "blocking" else on_a_loop, idempotency_store=file)
    assert record.state == PaymentState.REFUSED


PAY: dict[str, Any] = {"name": "Top-up", "amount": "1.00", "source_id": "acc_1", "destination_id": "acc_2"}
CARD: dict[str, Any] = {**PAY, "destination_user_id": "u_1"}


def test_a_closed_client_sends_nothing(here: World, file: str) -> None:
    client = astra.Astra(here.sandbox.client_id, here.sandbox.client_secret, **here.settings(idempotency_store=file))
    client.close()
    with pytest.raises(astra.AstraError):
        client.user("c1").routines.create(**here.payment, idempotency_key="k")
    assert here.made() == []
