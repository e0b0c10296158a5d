"""Whatever happens on the wire, a payment is made at most once and never reported as failed when it was made."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterator
from urllib.parse import urlsplit

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import astra
from astra.sandbox import Sandbox
from tests.safe_writes.faulty_proxy import FaultyProxy, Harm, Plan

CASES = 2_000
numbers = itertools.count()


@attrs.define
class Bench:
    sandbox: Sandbox
    proxy: FaultyProxy
    through_proxy: astra.Astra
    direct: astra.Astra
    payments: int = 0
    payer: str = ""
    source: str = ""
    destination: str = ""

    def next_payer(self) -> None:
        """Lets another person pay now and then: a payment that was not made is looked for in the whole list."""
        if self.payments % 50 == 0:
            person = self.sandbox.users.create(status="approved")
            user = self.direct.oauth.exchange(self.sandbox.authorize(user_id=person.id), key=person.id)
            accounts = user.accounts.list(limit=2).to_list()
            self.payer, self.source, self.destination = person.id, accounts[0].id, accounts[1].id
        self.payments += 1

    def made(self, correlation: str) -> int:
        routines = list(self.sandbox._backend.engine.state.routines)
        return sum(routine.client_correlation_id == correlation for routine in routines)


@pytest.fixture(scope="module")
def bench() -> Iterator[Bench]:
    with Sandbox(seed=1) as sandbox:
        address = urlsplit(sandbox.url)
        proxy = FaultyProxy(address.hostname or "", address.port or 0)
        store = "memory://"
        options = {"redirect_uri": sandbox.redirect_uri}
        direct = astra.Astra(
            sandbox.client_id, sandbox.client_secret, base_url=sandbox.url, token_store=store, **options
        )
        through_proxy = astra.Astra(
            sandbox.client_id,
            sandbox.client_secret,
            base_url=proxy.url,
            token_store=direct.tokens.store,
            timeout=0.1,
            **options,
        )
        yield Bench(sandbox, proxy, through_proxy, direct)
        through_proxy.close()
        direct.close()
        proxy.close()


def plans() -> st.SearchStrategy[Plan]:
    """Any byte of a request of some 700 bytes, or of an answer of some 800, and one past the end of each."""
    harms: st.SearchStrategy[Harm] = st.sampled_from(
        ["close", "close", "close", "reset", "reset", "garbage", "html 200", "html 502", "hang"]
    )
    byte = st.one_of(st.just(0), st.integers(0, 900))
    return st.builds(Plan, direction=st.sampled_from(["request", "answer"]), after=byte, harm=harms)


@pytest.mark.long
@pytest.mark.timeout(400)
def test_a_payment_is_made_at_most_once_and_never_reported_as_failed_when_it_was_made(bench: Bench) -> None:
    seen: Counter[str] = Counter()

    @settings(max_examples=CASES, deadline=None, derandomize=True, database=None)
    @given(plan=plans(), reconcile=st.booleans())
    def any_fault(plan: Plan, reconcile: bool) -> None:
        seen[pay_under(plan, bench, reconcile=reconcile)] += 1

    any_fault()
    # Each kind of end has to occur, or the faults were not where they were meant to be.
    assert min(seen[kind] for kind in ("made", "uncertain, made", "uncertain, not made")) > 20, seen


def pay_under(plan: Plan, bench: Bench, *, reconcile: bool) -> str:
    """Makes one payment while the plan is carried out, checks the promise, and says how it ended."""
    correlation = f"P{next(numbers):07d}"
    bench.next_payer()
    bench.proxy.plan = plan
    outcome: object
    try:
        outcome = bench.through_proxy.user(bench.payer).routines.create(
            type="one-time",
            name="property",
            payment_type="ach",
            source_id=bench.source,
            destination_id=bench.destination,
            amount="1.00",
            client_correlation_id=correlation,
            on_uncertain="reconcile" if reconcile else "raise",
        )
    except astra.AstraError as error:
        outcome = error
    finally:
        bench.proxy.plan = Plan(done=True)

    made = bench.made(correlation)
    assert made <= 1
    if isinstance(outcome, astra.UncertainOutcomeError):
        found = bench.direct.user(bench.payer).routines.reconcile(outcome)
        if made:
            assert found is not None
            assert found.client_correlation_id == correlation
        return "uncertain, made" if made else "uncertain, not made"
    if isinstance(outcome, astra.AstraError):
        assert made == 0, f"reported as failed, and made: {outcome!r}"
        return "not made"
    assert made == 1
    return "made"
