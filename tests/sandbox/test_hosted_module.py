"""The hosted module, page by page, over plain HTTP: what a browser without scripts would do."""

import html
import re
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from astra import ConfigurationError
from astra.sandbox import Sandbox
from astra.sandbox.http.hosted import FLOWS, PASSED_ON


@pytest.fixture
def visit(sandbox):
    """Fetches a hosted page, or submits its form and those that follow, up to the last or to the first refusal."""
    with httpx.Client(base_url=sandbox.url, trust_env=False) as http:

        def go(path, *, submit=None, **parameters):
            query = {"client_id": sandbox.client_id, "redirect_uri": sandbox.redirect_uri, **parameters}
            if path.startswith("/login"):
                query.setdefault("response_type", "code")
            if submit is None:
                return http.get(path, params=query)
            page = http.get(path, params=query)
            while page.status_code == 200 and "<form" in page.text:
                page = http.post(path, data={**form_of(page), "decision": "allow", **submit})
            return page

        yield go


def form_of(page: httpx.Response) -> dict[str, str]:
    """What the form of a page holds when it opens."""
    hidden = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page.text)
    shown = re.findall(r'<input id="(\w+)"[^>]*?value="([^"]*)"', page.text, re.DOTALL)
    return {name: html.unescape(value) for name, value in [*hidden, *shown]}


def returned_to(answer: httpx.Response) -> dict[str, str]:
    href = re.search(r'id="continue" href="([^"]+)"', answer.text)[1].replace("&amp;", "&")
    return {name: values[0] for name, values in parse_qs(urlsplit(href).query).items()}


def test_agreeing_shows_the_code_and_returns_both_names_and_the_state(program, sandbox, visit):
    intent = program.intent()
    answer = visit("/login/oauth/authorize", user_intent_id=intent, state="a&b=c", submit={"link_checking": "yes"})
    assert answer.status_code == 200
    back = returned_to(answer)
    assert back["code"] == back["authorization_code"]
    assert back["state"] == "a&b=c"
    assert f">{back['code']}</div>" in answer.text
    person_tokens = program.exchange(back["code"])
    headers = {"Authorization": f"Bearer {person_tokens['access_token']}"}
    accounts = httpx.get(f"{sandbox.url}/v1/accounts", headers=headers, trust_env=False).json()["accounts"]
    assert [account["subtype"] for account in accounts] == ["checking"]


def test_declining_redirects_with_an_error(program, visit):
    answer = visit(
        "/login/oauth/authorize", user_intent_id=program.intent(), state="xyz", submit={"decision": "decline"}
    )
    assert answer.status_code == 303
    query = parse_qs(urlsplit(answer.headers["Location"]).query)
    assert query["error"] == ["access_denied"]
    assert query["state"] == ["xyz"]
    assert "code" not in query


def test_reading_the_page_changes_nothing(program, sandbox, visit):
    intent = program.intent()
    page = visit("/login/oauth/authorize", user_intent_id=intent)
    assert "Hello Edmund Hillary" in page.text
    assert page.headers["Cache-Control"] == "no-store"
    assert program.http.get(f"/v1/user_intent/{intent}").json()["status"] == "approved"


def test_links_that_do_not_work_redirect_nowhere(program, visit):
    for changes in ({"client_id": "wrong"}, {"redirect_uri": "http://evil.example"}, {"response_type": "token"}):
        answer = visit("/login/oauth/authorize", user_intent_id=program.intent(email="x@example.com"), **changes)
        assert answer.status_code == 400
        assert "Location" not in answer.headers
        assert "evil" not in answer.text


MARKUP = """'"><script>alert(1)</script>{{ 8161 * 8161 }}"""


@pytest.mark.parametrize("path", [flow.path for flow in FLOWS])
def test_nothing_that_comes_in_is_markup_on_a_page(sandbox, path):
    """Neither a name, nor a parameter of the link, nor a field of the form, one by one, read and submitted."""
    profile = {"first_name": MARKUP, "last_name": MARKUP, "phone": "+15557770001", "address1": MARKUP, "city": MARKUP}
    query = {"client_id": sandbox.client_id, "redirect_uri": sandbox.redirect_uri, "response_type": "code"}
    query["user_id"] = sandbox.users.create(**profile).id
    with httpx.Client(base_url=sandbox.url, trust_env=False) as http:

        def shown(answer: httpx.Response) -> httpx.Response:
            assert answer.status_code < 500
            assert "<script>alert" not in answer.text
            assert "66601921" not in answer.text
            assert MARKUP not in str(answer.headers)
            return answer

        page = shown(http.get(path, params=query))
        for name in {*PASSED_ON, *form_of(page), "phone", "business", "error", "page"}:
            shown(http.get(path, params={**query, name: MARKUP}))
            shown(http.get(path, params={**query, "business": "true", "debit_direct": "true", name: MARKUP}))
        while page.status_code == 200 and "<form" in page.text:
            form = {**form_of(page), "decision": "allow", "bank": "ins_56"}
            for name in {*form, "bank_name", "business_name", "kind"}:
                shown(http.post(path, data={**form, name: MARKUP}))
            page = shown(http.post(path, data=form))


def test_rejected_and_suspended_people_cannot_continue(sandbox, visit):
    for parameters in (
        {"user_intent_id": sandbox.user_intents.create(status="rejected").id},
        {"user_id": sandbox.users.create(status="suspended").id},
    ):
        answer = visit("/login/oauth/authorize", **parameters)
        assert answer.status_code == 403
        assert returned_to(answer)["error"] == "access_denied"


@pytest.mark.parametrize("status", ["pending", "retry", "document", "rejected"])
def test_a_user_who_is_not_approved_can_agree_as_well(program, sandbox, visit, status):
    answer = visit("/login/oauth/authorize", user_id=sandbox.users.create(status=status).id, submit={})
    assert program.signed_in_with(returned_to(answer)["code"]).get("/v1/user")["status"] == status


def test_a_known_phone_number_finds_the_person(sandbox, program, visit):
    user = sandbox.users.create(phone="+15557770000")
    page = visit("/login/oauth/authorize", phone="5557770000", phone_read_only="true")
    assert "readonly" in page.text
    answer = visit("/login/oauth/authorize", phone="5557770000", submit={})
    tokens = program.exchange(returned_to(answer)["code"])
    headers = {"Authorization": f"Bearer {tokens['access_token']}"}
    assert httpx.get(f"{sandbox.url}/v1/user", headers=headers, trust_env=False).json()["id"] == user.id


def test_an_unknown_phone_number_is_explained(visit):
    answer = visit("/login/oauth/authorize", submit={"phone": "5550009999"})
    assert answer.status_code == 400
    assert 'role="alert"' in answer.text
    assert "do not know this phone number" in answer.text


def test_a_session_token_skips_the_phone_and_works_once(program, visit):
    intent = program.intent()
    session = program.http.post("/v1/partner/identity/verification", json={"user_intent_id": intent}).json()["token"]
    assert 'name="phone"' not in visit("/login/oauth/authorize", session_token=session).text
    answer = visit("/login/oauth/authorize", session_token=session, submit={})
    assert program.exchange(returned_to(answer)["code"])["access_token"]
    assert visit("/login/oauth/authorize", session_token=session, submit={}).status_code == 400


def test_bypass_connect_links_no_account(program, visit):
    user_intent_id = program.intent()
    session = program.http.post("/v1/partner/identity/verification", json={"user_intent_id": user_intent_id}).json()
    for bypass, asked in (("true", False), ("false", True)):
        page = visit("/login/oauth/authorize", session_token=session["token"], bypass_connect=bypass)
        assert ("Accounts to link" in page.text) == asked


def test_debit_direct_asks_for_one_card(program, sandbox, visit):
    form = {"card_number": "4000 0000 0000 0002", "expiration_date": "12/49", "zip_code": "94304"}
    answer = visit("/login/oauth/authorize", user_intent_id=program.intent(), debit_direct="true", submit=form)
    program.exchange(returned_to(answer)["code"])
    (card,) = sandbox._backend.engine.state.cards
    assert (card.number_end, card.added_by_user) == ("0002", True)


def test_a_business_introduces_itself(program, sandbox, visit):
    form = {"phone": "5557771234", "business_name": "Everest LLC", "ein": "12-3456789", "first_name": "Tenzing"}
    answer = visit("/login/oauth/authorize", business="true", submit=form)
    program.exchange(returned_to(answer)["code"])
    (user,) = sandbox._backend.engine.state.users
    assert (user.status, bool(user.business_profile_id)) == ("pending", True)
    sandbox.advance(hours=25)
    assert user.status == "approved"


@pytest.mark.parametrize(("ssn", "status"), [("9999", "approved"), ("1111", "document"), ("0000", "rejected")])
def test_a_person_in_retry_corrects_their_details(sandbox, visit, ssn, status):
    user = sandbox.users.create(status="retry")
    answer = visit("/verify/personal", user_id=user.id, submit={"ssn": ssn, "date_of_birth": "1919-07-20"})
    assert answer.status_code == 200
    assert sandbox.users.get(user.id).status == status
    again = visit("/verify/personal", user_id=user.id, submit={"ssn": "9999", "date_of_birth": "1919-07-20"})
    assert again.status_code == 400


def test_a_person_in_document_hands_one_in(sandbox, visit):
    intent = sandbox.user_intents.create(status="document")
    answer = visit("/verify/document", user_intent_id=intent.id, submit={"document_type": "passport"})
    assert answer.status_code == 200
    assert sandbox.user_intents.get(intent.id).status == "approved"


def test_an_account_and_a_card_are_connected_later(sandbox, visit):
    user = sandbox.users.create()
    assert (
        visit("/institutions/connect", user_id=user.id, submit={"bank": "ins_109511", "kind": "savings"}).status_code
        == 200
    )
    twice = visit("/institutions/connect", user_id=user.id, submit={"bank": "ins_109511", "kind": "savings"})
    assert "Account Already Exists" in twice.text
    form = {"card_number": "4000000000000002", "expiration_date": "12/49", "zip_code": "94304"}
    assert visit("/cards/connect", user_id=user.id, submit=form).status_code == 200
    bad = visit("/cards/connect", user_id=user.id, submit={**form, "expiration_date": "2049"})
    assert "MM/YY" in bad.text
    assert (len(sandbox._backend.engine.state.accounts), len(sandbox._backend.engine.state.cards)) == (1, 1)
    assert next(iter(sandbox._backend.engine.state.accounts)).institution_name == "Tartan Bank"


def test_a_business_is_verified_on_its_page(sandbox, visit):
    form = {"phone": "5557771234", "business_name": "Everest LLC"}
    assert visit("/verify/business", submit=form).status_code == 200
    assert len(sandbox._backend.engine.state.business_profiles) == 2


@pytest.mark.parametrize(
    "path", ["/login/oauth/authorize", "/verify/personal", "/verify/document", "/cards/connect", "/verify/business"]
)
def test_every_field_has_a_label(sandbox, visit, path):
    page = visit(path, user_id=sandbox.users.create().id).text
    fields = re.findall(r'<input id="(\w+)"', page)
    assert fields
    assert set(fields) == set(re.findall(r'<label for="(\w+)"', page))


def test_the_start_page_explains_the_sandbox(sandbox):
    page = httpx.get(sandbox.url, trust_env=False)
    for text in (sandbox.client_id, sandbox.client_secret, sandbox.url, "create_routine", "faults/add", "_sandbox"):
        assert text in page.text


def test_other_paths_are_not_found(sandbox):
    assert httpx.get(f"{sandbox.url}/nothing", trust_env=False).json()["code"] == 404
    page = httpx.get(f"{sandbox.url}/nothing", headers={"Accept": "text/html"}, trust_env=False)
    assert (page.status_code, "<h1>" in page.text) == (404, True)


@pytest.mark.parametrize(
    "uri",
    [
        "javascript:alert(1)",
        "data:text/html,x",
        "file:///etc/passwd",
        "http://",
        "callback",
        "",
        "http://a/b#c",
        "http://a/ b",
    ],
)
def test_what_no_browser_should_be_sent_to_is_no_redirect_uri(uri):
    with pytest.raises(ConfigurationError, match="cannot be a redirect URI"):
        Sandbox(redirect_uri=["http://localhost:8000/callback", uri])


def test_an_app_may_have_a_scheme_of_its_own():
    for uri in ("myapp://callback", "com.example.app:/oauth"):
        assert Sandbox(redirect_uri=uri).redirect_uri == uri
