"""Where the documents leave a doubt, the sandbox takes the documented reading, and the other one on demand."""

from __future__ import annotations

import attrs
import pytest

from astra import Astra
from astra.errors import InvalidRequestError
from astra.sandbox import Options, Quirks, Sandbox


@pytest.fixture
def user(sandbox):
    with Astra(
        sandbox.client_id, sandbox.client_secret, base_url=sandbox.url, redirect_uri=sandbox.redirect_uri
    ) as client:
        code = sandbox.authorize(user_id=sandbox.users.create().id)
        yield client.oauth.exchange(code, key="customer-1")


@pytest.mark.parametrize(
    ("deleted", "status", "body"), [(None, 200, b""), ("null", 200, b"null"), ("no_content", 204, b"")]
)
def test_a_delete_is_answered_by_a_response_code_alone_or_as_other_readings_have_it(
    person, sandbox, card_body, bank_body, deleted, status, body
):
    if deleted:
        sandbox.set_quirks(deleted=deleted)
    card = person.post("/v1/cards", **card_body)
    routine = person.pay(type="recurring", frequency="weekly")
    spare = person.post("/v1/accounts/create", **bank_body)
    for path in (f"/v1/routines/{routine['id']}", f"/v1/cards/{card['id']}", f"/v1/accounts/{spare['id']}"):
        answer = person.http.delete(path)
        assert (answer.status_code, answer.content) == (status, body), path
        assert person.http.get(path).status_code in (200, 404)
        assert answer.headers["request-id"]


@pytest.mark.parametrize("deleted", ["empty", "null", "no_content"])
def test_the_facade_takes_every_answer_to_a_delete(user, sandbox, deleted):
    sandbox.set_quirks(deleted=deleted)
    account = user.accounts.list().to_list()[0]
    assert user.accounts.delete(account.id) == sandbox.requests[-1].request_id


@pytest.mark.parametrize(
    ("created", "names"), [(None, {"id", "status"}), ("id", {"id"}), ("whole", {"id", "status", "email", "kyc_type"})]
)
def test_a_new_intent_comes_with_its_status_or_as_other_readings_have_it(program, sandbox, intent_body, created, names):
    if created:
        sandbox.set_quirks(created_intent=created)
    answer = program.http.post("/v1/user_intent", json=intent_body)
    assert answer.status_code == 201
    assert answer.json().keys() >= names
    if created != "whole":
        assert answer.json().keys() == names
    with Astra(sandbox.client_id, sandbox.client_secret, base_url=sandbox.url) as client:
        intent = client.user_intents.create(**intent_body)
        assert client.user_intents.get(intent.id).status == "approved"
        assert ("status" in intent.to_dict()) == ("status" in names)
        if "status" in names:
            assert intent.status == "approved"


@pytest.mark.parametrize(
    ("spelling", "taken", "refused"), [("MM/YY", "12/49", "2049/12"), ("YYYY/MM", "2049/12", "12/49")]
)
def test_the_expiration_of_a_card_is_spelled_in_either_way(person, user, sandbox, card_body, spelling, taken, refused):
    sandbox.set_quirks(card_expiry=spelling)
    told = person.refused("POST", "/v1/cards", **{**card_body, "expiration_date": refused})
    assert told == {"expiration_date": [f"Must be {spelling}."]}
    assert user.cards.create(**{**card_body, "expiration_date": taken}).expiration_date == taken


def test_an_expired_card_is_refused_in_either_spelling(person, sandbox, card_body):
    for spelling, past in (("MM/YY", "02/26"), ("YYYY/MM", "2026/02")):
        sandbox.set_quirks(card_expiry=spelling)
        told = person.refused("POST", "/v1/cards", **{**card_body, "expiration_date": past})
        assert told == {"expiration_date": ["The card has expired."]}


def test_a_refresh_looks_at_its_redirect_uri_unless_told_otherwise(program, person, sandbox):
    form = {"grant_type": "refresh_token", "refresh_token": person.tokens["refresh_token"]}
    assert program.token(**form).status_code == 200
    assert program.token(**form, redirect_uri=sandbox.redirect_uri).status_code == 200
    refused = program.token(**form, redirect_uri="https://elsewhere.example")
    assert (refused.status_code, refused.json()["error"]) == (400, "invalid_grant")
    sandbox.set_quirks(any_redirect_uri_on_refresh=True)
    assert program.token(**form, redirect_uri="https://elsewhere.example").status_code == 200


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("no-deleted", "The quirk deleted is one of empty, null, no_content, not False"),
        ("deleted", "not True"),
        ("canceled=cancled", "not 'cancled'"),
        ("token_in_list=yes", "one of True, False, not 'yes'"),
        ("token_in_lists", 'Did you mean "token_in_list"'),
    ],
)
def test_a_quirk_that_does_not_exist_or_takes_no_such_value_is_refused(text, told):
    with pytest.raises(InvalidRequestError, match=told):
        Quirks.parse(text)
    assert Quirks.parse("deleted=null,card_expiry=YYYY/MM") == Quirks(deleted="null", card_expiry="YYYY/MM")


def test_the_guide_tells_of_every_quirk(request):
    guide = (request.config.rootpath / "docs" / "guides" / "sandbox.md").read_text()
    section = guide.partition("\n## Where the documents leave a doubt\n")[2].partition("\n## ")[0]
    for field in attrs.fields(Quirks):
        assert f"| `{field.name}`" in section, field.name


def test_a_state_keeps_what_happened_and_no_quirk_option_or_fault(tmp_path):
    state = tmp_path / "sandbox.json"
    with Sandbox(state=state, p2p=True, options=Options(kyc_seconds=9)) as sandbox:
        sandbox.set_quirks(deleted="null")
        sandbox.faults.add(status=503)
        user = sandbox.users.create().id
    with Sandbox(state=state) as again:
        assert again.users.get(user).id == user
        assert again.faults.unstruck == []
        engine = again._backend.engine
        assert (engine.quirks, engine.options) == (Quirks(), Options())
