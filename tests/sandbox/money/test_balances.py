"""What payments do to balances, as a user and a client see them; and that the books stay even."""

import shutil
from decimal import Decimal
from pathlib import Path

from astra.sandbox import Sandbox
from astra.sandbox.engine import ledger
from astra.sandbox.saving import reading
from tests.sandbox.conftest import Person, Program

OLD_STATE = Path(__file__).resolve().parents[1] / "state_of_0_1_0.json"


def shown(person):
    return {a["id"]: (a["current_balance"], a["available_balance"]) for a in person.accounts()}


def ends(person):
    accounts = person.accounts()
    return accounts[-1]["id"], accounts[0]["id"]


def total(sandbox):
    return ledger.total(sandbox._backend.engine.state)


def test_a_pending_debit_is_held_and_a_processed_one_moves_the_money(person, sandbox):
    source, destination = ends(person)
    before = shown(person)
    transfer = person.transfer_of(person.pay())
    assert shown(person)[source] == (before[source][0], before[source][1] - 20.25)
    assert shown(person)[destination] == before[destination]
    sandbox.transfers.process(transfer["id"])
    assert shown(person)[source] == (before[source][0] - 20.25, before[source][1] - 20.25)
    assert shown(person)[destination] == (before[destination][0] + 20.25, before[destination][1] + 20.25)
    assert total(sandbox) == 0


def test_a_failed_or_cancelled_payment_leaves_the_balances_as_they_were(person, sandbox):
    before = shown(person)
    sandbox.transfers.fail(person.transfer_of(person.pay())["id"], reason="R03")
    person.http.post(f"/v1/transfers/{person.transfer_of(person.pay())['id']}/cancel")
    assert shown(person) == before


def test_a_returned_debit_comes_back_to_its_source_and_the_receiver_keeps_the_push(person, sandbox):
    source, destination = ends(person)
    before = shown(person)
    transfer = person.transfer_of(person.pay())
    sandbox.transfers.process(transfer["id"])
    sandbox.transfers.return_(transfer["id"], code="R10")
    assert shown(person)[source] == before[source]
    assert shown(person)[destination][0] == before[destination][0] + 20.25
    assert total(sandbox) == 0


def test_a_payout_from_a_payment_instrument_takes_it_from_there_and_its_return_gives_it_back(person, sandbox):
    instrument = sandbox.payment_instruments.list()[0]
    transfer = person.transfer_of(person.pay(source_id=instrument.id))
    assert sandbox.payment_instruments.list()[0].balance == instrument.balance
    sandbox.transfers.process(transfer["id"])
    assert sandbox.payment_instruments.list()[0].balance == instrument.balance - Decimal("20.25")
    sandbox.transfers.return_(transfer["id"], code="R03")
    assert sandbox.payment_instruments.list()[0].balance == instrument.balance
    assert total(sandbox) == 0


def test_a_dispute_keeps_the_books_even_until_it_is_won(person, sandbox):
    card, other = (sandbox.cards.create(person.id).id for _ in range(2))
    routine = person.pay(payment_type="debit", source_id=card, destination_id=other)
    transfer = person.transfer_of(routine)["id"]
    sandbox.transfers.process(transfer)
    books = sandbox._backend.engine.state.books
    assert books.rows[card].balance == Decimal("-20.25")
    sandbox.transfers.charge_back(transfer)
    assert books.rows[card].balance == 0
    sandbox.transfers.update_chargeback(transfer, dispute_status="Won")
    assert books.rows[card].balance == Decimal("-20.25")
    assert total(sandbox) == 0


def test_a_state_of_0_1_0_gets_even_books(tmp_path):
    path = tmp_path / "sandbox.json"
    shutil.copy(OLD_STATE, path)
    with Sandbox(state=path) as sandbox:
        assert sandbox.payment_instruments.list()
        assert total(sandbox) == 0
        sandbox.users.create(accounts=1)
        assert total(sandbox) == 0
    saved = reading.load(path)
    assert saved is not None
    assert len(saved.state.books) > 0
    with Sandbox(state=path) as sandbox:
        assert total(sandbox) == 0


def test_a_hold_survives_a_restart(tmp_path):
    path = tmp_path / "sandbox.json"
    with Sandbox(state=path) as sandbox, Program(sandbox) as program:
        person = program.signed_in()
        person.pay()
        source, held = ends(person)[0], shown(person)
        tokens = person.tokens
    with Sandbox(state=path) as sandbox, Program(sandbox) as program:
        person = Person(program, tokens)
        program.people.append(person)
        assert held[source][0] - held[source][1] == 30.25  # 20.25 held, and what the bank does not make available
        assert shown(person) == held
