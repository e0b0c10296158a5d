"""Payments that half succeed: each leg has its own status, and the money is where the books say."""

import pytest

from astra.errors import InvalidRequestError
from astra.sandbox.engine import ledger
from tests.sandbox.money.test_balances import ends, shown
from tests.sandbox.test_money import payout


def legs(person, transfer):
    person.refresh()
    segments = person.get(f"/v1/transfers/{transfer['id']}/segments")["segments"]
    return [(segment["status"], segment["return_code"]) for segment in segments]


def clearing(sandbox):
    book = sandbox._backend.engine.state.books.get(ledger.CLEARING)
    assert ledger.total(sandbox._backend.engine.state) == 0
    return 0 if book is None else book.balance


def test_a_debit_that_fails_at_once_never_reaches_its_push(person, sandbox):
    transfer = person.transfer_of(person.pay())
    sandbox.transfers.fail(transfer["id"], reason="R03")
    assert legs(person, transfer) == [("failed", "R03"), ("canceled", None)]


def test_debit_settled_and_push_failed_pays_the_source_back_the_next_banking_morning(person, sandbox):
    source, _ = ends(person)
    before = shown(person)
    transfer = person.transfer_of(person.pay())
    sandbox.transfers.fail(transfer["id"], reason="R03", leg="push")
    assert legs(person, transfer) == [("processed", None), ("failed", "R03")]
    assert shown(person)[source] == (before[source][0] - 20.25, before[source][1] - 20.25)
    assert float(clearing(sandbox)) == 20.25
    sandbox.advance_to_next_banking_day()
    person.refresh()
    assert (shown(person), clearing(sandbox)) == (before, 0)


def test_push_done_and_debit_returned_is_a_loss_of_clearing(person, sandbox):
    source, _ = ends(person)
    before = shown(person)[source]
    card = sandbox.cards.create(person.id)
    pending = person.transfer_of(person.post("/v1/routines/account-to-card", **payout(person, card)))
    sandbox.transfers.fail(pending["id"], reason="R01", leg="pull")
    later = person.transfer_of(person.post("/v1/routines/account-to-card", **payout(person, card)))
    sandbox.advance(minutes=1)
    sandbox.transfers.return_(later["id"], code="R10")
    for transfer in (pending, later):
        failed = person.get(f"/v1/transfers/{transfer['id']}")
        assert failed["status"] == "failed"
        assert legs(person, transfer)[1] == ("processed", None)
    assert legs(person, later)[0] == ("failed", "R10")
    assert shown(person)[ends(person)[0]] == before or shown(person)[source] == before
    assert clearing(sandbox) == -51


def test_a_returned_credit_comes_from_its_destination_and_goes_back_to_its_source(person, sandbox):
    before = shown(person)
    transfer = person.transfer_of(person.pay())
    sandbox.advance(days=3)
    sandbox.transfers.return_(transfer["id"], code="R03", leg="push")
    assert legs(person, transfer) == [("processed", None), ("failed", "R03")]
    sandbox.advance_to_next_banking_day()
    person.refresh()
    assert (shown(person), clearing(sandbox)) == (before, 0)


def test_a_destination_that_has_spent_a_returned_credit_does_not_go_below_zero(person, sandbox):
    _, destination = ends(person)
    transfer = person.transfer_of(person.pay())
    sandbox.advance(days=3)
    sandbox.accounts.set_balance(destination, "5.00")
    sandbox.transfers.return_(transfer["id"], code="R03", leg="push")
    person.refresh()
    assert shown(person)[destination] == (0, 0)
    assert float(clearing(sandbox)) == 20.25


def test_a_failed_net_debit_payout_leaves_its_batch(person, program, sandbox):
    operating = sandbox.payment_instruments.list()[1]
    card = sandbox.cards.create(person.id)
    net = {"settlement_mode": "net_debit", "client_correlation_id": None, "source": {"id": operating.id}}
    failing = person.transfer_of(person.post("/v1/routines/account-to-card", **payout(person, card, **net)))
    person.post("/v1/routines/account-to-card", **payout(person, card, **net, amount=10.1))
    sandbox.transfers.fail(failing["id"], reason="do not honor")
    assert legs(person, failing) == [("canceled", None), ("failed", "do not honor")]
    assert len(sandbox.webhooks.find_events(type="batch_transfer_updated")) == 2  # a payout came, one went
    sandbox.advance(days=1)
    batch = program.http.get(f"/v1/batch_transfers/{sandbox.transfers.get(failing['id']).batch_id}").json()
    assert (batch["amount"], batch["status"]) == (10.1, "processed")
    assert float(operating.balance - sandbox.payment_instruments.list()[1].balance) == 10.1


@pytest.mark.parametrize("how", ["short", "returned"])
def test_a_batch_that_is_short_or_returned_fails_and_its_payouts_stay_paid(person, program, sandbox, how):
    operating = sandbox.payment_instruments.list()[1]
    net = {"settlement_mode": "net_debit", "client_correlation_id": None, "source": {"id": operating.id}}
    paid = person.transfer_of(
        person.post("/v1/routines/account-to-card", **payout(person, sandbox.cards.create(person.id), **net))
    )
    batch = sandbox.transfers.get(paid["id"]).batch_id
    if how == "short":
        sandbox.payment_instruments.set_balance(operating.id, "25.49")
    before = sandbox.payment_instruments.list()[1].balance
    sandbox.advance(days=1)
    if how == "returned":
        sandbox.transfers.return_batch(batch)
    assert program.http.get(f"/v1/batch_transfers/{batch}").json()["status"] == "failed"
    assert sandbox.payment_instruments.list()[1].balance == before
    assert legs(person, paid) == [("processed", None), ("processed", None)]
    assert [event.type for event in sandbox.webhooks.events].count("batch_transfer_updated") == 1 + (how == "returned")
    assert float(clearing(sandbox)) == -25.5
    with pytest.raises(InvalidRequestError, match="failed, not processed"):
        sandbox.transfers.return_batch(batch)


def test_a_rejected_instant_payment_settles_by_same_day_ach_unless_that_was_ruled_out(person, sandbox):
    instrument = sandbox.payment_instruments.list()[0]
    pay = {"source_id": instrument.id, "preferred_settlement_speed": "real-time"}
    first = person.transfer_of(person.pay(**pay))
    second = person.transfer_of(person.pay(**pay, disable_alternative_routing=True))
    for transfer in (first, second):
        sandbox.transfers.reject(transfer["id"])
    with pytest.raises(InvalidRequestError, match="instant network"):
        sandbox.transfers.reject(first["id"])
    waits = person.get(f"/v1/transfers/{first['id']}")
    assert (waits["status"], waits["estimated_clearing_date"]) == ("pending", "2026-03-03T22:00:00.000000")
    assert waits["astra_settlement_reason"]
    assert person.get(f"/v1/transfers/{second['id']}")["status"] == "failed"
    sandbox.advance(hours=7)
    person.refresh()
    assert person.get(f"/v1/transfers/{first['id']}")["status"] == "processed"
    assert float(instrument.balance - sandbox.payment_instruments.list()[0].balance) == 20.25


@pytest.mark.parametrize(("pull", "push"), [(True, False), (False, True)])
def test_a_card_of_one_direction_is_refused_for_the_other_and_declined_when_that_changes(person, sandbox, pull, push):
    card, other = sandbox.cards.create(person.id).id, sandbox.cards.create(person.id).id
    way = {"source_id": card, "destination_id": other} if push else {"source_id": other, "destination_id": card}
    transfer = person.transfer_of(person.pay(payment_type="debit", **way))
    sandbox.cards.set_directions(card, pull=pull, push=push)
    shown_card = person.get(f"/v1/cards/{card}")
    assert (shown_card["pull_enabled"], shown_card["push_enabled"]) == (pull, push)
    assert sandbox.webhooks.events[-1].type == "card_updated"
    refusal = person.refused("POST", "/v1/routines", **person.payment(payment_type="debit", **way))
    assert list(refusal) == ["source_id" if push else "destination_id"]
    sandbox.advance(minutes=1)
    declined = person.get(f"/v1/transfers/{transfer['id']}")
    assert (declined["status"], "not enabled" in declined["failure_reason"]) == ("failed", True)


def test_a_fee_is_added_to_a_pull_from_a_card_and_taken_from_a_push_to_one(person, sandbox, bank_body):
    account, card = person.post("/v1/accounts/create", **bank_body)["id"], sandbox.cards.create(person.id).id
    body = {"name": "Fund", "amount": 100, "client_correlation_id": "AB12CD34", "debit_fee_percent": 1.25}
    fund = {**body, "source": {"id": card}, "destination": {"id": account, "user_id": person.id}}
    funded = person.transfer_of(person.post("/v1/routines/card-to-account", **fund))
    pay = {**body, "source": {"id": person.accounts()[-1]["id"]}, "settlement_mode": "gross_debit"}
    pay["destination"] = {"id": card, "user_id": person.id}
    paid = person.transfer_of(person.post("/v1/routines/account-to-card", **pay))
    sandbox.advance(minutes=1)
    amounts = [
        [segment["amount"] for segment in person.get(f"/v1/transfers/{transfer['id']}/segments")["segments"]]
        for transfer in (funded, paid)
    ]
    assert amounts == [[101.25, 100], [100, 98.75]]
    books = sandbox._backend.engine.state.books
    assert (float(books.rows["fees"].balance), float(books.rows[card].balance)) == (2.5, -2.5)
    assert clearing(sandbox) == 0


def test_a_source_that_is_short_is_not_debited_by_the_failure_of_a_push(person, sandbox):
    source, _ = ends(person)
    transfer = person.transfer_of(person.pay())
    sandbox.accounts.set_balance(source, "20.24")
    with pytest.raises(InvalidRequestError, match="short"):
        sandbox.transfers.fail(transfer["id"], leg="push")
    assert shown(person)[source] == (20.24, 20.24)
    assert person.get(f"/v1/transfers/{transfer['id']}")["status"] == "pending"


def test_a_cardholder_whose_payment_is_disputed_and_returned_is_paid_once(person, sandbox, bank_body):
    account, card = person.post("/v1/accounts/create", **bank_body)["id"], sandbox.cards.create(person.id).id
    body = {"name": "Fund", "amount": 100, "client_correlation_id": "AB12CD34", "source": {"id": card}}
    body["destination"] = {"id": account, "user_id": person.id}
    transfer = person.transfer_of(person.post("/v1/routines/card-to-account", **body))["id"]
    sandbox.advance(minutes=1)
    sandbox.transfers.charge_back(transfer)
    sandbox.transfers.return_(transfer, code="R03", leg="push")
    sandbox.advance(days=4)
    assert sandbox._backend.engine.state.books.rows[card].balance == 0
    assert clearing(sandbox) == 0
