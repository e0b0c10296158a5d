"""A source that is short, limits of users, and controls that set what an account has."""

from decimal import Decimal

import pytest

from astra.errors import InvalidRequestError
from astra.sandbox.engine import ledger
from tests.sandbox.money.test_balances import ends, shown


def read(person, transfer):
    person.refresh()
    return person.get(f"/v1/transfers/{transfer['id']}")


def test_a_source_that_is_short_fails_with_r01_when_it_would_settle(person, sandbox):
    source, destination = ends(person)
    sandbox.accounts.set_balance(source, "20.24")
    before = shown(person)
    routine = person.pay()
    transfer = person.transfer_of(routine)
    assert (routine["status"], transfer["status"]) == ("active", "pending")
    sandbox.advance(days=8)
    ended = read(person, transfer)
    assert (ended["status"], ended["failure_reason"]) == ("failed", "R01")
    assert ended["updated"] == transfer["estimated_clearing_date"]
    assert person.get(f"/v1/routines/{routine['id']}")["status"] == "failed"
    assert shown(person) == before
    assert before[destination]


def test_exactly_enough_is_enough_and_money_may_still_come_before_settlement(person, sandbox):
    source, _ = ends(person)
    sandbox.accounts.set_balance(source, "20.25")
    first, second = person.transfer_of(person.pay()), person.transfer_of(person.pay())
    sandbox.advance(days=1)
    sandbox.accounts.set_balance(source, "40.50")
    sandbox.advance(days=7)
    assert [read(person, transfer)["status"] for transfer in (first, second)] == ["processed", "processed"]
    assert shown(person)[source] == (0, 0)


def test_what_one_payment_holds_another_one_cannot_spend(person, sandbox):
    source, _ = ends(person)
    sandbox.accounts.set_balance(source, "30.00")
    held, late = person.transfer_of(person.pay()), person.transfer_of(person.pay(preferred_settlement_speed="T+1"))
    sandbox.advance(days=8)
    assert read(person, late)["failure_reason"] == "R01"
    assert read(person, held)["status"] == "processed"


def test_a_balance_set_below_what_is_held_leaves_the_newest_payments_short(person, sandbox):
    source, _ = ends(person)
    older, newer = person.transfer_of(person.pay()), person.transfer_of(person.pay())
    sandbox.accounts.set_balance(source, 25, available="21.00")
    assert shown(person)[source] == (25, 0.75)
    sandbox.advance(days=8)
    assert [read(person, transfer)["status"] for transfer in (older, newer)] == ["processed", "failed"]
    assert ledger.total(sandbox._backend.engine.state) == 0


def test_a_payout_from_a_payment_instrument_that_is_short_fails(person, sandbox):
    instrument = sandbox.payment_instruments.list()[0]
    sandbox.payment_instruments.set_balance(instrument.id, "20.00")
    pay = {"source_id": instrument.id, "preferred_settlement_speed": "real-time"}
    transfer = person.transfer_of(person.pay(**pay))
    sandbox.advance(minutes=1)
    assert read(person, transfer)["failure_reason"] == "insufficient funds"
    sandbox.payment_instruments.receive(instrument.id, amount="0.25")
    transfer = person.transfer_of(person.pay(**pay))
    sandbox.advance(minutes=1)
    assert read(person, transfer)["status"] == "processed"
    assert sandbox.payment_instruments.list()[0].balance == 0


def test_a_payment_that_cannot_clear_is_not_cleared_by_hand(person, sandbox):
    source, _ = ends(person)
    sandbox.accounts.set_balance(source, 0)
    transfer = person.transfer_of(person.pay())
    with pytest.raises(InvalidRequestError, match=r"R01.*set_balance"):
        sandbox.transfers.process(transfer["id"])
    assert read(person, transfer)["status"] == "pending"


def test_the_accounts_of_a_new_user_can_pay_the_largest_transfer(person, sandbox):
    transfer = person.transfer_of(person.pay(amount=100_000))
    sandbox.advance(days=8)
    assert read(person, transfer)["status"] == "processed"


def test_an_account_whose_balance_astra_does_not_know_is_not_checked(person, sandbox, bank_body):
    account = person.post("/v1/accounts/create", **bank_body)["id"]
    source = person.accounts()[-1]["id"]
    transfer = person.transfer_of(person.pay(source_id=account, destination_id=source, amount=99_999))
    sandbox.advance(days=8)
    assert read(person, transfer)["status"] == "processed"
    sandbox.accounts.set_balance(account, "5.00")
    assert shown(person)[account] == (5, 5)
    assert ledger.total(sandbox._backend.engine.state) == 0
    transfer = person.transfer_of(person.pay(source_id=account, destination_id=source, amount=6))
    sandbox.advance(days=8)
    assert read(person, transfer)["failure_reason"] == "R01"


@pytest.mark.parametrize("wrong", [-1, "-0.01", 20.5, "0.001", True, "much", Decimal("NaN"), None])
def test_a_balance_that_cannot_be_is_refused(person, sandbox, wrong):
    source, _ = ends(person)
    before = shown(person)
    with pytest.raises(InvalidRequestError, match="current"):
        sandbox.accounts.set_balance(source, wrong)
    with pytest.raises(InvalidRequestError, match="available"):
        sandbox.accounts.set_balance(source, 5, available=6)
    with pytest.raises(InvalidRequestError, match="balance"):
        sandbox.payment_instruments.set_balance(sandbox.payment_instruments.list()[0].id, wrong)
    assert shown(person) == before


def test_a_user_is_held_to_the_limit_of_a_transfer(person, sandbox):
    sandbox.users.set_limits(person.id, per_transfer="20.24")
    assert "above the user's limit" in person.refused("POST", "/v1/routines", **person.payment())
    assert person.get("/v1/routines")["routines"] == []
    routine = person.pay(amount=20.24, start_date="2026-03-10")
    assert "limit" in person.refused("PUT", f"/v1/routines/{routine['id']}", amount=20.25)
    sandbox.users.set_limits(person.id)
    assert person.pay()["id"]


def test_a_user_is_held_to_the_limit_of_a_day(person, sandbox):
    sandbox.users.set_limits(person.id, per_day="50.00")
    person.pay()
    failed = person.transfer_of(person.pay())
    assert "daily limit" in person.refused("POST", "/v1/routines", **person.payment())
    sandbox.transfers.fail(failed["id"])
    assert person.pay()["id"]
    sandbox.advance(hours=25)
    person.refresh()
    assert person.pay()["id"]


def test_an_amount_with_a_part_of_a_cent_is_refused_and_creates_nothing(person):
    description = person.refused("POST", "/v1/routines", **person.payment(amount=1.005))
    assert description == {"amount": ["Must have at most two decimal places."]}
    assert person.get("/v1/routines")["routines"] == []


def test_the_transfer_of_a_user_suspended_meanwhile_is_processed_all_the_same(person, sandbox):
    routine = person.pay()
    sandbox.users.set_status(person.id, "suspended")
    assert person.get(f"/v1/routines/{routine['id']}")["status"] == "user_suspended"
    sandbox.advance(days=3)
    sandbox.users.set_status(person.id, "approved")
    assert read(person, person.transfer_of(routine) if person.refresh() else {})["status"] == "processed"
    assert person.get(f"/v1/routines/{routine['id']}")["status"] == "completed"
