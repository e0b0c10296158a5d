"""At most one payment, and an honest answer, on every way to the bank: whatever the wire does, whoever gives up.

The cases are spread over the ways. `ASTRA_FAULTS=2000` runs that many on each.
"""

from __future__ import annotations

import asyncio
import itertools
import os
import signal
import threading
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from typing import Any, Literal, Protocol

import attrs
import httpx
import httpx2
import pytest
from httpx_aiohttp import AiohttpTransport
from hypothesis import given, settings
from hypothesis import strategies as st

import astra
from astra.request_log.memory import MemoryRequestLog
from astra.tokens import TokenAnswer, open_store
from tests.safe_writes.bank import Bank, Body, Fault, Plan

CASES = int(os.environ.get("ASTRA_FAULTS", "240"))
TIMEOUT = 0.2
numbers = itertools.count()
TOKENS = TokenAnswer(access_token="access", expires_in=7200, refresh_token="refresh")

Interruption = Literal["no", "cancel", "close", "fork"]
Pay = Callable[..., Awaitable[object]]


@attrs.frozen
class Case:
    """One payment: what the bank does, and what happens to the caller meanwhile."""

    plan: Plan
    interruption: Interruption = "no"
    after: float = 0.0
    reconcile: bool = False


def plans(*, slow: bool) -> st.SearchStrategy[Plan]:
    """Any byte of a request of some 600 bytes or of an answer of some 500, and what a bank or a proxy may answer."""
    byte = st.one_of(st.just(0), st.integers(0, 900))
    cuts: list[Fault] = ["cut request", "cut answer", "cut answer", "reset answer"]
    breaks: list[Fault] = ["garbage", "bad frame", "bad frame", "goaway", "reset stream"]
    wait: list[Fault] = ["hang", *(("drip", "early hints") if slow else ())]  # type: ignore[list-item]
    bodies: list[Body] = ["empty", "html", "object", "error", "foreign", "truncated json"]
    after_booking = st.sampled_from([200, 201, 202, 204, 302, 408, 499, 500, 502, 503, 504])
    refusals = st.sampled_from([400, 401, 401, 403, 404, 409, 422, 429])
    return st.one_of(
        st.builds(Plan, fault=st.sampled_from(cuts), at=byte, booked=st.booleans()),
        st.builds(Plan, fault=st.sampled_from(breaks), at=byte, booked=st.booleans()),
        st.builds(Plan, status=after_booking, booked=st.booleans(), body=st.sampled_from(["routine", *bodies])),
        st.builds(Plan, status=refusals, booked=st.just(False), body=st.sampled_from(["routine", "html"])),
        st.builds(Plan, fault=st.sampled_from([*wait, "cut answer"]), at=byte, booked=st.booleans()),
        st.just(Plan()),
    )


def cases(*, slow: bool, ours: bool) -> st.SearchStrategy[Case]:
    interruptions: list[Interruption] = ["close", *(("fork", "cancel", "cancel") if ours else ())]  # type: ignore[list-item]
    quiet = st.builds(Case, plan=plans(slow=slow), reconcile=st.booleans())
    good: st.SearchStrategy[Plan] = st.sampled_from([Plan(), Plan(), Plan(fault="hang"), Plan(fault="cut answer", at=90)])
    hurt = st.builds(
        Case,
        plan=good,
        interruption=st.sampled_from(interruptions),
        after=st.floats(0, 0.012),
    )
    return st.one_of(quiet, quiet, quiet, hurt)


class Way(Protocol):
    """One way to the bank: a flavour, a library and a protocol."""

    name: str
    slow: bool

    def pay(self, case: Case, correlation: str) -> object:
        """Makes a payment, and returns the routine or the exception."""
        ...

    def go_on(self) -> None:
        """Lets what is in the background go on for a moment."""
        ...

    def records(self, correlation: str) -> list[Any]: ...

    def close(self) -> None: ...


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
    }


class GaveUp(Exception):
    """What a signal handler of the application raises, as Celery's time limits do."""


class Blocking:
    """Threads. A cancellation is an exception out of a signal handler."""

    def __init__(self, name: str, bank: Bank, http_client: Callable[[], Any] | None) -> None:
        self.name, self.bank, self.make, self.slow = name, bank, http_client, http_client is None
        self.log = MemoryRequestLog()
        self.store = open_store(None)
        self.given: list[Any] = []
        self.client = self._client()
        self.client.tokens.store_answer("payer", TOKENS, astra_user_id="usr_1")

    def _client(self) -> astra.Astra:
        given = self.make() if self.make else None
        self.given.append(given)
        return astra.Astra(
            "id",
            "secret",
            base_url=self.bank.url,
            token_store=self.store,
            request_log=self.log,
            timeout=TIMEOUT,
            http_client=given,
        )

    def pay(self, case: Case, correlation: str) -> object:
        self.bank.arrived.clear()
        self.bank.plan = case.plan
        call = lambda: self.client.user("payer").routines.create(**arguments(case, correlation))  # noqa: E731
        try:
            match case.interruption:
                case "no":
                    return call()
                case "cancel":
                    return self._interrupted(call, case.after)
                case "close":
                    return self._beside(call, case.after, self._replace)
                case "fork":
                    return self._beside(call, case.after, self._child_reads)
        except (astra.AstraError, GaveUp) as error:
            return error

    def _interrupted(self, call: Callable[[], object], after: float) -> object:
        def give_up(_: int, frame: Any) -> None:
            while frame is not None and frame.f_code.co_name != "gc_callback":
                frame = frame.f_back
            if frame is None:
                raise GaveUp
            signal.setitimer(signal.ITIMER_REAL, 0.0001)  # in a hook of hypothesis, which must not see it

        former = signal.signal(signal.SIGALRM, give_up)
        try:
            signal.setitimer(signal.ITIMER_REAL, max(after, 0.0001))
            return call()
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, former)

    def _beside(self, call: Callable[[], object], after: float, act: Callable[[], None]) -> object:
        ended: list[object] = []

        def run() -> None:
            try:
                ended.append(call())
            except Exception as error:
                ended.append(error)

        thread = threading.Thread(target=run)
        thread.start()
        if after > 0.004:
            self.bank.arrived.wait(1)
        act()
        thread.join(20)
        assert not thread.is_alive()
        return ended[0]

    def _replace(self) -> None:
        self.client.close()
        self.client = self._client()

    def _child_reads(self) -> None:
        child = os.fork()
        if child == 0:
            ended = 1
            try:
                ended = 0 if self.client.user("payer").transfers.list(timeout=5).to_list() == [] else 2
            finally:
                os._exit(ended)
        assert os.waitpid(child, 0)[1] == 0, "a read in a forked child failed"

    def go_on(self) -> None:
        threading.Event().wait(0.01)

    def records(self, correlation: str) -> list[Any]:
        return recorded(self.log, correlation)

    def close(self) -> None:
        self.client.close()
        for given in self.given:
            if given is not None:
                given.close()


class Tasks:
    """An event loop. A cancellation is one of asyncio."""

    def __init__(self, name: str, bank: Bank, http_client: Callable[[], Any] | None) -> None:
        self.name, self.bank, self.make = name, bank, http_client
        self.slow = True
        self.runner = asyncio.Runner()
        self.log = MemoryRequestLog()
        self.store = open_store(None)
        self.given: list[Any] = []
        self.client = self.runner.run(self._client())
        self.runner.run(self.client.tokens.store_answer("payer", TOKENS, astra_user_id="usr_1"))

    async def _client(self) -> astra.AsyncAstra:
        given = self.make() if self.make else None
        self.given.append(given)
        return astra.AsyncAstra(
            "id",
            "secret",
            base_url=self.bank.url,
            token_store=self.store,
            request_log=self.log,
            timeout=TIMEOUT,
            http_client=given,
        )

    def pay(self, case: Case, correlation: str) -> object:
        self.bank.arrived.clear()
        self.bank.plan = case.plan
        return self.runner.run(self._pay(case, correlation))

    async def _pay(self, case: Case, correlation: str) -> object:
        task = asyncio.ensure_future(self.client.user("payer").routines.create(**arguments(case, correlation)))
        match case.interruption:
            case "cancel":
                asyncio.get_running_loop().call_later(case.after, task.cancel)
            case "close" | "fork":
                if case.after > 0.004:
                    await asyncio.to_thread(self.bank.arrived.wait, 1)
                else:
                    await asyncio.sleep(0)
                if case.interruption == "close":
                    await self.client.close()
                    self.client = await self._client()
                else:
                    await asyncio.to_thread(self._child_reads)
            case "no":
                pass
        await asyncio.wait([task])
        if task.cancelled():
            try:
                task.result()
            except asyncio.CancelledError as error:
                return error
        return task.exception() or task.result()

    def _child_reads(self) -> None:
        child = os.fork()
        if child == 0:
            ended = 1
            try:
                ended = asyncio.run(self._read())
            finally:
                os._exit(ended)
        assert os.waitpid(child, 0)[1] == 0, "a read in a forked child failed"

    async def _read(self) -> int:
        return 0 if await self.client.user("payer").transfers.list(timeout=5).to_list() == [] else 2

    def go_on(self) -> None:
        self.runner.run(asyncio.sleep(0.01))

    def records(self, correlation: str) -> list[Any]:
        return recorded(self.log, correlation)

    def close(self) -> None:
        self.runner.run(self.client.close())
        for given in self.given:
            if given is not None:
                self.runner.run(given.aclose())
        self.runner.close()


def recorded(log: MemoryRequestLog, correlation: str) -> list[Any]:
    """The attempts of one payment, the oldest first."""
    return [record for record in list(log._records) if record.client_correlation_id == correlation]


WAYS: dict[str, Callable[[Bank], Way]] = {
    "blocking, our own pool": lambda bank: Blocking("blocking", bank, None),
    "blocking, httpx": lambda bank: Blocking("httpx", bank, httpx.Client),
    "blocking, httpx2": lambda bank: Blocking("httpx2", bank, httpx2.Client),
    "blocking, httpx over HTTP/2": lambda bank: Blocking("h2", bank, lambda: httpx.Client(http1=False, http2=True)),
    "blocking, httpx2 over HTTP/2": lambda bank: Blocking("h2", bank, lambda: httpx2.Client(http1=False, http2=True)),
    "asyncio, our own pool": lambda bank: Tasks("asyncio", bank, None),
    "asyncio, httpx": lambda bank: Tasks("httpx", bank, httpx.AsyncClient),
    "asyncio, httpx2": lambda bank: Tasks("httpx2", bank, httpx2.AsyncClient),
    "asyncio, httpx over HTTP/2": lambda bank: Tasks("h2", bank, lambda: httpx.AsyncClient(http1=False, http2=True)),
    "asyncio, httpx2 over HTTP/2": lambda bank: Tasks("h2", bank, lambda: httpx2.AsyncClient(http1=False, http2=True)),
    "asyncio, aiohttp": lambda bank: Tasks("aiohttp", bank, AiohttpTransport),
}


@pytest.fixture(params=WAYS)
def way(request: pytest.FixtureRequest) -> Iterator[Way]:
    bank = Bank()
    made = WAYS[request.param](bank)
    yield made
    made.close()
    bank.close()


@pytest.mark.long
@pytest.mark.timeout(60)
def test_at_most_one_payment_and_an_honest_answer(way: Any) -> None:
    seen: Counter[str] = Counter()

    @settings(max_examples=CASES, deadline=None, derandomize=True, database=None)
    @given(case=cases(slow=way.slow, ours=way.make is None))
    def any_fault(case: Case) -> None:
        seen[check(way, case)] += 1

    any_fault()
    # Each kind of end has to occur, or the faults were not where they were meant to be.
    assert min(seen[kind] for kind in ("made", "uncertain, made", "uncertain, not made", "not made")) > 5, seen


def check(way: Any, case: Case) -> str:
    """Makes one payment, holds what the caller learned against what the bank did, and says how it ended."""
    correlation = f"M{next(numbers):07d}"
    outcome = way.pay(case, correlation)
    way.bank.plan = None
    made = way.bank.made[correlation]
    assert made <= 1
    if isinstance(outcome, (asyncio.CancelledError, GaveUp)):
        # It may go on: whatever it comes to stands in the log.
        if way.bank.received[correlation]:
            settle(way, lambda: bool(way.records(correlation)), "a cancelled payment without a record")
            last = way.records(correlation)[-1]
            assert last.error_name != "APIConnectionError", "recorded as not made, and sent"
            assert last.error_name is not None or way.bank.made[correlation] == 1, "recorded as made, and not made"
        settle(way, lambda: way.bank.made[correlation] <= 1, "paid twice")
        return "given up"
    if not isinstance(outcome, BaseException):
        assert made == 1, "reported as made, and not made"
        named = way.records(correlation)[-1].error_name
        assert named is None or (case.reconcile and named == "UncertainOutcomeError")
        return "made"
    assert isinstance(outcome, astra.AstraError), f"a bare {outcome!r}"
    if way.bank.received[correlation]:
        last = way.records(correlation)[-1]
        assert last.error_name == type(outcome).__name__, (last, outcome)
    if isinstance(outcome, astra.UncertainOutcomeError):
        found = ask_later(way, outcome)
        if made:
            assert found is not None
            assert found.client_correlation_id == correlation
        return "uncertain, made" if made else "uncertain, not made"
    assert made == 0, f"reported as failed, and made: {outcome!r}"
    return "not made"


def ask_later(way: Any, error: astra.UncertainOutcomeError) -> Any:
    """Looks for the payment from another process's point of view: other connections, the same store."""
    with astra.Astra("id", "secret", base_url=way.bank.url, token_store=way.store) as client:
        return client.user("payer").routines.reconcile(error)


def settle(way: Any, condition: Callable[[], bool], otherwise: str) -> None:
    """Waits for what goes on in the background, at most two seconds."""
    until = time.monotonic() + 2
    while not condition():
        assert time.monotonic() < until, otherwise
        way.go_on()
