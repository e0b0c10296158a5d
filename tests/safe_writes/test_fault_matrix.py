"""At most one payment, and an honest answer, on every way to the bank: whatever the wire does, whoever gives up.

`ASTRA_FAULTS=2000` makes so many payments on each way, `ASTRA_FAULTS_SEED` chooses other ones; with
`-rP` pytest prints how they ended.
"""

from __future__ import annotations

import asyncio
import os
import random
import time
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import pytest

import astra
from tests.safe_writes.bank import Bank, Body, Fault, Plan
from tests.safe_writes.ways import WAYS, Case, GaveUp, Interruption

CASES = int(os.environ.get("ASTRA_FAULTS", "30"))
SEED = os.environ.get("ASTRA_FAULTS_SEED", "1")
ENOUGH = 10
"""Failures after which a run ends."""

ON_THE_REQUEST: list[Fault] = ["cut request", "cut request", "reset request", "stall request"]
ON_THE_ANSWER: list[Fault] = ["cut answer", "cut answer", "cut answer", "reset answer", "hang"]
OF_THE_PROTOCOL: list[Fault] = ["garbage", "bad frame", "bad frame", "goaway", "reset stream"]
SLOW: list[Fault] = ["drip", "early hints"]
NOT_A_PAYMENT: list[Body] = ["empty", "html", "object", "error", "foreign", "truncated json"]
PERHAPS_BOOKED = [200, 201, 202, 204, 302, 408, 499, 500, 502, 503, 504]
REFUSALS = [400, 401, 403, 404, 409, 422, 429]
INTERRUPTIONS: list[Interruption] = ["close", "fork", "cancel", "cancel"]


def broken(chance: random.Random, faults: list[Fault]) -> Plan:
    """Goes wrong at any byte of a request of some 600 or of an answer of some 500."""
    at = chance.choice([0, chance.randint(0, 900), chance.randint(0, 900)])
    return Plan(fault=chance.choice(faults), at=at, booked=chance.random() < 0.5)


def strange(chance: random.Random) -> Plan:
    """An answer that may follow a payment or not: of a proxy, of another server, of a bank that failed half way."""
    body = chance.choice(["routine", *NOT_A_PAYMENT])
    return Plan(status=chance.choice(PERHAPS_BOOKED), body=body, booked=chance.random() < 0.5)


def refusal(chance: random.Random) -> Plan:
    return Plan(status=chance.choice(REFUSALS), body=chance.choice(["routine", "html"]), booked=False)


KINDS: list[Callable[[random.Random], Plan]] = [
    *[lambda chance: broken(chance, ON_THE_REQUEST)] * 4,
    *[lambda chance: broken(chance, ON_THE_ANSWER)] * 4,
    *[lambda chance: broken(chance, OF_THE_PROTOCOL)] * 3,
    *[strange] * 4,
    *[refusal] * 4,
    lambda chance: broken(chance, SLOW),
    *[lambda _: Plan()] * 3,
]


def case_of(number: int, chance: random.Random) -> Case:
    """The kinds take turns, so that few cases have all of them; the rest is chance.

    One payment in four is interrupted, half of those on a wire where all goes well or nothing comes.
    """
    plan, reconcile = KINDS[number * 7 % len(KINDS)](chance), chance.random() < 0.4
    if number % 4:
        return Case(plan, reconcile=reconcile)
    calm = [Plan(), Plan(), Plan(fault="hang"), Plan(fault="cut answer", at=90), plan, plan, plan, plan]
    # A payment that goes well takes some three milliseconds.
    after = chance.choice([0.004, 0.012]) * chance.random()
    return Case(chance.choice(calm), INTERRUPTIONS[number // 4 % len(INTERRUPTIONS)], after, reconcile)


# What a signal handler raises is lost in a finalizer, and in socket.create_connection() it leaves a socket that nobody
# has yet: Python closes it later, and says so of both. Neither can be cured from here.
LEFT_BY_A_SIGNAL = pytest.mark.filterwarnings(
    "ignore:(?s)Exception ignored in.*(socket.socket|GaveUp):pytest.PytestUnraisableExceptionWarning"
)


EVERYDAY = ("blocking, our own pool of httpx", "blocking, our own pool of httpx2", "asyncio, our own pool of httpx2")
"""Ways that `make test` goes: those that most users go."""


def marks_of(name: str) -> list[pytest.MarkDecorator]:
    return [LEFT_BY_A_SIGNAL] * ("blocking" in name) + [pytest.mark.long] * (name not in EVERYDAY)


@pytest.fixture(params=[pytest.param(name, marks=marks_of(name)) for name in WAYS])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    name: str = request.param
    if "own" in name:
        monkeypatch.setenv("ASTRA_HTTP", name.split()[-1])
    bank = Bank()
    made = WAYS[name](bank)
    yield made
    made.close()
    bank.close()


@pytest.mark.timeout(180 + CASES, method="thread")  # the other method needs the signal that these tests use
def test_at_most_one_payment_and_an_honest_answer(way: Any, request: pytest.FixtureRequest) -> None:
    chance = random.Random(f"{SEED} {request.node.callspec.id}")
    ends: Counter[str] = Counter()
    of_kinds: Counter[str] = Counter()
    failures: list[str] = []
    for number in range(CASES):
        case = case_of(number, chance)
        try:
            end = check(way, case, f"M{number:07d}")
        except AssertionError as failure:
            failures.append(f"{case} of M{number:07d}: {failure}")
            if len(failures) == ENOUGH:
                break
        else:
            ends[end] += 1
            of_kinds[f"{case.interruption}, {end}"] += 1
            of_kinds[case.plan.fault] += 1
    print(f"{ends.total()} payments: {dict(ends)}; {dict(of_kinds)}")
    assert not failures, "\n".join(failures)
    look_at_all(way)
    assert "made" in {check(way, Case(Plan()), f"LAST000{number}") for number in range(3)}, (
        "no payment is made any more"
    )
    # Each kind of end has to occur, or the faults were not where they were meant to be.
    rarest = min(ends[kind] for kind in ("made", "uncertain, made", "uncertain, not made", "not made"))
    assert rarest >= max(1, CASES // 50), ends
    assert {kind.split(",")[0] for kind in of_kinds} >= {"no", *INTERRUPTIONS}


def check(way: Any, case: Case, correlation: str) -> str:
    """Makes one payment, holds what the caller learned against what the bank did, and says how it ended."""
    outcome = way.pay(case, correlation)
    way.bank.plan = None
    made = way.bank.made[correlation]
    assert made <= 1, "paid twice"
    if isinstance(outcome, (asyncio.CancelledError, GaveUp)):
        # It may go on: whatever it comes to stands in the log.
        if way.bank.received[correlation]:
            settle(way, lambda: bool(way.records(correlation)), "a payment that was given up has no record")
        return "given up"
    if not isinstance(outcome, BaseException):
        assert made == 1, "reported as made, and not made"
        recorded = way.records(correlation)[-1].error_name
        assert recorded is None or (case.reconcile and recorded == "UncertainOutcomeError"), recorded
        return "made"
    assert isinstance(outcome, astra.AstraError), f"a bare {outcome!r}"
    # Of these nothing was sent, or the attempt before was refused because of its token, which could not be renewed.
    if not isinstance(outcome, (astra.ClientClosedError, astra.TokenUnavailableError)):
        records = way.records(correlation)
        assert records, f"no record, and raised {outcome!r}"
        recorded = records[-1].error_name
        # An exception of a signal handler may come when the answer has been recorded already: the log knows more then.
        knows_more = case.interruption == "cancel" and recorded is None and made == 1
        assert knows_more or recorded == type(outcome).__name__, f"recorded as {recorded}, and raised {outcome!r}"
    if isinstance(outcome, astra.UncertainOutcomeError):
        found = ask_later(way, outcome)
        if made:
            assert found is not None, "made, and not found"
            assert found.client_correlation_id == correlation
        return "uncertain, made" if made else "uncertain, not made"
    assert made == 0, f"reported as failed, and made: {outcome!r}"
    return "not made"


def ask_later(way: Any, error: astra.UncertainOutcomeError) -> Any:
    """Looks for the payment from another process's point of view: other connections, the same store."""
    with astra.Astra("id", "secret", base_url=way.bank.origin, token_store=way.store) as client:
        return client.user("payer").routines.reconcile(error)


def look_at_all(way: Any) -> None:
    """Holds the log against the bank's books at the end, once nothing goes on any more."""
    for correlation, received in list(way.bank.received.items()):
        made = way.bank.made[correlation]
        assert made <= 1, f"{correlation} was paid twice"
        too_few = f"{correlation} arrived more often than the log says"
        settle(way, lambda name=correlation, least=received: len(way.records(name)) >= least, too_few)  # type: ignore[misc]
        records = way.records(correlation)
        recorded = records[-1].error_name
        if recorded is None:
            assert made == 1, f"{correlation} is recorded as made, and was not"
        elif recorded != "UncertainOutcomeError":
            assert made == 0, f"{correlation} is recorded as {recorded}, and was made"


def settle(way: Any, condition: Callable[[], bool], otherwise: str) -> None:
    """Waits for what goes on in the background, at most ten seconds."""
    until = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < until, otherwise
        way.go_on()
