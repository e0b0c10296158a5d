"""User intents, users, and what can be changed about them."""

import pytest


def test_an_intent_becomes_a_user_when_the_person_authorizes(program, sandbox):
    intent = program.intent(metadata={"internal_customer_id": "7797f3bc"})
    before = program.http.get(f"/v1/user_intent/{intent}").json()
    assert before["status"] == "approved"
    assert "user_id" not in before
    person = program.signed_in(user_intent_id=intent)
    after = program.http.get(f"/v1/user_intent/{intent}").json()
    assert (after["status"], after["user_id"]) == ("converted_to_user", person.id)
    assert after["metadata"] == {"internal_customer_id": "7797f3bc"}
    user = person.get("/v1/user")
    assert (user["email"], user["status"]) == ("sir.edmund.hillary@example.com", "approved")


@pytest.mark.parametrize("status", ["pending", "retry", "document", "rejected"])
def test_the_first_name_steers_the_outcome(program, status):
    intent = program.intent(first_name=status.title())
    assert program.http.get(f"/v1/user_intent/{intent}").json()["status"] == status


def test_a_fourth_intent_for_an_email_is_refused(program, intent_body):
    for _ in range(3):
        program.intent()
    answer = program.http.post("/v1/user_intent", json=intent_body)
    assert answer.status_code == 400
    assert "email" in answer.json()["description"]
    assert program.intent(email="other@example.com")


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"address2": None}, "address2"),
        ({"phone": "5557771234"}, "phone"),
        ({"email": "nobody"}, "email"),
        ({"postal_code": "1234"}, "postal_code"),
        ({"date_of_birth": "20.7.1919"}, "date_of_birth"),
        ({"ssn": "123"}, "ssn"),
        ({"kyc_type": "none"}, "kyc_type"),
        ({"metadata": {f"k{n}": "v" for n in range(26)}}, "metadata"),
        ({"metadata": {"bad key": "v"}}, "metadata"),
        ({"metadata": {"k" * 65: "v"}}, "metadata"),
        ({"metadata": {"k": "v" * 257}}, "metadata"),
        ({"metadata": {"k": ""}}, "metadata"),
        ({"metadata": {"k": 1}}, "metadata"),
    ],
)
def test_bad_intents_name_the_field(program, intent_body, changes, field):
    answer = program.http.post("/v1/user_intent", json={**intent_body, **changes})
    assert answer.status_code == 400
    body = answer.json()
    assert body["status_code"] == 400
    assert list(body["description"]) == [field]


def test_all_bad_fields_are_named_at_once(program):
    answer = program.http.post("/v1/user_intent", json={})
    assert {"email", "phone", "first_name", "ssn", "date_of_birth"} <= set(answer.json()["description"])


def test_receive_only_people_need_neither_ssn_nor_authorization(program):
    intent = program.intent(kyc_type="receive-only", ssn=None, date_of_birth=None)
    shown = program.http.get(f"/v1/user_intent/{intent}").json()
    assert shown["status"] == "converted_to_user"
    assert shown["user_id"]


def test_a_rejected_intent_cannot_authorize(program, sandbox):
    intent = program.intent(first_name="rejected")
    with pytest.raises(ValueError, match="not approved"):
        sandbox.authorize(user_intent_id=intent)


def test_a_suspended_user_cannot_authorize(sandbox):
    user = sandbox.users.create(status="suspended")
    with pytest.raises(ValueError, match="suspended"):
        sandbox.authorize(user_id=user.id)


def test_somebody_elses_user_is_not_found(person):
    assert person.http.patch("/v1/users/other", json={"email": "new@example.com"}).status_code == 404
    assert person.http.get("/v1/users/other/capabilities").status_code == 404


def test_the_third_email_change_in_a_year_downgrades(person, sandbox):
    for number in range(2):
        person.http.patch(f"/v1/users/{person.id}", json={"email": f"new{number}@example.com"})
    assert person.get(f"/v1/users/{person.id}/capabilities")["account_to_card"]["is_eligible"] is True
    answer = person.http.patch(f"/v1/users/{person.id}", json={"email": "third@example.com"})
    assert answer.json()["email"] == "third@example.com"
    assert person.get(f"/v1/users/{person.id}/capabilities") == {
        "account_to_account": {"max_settlement_speed": "T+4"},
        "account_to_card": {"is_eligible": False},
        "card_to_card": {"transfer_count_limit": 1},
    }
    assert [e.type for e in sandbox.webhooks.events].count("user_updated") == 3


def test_email_changes_a_year_apart_do_not_downgrade(person, sandbox):
    for number in range(2):
        person.http.patch(f"/v1/users/{person.id}", json={"email": f"new{number}@example.com"})
    sandbox.advance(days=366)
    person = person.program.signed_in(user_id=person.id)
    person.http.patch(f"/v1/users/{person.id}", json={"email": "third@example.com"})
    assert person.get(f"/v1/users/{person.id}/capabilities")["account_to_card"]["is_eligible"] is True


def test_a_phone_number_changes_once_in_thirty_days(person, program, sandbox):
    first = person.post("/v1/request_user_phone_number_update", phone="+15559990000")
    assert first["status"] == "pending"
    person.refused("POST", "/v1/request_user_phone_number_update", phone="+15559990001")
    sandbox.users.decide_phone_change(person.id)
    assert person.get("/v1/user")["phone"] == "+15559990000"
    listed = person.get("/v1/phone_number_change_requests")["phone_number_change_requests"]
    assert [request["status"] for request in listed] == ["approved"]
    sandbox.advance(days=31)
    person = program.signed_in(user_id=person.id)
    assert person.post("/v1/request_user_phone_number_update", phone="+15559990002")["status"] == "pending"


def test_after_a_phone_change_links_need_the_user_id(program, sandbox):
    intent = program.intent()
    person = program.signed_in(user_intent_id=intent)
    person.post("/v1/request_user_phone_number_update", phone="+15559990000")
    sandbox.advance(hours=2)
    with pytest.raises(ValueError, match="user_id"):
        sandbox.authorize(user_intent_id=intent)
    assert sandbox.authorize(user_id=person.id)
    assert program.http.get(f"/v1/user_intent/{intent}").json()["phone"] == "+15557771234"


def test_a_rejected_phone_change_may_be_tried_again(person, sandbox):
    person.post("/v1/request_user_phone_number_update", phone="+15559990000")
    sandbox.users.decide_phone_change(person.id, status="rejected")
    assert person.post("/v1/request_user_phone_number_update", phone="+15559990001")["status"] == "pending"


def test_addresses_change_twice_in_120_days(person):
    for city in ("Reno", "Boise"):
        person.post("/v1/request_address_change", city=city)
    assert "120 days" in person.refused("POST", "/v1/request_address_change", city="Salem")


@pytest.mark.parametrize("body", [{}, {"city": ""}, {"address2": None}, {"state": "California"}])
def test_address_changes_take_neither_nulls_nor_blanks(person, body):
    assert person.refused("POST", "/v1/request_address_change", **body)


def test_kyc_is_upgraded_never_downgraded(program, sandbox):
    person = program.signed_in(user_id=sandbox.users.create(kyc_type="unverified").id)
    assert person.get(f"/v1/users/{person.id}/capabilities")["account_to_account"]["max_settlement_speed"] == "T+4"
    assert person.post("/v1/upgrade_kyc_type", kyc_type="verified", ssn="1234")["kyc_type"] == "verified"
    assert "cannot be changed" in person.refused("POST", "/v1/upgrade_kyc_type", kyc_type="unverified")
    assert person.get(f"/v1/users/{person.id}/capabilities")["account_to_card"]["is_eligible"] is True


def business_body(**changes):
    person = {"first_name": "Tenzing", "last_name": "Norgay", "ssn": "123456789"}
    info = {"business_type": "llc", "business_name": "Everest LLC", "ein": "12-3456789"}
    body = {"phone": "+15557771234", "business_info": info, "business_admin": person, "business_controller": person}
    return {**body, **changes}


def test_a_business_profile_is_kept_without_social_security_numbers(program):
    made = program.http.post("/v1/business_profile", json=business_body())
    assert made.status_code == 201
    shown = program.http.get(f"/v1/business_profile/{made.json()['id']}").json()
    assert shown["business_info"]["business_name"] == "Everest LLC"
    assert shown["kyb_type"] == "verified"
    assert "123456789" not in str(shown)


def test_only_a_sole_proprietor_needs_no_controller(program):
    body = business_body()
    del body["business_controller"]
    answer = program.http.post("/v1/business_profile", json=body)
    assert list(answer.json()["description"]) == ["business_controller"]
    body["business_info"] = {"business_type": "soleProprietorship", "business_name": "Hillary"}
    assert program.http.post("/v1/business_profile", json=body).status_code == 201


def test_three_business_profiles_per_phone(program):
    answers = [program.http.post("/v1/business_profile", json=business_body()).status_code for _ in range(4)]
    assert answers == [201, 201, 201, 400]


def test_a_business_is_reviewed_for_a_day(program, sandbox):
    profile = program.http.post("/v1/business_profile", json=business_body()).json()["id"]
    person = program.signed_in(business_profile_id=profile)
    assert person.get("/v1/user")["status"] == "pending"
    sandbox.advance(hours=25)
    person.refresh()
    assert person.get("/v1/user")["status"] == "approved"
