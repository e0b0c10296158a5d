"""Random histories of one sandbox: payments of every kind, their ends, and time; after each step the books balance.

`python -m scripts.bank_histories --count 2000` plays many of them.
"""

from collections import Counter
from decimal import Decimal
from typing import Any, ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from astra.errors import InvalidRequestError
from astra.sandbox import Sandbox, SandboxClock
from astra.sandbox.engine import ledger
from astra.sandbox.engine.core import Call
from astra.sandbox.engine.problems import Problem
from astra.sandbox.engine.records import Transfer
from astra.sandbox.handlers import HANDLERS
from tests.sandbox.conftest import BANK, TUESDAY

NAMES = ("Payment",) * 6 + ("R01", "R03-late", "R10-late", "decline", "dispute", "reject")
AMOUNTS = st.one_of(*(st.integers(1, 3_000),) * 4, st.integers(1, 12_000_000)).map(lambda cents: Decimal(cents) / 100)
BALANCES = st.one_of(st.just(Decimal(0)), AMOUNTS, st.just(Decimal(250_000)))
MOSTLY = st.sampled_from((True,) * 7 + (False,))
CODES = ("R01", "R03", "R10", "R29")
PICK = st.integers(0, 10**6)
NOTHING = Decimal(0)


class Bank(RuleBasedStateMachine):
    """One sandbox whose clock stands still, two people with accounts and cards, and the client's own business user."""

    seen: ClassVar[Counter[str]] = Counter()

    @initialize()
    def open(self) -> None:
        self.sandbox = Sandbox(clock=SandboxClock(frozen_at=TUESDAY), seed=1, p2p=True)
        self.engine = self.sandbox._backend.engine
        self.state = self.engine.state
        self.client = self.state.clients[self.sandbox.client_id]
        people = [self.sandbox.users.create(accounts=2, authorized=True).id for _ in range(2)]
        for person in people:
            for external in (True, True, False):
                self.sandbox.cards.create(person, external=external)
            self.call("create_account", person, body=dict(BANK))
        self.people = people
        profile = self.state.business_profiles.rows[self.sandbox.client_business_profile_id]
        assert profile
        self.own = self.sandbox.users.create(authorized=True).id
        self.state.users.rows[self.own].client_business = True
        self.seen["histories"] += 1

    def teardown(self) -> None:
        if hasattr(self, "sandbox"):
            self.sandbox.close()

    def call(self, operation: str, person: str, *, body: Any = None, **path: str) -> None:
        """Asks as a person's program would; what Astra refuses changes nothing."""
        user = self.state.users.rows[person]
        self.engine.settle()
        try:
            HANDLERS[operation](self.engine, Call(client=self.client, user=user, path=path, body=body))
        except Problem as problem:
            self.seen[f"refused with {problem.status}"] += 1
        else:
            self.seen[operation] += 1

    def control(self, action: Any, *given: Any, **named: Any) -> None:
        """Does what a test's author may do; what cannot be is refused."""
        try:
            action(*given, **named)
        except InvalidRequestError:
            self.seen["refused control"] += 1
        else:
            self.seen[f"control {action.__name__}"] += 1

    def pick(self, records: Any, number: int) -> Any:
        held = list(records)
        return held[number % len(held)] if held else None

    def those(self, status: str) -> list[Transfer]:
        return [transfer for transfer in self.state.transfers if transfer.status == status]

    def accounts(self, person: str) -> list[str]:
        return [account.id for account in self.state.accounts.of(person)] or ["none"]

    @rule(
        who=PICK,
        way=st.tuples(PICK, PICK),
        amount=AMOUNTS,
        name=st.sampled_from(NAMES),
        speed=st.sampled_from(range(6)),
    )
    def pay_by_ach(self, who: int, way: tuple[int, int], amount: Decimal, name: str, speed: int) -> None:
        person = self.pick(self.people, who)
        other = self.pick(self.people, way[1])
        wanted = ("T+0", "real-time", "T+1", "T+2", "T+4", None)[speed]
        instruments = [held.id for held in self.state.instruments]
        sources = instruments if speed < 2 else self.accounts(person) + instruments
        body = {"type": "one-time", "payment_type": "ach", "name": name, "amount": amount, "destination_user_id": other}
        body |= {"preferred_settlement_speed": wanted, "disable_alternative_routing": way[0] % 2 == 0}
        body |= {"source_id": self.pick(sources, way[0]), "destination_id": self.pick(self.accounts(other), way[1])}
        self.call("create_routine", person, body=body)

    @rule(who=PICK, way=st.tuples(PICK, PICK), amount=AMOUNTS, often=st.sampled_from(("weekly", "monthly")))
    def pay_again_and_again(self, who: int, way: tuple[int, int], amount: Decimal, often: str) -> None:
        person = self.pick(self.people, who)
        body = {"type": "recurring", "payment_type": "ach", "name": "Rent", "amount": amount, "frequency": often}
        source, destination = (self.pick(self.accounts(person), number) for number in way)
        self.call("create_routine", person, body=body | {"source_id": source, "destination_id": destination})

    @rule(who=PICK, way=st.tuples(PICK, PICK), amount=AMOUNTS, name=st.sampled_from(NAMES), fee=st.sampled_from((0, 3)))
    def pay_from_card_to_card(self, who: int, way: tuple[int, int], amount: Decimal, name: str, fee: int) -> None:
        person = self.pick(self.people, who)
        source, destination = (self.pick(self.state.cards.of(person), number).id for number in way)
        body = {"type": "one-time", "payment_type": "debit", "name": name, "amount": amount, "debit_fee_percent": fee}
        self.call("create_routine", person, body=body | {"source_id": source, "destination_id": destination})

    @rule(who=PICK, way=st.tuples(PICK, PICK), amount=AMOUNTS, name=st.sampled_from(NAMES), net=st.booleans())
    def pay_out_to_a_card(self, who: int, way: tuple[int, int], amount: Decimal, name: str, net: bool) -> None:
        person = self.pick(self.people, who)
        sources = [held.id for held in self.state.instruments] + self.accounts(person)
        card = self.pick(self.state.cards.of(person), way[1]).id
        body = {"name": name if name.startswith("Pay") else f"astra:{name}", "amount": amount}
        body |= {"source": {"id": self.pick(sources, way[0])}, "destination": {"id": card, "user_id": person}}
        body |= {"settlement_mode": "net_debit" if net else "gross_debit", "debit_fee_percent": way[0] % 5}
        self.call("create_account_to_card_routine", person, body=body | {"client_correlation_id": "AB12CD34"})

    @rule(who=PICK, card=PICK, amount=AMOUNTS, name=st.sampled_from(NAMES))
    def fund_from_a_card(self, who: int, card: int, amount: Decimal, name: str) -> None:
        person = self.pick(self.people, who)
        issued = [account.id for account in self.state.accounts.of(person) if account.client_issued] or ["none"]
        body = {"name": name, "amount": amount, "client_correlation_id": "AB12CD34"}
        body |= {"source": {"id": self.pick(self.state.cards.of(person), card).id}}
        body |= {"destination": {"id": issued[0], "user_id": person}}
        self.call("create_card_to_account_routine", person, body=body)

    @rule(amount=AMOUNTS, back=st.booleans())
    def book(self, amount: Decimal, back: bool) -> None:
        source, destination = [held.id for held in self.state.instruments][:: -1 if back else 1]
        body = {"name": "Book", "amount": amount, "source_id": source, "destination_id": destination}
        self.call("create_book_routine", self.own, body=body)

    @rule(number=PICK)
    def cancel(self, number: int) -> None:
        if transfer := self.pick(self.state.transfers, number):
            self.call("cancel_transfer", transfer.owner, id=transfer.id)

    @precondition(lambda self: self.those("pending"))
    @rule(number=PICK, how=st.sampled_from(("process", "fail", "fail pull", "fail push", "reject")))
    def end(self, number: int, how: str) -> None:
        transfer = self.pick(self.those("pending"), number).id
        word, _, leg = how.partition(" ")
        self.control(getattr(self.sandbox.transfers, word), transfer, **({"leg": leg} if leg else {}))

    @precondition(lambda self: self.those("processed"))
    @rule(number=PICK, code=st.sampled_from(CODES), leg=st.sampled_from((None, "pull", "push")), insist=st.booleans())
    def return_one(self, number: int, code: str, leg: str | None, insist: bool) -> None:
        transfer = self.pick(self.those("processed"), number).id
        self.control(self.sandbox.transfers.return_, transfer, code=code, leg=leg, insist=insist)

    @precondition(lambda self: self.those("processed"))
    @rule(number=PICK, status=st.sampled_from((None, "Won", "Lost", "Open")))
    def dispute(self, number: int, status: str | None) -> None:
        cards, done = self.state.cards.rows, self.those("processed")
        done = [
            held for held in done if held.chargeback or self.state.routines.rows[held.routine_id].source_id in cards
        ]
        transfer = self.pick(done or self.those("processed"), number).id
        if status is None:
            self.control(self.sandbox.transfers.charge_back, transfer)
        else:
            self.control(self.sandbox.transfers.update_chargeback, transfer, dispute_status=status)

    @precondition(lambda self: len(self.state.batches) > 0)
    @rule(number=PICK)
    def return_a_batch(self, number: int) -> None:
        self.control(self.sandbox.transfers.return_batch, self.pick(self.state.batches, number).id)

    @rule(number=PICK, amount=BALANCES, available=BALANCES)
    def set_an_account(self, number: int, amount: Decimal, available: Decimal) -> None:
        if account := self.pick(self.state.accounts, number):
            self.control(self.sandbox.accounts.set_balance, account.id, amount, available=min(amount, available))

    @rule(number=PICK, amount=BALANCES, received=st.booleans())
    def set_an_instrument(self, number: int, amount: Decimal, received: bool) -> None:
        instrument, controls = self.pick(self.state.instruments, number).id, self.sandbox.payment_instruments
        if received:
            self.control(controls.receive, instrument, amount=amount)
        else:
            self.control(controls.set_balance, instrument, amount)

    @rule(number=PICK, pull=MOSTLY, push=MOSTLY)
    def turn_a_card(self, number: int, pull: bool, push: bool) -> None:
        self.control(self.sandbox.cards.set_directions, self.pick(self.state.cards, number).id, pull=pull, push=push)

    @rule(who=PICK, status=st.sampled_from(("approved",) * 5 + ("suspended",)))
    def judge_a_person(self, who: int, status: str) -> None:
        self.control(self.sandbox.users.set_status, self.pick(self.people, who), status)

    @rule(who=PICK, limit=st.one_of(*(st.none(),) * 5, AMOUNTS))
    def limit_a_person(self, who: int, limit: Decimal | None) -> None:
        self.control(self.sandbox.users.set_limits, self.pick(self.people, who), per_day=limit)

    @rule(number=PICK, status=st.sampled_from(("connected",) * 5 + ("disconnected",)))
    def connect(self, number: int, status: str) -> None:
        if account := self.pick(self.state.accounts, number):
            self.control(self.sandbox.accounts.set_connection_status, account.id, status)

    @rule(number=PICK, really=st.integers(0, 5))
    def forget_an_account(self, number: int, really: int) -> None:
        if really == 0 and (account := self.pick(self.state.accounts, number)):
            self.call("delete_account", account.owner, id=account.id)

    @rule(seconds=st.sampled_from((1, 5, 60)))
    def a_moment_passes(self, seconds: int) -> None:
        self.time_passes_by(seconds)

    @rule(days=st.integers(1, 5))
    def days_pass(self, days: int) -> None:
        self.time_passes_by(days * 24 * 3600)

    @rule(seconds=st.sampled_from((1, 10, 3600, 9 * 3600, 24 * 3600, 72 * 3600, 9 * 24 * 3600, 70 * 24 * 3600)))
    def time_passes(self, seconds: int) -> None:
        self.time_passes_by(seconds)

    def time_passes_by(self, seconds: int) -> None:
        self.sandbox.advance(seconds=seconds)
        self.seen["moves of the clock"] += 1

    @invariant()
    def the_books_add_up_to_zero(self) -> None:
        assert ledger.total(self.state) == 0

    @invariant()
    def nothing_that_has_a_balance_is_below_zero(self) -> None:
        for record in (*self.state.accounts, *self.state.instruments):
            there, free = ledger.balance(self.state, record.id), ledger.available(self.state, record.id)
            assert there is None or there >= 0, record
            assert free is None or free >= 0, record

    @invariant()
    def what_is_held_is_what_pending_transfers_hold(self) -> None:
        held: Counter[str] = Counter()
        for transfer in self.state.transfers:
            if transfer.held:
                assert transfer.status == "pending", transfer
                held[self.state.routines.rows[transfer.routine_id].source_id] += transfer.amount  # type: ignore[assignment]
        assert held == Counter({id: amount for id, amount in self.state.held.items() if amount})

    @invariant()
    def clearing_and_fees_have_what_the_ends_of_all_transfers_leave_there(self) -> None:
        left = [self.left(transfer) for transfer in self.state.transfers]
        batches = sum((batch.amount for batch in self.state.batches if batch.status == "processed"), NOTHING)
        for name, wanted in (
            (ledger.CLEARING, sum((clearing for clearing, _ in left), batches)),
            (ledger.FEES, sum((fee for _, fee in left), NOTHING)),
        ):
            book = self.state.books.get(name)
            assert (NOTHING if book is None else book.balance) == wanted, name

    def left(self, transfer: Transfer) -> tuple[Decimal, Decimal]:
        """What a transfer leaves in clearing and in fees, by its end alone."""
        routine = self.state.routines.rows[transfer.routine_id]
        pulled, pushed = ledger.amounts(routine, transfer)
        net = routine.settlement_mode == "net_debit"
        pull_done = (transfer.pull or transfer.status) == "processed"
        push_done = (transfer.push or transfer.status) == "processed"
        clearing = pulled * (pull_done and not net) - pulled * push_done
        if transfer.given_back and pull_done:
            clearing -= pulled if transfer.chargeback is None else transfer.amount
        self.seen["a leg alone"] += pull_done != push_done
        return clearing, (pulled - pushed) * push_done
