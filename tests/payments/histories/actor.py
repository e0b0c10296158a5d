"""A process with a client of its own that does what it is told, and may be killed at any step of it."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import struct
import sys
import time
from collections.abc import Callable
from datetime import timedelta
from multiprocessing.connection import Connection
from typing import Any

import attrs

from astra import Astra, AsyncAstra
from astra.payments import IdempotencyStore, PaymentRecord, open_idempotency_store
from astra.testing import webhook_event
from tests.payments.histories.bank import Person
from tests.payments.histories.points import AsyncSteppedTransport, Points, SteppedStore, SteppedTransport, cancel_soon
from tests.payments.histories.story import RESEND_AFTER, Cut, Pay, Prune, Reconcile, Resolve, Settle


@attrs.frozen(kw_only=True)
class Setting:
    """Where a history plays.

    Attributes:
        client: what a client is made with.
        store: URL of the idempotency store.
        user_key: who pays.
        person: the same at Astra.
        resends: whether the client has `resend_after`.
        clocks: seconds that clocks are ahead, in memory that all processes share: the world's, and each process's.
        break_store: puts a store that is wrong in place of the right one, or None.
    """

    client: dict[str, Any]
    store: str
    user_key: str
    person: Person
    resends: bool
    clocks: Any
    break_store: Callable[[IdempotencyStore], IdempotencyStore] | None = None

    def clock(self, place: int) -> Callable[[], float]:
        """The clock of a process."""

        def read() -> float:
            world, own = struct.unpack_from("d", self.clocks, 0)[0], struct.unpack_from("d", self.clocks, 8 * place)[0]
            return time.time() + float(world) + float(own)

        return read


@attrs.frozen(kw_only=True)
class Order:
    """One thing to do.

    Attributes:
        deed: it; "records" and "modules" ask, and "rest" waits for what goes on in the background.
        key: name of the key; of the user, for "records".
        timeout: seconds.
        routine: the routine that a webhook or a person names, or None.
    """

    deed: Pay | Reconcile | Settle | Resolve | Prune | str
    key: str = ""
    timeout: float = 1.0
    routine: str | None = None


@attrs.frozen(kw_only=True)
class Reply:
    """What it came to.

    Attributes:
        value: id of a routine, records, or a text.
        error: name of the error, or None.
        message: of the error.
        passed: the steps.
        replayed: whether the value was kept, and nothing was sent.
    """

    value: Any = None
    error: str | None = None
    message: str = ""
    passed: tuple[str, ...] = ()
    replayed: bool = False


def begin(client: Any, order: Order, setting: Setting) -> Any:
    """Calls the client; its async flavour gives an awaitable."""
    deed = order.deed
    match deed:
        case Pay():
            return client.user(setting.user_key).routines.create(
                type="one-time",
                name=order.key,
                payment_type="ach",
                source_id=setting.person.source,
                destination_id=setting.person.destination,
                amount=deed.amount,
                idempotency_key=order.key,
                timeout=order.timeout,
            )
        case Reconcile():
            return client.payments.reconcile(user=setting.user_key, timeout=max(order.timeout, 1.0))
        case Settle():
            event = webhook_event("routine_updated", user_id=setting.person.user_id, resource_id=order.routine or "rt")
            return client.payments.settle(event)
        case Resolve():
            how: dict[str, Any] = {"not_made": True} if order.routine is None else {"made": order.routine}
            return client.payments.resolve(order.key, by="a person", **how)
        case Prune():
            return client.payments.prune(older_than=timedelta(days=1))
        case _:
            return client.payments.list(user=order.key)


def replied(value: Any, points: Points) -> Reply:
    """Says what a call returned."""
    if isinstance(value, PaymentRecord):
        value = value.state.value
    kept = bool(getattr(value, "replayed", False))
    if hasattr(value, "id"):
        value = value.id
    elif not isinstance(value, list | int | str | None):
        value = repr(value)
    return Reply(value=value, passed=tuple(points.passed), replayed=kept)


def failed(error: BaseException, points: Points) -> Reply:
    """Says what a call raised."""
    return Reply(error=type(error).__name__, message=str(error)[:500], passed=tuple(points.passed))


def options(setting: Setting, place: int, points: Points, transport: Any) -> dict[str, Any]:
    """What a client of a process is made with."""
    store = open_idempotency_store(setting.store)
    if setting.break_store is not None:
        store = setting.break_store(store)
    return {
        **setting.client,
        "idempotency_store": SteppedStore(store, points),
        "resend_after": timedelta(seconds=RESEND_AFTER) if setting.resends else None,
        "http_client": transport,
        "clock": setting.clock(place),
        "max_retries": place % 2,
    }


def cut_of(order: Order) -> Cut | None:
    """Where to end."""
    return getattr(order.deed, "cut", None)


def run_blocking(orders: Connection, setting: Setting, place: int) -> None:
    """Works until there are no more orders."""
    points = Points()
    signal.signal(signal.SIGINT, points.on_interrupt)
    with Astra(**options(setting, place, points, SteppedTransport(points))) as client:
        while (order := orders.recv()) is not None:
            if order.deed in ("rest", "modules"):
                orders.send(Reply(value=list(sys.modules) if order.deed == "modules" else None))
                continue
            points.start(cut_of(order))
            try:
                try:
                    found = begin(client, order, setting)
                    found = list(found) if order.deed == "records" else found
                finally:
                    points.end()
                reply = replied(found, points)
            except BaseException as error:
                reply = failed(error, points)
            orders.send(reply)


async def run_async(orders: Connection, setting: Setting, place: int) -> None:
    """As `run_blocking`, in an event loop that goes on while it waits for orders."""
    points, loop = Points(), asyncio.get_running_loop()
    async with AsyncAstra(**options(setting, place, points, AsyncSteppedTransport(points))) as client:
        while (order := await loop.run_in_executor(None, orders.recv)) is not None:
            if order.deed == "modules":
                orders.send(Reply(value=list(sys.modules)))
                continue
            if order.deed == "rest":
                others = asyncio.all_tasks() - {asyncio.current_task()}
                if others:
                    await asyncio.wait(others, timeout=5)
                orders.send(Reply())
                continue
            task = loop.create_task(do(client, order, setting))
            points.start(cut_of(order), cancel=cancel_soon(loop, task))
            try:
                reply = replied(await task, points)
            except BaseException as error:
                reply = failed(error, points)
            orders.send(reply)


async def do(client: AsyncAstra, order: Order, setting: Setting) -> Any:
    """Calls the client."""
    found = begin(client, order, setting)
    return [record async for record in found] if order.deed == "records" else await found


def fork(setting: Setting, *, place: int, is_async: bool, close: list[Connection]) -> tuple[int, Connection]:
    """Starts a process; returns its id and the connection for orders.

    Args:
        setting: where the history plays.
        place: of its clock, from 1.
        is_async: whether it has the asyncio client.
        close: connections of the parent that it must not keep open.
    """
    import multiprocessing

    ours, theirs = multiprocessing.Pipe()
    pid = os.fork()
    if pid:
        theirs.close()
        return pid, ours
    try:
        for connection in (ours, *close):
            connection.close()
        logging.disable(logging.CRITICAL)
        if is_async:
            asyncio.run(run_async(theirs, setting, place))
        else:
            run_blocking(theirs, setting, place)
    except BaseException:
        import traceback

        traceback.print_exc()
        os._exit(1)
    os._exit(0)
