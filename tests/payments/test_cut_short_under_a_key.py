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

from astra import ConfigurationError, IdempotencyStoreError, UncertainOutcomeError
from astra.payments import PaymentRecord, PaymentState
from astra.payments._sync.ledger import PaymentLedger
from astra.payments.stores.sqlite import SQLiteIdempotencyStore
from astra.resources._sync.once import Once
from astra.sandbox.faults import Fault
from tests.payments.world import FLAVOURS, KEY, USER, World, until

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
    assert "could not be written down: it is made" in caplog.text
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


@pytest.mark.sampled(2)
@pytest.mark.parametrize(
    ("fault", "state"), [({}, "made"), ({"status": 400}, "refused"), ({"status": 429}, "not_sent")]
)
def test_a_cancelled_call_goes_on_in_the_background_and_its_outcome_is_written_down(
    each_world: World, fault: Any, state: str
) -> None:
    late = each_world.sandbox.faults.add(operation="create_routine", delay=0.5, **fault)

    async def main() -> None:
        async with each_world.async_client() as astra:
            paying = asyncio.create_task(astra.user(USER).routines.create(**each_world.payment()))
            await until(lambda: late.hits > 0)
            paying.cancel()
            with pytest.raises(asyncio.CancelledError):
                await paying
            record = await astra.payments.get(KEY)
            assert record is not None
            assert record.state is PaymentState.UNCERTAIN
            await until(lambda: each_world.record().state is not PaymentState.UNCERTAIN)

    asyncio.run(main())
    record = each_world.record()
    assert record.state == state
    assert [routine.id for routine in each_world.made()] == ([record.resource_id] if state == "made" else [])
    assert each_world.pay().replayed is (state == "made")
    assert len(each_world.made()) == 1


def test_a_call_that_is_cancelled_and_whose_client_closes_is_looked_for_by_the_next(world: World) -> None:
    late = world.sandbox.faults.add(operation="create_routine", delay=0.5)

    async def main() -> None:
        async with world.async_client() as astra:
            paying = asyncio.create_task(astra.user(USER).routines.create(**world.payment()))
            await until(lambda: late.hits > 0)
            paying.cancel()
            with pytest.raises(asyncio.CancelledError):
                await paying

    asyncio.run(main())
    assert world.record().state is PaymentState.UNCERTAIN
    world.clock.ahead = timedelta(minutes=10).total_seconds()
    assert [world.pay().id] == [routine.id for routine in world.made()]
    assert world.record().attempts == 1


@pytest.mark.parametrize("fault", [{"drop": "after"}, {}])
def test_an_interruption_after_the_answer_is_no_proof_that_nothing_was_made(
    world: World, fault: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It comes between the end of the attempt and the return of the call, and the store cannot write in time."""
    if fault:
        world.sandbox.faults.add(operation="create_routine", **fault)
    ended, settle = Once._ended, PaymentLedger.settle
    broken = [True]

    def interrupted(once: Any, record: Any, value: Any, error: Any, context: Any) -> None:
        ended(once, record, value, error, context)
        broken[0] = False
        once._call.in_flight = False
        raise KeyboardInterrupt

    def settles(ledger: Any, record: Any, decide: Any) -> Any:
        if broken[0] and not fault:
            raise IdempotencyStoreError("the disk is full")
        return settle(ledger, record, decide)

    monkeypatch.setattr(Once, "_ended", interrupted)
    monkeypatch.setattr(PaymentLedger, "settle", settles)
    with pytest.raises(KeyboardInterrupt):
        world.pay()
    monkeypatch.undo()
    assert world.record().state is PaymentState.UNCERTAIN
    assert world.pay().replayed
    assert len(world.made()) == 1


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
def test_a_store_that_was_removed_while_it_was_in_use_pays_nothing_and_tells_nothing(
    world: World, flavour: str
) -> None:
    path = Path(world.store_url.removeprefix("sqlite:///"))

    def remove() -> None:
        for file in path.parent.glob("payments.db*"):
            file.unlink()

    async def main() -> None:
        async with world.async_client() as astra:
            routines = astra.user(USER).routines
            await routines.create(**world.payment())
            remove()
            for _ in range(2):
                with pytest.raises(IdempotencyStoreError, match="removed or replaced while it was in use"):
                    await routines.create(**world.payment())

    if flavour == "asyncio":
        asyncio.run(main())
    else:
        with world.client() as astra:
            routines = astra.user(USER).routines
            routines.create(**world.payment())
            remove()
            for _ in range(2):
                with pytest.raises(IdempotencyStoreError, match="removed or replaced while it was in use"):
                    routines.create(**world.payment())
                with pytest.raises(IdempotencyStoreError, match="removed or replaced while it was in use"):
                    list(astra.payments.list())
    assert world.sent() == 1
    assert not path.exists()


@each_flavour
def test_a_store_without_its_folder_pays_nothing(world: World, flavour: str, tmp_path: Path) -> None:
    with pytest.raises(IdempotencyStoreError):
        world.pay(flavour=flavour, client={"idempotency_store": f"sqlite:///{tmp_path}/no/folder/p.db"})
    assert world.made() == []


@pytest.mark.parametrize("url", ["redis://localhost/0", "payments", "sqlite://", "sqlite:///p.db?x=1", ""])
def test_a_wrong_store_is_refused_when_the_client_is_made(world: World, url: str) -> None:
    with pytest.raises(ConfigurationError):
        world.client(idempotency_store=url)


def test_a_new_store_is_announced_once_because_it_may_be_a_mistake(
    each_world: World, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING, logger="astra.storage"):
        each_world.pay()
        each_world.pay()
    told = [one for one in caplog.records if one.name == "astra.storage"]
    assert [one.levelname for one in told] == ["WARNING"]
    assert "new, empty idempotency store was made" in told[0].getMessage()


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
