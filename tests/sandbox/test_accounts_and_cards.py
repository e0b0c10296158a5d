"""Bank accounts, cards, BINs."""

import pytest


def test_authorizing_links_accounts_newest_first(person):
    assert [account["subtype"] for account in person.accounts()] == ["savings", "checking"]
    account = person.accounts()[0]
    assert person.get(f"/v1/accounts/{account['id']}") == account
    assert (account["mask"], account["connection_status"]) == ("1111", "connected")


def test_a_deleted_account_is_gone(person):
    account = person.accounts()[0]
    answer = person.http.delete(f"/v1/accounts/{account['id']}")
    assert (answer.status_code, answer.content) == (200, b"")
    assert person.http.get(f"/v1/accounts/{account['id']}").status_code == 404
    assert account["id"] not in [held["id"] for held in person.accounts()]


def test_an_account_by_number_and_routing_number(person, bank_body):
    account = person.post("/v1/accounts/create", **bank_body)
    assert account["id"].startswith("astra_generic_astra_ins_131_")
    assert (account["name"], account["mask"], account["current_balance"]) == ("Main", "2345", None)
    assert person.refused("POST", "/v1/accounts/create", **bank_body) == "Account Already Exists"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"account_number": "12345"}, "account_number"),
        ({"account_number": "1" * 18}, "account_number"),
        ({"routing_number": "123456789"}, "routing_number"),
        ({"bank_account_type": "gold"}, "bank_account_type"),
        ({"institution_id": "chase"}, "institution_id"),
    ],
)
def test_bad_account_details_name_the_field(person, bank_body, changes, field):
    assert list(person.refused("POST", "/v1/accounts/create", **{**bank_body, **changes})) == [field]


def test_processor_tokens_share_one_checking_and_one_savings_account(program):
    person = program.signed_in(accounts=0)
    assert person.post("/v1/accounts/processor_token", processor_token="processor-1")["subtype"] == "checking"
    again = person.refused("POST", "/v1/accounts/processor_token", processor_token="processor-1")
    assert again == "Account Already Exists"
    assert person.post("/v1/accounts/processor_token", processor_token="processor-2")["subtype"] == "savings"
    third = person.refused("POST", "/v1/accounts/processor_token", processor_token="processor-3")
    assert third == "Account Already Exists"


def test_other_peoples_accounts_are_not_found(person, program):
    other = program.signed_in()
    account = other.accounts()[0]["id"]
    assert person.http.get(f"/v1/accounts/{account}").status_code == 404
    assert person.http.delete(f"/v1/accounts/{account}").status_code == 404


def test_a_card_is_stored_without_its_number(person, card_body):
    card = person.post("/v1/cards", **card_body)
    assert (card["first_six_digits"], card["last_four_digits"]) == ("400000", "0002")
    assert (card["status"], card["review_status"], card["pull_enabled"]) == ("approved", "approved", True)
    assert card["review_reasons"] == ["C1010", "C1020", "C2000"]
    assert card_body["card_number"] not in str(card)
    assert person.get("/v1/cards")["cards"] == [card]
    assert person.get(f"/v1/cards/{card['id']}") == card


def test_a_client_issued_card_needs_a_registered_bin(person, card_body):
    foreign = {**card_body, "card_number": "4111111111111111"}
    assert "BIN" in person.refused("POST", "/v1/cards", **foreign)
    assert person.post("/v1/cards", **foreign, added_by_user=True)["first_six_digits"] == "411111"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"expiration_date": "13/30"}, "expiration_date"),
        ({"expiration_date": "02/26"}, "expiration_date"),
        ({"card_number": "4000"}, "card_number"),
        ({"card_security_code": "12"}, "card_security_code"),
        ({"zip_code": "123"}, "zip_code"),
        ({"street_line_1": ""}, "street_line_1"),
        ({"added_by_user": "yes"}, "added_by_user"),
    ],
)
def test_bad_card_details_name_the_field(person, card_body, changes, field):
    assert list(person.refused("POST", "/v1/cards", **{**card_body, **changes})) == [field]


def test_a_card_that_fits_neither_name_nor_zip_is_flagged_and_unusable(person, sandbox, card_body):
    card = person.post("/v1/cards", **{**card_body, "first_name": "Reinhold", "zip_code": "10001"})
    assert (card["status"], card["push_enabled"]) == ("flagged", False)
    assert {"C1011", "C1021"} <= set(card["review_reasons"])
    assert person.get(f"/v1/cards/{card['id']}/auth_details")["recommendation"] == "decline"
    sandbox.cards.set_status(card["id"], "approved")
    assert person.get(f"/v1/cards/{card['id']}")["push_enabled"] is True


def test_a_card_in_use_cannot_be_deleted(person, sandbox, card_body):
    card = person.post("/v1/cards", **card_body)
    routine = person.post(
        "/v1/routines/account-to-card",
        name="Payout",
        amount=25.5,
        source={"id": person.accounts()[0]["id"]},
        destination={"id": card["id"], "user_id": person.id},
        settlement_mode="gross_debit",
        client_correlation_id="AB12CD34",
    )
    assert "active routines" in person.refused("DELETE", f"/v1/cards/{card['id']}")
    sandbox.advance(minutes=1)
    assert person.get(f"/v1/routines/{routine['id']}")["status"] == "completed"
    assert person.http.request("DELETE", f"/v1/cards/{card['id']}").status_code == 200
    shown = person.get(f"/v1/cards/{card['id']}")
    assert (shown["removed"], shown["status"]) == (True, "removed")
    assert person.get("/v1/cards")["cards"] == []


def test_a_card_from_elsewhere_cannot_be_deleted_by_this_client(person, sandbox):
    card = sandbox.cards.create(person.id)
    sandbox._backend.engine.state.cards.rows[card.id].added_by_client = False
    assert "this client" in person.refused("DELETE", f"/v1/cards/{card.id}")


def test_only_the_documented_bins_answer(program):
    bin = program.http.get("/v1/bins/440393").json()
    assert (bin["bin"], bin["card_brand"]) == ("440393", "Visa")
    assert program.http.get("/v1/bins/411111").status_code == 404
