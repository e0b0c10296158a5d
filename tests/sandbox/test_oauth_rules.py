"""The token rules of Astra's authorization lifecycle."""

import pytest

from astra.sandbox import Options, Quirks, Sandbox


def test_a_code_is_exchanged_once(program, sandbox):
    code = sandbox.authorize(user_id=sandbox.users.create().id)
    tokens = program.exchange(code)
    assert (len(code), len(tokens["access_token"]), len(tokens["refresh_token"])) == (48, 42, 48)
    assert tokens["expires_in"] == 7200
    assert tokens["token_type"] == "Bearer"
    again = program.token(grant_type="authorization_code", code=code, redirect_uri=sandbox.redirect_uri)
    assert again.status_code == 400
    assert again.json()["error"] == "invalid_grant"


def test_a_code_dies_after_some_minutes(program, sandbox):
    code = sandbox.authorize(user_id=sandbox.users.create().id)
    sandbox.advance(minutes=6)
    late = program.token(grant_type="authorization_code", code=code, redirect_uri=sandbox.redirect_uri)
    assert (late.status_code, late.json()["error"]) == (400, "invalid_grant")


def test_the_redirect_uri_must_be_the_one_of_the_link(program, sandbox):
    code = sandbox.authorize(user_id=sandbox.users.create().id)
    other = program.token(grant_type="authorization_code", code=code, redirect_uri="http://localhost/other")
    assert other.json()["error"] == "invalid_grant"
    assert program.exchange(code)["access_token"]


def test_an_unregistered_redirect_uri_gets_no_code(sandbox):
    with pytest.raises(ValueError, match="redirect_uri"):
        sandbox.authorize(user_id=sandbox.users.create().id, redirect_uri="http://localhost/other")


def test_an_access_token_lives_two_hours(person, sandbox):
    sandbox.advance(minutes=119)
    assert person.http.get("/v1/user").status_code == 200
    sandbox.advance(minutes=2)
    answer = person.http.get("/v1/user")
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_token")


def test_issuing_a_token_kills_the_one_before(person):
    old = person.http.headers["Authorization"]
    person.refresh()
    assert person.http.get("/v1/user").status_code == 200
    assert person.http.get("/v1/user", headers={"Authorization": old}).status_code == 401


def test_another_users_refresh_leaves_my_token_alone(person, program):
    other = program.signed_in()
    other.refresh()
    assert person.http.get("/v1/user").status_code == 200


def test_refresh_tokens_are_reusable_and_several_are_valid(person, program):
    first = person.tokens["refresh_token"]
    second = person.refresh()["refresh_token"]
    assert first != second
    for token in (first, second, first):
        assert program.token(grant_type="refresh_token", refresh_token=token).status_code == 200


def test_a_refresh_token_lives_ten_days(person, program, sandbox):
    token = person.tokens["refresh_token"]
    sandbox.advance(days=9.9)
    fresh = program.token(grant_type="refresh_token", refresh_token=token)
    assert fresh.status_code == 200
    sandbox.advance(days=0.2)
    assert program.token(grant_type="refresh_token", refresh_token=token).json()["error"] == "invalid_grant"
    newer = program.token(grant_type="refresh_token", refresh_token=fresh.json()["refresh_token"])
    assert newer.status_code == 200


def test_refreshing_works_with_and_without_the_redirect_uri(person, program, sandbox):
    form = {"grant_type": "refresh_token", "refresh_token": person.tokens["refresh_token"]}
    assert program.token(**form).status_code == 200
    assert program.token(**form, redirect_uri=sandbox.redirect_uri).status_code == 200
    assert program.token(**form, redirect_uri="http://localhost/other").status_code == 400


@pytest.mark.parametrize(
    ("form", "error"),
    [
        ({}, "invalid_request"),
        ({"grant_type": "client_credentials"}, "unsupported_grant_type"),
        ({"grant_type": "authorization_code"}, "invalid_request"),
        ({"grant_type": "refresh_token"}, "invalid_request"),
        ({"grant_type": "refresh_token", "refresh_token": "nonsense"}, "invalid_grant"),
    ],
)
def test_bad_token_requests_answer_with_oauth_errors(program, form, error):
    answer = program.token(**form)
    assert answer.status_code == 400
    assert answer.json()["error"] == error
    assert answer.json()["error_description"]


def test_wrong_credentials_are_refused(program):
    for auth in (("sandbox-client", "wrong"), ("wrong", "sandbox-secret")):
        answer = program.http.post("/v1/oauth/token", data={"grant_type": "refresh_token"}, auth=auth)
        assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")
    other = program.http.get("/v1/payment_instruments", auth=("wrong", "sandbox-secret"))
    assert (other.status_code, other.json()["description"]) == (401, "Invalid client_id")


def test_a_missing_authorization_header_is_named(person):
    del person.http.headers["Authorization"]
    answer = person.http.get("/v1/user")
    assert (answer.status_code, answer.json()["error"]) == (401, "missing_authorization")


def test_identity_verification_gives_tokens_without_a_page(program, sandbox):
    intent = program.intent()
    session = program.http.post("/v1/partner/identity/verification", json={"user_intent_id": intent}).json()["token"]
    form = {"token": session, "user_consent_captured": "true"}
    answer = program.http.post("/v1/partner/identity/token", data=form)
    assert answer.status_code == 200
    assert answer.json()["access_token"]
    assert program.http.post("/v1/partner/identity/token", data=form).status_code == 400
    assert program.http.get(f"/v1/user_intent/{intent}").json()["status"] == "converted_to_user"


def test_a_session_token_lives_one_minute(program, sandbox):
    intent = program.intent()
    session = program.http.post("/v1/partner/identity/verification", json={"user_intent_id": intent}).json()["token"]
    sandbox.advance(seconds=61)
    form = {"token": session, "user_consent_captured": "true"}
    assert program.http.post("/v1/partner/identity/token", data=form).json()["error"] == "invalid_grant"


def test_identity_verification_wants_exactly_one_id(program):
    intent = program.intent()
    for body in ({}, {"user_intent_id": intent, "user_id": "x"}):
        assert program.http.post("/v1/partner/identity/verification", json=body).status_code == 400
    empty = {"user_intent_id": intent, "provider": "", "provider_data": {"customer_id": ""}, "client_id": ""}
    assert program.http.post("/v1/partner/identity/verification", json=empty).status_code == 200


def test_a_killed_access_token_can_be_replaced(person, sandbox):
    sandbox.users.kill_access_token(person.id)
    assert person.http.get("/v1/user").status_code == 401
    person.refresh()
    assert person.http.get("/v1/user").status_code == 200
    assert sandbox.refreshes(person.id) == 1


def test_killed_refresh_tokens_need_a_new_authorization(person, program, sandbox):
    sandbox.users.kill_refresh_tokens(person.id)
    answer = program.token(grant_type="refresh_token", refresh_token=person.tokens["refresh_token"])
    assert answer.json()["error"] == "invalid_grant"
    assert program.signed_in(user_id=person.id).id == person.id


def test_lifetimes_and_the_oldest_token_shape_can_be_chosen():
    options = Options(access_token_seconds=5, quirks=Quirks(token_in_list=True))
    with Sandbox(options=options) as sandbox:
        import httpx

        code = sandbox.authorize(user_id=sandbox.users.create().id)
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": sandbox.redirect_uri}
        auth = (sandbox.client_id, sandbox.client_secret)
        answer = httpx.post(f"{sandbox.url}/v1/oauth/token", data=form, auth=auth, trust_env=False)
        assert answer.json()[0]["expires_in"] == 5
