"""The ways to the bank: blocking and asyncio, over pools of our own and over clients that were handed in."""

from __future__ import annotations

import asyncio
import faulthandler
import os
import signal
import threading
from collections.abc import Callable
from typing import Any, Literal

import attrs
import httpx
import httpx2
from httpx_aiohttp import AiohttpTransport

import astra
from astra.request_log.memory import MemoryRequestLog
from astra.tokens import TokenAnswer, open_store
from tests.safe_writes.bank import Bank, Plan
from tests.signals import signal_handler_that_raises

TIMEOUT = 0.2
PATIENCE = 20.0
"""Seconds for a payment that nothing keeps from an answer, so that a busy machine does not do so."""

TOKENS = TokenAnswer(access_token="access", expires_in=7200, refresh_token="refresh")
FORKED_CHILD_IS_FINE = 0

Interruption = Literal["no", "cancel", "close", "fork"]


@attrs.frozen
class Case:
    """One payment: what the bank does, and what happens to the caller meanwhile.

    Attributes:
        plan: what the bank does.
        interruption: what happens to the caller: an exception from a signal handler or a cancelled task, `close()` from
            elsewhere, or a fork whose child uses the client as well.
        after: seconds after which it happens.
        reconcile: whether an uncertain outcome is looked into at once.
    """

    plan: Plan
    interruption: Interruption = "no"
    after: float = 0.0
    reconcile: bool = False

    @property
    def timeout(self) -> float:
        is_calm = self.plan.fault == "none" and (self.plan == Plan() or 400 <= self.plan.status < 430)
        return PATIENCE if is_calm and self.interruption == "no" else TIMEOUT


class GaveUp(Exception):
    """What a signal handler of the application raises, as Celery's time limits do."""


class Way:
    """One way to the bank; what both flavours have in common.

    Args:
        bank: who is paid through.
        http_client: makes what is handed in; None for connections of our own.
    """

    def __init__(self, bank: Bank, http_client: Callable[[], Any] | None) -> None:
        self.bank, self.make = bank, http_client
        self.log = MemoryRequestLog()
        self.store = open_store(None)
        self.given: list[Any] = []
        self.client: Any = None

    def options(self) -> dict[str, Any]:
        if self.make is not None:
            self.given.append(self.make())
        return {
            "base_url": self.bank.origin,
            "token_store": self.store,
            "request_log": self.log,
            "timeout": TIMEOUT,
            "http_client": self.given[-1] if self.given else None,
        }

    def records(self, correlation: str) -> list[Any]:
        """The attempts of one payment, the oldest first."""
        return [record for record in list(self.log._records) if record.client_correlation_id == correlation]

    def wait_for_half(self, after: float) -> None:
        """Half of what happens meanwhile happens when the request has arrived, the other half at any moment."""
        if after > 0.006:
            self.bank.arrived.wait(0.1)

    def child_reads(self, read: Callable[[], object]) -> None:
        child = os.fork()
        if child == 0:
            ended = 1
            # A child that hangs says where, and ends: its parent would wait for it until its own time is up.
            faulthandler.register(signal.SIGALRM, file=2, chain=True)
            signal.alarm(int(PATIENCE))
            try:
                ended = FORKED_CHILD_IS_FINE if read() == [] else 2
            except astra.ConfigurationError:
                # Connections that were handed in are those of the parent: the child has to be refused, and is.
                ended = FORKED_CHILD_IS_FINE if self.given else 3
            finally:
                os._exit(ended)
        assert os.waitpid(child, 0)[1] == FORKED_CHILD_IS_FINE, "a read in a forked child failed"


def arguments(case: Case, correlation: str) -> dict[str, Any]:
    return {
        "type": "one-time",
        "name": "matrix",
        "payment_type": "ach",
        "source_id": "acc_1",
        "destination_id": "acc_2",
        "amount": "20.10",
        "client_correlation_id": correlation,
        "on_uncertain": "reconcile" if case.reconcile else "raise",
        "timeout": case.timeout,
    }


class Blocking(Way):
    """Threads. A cancellation is an exception out of a signal handler."""

    def __init__(self, bank: Bank, http_client: Callable[[], Any] | None = None) -> None:
        super().__init__(bank, http_client)
        self.client = self._client()
        self.client.tokens.store_answer("payer", TOKENS, astra_user_id="usr_1")

    def _client(self) -> astra.Astra:
        return astra.Astra("id", "secret", **self.options())

    def pay(self, case: Case, correlation: str) -> object:
        """Makes a payment, and returns the routine or the exception."""
        self.bank.arrived.clear()
        self.bank.plan = case.plan
        call = lambda: self.client.user("payer").routines.create(**arguments(case, correlation))  # noqa: E731
        match case.interruption:
            case "no":
                return caught(call)
            case "cancel":
                return self._interrupted(call, case.after)
            case "close":
                return self._beside(call, case.after, self._replace)
            case "fork":
                return self._beside(call, case.after, lambda: self.child_reads(self._read))

    def _interrupted(self, call: Callable[[], object], after: float) -> object:
        with signal_handler_that_raises(GaveUp(), number=signal.SIGALRM):
            try:
                signal.setitimer(signal.ITIMER_REAL, max(after, 0.0001))
                outcome = caught(call)
                signal.setitimer(signal.ITIMER_REAL, 0)
            except GaveUp as late:
                outcome = late
        if self.given:
            self._replace()  # such an exception may leave locks of httpx taken; the pool of a user is theirs to replace
        return outcome

    def _beside(self, call: Callable[[], object], after: float, act: Callable[[], None]) -> object:
        ended: list[object] = []
        thread = threading.Thread(target=lambda: ended.append(caught(call)), daemon=True)
        thread.start()
        self.wait_for_half(after)
        act()
        thread.join(20)
        assert not thread.is_alive(), "the payment does not end"
        return ended[0]

    def _replace(self) -> None:
        self.client.close()
        self.client = self._client()

    def _read(self) -> object:
        return self.client.user("payer").transfers.list(timeout=5).to_list()

    def go_on(self) -> None:
        """Lets what is in the background go on for a moment."""
        threading.Event().wait(0.01)

    def close(self) -> None:
        self.client.close()
        for given in self.given:
            # It waits for ever for a lock of httpx that an exception of a signal handler left taken.
            closing = threading.Thread(target=given.close, daemon=True)
            closing.start()
            closing.join(5)


def caught(call: Callable[[], object]) -> object:
    try:
        return call()
    except Exception as error:
        return error


class Tasks(Way):
    """An event loop. A cancellation is one of asyncio."""

    def __init__(self, bank: Bank, http_client: Callable[[], Any] | None = None) -> None:
        super().__init__(bank, http_client)
        self.runner = asyncio.Runner()
        self.runner.run(self._open())

    async def _open(self) -> None:
        self.client = astra.AsyncAstra("id", "secret", **self.options())
        await self.client.tokens.store_answer("payer", TOKENS, astra_user_id="usr_1")

    def pay(self, case: Case, correlation: str) -> object:
        """Makes a payment, and returns the routine or the exception."""
        self.bank.arrived.clear()
        self.bank.plan = case.plan
        return self.runner.run(self._pay(case, correlation))

    async def _pay(self, case: Case, correlation: str) -> object:
        task = asyncio.ensure_future(self.client.user("payer").routines.create(**arguments(case, correlation)))
        match case.interruption:
            case "cancel":
                asyncio.get_running_loop().call_later(case.after, task.cancel)
            case "close" | "fork":
                await asyncio.sleep(0)
                await asyncio.to_thread(self.wait_for_half, case.after)
                if case.interruption == "close":
                    await self.client.close()
                    self.client = astra.AsyncAstra("id", "secret", **self.options())
                else:
                    await asyncio.to_thread(self.child_reads, lambda: asyncio.run(self._read()))
            case "no":
                pass
        await asyncio.wait([task])
        try:
            return task.result()
        except (Exception, asyncio.CancelledError) as error:
            return error

    async def _read(self) -> object:
        return await self.client.user("payer").transfers.list(timeout=5).to_list()

    def go_on(self) -> None:
        """Lets what is in the background go on for a moment."""
        self.runner.run(asyncio.sleep(0.01))

    def close(self) -> None:
        self.runner.run(self.client.close())
        for given in self.given:
            self.runner.run(given.aclose())
        self.runner.close()


HTTP2 = {"http1": False, "http2": True}
WAYS: dict[str, Callable[[Bank], Blocking | Tasks]] = {
    "blocking, our own pool of httpx": Blocking,
    "blocking, our own pool of httpx2": Blocking,
    "blocking, httpx": lambda bank: Blocking(bank, httpx.Client),
    "blocking, httpx2": lambda bank: Blocking(bank, httpx2.Client),
    "blocking, httpx over HTTP/2": lambda bank: Blocking(bank, lambda: httpx.Client(**HTTP2)),
    "blocking, httpx2 over HTTP/2": lambda bank: Blocking(bank, lambda: httpx2.Client(**HTTP2)),
    "asyncio, our own pool of httpx": Tasks,
    "asyncio, our own pool of httpx2": Tasks,
    "asyncio, httpx": lambda bank: Tasks(bank, httpx.AsyncClient),
    "asyncio, httpx2": lambda bank: Tasks(bank, httpx2.AsyncClient),
    "asyncio, httpx over HTTP/2": lambda bank: Tasks(bank, lambda: httpx.AsyncClient(**HTTP2)),
    "asyncio, httpx2 over HTTP/2": lambda bank: Tasks(bank, lambda: httpx2.AsyncClient(**HTTP2)),
    "asyncio, aiohttp": lambda bank: Tasks(bank, AiohttpTransport),
}
