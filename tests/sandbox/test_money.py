"""Routines and transfers: what may be started, and how the clock carries it through."""

import json
from decimal import Decimal

import pytest

from astra.errors import InvalidRequestError


def test_a_payment_clears_after_two_banking_days(person, sandbox):
    routine = person.pay(client_correlation_id="INV00042")
    assert routine["status"] == "active"
    transfer = person.transfer_of(routine)
    assert transfer["status"] == "pending"
    assert transfer["amount"] == 20.25
    assert transfer["client_correlation_id"] == "INV00042"
    assert transfer["estimated_clearing_date"] == "2026-03-05T13:30:00.000000"
    sandbox.advance(days=1)
    person.refresh()
    assert person.get(f"/v1/transfers/{transfer['id']}")["status"] == "pending"
    sandbox.advance(days=1)
    person.refresh()
    done = person.get(f"/v1/transfers/{transfer['id']}")
    assert (done["status"], done["updated"]) == ("processed", "2026-03-05T13:30:00.000000")
    assert person.get(f"/v1/routines/{routine['id']}")["status"] == "completed"


@pytest.mark.parametrize(
    ("speed", "clears"),
    [("T+1", "2026-03-04T13:30"), ("T+2", "2026-03-05T13:30"), ("T+4", "2026-03-09T12:30")],
)
def test_the_settlement_speed_counts_banking_days(person, speed, clears):
    transfer = person.transfer_of(person.pay(preferred_settlement_speed=speed))
    assert transfer["estimated_clearing_date"].startswith(clears)


@pytest.mark.parametrize(("speed", "clears"), [("real-time", "2026-03-03T16:00:05"), ("T+0", "2026-03-03T22:00")])
def test_the_fast_speeds_start_from_a_payment_instrument(person, sandbox, speed, clears):
    description = person.refused("POST", "/v1/routines", **person.payment(preferred_settlement_speed=speed))
    assert list(description) == ["source_id"]
    source = sandbox.payment_instruments.list()[0].id
    transfer = person.transfer_of(person.pay(preferred_settlement_speed=speed, source_id=source))
    assert transfer["estimated_clearing_date"].startswith(clears)


def test_the_events_of_a_payment(person, sandbox):
    person.pay()
    sandbox.advance(days=3)
    types = [event.type for event in sandbox.webhooks.events]
    assert types == ["routine_updated", "transfer_created", "transfer_updated", "routine_updated"]


def test_a_failed_transfer_fails_its_routine(person, sandbox):
    routine = person.pay()
    transfer = person.transfer_of(routine)
    sandbox.transfers.fail(transfer["id"], reason="R01")
    failed = person.get(f"/v1/transfers/{transfer['id']}")
    assert (failed["status"], failed["failure_reason"]) == ("failed", "R01")
    assert person.get(f"/v1/routines/{routine['id']}")["status"] == "failed"
    assert person.get(f"/v1/transfers/{transfer['id']}/segments")["segments"][0]["return_code"] == "R01"


def test_a_processed_transfer_can_be_returned(person, sandbox):
    transfer = person.transfer_of(person.pay())
    sandbox.transfers.process(transfer["id"])
    sandbox.transfers.return_(transfer["id"], code="R10")
    returned = person.get(f"/v1/transfers/{transfer['id']}")
    assert (returned["status"], returned["failure_reason"]) == ("failed", "R10")


def test_a_pending_payment_is_cancelled_until_five_on_the_next_banking_day(person, sandbox):
    routine = person.pay(preferred_settlement_speed="T+4")
    transfer = person.transfer_of(routine)
    sandbox.advance(hours=29)  # Wednesday, 4 pm in New York
    person.refresh()
    cancelled = person.http.post(f"/v1/transfers/{transfer['id']}/cancel")
    assert (cancelled.status_code, cancelled.json()["status"]) == (200, "canceled")
    assert person.get(f"/v1/routines/{routine['id']}")["status"] == "cancelled"
    sandbox.advance(days=7)
    person.refresh()
    assert person.get(f"/v1/transfers/{transfer['id']}")["status"] == "canceled"


def test_after_the_cancellation_window_it_is_too_late(person, sandbox):
    transfer = person.transfer_of(person.pay(preferred_settlement_speed="T+4"))
    sandbox.advance(hours=31)  # Wednesday, 6 pm in New York
    person.refresh()
    answer = person.http.post(f"/v1/transfers/{transfer['id']}/cancel")
    assert (answer.status_code, answer.json()["code"]) == (400, 400)


def test_a_processed_transfer_cannot_be_cancelled(person, sandbox):
    transfer = person.transfer_of(person.pay())
    sandbox.transfers.process(transfer["id"])
    assert person.http.post(f"/v1/transfers/{transfer['id']}/cancel").status_code == 400


def test_the_spelling_of_canceled_can_be_switched(person, sandbox):
    transfer = person.transfer_of(person.pay())
    sandbox.set_quirks(canceled="cancelled")
    assert person.http.post(f"/v1/transfers/{transfer['id']}/cancel").json()["status"] == "cancelled"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"amount": 0}, "amount"),
        ({"amount": "20.00"}, "amount"),
        ({"amount": 100_000.01}, "amount"),
        ({"type": "sweep"}, "type"),
        ({"payment_type": "wire"}, "payment_type"),
        ({"payment_type": "ledger"}, "payment_type"),
        ({"client_correlation_id": "INV-1"}, "client_correlation_id"),
        ({"client_correlation_id": "A" * 81}, "client_correlation_id"),
        ({"payment_type": "debit", "client_correlation_id": "A" * 9}, "client_correlation_id"),
        ({"payment_type": "debit", "start_date": "2026-03-04"}, "start_date"),
        ({"start_date": "2026-03-02"}, "start_date"),
        ({"type": "recurring"}, "frequency"),
        ({"debit_fee_percent": 1.25}, "debit_fee_percent"),
        ({"source_id": "nowhere"}, "source_id"),
        ({"preferred_settlement_speed": "T+3"}, "preferred_settlement_speed"),
        ({"name": ""}, "name"),
    ],
)
def test_bad_routines_name_the_field_and_create_nothing(person, changes, field):
    assert list(person.refused("POST", "/v1/routines", **person.payment(**changes))) == [field]
    assert person.get("/v1/routines")["routines"] == []
    assert person.get("/v1/transfers")["transfers"] == []


@pytest.mark.parametrize(("speed", "longest"), [("T+1", 80), ("real-time", 140)])
def test_correlation_ids_are_as_long_as_the_rail_allows(person, sandbox, speed, longest):
    source = sandbox.payment_instruments.list()[0].id
    body = {"preferred_settlement_speed": speed, "source_id": source}
    assert person.pay(**body, client_correlation_id="A" * longest)["id"]
    assert person.refused("POST", "/v1/routines", **person.payment(**body, client_correlation_id="A" * (longest + 1)))


def test_a_future_payment_waits_for_its_date(person, sandbox):
    routine = person.pay(start_date="2026-03-06")
    assert person.get(f"/v1/routines/{routine['id']}/transfers")["transfers"] == []
    sandbox.advance(days=3)
    person.refresh()
    assert person.transfer_of(routine)["initiated"].startswith("2026-03-06")


def test_a_recurring_routine_pays_on_schedule_until_it_is_deleted(person, program, sandbox):
    routine = person.pay(type="recurring", frequency="weekly")
    for _ in range(2):
        sandbox.advance(days=7)
    person = program.signed_in(user_id=person.id)
    dates = [t["initiated"][:10] for t in person.get(f"/v1/routines/{routine['id']}/transfers")["transfers"]]
    assert dates == ["2026-03-17", "2026-03-10", "2026-03-03"]
    assert person.get(f"/v1/routines/{routine['id']}")["status"] == "active"
    assert person.http.delete(f"/v1/routines/{routine['id']}").status_code == 200
    assert person.http.get(f"/v1/routines/{routine['id']}").status_code == 404
    sandbox.advance(days=7)
    person.refresh()
    assert person.get("/v1/transfers")["count"] == 3


def test_a_monthly_routine_keeps_to_the_end_of_short_months(program, sandbox):
    sandbox.advance(days=28)  # March 31
    person = program.signed_in()
    person.pay(type="recurring", frequency="monthly")
    sandbox.advance(days=62)
    person = program.signed_in(user_id=person.id)
    dates = [transfer["initiated"][:10] for transfer in person.get("/v1/transfers")["transfers"]]
    assert dates == ["2026-05-31", "2026-04-30", "2026-03-31"]


def test_a_recurring_schedule_is_fixed_but_can_be_paused(person, sandbox):
    routine = person.pay(type="recurring", frequency="weekly")
    path = f"/v1/routines/{routine['id']}"
    assert "cannot be changed" in person.refused("PUT", path, amount=99)
    assert person.http.put(path, json={"name": "Renamed"}).json()["name"] == "Renamed"
    assert person.http.put(path, json={"active": False}).json()["status"] == "inactive"
    sandbox.advance(days=8)
    person.refresh()
    assert person.get("/v1/transfers")["count"] == 1
    person.http.put(path, json={"active": True})
    sandbox.advance(days=7)
    person.refresh()
    assert person.get("/v1/transfers")["count"] == 2


def test_the_type_of_a_routine_never_changes(person):
    routine = person.pay(start_date="2026-03-10")
    path = f"/v1/routines/{routine['id']}"
    assert list(person.refused("PUT", path, type="recurring")) == ["type"]
    assert person.http.put(path, json={"amount": 30}).json()["amount"] == 30


def test_deleting_a_one_time_routine_does_not_stop_it(person, sandbox):
    routine = person.pay()
    assert person.http.delete(f"/v1/routines/{routine['id']}").status_code == 200
    sandbox.advance(days=3)
    person.refresh()
    assert person.get("/v1/transfers")["transfers"][0]["status"] == "processed"


@pytest.mark.parametrize("status", ["pending", "retry", "document"])
def test_an_unchecked_users_routine_waits_for_approval(program, sandbox, status):
    person = program.signed_in(user_id=sandbox.users.create(status=status).id)
    routine = person.pay()
    assert routine["status"] == "requires_user_verification"
    assert person.get("/v1/transfers")["transfers"] == []
    sandbox.users.set_status(person.id, "approved")
    assert person.get(f"/v1/routines/{routine['id']}")["status"] == "active"
    assert person.transfer_of(routine)["status"] == "pending"


def test_rejected_and_receive_only_users_start_nothing(program, sandbox):
    for changes in ({"status": "rejected"}, {"kyc_type": "receive-only"}):
        person = program.signed_in(user_id=sandbox.users.create(**changes).id)
        assert person.refused("POST", "/v1/routines", **person.payment())


def test_suspension_blocks_routines_for_good(person, sandbox):
    routine = person.pay(start_date="2026-03-10")
    sandbox.users.set_status(person.id, "suspended")
    blocked = person.get(f"/v1/routines/{routine['id']}")
    assert (blocked["status"], blocked["blocked"], blocked["active"]) == ("user_suspended", True, "False")
    sandbox.users.set_status(person.id, "approved")
    assert person.get(f"/v1/routines/{routine['id']}")["status"] == "user_suspended"


def test_a_routine_waits_a_week_for_its_account(person, sandbox):
    account = person.accounts()[0]["id"]
    sandbox.accounts.set_connection_status(account, "disconnected")
    late, early = person.pay(), person.pay()
    assert early["status"] == "pending_account_authorization"
    sandbox.advance(days=8)
    person.refresh()
    assert person.get(f"/v1/routines/{late['id']}")["status"] == "failed"
    again = person.pay()
    sandbox.accounts.set_connection_status(account, "connected")
    assert person.get(f"/v1/routines/{again['id']}")["status"] == "active"


def test_a_downgraded_user_is_held_to_their_capabilities(program, sandbox):
    person = program.signed_in(user_id=sandbox.users.create(kyc_type="unverified").id)
    too_fast = person.refused("POST", "/v1/routines", **person.payment(preferred_settlement_speed="T+2"))
    assert "T+4" in too_fast
    assert person.pay()["preferred_settlement_speed"] == "T+4"
    first, second = sandbox.cards.create(person.id).id, sandbox.cards.create(person.id).id
    debit = {"payment_type": "debit", "source_id": first, "destination_id": second}
    assert person.pay(**debit)["id"]
    assert "daily limit" in person.refused("POST", "/v1/routines", **person.payment(**debit))
    sandbox.advance(hours=25)
    person.refresh()
    assert person.pay(**debit)["id"]


def test_money_between_people_needs_a_client_configured_for_it(program, person, sandbox):
    other = program.signed_in()
    body = person.payment(destination_id=other.accounts()[0]["id"], destination_user_id=other.id)
    refusal = person.refused("POST", "/v1/routines", **body)
    assert refusal == "P2P transfer not allowed for this source and destination"
    sandbox._backend.engine.state.clients[sandbox.client_id].p2p = True
    assert person.post("/v1/routines", **body)["destination_user_id"] == other.id
    stranger = sandbox.users.create(accounts=1).id
    refusal = person.refused("POST", "/v1/routines", **{**body, "destination_user_id": stranger})
    assert refusal == "The specified user has not authorized this OAuth Client"


def payout(person, card, **changes):
    body = {
        "name": "Payout 42",
        "amount": 25.5,
        "source": {"id": person.accounts()[0]["id"]},
        "destination": {"id": card.id, "user_id": person.id},
        "settlement_mode": "gross_debit",
        "debit_fee_percent": 1.25,
        "client_correlation_id": "AB12CD34",
    }
    body.update(changes)
    return {name: value for name, value in body.items() if value is not None}


def test_account_to_card_with_gross_debit(person, sandbox):
    routine = person.post("/v1/routines/account-to-card", **payout(person, sandbox.cards.create(person.id)))
    assert (routine["payment_route"], routine["active"]) == ("account-to-card", True)
    assert routine["destination"]["user_id"] == person.id
    sandbox.advance(minutes=1)
    transfer = person.transfer_of(routine)
    assert (transfer["status"], transfer["payment_type"]) == ("processed", "debit")


def test_the_events_of_a_batch_name_its_first_payer_as_the_spec_says_it_assumes(person, program, sandbox):
    operating = sandbox.payment_instruments.list()[1]
    net = {"settlement_mode": "net_debit", "client_correlation_id": None, "source": {"id": operating.id}}
    for payer in (person, program.signed_in()):
        payer.post("/v1/routines/account-to-card", **payout(payer, sandbox.cards.create(payer.id), **net))
    events = [event for event in sandbox.webhooks.events if event.type.startswith("batch_transfer")]
    assert [(event.type, event.body["user_id"]) for event in events] == [
        ("batch_transfer_created", person.id),
        ("batch_transfer_updated", person.id),
    ]


@pytest.mark.parametrize("to", ["card", "account"])
def test_the_error_of_a_party_names_it_as_it_was_sent(person, program, sandbox, bank_body, to):
    account, card = person.post("/v1/accounts/create", **bank_body)["id"], sandbox.cards.create(person.id)
    body = payout(person, card, settlement_mode="gross_debit" if to == "card" else None)
    if to == "account":
        body |= {"source": {"id": card.id}, "destination": {"id": account, "user_id": person.id}}
    path = "/v1/routines/account-to-card" if to == "card" else "/v1/routines/card-to-account"
    for changes, told in (
        ({"destination": {"id": account, "user_id": "nobody"}}, {"destination": {"user_id": ["Not a valid user."]}}),
        ({"destination": {"id": "nothing"}}, {"destination": ["Not found."]}),
        ({"source": {"id": "nothing"}}, {"source": ["Not found."]}),
        ({"destination": {"user_id": person.id}}, {"destination": {"id": ["Missing data for required field."]}}),
    ):
        assert person.refused("POST", path, **{**body, **changes}) == told
    assert person.get("/v1/routines")["routines"] == []
    classic = person.payment(destination_user_id="nobody")
    assert list(person.refused("POST", "/v1/routines", **classic)) == ["destination_user_id"]
    other = {"id": card.id, "user_id": program.signed_in().id}
    assert "P2P" in person.refused("POST", path, **{**body, "destination": other})


@pytest.mark.parametrize("wrong", [None, "AB12CD3", "AB12CD345", "AB12-D34"])
def test_gross_debit_needs_exactly_eight_characters(person, sandbox, wrong):
    body = payout(person, sandbox.cards.create(person.id), client_correlation_id=wrong)
    assert list(person.refused("POST", "/v1/routines/account-to-card", **body)) == ["client_correlation_id"]


def test_net_debits_of_a_day_become_one_batch(person, program, sandbox):
    operating = sandbox.payment_instruments.list()[1]
    card = sandbox.cards.create(person.id)
    net = {"settlement_mode": "net_debit", "client_correlation_id": None, "source": {"id": operating.id}}
    for amount in (25.5, 10.1):
        person.post("/v1/routines/account-to-card", **payout(person, card, **net, amount=amount))
    created = [event for event in sandbox.webhooks.events if event.type == "batch_transfer_created"]
    assert len(created) == 1
    batch = program.http.get(f"/v1/batch_transfers/{created[0].body['resource_id']}").json()
    assert (batch["amount"], batch["status"]) == (35.6, "pending")
    sandbox.advance(days=1)
    batch = program.http.get(f"/v1/batch_transfers/{batch['id']}").json()
    assert batch["status"] == "processed"
    shown = program.http.get(f"/v1/payment_instruments/{operating.id}").json()
    assert shown["available_balance"] == 249_964.4


def test_the_older_ach_credit_form_is_still_taken(person, sandbox):
    body = payout(person, sandbox.cards.create(person.id), settlement_mode=None, client_correlation_id=None)
    body["transfer"] = {"type": "ach_credit", "addenda": "ABC"}
    assert person.post("/v1/routines/account-to-card", **body)["id"]


def test_card_to_account_runs_from_an_external_card_to_an_issued_account(person, sandbox, bank_body):
    account = person.post("/v1/accounts/create", **bank_body)["id"]
    external, issued = sandbox.cards.create(person.id), sandbox.cards.create(person.id, external=False)
    body = {
        "name": "Fund",
        "amount": 50,
        "client_correlation_id": "AB12CD34",
        "source": {"id": external.id},
        "destination": {"id": account, "user_id": person.id},
    }
    assert person.post("/v1/routines/card-to-account", **body)["payment_route"] == "card-to-account"
    path = "/v1/routines/card-to-account"
    assert list(person.refused("POST", path, **{**body, "source": {"id": issued.id}})) == ["source"]
    plaid = {"id": person.accounts()[-1]["id"], "user_id": person.id}
    assert list(person.refused("POST", path, **{**body, "destination": plaid})) == ["destination"]


def test_a_chargeback_is_read_on_the_transfer(person, sandbox):
    routine = person.post("/v1/routines/account-to-card", **payout(person, sandbox.cards.create(person.id)))
    sandbox.advance(minutes=1)
    transfer = person.transfer_of(routine)
    sandbox.transfers.charge_back(transfer["id"])
    chargeback = person.get(f"/v1/transfers/{transfer['id']}")["chargeback"]
    assert (chargeback["dispute_status"], chargeback["original_settled_amount"]) == ("Open", 25.5)
    sandbox.transfers.update_chargeback(transfer["id"])
    assert person.get(f"/v1/transfers/{transfer['id']}")["chargeback"]["dispute_status"] == "Won"
    last = sandbox.webhooks.events[-1]
    assert last.type == "chargeback_updated"
    assert last.body["resource_id"] == chargeback["cb_id"]
    assert last.body["resource_parent_id"] == transfer["id"]


def test_book_transfers_are_for_the_clients_own_business_user(program, person, sandbox):
    source, destination = sandbox.payment_instruments.list()
    body = {"name": "Book", "amount": 1000.5, "source_id": source.id, "destination_id": destination.id}
    assert "business user" in person.refused("POST", "/v1/routines/book", **body)
    business = program.business()
    routine = business.post("/v1/routines/book", **body)
    assert routine["status"] == "completed"
    assert business.get(f"/v1/transfers/{routine['transfer_id']}")["status"] == "processed"
    listed = program.http.get("/v1/payment_instruments").json()["payment_instruments"]
    assert [held["available_balance"] for held in listed] == [251_000.5, 998_999.5]


def test_a_refused_book_transfer_leaves_no_routine(program, sandbox):
    business = program.business()
    source, destination = sandbox.payment_instruments.list()
    body = {"name": "Book", "amount": 2_000_000, "source_id": source.id, "destination_id": destination.id}
    assert "balance" in business.refused("POST", "/v1/routines/book", **body)
    assert business.get("/v1/routines")["routines"] == []


def test_a_preview_shows_the_fee_and_creates_nothing(person, sandbox):
    first, second = sandbox.cards.create(person.id).id, sandbox.cards.create(person.id).id
    body = person.payment(payment_type="debit", source_id=first, destination_id=second, amount=100)
    shown = person.post("/v1/routines/preview", **body, debit_fee_percent=1.25)
    assert shown == {"amount": 100, "fee_amount": 1.25, "total_amount": 101.25, "debit_fee_percent": 1.25}
    assert person.get("/v1/routines")["routines"] == []
    assert list(person.refused("POST", "/v1/routines/preview", **person.payment())) == ["payment_type"]


def test_money_from_outside_is_announced_without_a_user(sandbox, program):
    instrument = sandbox.payment_instruments.list()[0]
    sandbox.payment_instruments.receive(instrument.id, amount="1234.56", type="Wires")
    body = sandbox.webhooks.events[-1].body
    assert (body["user_id"], body["metadata"]) == (None, {"amount": Decimal("1234.56"), "type": "Wires"})
    shown = program.http.get(f"/v1/payment_instruments/{instrument.id}").json()
    assert shown["available_balance"] == 1_001_234.56


def test_the_classic_quirks_can_be_switched_off(person, sandbox):
    routine = person.pay()
    assert routine["active"] == "True"
    assert not routine["created"].endswith("Z")
    sandbox.set_quirks(string_active=False, naive_timestamps=False, absent_empty_lists=True)
    routine = person.get(f"/v1/routines/{routine['id']}")
    assert routine["active"] is True
    assert routine["created"].endswith("Z")
    assert "cards" not in person.get("/v1/cards")


def test_an_amount_is_kept_and_sent_digit_for_digit(person):
    for number in ("20.1", "0.07", "99999.99"):
        routine = person.http.post(
            "/v1/routines",
            content=json.dumps({**person.payment(), "amount": "N"}).replace('"N"', number),
            headers={"Content-Type": "application/json"},
        )
        assert f'"amount": {number},' in routine.text
        transfer = person.http.get(f"/v1/routines/{routine.json()['id']}/transfers")
        assert f'"amount": {number},' in transfer.text


def test_cents_add_up_exactly(program, sandbox):
    instrument = sandbox.payment_instruments.list()[0]
    for _ in range(1000):
        sandbox.payment_instruments.receive(instrument.id, amount=Decimal("0.10"))
    assert sandbox.payment_instruments.list()[0].balance == instrument.balance + 100
    for amount in ("0.01", "0.02"):
        sandbox.payment_instruments.receive(instrument.id, amount=amount)
    shown = program.http.get(f"/v1/payment_instruments/{instrument.id}").text
    assert '"available_balance": 1000100.03}' in shown


@pytest.mark.parametrize("amount", [20.25, True, "many", "-1", Decimal("NaN")])
def test_an_amount_that_is_no_exact_number_of_dollars_is_refused(sandbox, amount):
    instrument = sandbox.payment_instruments.list()[0]
    with pytest.raises(InvalidRequestError, match="amount"):
        sandbox.payment_instruments.receive(instrument.id, amount=amount)
    assert sandbox.payment_instruments.list()[0].balance == instrument.balance


@pytest.mark.parametrize("number", ["NaN", "1e99999999999999999999", "-Infinity"])
def test_a_number_that_no_amount_can_be_is_a_400(person, number):
    body = json.dumps({**person.payment(), "amount": "N"}).replace('"N"', number)
    answer = person.http.post("/v1/routines", content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == 400
