"""Return codes and reasons of chargebacks that do not exist, and returns and disputes that come too late."""

import pytest

from astra.errors import InvalidRequestError
from tests.sandbox.test_money import payout


def settled(person, sandbox):
    """A payment that settles on Thursday, 5 March 2026."""
    transfer = person.transfer_of(person.pay())
    sandbox.advance(days=2)
    return transfer["id"]


def carded(person, sandbox, number="4000000000000002"):
    card = sandbox.cards.create(person.id, number=number)
    transfer = person.transfer_of(person.post("/v1/routines/account-to-card", **payout(person, card)))
    sandbox.advance(minutes=1)
    return transfer["id"]


@pytest.mark.parametrize(
    ("wrong", "near"), [("banana", "R01"), ("R99", "R85"), ("r10", "R10"), ("R1", "R01"), ("R48", "R47")]
)
def test_a_code_that_is_none_is_refused_with_the_nearest(person, sandbox, wrong, near):
    transfer = settled(person, sandbox)
    with pytest.raises(InvalidRequestError, match=f"no ACH return code.*nearest is {near}"):
        sandbox.transfers.return_(transfer, code=wrong)
    assert sandbox.transfers.get(transfer).status == "processed"


@pytest.mark.parametrize("wrong", ["R99", "r01", "R1", ""])
def test_a_reason_that_looks_like_a_code_and_is_none_is_refused(person, sandbox, wrong):
    transfer = person.transfer_of(person.pay())["id"]
    with pytest.raises(InvalidRequestError):
        sandbox.transfers.fail(transfer, reason=wrong)
    sandbox.transfers.fail(transfer, reason="the bank says no")
    assert sandbox.transfers.get(transfer).failure_reason == "the bank says no"


@pytest.mark.parametrize(
    ("code", "days", "day"),
    [("R01", 4, "2026-03-09"), ("R29", 4, "2026-03-09"), ("R10", 60, "2026-05-04"), ("R05", 60, "2026-05-04")],
)
@pytest.mark.parametrize("late", [False, True])
def test_a_return_is_refused_after_its_last_day_unless_one_insists(person, sandbox, code, days, day, late):
    transfer = settled(person, sandbox)
    sandbox.advance(days=days + late)
    if late:
        with pytest.raises(InvalidRequestError, match=f"{code} until {day}"):
            sandbox.transfers.return_(transfer, code=code)
        assert sandbox.transfers.get(transfer).status == "processed"
    sandbox.transfers.return_(transfer, code=code, insist=late)
    assert sandbox.transfers.get(transfer).failure_reason == code


def test_a_return_that_was_agreed_on_has_no_last_day(person, sandbox):
    transfer = settled(person, sandbox)
    sandbox.advance(days=400)
    sandbox.transfers.return_(transfer, code="R06")
    assert sandbox.transfers.get(transfer).status == "failed"


@pytest.mark.parametrize("late", [False, True])
def test_a_chargeback_is_refused_after_120_days_unless_one_insists(person, sandbox, late):
    transfer = carded(person, sandbox)
    sandbox.advance(days=120 + late)
    if late:
        with pytest.raises(InvalidRequestError, match="charged back until 2026-07-01"):
            sandbox.transfers.charge_back(transfer)
    assert sandbox.transfers.charge_back(transfer, insist=late)["exception_code"] == "10.4"


@pytest.mark.parametrize(
    ("number", "network", "usual", "wrong", "near"),
    [
        ("4000000000000002", "Visa", "10.4", "10.9", "10.1"),
        ("5555555555554444", "Mastercard", "4837", "4838", "48"),
        ("6011111111111117", "Discover", "UA02", "10.4", "UA02"),
    ],
)
def test_a_chargeback_has_a_code_of_the_network_of_its_card(person, sandbox, number, network, usual, wrong, near):
    transfer = carded(person, sandbox, number)
    with pytest.raises(InvalidRequestError, match=f"{network} has no reason code.*nearest is {near}"):
        sandbox.transfers.charge_back(transfer, code=wrong)
    opened = sandbox.transfers.charge_back(transfer)
    assert (opened["network_id"], opened["exception_code"]) == (network, usual)
    with pytest.raises(InvalidRequestError, match="chargeback already"):
        sandbox.transfers.charge_back(transfer)


def test_what_has_no_card_is_not_charged_back_and_what_has_no_ach_leg_is_not_returned(person, program, sandbox):
    transfer = settled(person, sandbox)
    with pytest.raises(InvalidRequestError, match="return_"):
        sandbox.transfers.charge_back(transfer)
    person.refresh()
    with pytest.raises(InvalidRequestError, match="charge_back"):
        sandbox.transfers.return_(carded(person, sandbox), code="R03", leg="push")
    with pytest.raises(InvalidRequestError, match="not processed"):
        sandbox.transfers.charge_back(person.transfer_of(person.pay())["id"])
    source, destination = (held.id for held in sandbox.payment_instruments.list())
    book = {"name": "Book", "amount": 5, "source_id": source, "destination_id": destination}
    booked = program.business().post("/v1/routines/book", **book)["transfer_id"]
    with pytest.raises(InvalidRequestError, match="book transfer"):
        sandbox.transfers.return_(booked)
    instant = person.transfer_of(person.pay(source_id=source))["id"]
    with pytest.raises(InvalidRequestError, match="leg"):
        sandbox.transfers.fail(instant, leg="push")
    sandbox.transfers.process(instant)
    with pytest.raises(InvalidRequestError, match="not debited"):
        sandbox.transfers.return_(instant, leg="pull")


def test_a_dispute_has_one_of_the_documented_statuses(person, sandbox):
    transfer = carded(person, sandbox)
    sandbox.transfers.charge_back(transfer)
    with pytest.raises(InvalidRequestError, match=r"dispute_status.*Won"):
        sandbox.transfers.update_chargeback(transfer, dispute_status="won")
    assert person.get(f"/v1/transfers/{transfer}")["chargeback"]["dispute_status"] == "Open"
    sandbox.transfers.update_chargeback(transfer, dispute_status="Not Disputed")
    assert person.get(f"/v1/transfers/{transfer}")["chargeback"]["dispute_status"] == "Not Disputed"
