"""A payment under a key is interrupted, or its store fails: nothing is paid twice, and nothing is forgotten."""

from __future__ import annotations

import asyncio
import logging
import os
import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from astra import IdempotencyStoreError, UncertainOutcomeError
from astra.payments import PaymentRecord, PaymentState
from astra.payments.stores.sqlite import SQLiteIdempotencyStore
from astra.sandbox.faults import Fault
from tests.payments.world import FLAVOURS, KEY, USER, World

each_flavour = pytest.mark.parametrize("flavour", FLAVOURS)


class FailingStore(SQLiteIdempotencyStore):
    """Fails where it is told to, as a database does that went away."""

    failing: frozenset[str] = frozenset()

    def insert(self, record: PaymentRecord) -> bool:
        self._fail("insert")
        return super().insert(record)

    def change(self, record: PaymentRecord, *, replaces: int) -> bool:
        self._fail("change")
        return super().change(record, replaces=replaces)

    def get(self, environment: str, client_id: str, operation: str, key: str) -> PaymentRecord | None:
        self._fail("get")
        return super().get(environment, client_id, operation, key)

    def _fail(self, step: str) -> None:
        if step in self.failing:
            raise OSError(f"disk on fire during {step}")


@pytest.fixture
def failing(world: World) -> FailingStore:
    return FailingStore(world.store_url.removeprefix("sqlite:///"))


def run_in_fork(work: Callable[[], str]) -> str:
    """What some work says in a child of this process."""
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        try:
            os.write(writing, work().encode())
        except BaseException as error:
            os.write(writing, repr(error).encode())
        finally:
            os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as told:
        said = told.read()
    os.waitpid(child, 0)
    return said


def wait_for(fault: Fault) -> None:
    """Returns when a request has reached Astra, whose answer comes late."""
    while not fault.hits:
        os.sched_yield()


@each_flavour
def test_what_cannot_be_written_down_is_not_sent(world: World, failing: FailingStore, flavour: str) -> None:
    failing.failing = frozenset({"insert"})
    with failing, pytest.raises(IdempotencyStoreError, match="disk on fire"):
        world.pay(flavour=flavour, client={"idempotency_store": failing})
    assert world.sent() == 0


@each_flavour
def test_an_outcome_that_cannot_be_written_down_is_told_all_the_same(
    world: World, failing: FailingStore, flavour: str, caplog: pytest.LogCaptureFixture
) -> None:
    failing.failing = frozenset({"change"})
    with failing, caplog.at_level(logging.ERROR, logger="astra.payments"):
        made = world.pay(flavour=flavour, client={"idempotency_store": failing})
    assert not made.replayed
    assert f"under the idempotency key '{KEY}'" in caplog.text
    assert world.record().state is PaymentState.SENDING
    world.clock.ahead = timedelta(minutes=10).total_seconds()
    found = world.pay(flavour=flavour)
    assert (found.id, found.replayed) == (made.id, True)
    assert world.sent() == 1


def test_a_store_that_fails_while_it_is_read_sends_nothing(world: World, failing: FailingStore) -> None:
    world.pay()
    failing.failing = frozenset({"get"})
    with failing, pytest.raises(IdempotencyStoreError):
        world.pay(client={"idempotency_store": failing})
    assert world.sent() == 1


def test_a_cancelled_call_goes_on_in_the_background_and_its_outcome_is_written_down(each_world: World) -> None:
    late = each_world.sandbox.faults.add(operation="create_routine", delay=0.5)

    async def main() -> None:
        async with each_world.async_client() as astra:
            paying = asyncio.ensure_future(astra.user(USER).routines.create(**each_world.payment()))
            await asyncio.to_thread(wait_for, late)
            paying.cancel()
            with pytest.raises(asyncio.CancelledError):
                await paying
            for _ in range(1000):
                record = await astra.payments.get(KEY)
                if record is not None and record.state is PaymentState.MADE:
                    return
                await asyncio.sleep(0.01)

    asyncio.run(main())
    record = each_world.record()
    assert record.state is PaymentState.MADE
    assert [routine.id for routine in each_world.made()] == [record.resource_id]
    assert each_world.pay().replayed


def test_a_call_that_is_cancelled_and_whose_client_closes_is_looked_for_by_the_next(world: World) -> None:
    late = world.sandbox.faults.add(operation="create_routine", delay=0.5)

    async def main() -> None:
        async with world.async_client() as astra:
            paying = asyncio.ensure_future(astra.user(USER).routines.create(**world.payment()))
            await asyncio.to_thread(wait_for, late)
            paying.cancel()
            await asyncio.wait([paying])

    asyncio.run(main())
    assert world.record().state in (PaymentState.MADE, PaymentState.UNCERTAIN)
    world.clock.ahead = timedelta(minutes=10).total_seconds()
    assert [world.pay().id] == [routine.id for routine in world.made()]
    assert world.record().attempts == 1


@pytest.mark.parametrize("interruption", [KeyboardInterrupt, SystemExit, MemoryError])
def test_an_interrupted_call_leaves_a_payment_that_is_looked_for(
    world: World, interruption: type[BaseException]
) -> None:
    def interrupt(request: httpx.Request) -> httpx.Response:
        raise interruption

    with httpx.Client(transport=httpx.MockTransport(interrupt)) as breaking:
        try:
            world.pay(client={"http_client": breaking})
        except BaseException as error:
            seen: BaseException = error
    assert isinstance(seen, interruption | UncertainOutcomeError)
    record = world.record()
    assert record.state is PaymentState.UNCERTAIN
    with pytest.raises(UncertainOutcomeError):
        world.pay()
    assert world.sent() == 0


@each_flavour
def test_a_store_that_was_removed_while_it_was_in_use_pays_nothing(world: World, flavour: str) -> None:
    def remove() -> None:
        for file in Path(world.store_url.removeprefix("sqlite:///")).parent.glob("payments.db*"):
            file.unlink()

    def check(pay: Callable[[], Any]) -> None:
        for _ in range(2):
            with pytest.raises(IdempotencyStoreError, match="removed or replaced while it was in use"):
                pay()

    if flavour == "blocking":
        with world.client() as astra:
            routines = astra.user(USER).routines
            routines.create(**world.payment())
            remove()
            check(lambda: routines.create(**world.payment()))
    else:

        async def main() -> None:
            async with world.async_client() as astra:
                routines = astra.user(USER).routines
                await routines.create(**world.payment())
                remove()
                for _ in range(2):
                    with pytest.raises(IdempotencyStoreError, match="removed or replaced while it was in use"):
                        await routines.create(**world.payment())

        asyncio.run(main())
    assert world.sent() == 1


def test_a_new_store_is_announced_once_because_it_may_be_a_mistake(
    each_world: World, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING, logger="astra.storage"):
        each_world.pay()
        each_world.pay()
    told = [message for message in caplog.messages if "idempotency store" in message]
    assert len(told) == 1
    assert "new, empty idempotency store was made" in told[0]


def test_a_client_that_was_made_before_a_fork_pays_once_in_parent_and_child(each_world: World) -> None:
    with each_world.client() as astra:
        routines = astra.user(USER).routines
        mine = routines.create(**each_world.payment())
        payment = each_world.payment()

        def in_the_child() -> str:
            return f"{routines.create(**payment).id} {routines.create(**payment | {'idempotency_key': 'other'}).id}"

        same, other = run_in_fork(in_the_child).split()
        assert same == mine.id
        assert routines.create(**each_world.payment(idempotency_key="other")).id == other
    assert each_world.sent() == 2


def test_threads_that_close_the_client_meanwhile_lose_nothing(world: World) -> None:
    late = world.sandbox.faults.add(operation="create_routine", delay=0.3)
    astra = world.client()
    outcome: list[Any] = []

    def pay() -> None:
        try:
            outcome.append(astra.user(USER).routines.create(**world.payment()))
        except Exception as error:
            outcome.append(error)

    thread = threading.Thread(target=pay)
    thread.start()
    wait_for(late)
    astra.close()
    thread.join()
    world.clock.ahead = timedelta(minutes=10).total_seconds()
    assert [world.pay().id] == [routine.id for routine in world.made()]
    assert world.record().attempts == 1
