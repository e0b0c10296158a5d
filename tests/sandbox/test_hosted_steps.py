"""The steps of the hosted pages: the SMS code, the search for a bank and what it answers, and pages that expire."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterator

import httpx
import pytest

from tests.sandbox.test_hosted_module import form_of, returned_to

AUTHORIZE, CONNECT = "/login/oauth/authorize", "/institutions/connect"


class Browser:
    """A browser without scripts, which has one page open."""

    def __init__(self, sandbox, http: httpx.Client) -> None:
        self.sandbox, self.http = sandbox, http
        self.page: httpx.Response

    def open(self, path: str = AUTHORIZE, **parameters: str) -> Browser:
        query = {
            "client_id": self.sandbox.client_id,
            "redirect_uri": self.sandbox.redirect_uri,
            "response_type": "code",
        }
        self.page = self.http.get(path, params={**query, **parameters})
        return self

    def send(self, **changes: str) -> Browser:
        action = re.search(r'<form method="post" action="([^"]+)"', self.page.text)[1]
        self.page = self.http.post(action, data={**form_of(self.page), "decision": "allow", **changes})
        return self

    @property
    def heading(self) -> str:
        return html.unescape(re.search(r"<h1>(.*?)</h1>", self.page.text)[1])

    @property
    def alert(self) -> str:
        found = re.search(r'role="alert">(.*?)</div>', self.page.text)
        return html.unescape(found[1]) if found else ""

    @property
    def place(self) -> str:
        found = re.search(r'id="place">(.*?)</p>', self.page.text)
        return found[1] if found else ""


@pytest.fixture
def browser(sandbox) -> Iterator[Browser]:
    with httpx.Client(base_url=sandbox.url, trust_env=False) as http:
        yield Browser(sandbox, http)


def test_a_person_passes_the_sms_step_before_they_agree(browser, program):
    browser.open(user_intent_id=program.intent())
    assert browser.heading == "Hello Edmund Hillary"
    browser.send()
    assert (browser.heading, "ends in 1234" in browser.page.text) == ("Enter the code", True)
    browser.send()
    assert "Accounts to link" in browser.page.text
    assert program.exchange(returned_to(browser.send(link_checking="yes").page)["code"])["access_token"]


def test_a_person_is_told_at_which_step_they_are(browser, sandbox):
    user = sandbox.users.create()
    browser.open(user_id=user.id)
    said = [browser.place] + [browser.send(**fields).place for fields in ({}, {"sms_code": "000000"}, {}, {})]
    assert said == ["Step 1 of 3", "Step 2 of 3", "Step 2 of 3", "Step 3 of 3", ""]
    browser.open(CONNECT, user_id=user.id)
    forms = ({"bank": "ins_56"}, {"password": "mfa_device"}, {"mfa_code": "1234"})
    said = [browser.place] + [browser.send(**fields).place for fields in forms]
    assert said == ["Step 1 of 3", "Step 2 of 3", "Step 2 of 3", "Step 3 of 3"]
    assert browser.open("/cards/connect", user_id=user.id).place == ""


def test_a_wrong_code_is_refused_and_after_three_a_new_one_is_needed(browser, sandbox):
    browser.open(user_id=sandbox.users.create().id).send()
    for _ in range(3):
        browser.send(sms_code="000000")
        assert (browser.page.status_code, browser.alert) == (400, "This code is not right.")
    assert browser.send(sms_code="123456").alert == "Too many wrong codes. Ask for a new one."
    assert browser.send(decision="resend").alert == ""
    assert "Accounts to link" in browser.send().page.text


def test_a_code_expires_before_its_page_and_a_new_one_works(browser, sandbox):
    browser.open(user_id=sandbox.users.create().id).send()
    sandbox.advance(minutes=11)
    assert browser.send().alert == "This code has expired. Ask for a new one."
    assert "Accounts to link" in browser.send(decision="resend").send().page.text


@pytest.mark.parametrize("steps", [0, 1, 2])
def test_a_page_expires_at_every_step_and_offers_to_start_again(browser, program, sandbox, steps):
    browser.open(user_intent_id=program.intent(), state="a&b")
    for _ in range(steps):
        browser.send()
    sandbox.advance(minutes=31)
    browser.send()
    assert (browser.page.status_code, browser.heading) == (410, "This page has expired")
    again = html.unescape(re.search(r'id="again" href="([^"]+)"', browser.page.text)[1])
    browser.page = browser.http.get(again)
    assert returned_to(browser.send().send().send().page)["state"] == "a&b"


@pytest.mark.parametrize(
    "path", ["/verify/personal", "/verify/document", "/verify/business", CONNECT, "/cards/connect", AUTHORIZE]
)
def test_every_form_expires_and_none_works_without_its_page(browser, sandbox, path):
    user = sandbox.users.create()
    browser.open(path, user_id=user.id)
    sealed = form_of(browser.page)["page"]
    for forged in ("", "x", sealed[:-1] + "x", "x" + sealed, "\u00e9.\u00e9"):
        answer = browser.http.post(path, data={**form_of(browser.page), "page": forged})
        assert answer.status_code == 410, forged
    other = "/cards/connect" if path != "/cards/connect" else CONNECT
    moved = form_of(Browser(sandbox, browser.http).open(other, user_id=user.id).page)["page"]
    assert browser.http.post(path, data={**form_of(browser.page), "page": moved}).status_code == 410
    sandbox.advance(minutes=31)
    assert browser.send().page.status_code == 410


def test_the_code_of_one_person_is_not_the_consent_of_another(browser, sandbox):
    mine, other = sandbox.users.create(phone="+15557770001"), sandbox.users.create(phone="+15557770002")
    browser.open(user_id=mine.id).send().send()
    assert browser.send(user_id=other.id).page.status_code == 410


def test_no_consent_is_given_without_the_sms_step(browser, sandbox):
    browser.open(session_token="made-up")
    assert browser.page.status_code == 400
    user = sandbox.users.create(phone="+15557770001")
    for changes in ({}, {"session_token": ""}, {"session_token": "", "user_id": user.id, "phone": "5557770001"}):
        answer = browser.http.post(AUTHORIZE, data={**form_of(browser.page), "decision": "allow", **changes})
        assert answer.status_code in (400, 410)
        assert 'id="code"' not in answer.text


def test_a_bank_is_found_by_part_of_its_name_and_its_account_is_linked(browser, person, sandbox):
    before = len(person.accounts())
    newcomer = sandbox.users.create()
    browser.open(CONNECT, user_id=newcomer.id).send(bank_name="TARTAN")
    assert re.findall(r"<span>([^<]+)</span></label>", browser.page.text) == ["Tartan Bank"]
    browser.send(bank="ins_109511")
    assert (browser.heading, "pass_good" in browser.page.text) == ("Connect Tartan Bank", True)
    assert browser.send().send(kind="checking").heading == "Done"
    (account,) = sandbox._backend.engine.state.accounts.of(newcomer.id)
    assert (account.institution_name, account.subtype) == ("Tartan Bank", "checking")
    assert len(person.accounts()) == before


def test_a_search_may_find_all_banks_or_none(browser, sandbox):
    browser.open(CONNECT, user_id=sandbox.users.create().id).send(bank_name="")
    assert len(re.findall('name="bank" value', browser.page.text)) == 9
    browser.send(bank_name="Bank of <Nowhere>")
    assert (browser.page.status_code, browser.alert[:40]) == (400, "No bank matches 'Bank of <Nowhere>'. Try")


@pytest.mark.parametrize(
    ("credentials", "told"),
    [
        ({"password": "error_INVALID_CREDENTIALS"}, "does not know this user name"),
        ({"password": "other"}, "does not know this user name"),
        ({"username": "user_bad", "password": "error_ITEM_LOCKED"}, "does not know this user name"),
        ({"password": "error_ITEM_LOCKED"}, "is locked"),
        ({"password": "error_NO_ACCOUNTS"}, "no account of yours"),
        ({"password": "error_INSTITUTION_DOWN"}, "cannot be reached"),
        ({"password": "error_INSTITUTION_NOT_RESPONDING"}, "does not answer"),
        ({"password": "error_INSTITUTION_NO_LONGER_SUPPORTED"}, "not supported any more"),
        ({"password": "error_INVALID_MFA"}, "The code was not right"),
    ],
)
def test_a_bank_lets_nobody_in_whose_password_asks_for_a_failure(browser, sandbox, credentials, told):
    user = sandbox.users.create()
    browser.open(CONNECT, user_id=user.id).send(bank="ins_109508").send(**credentials)
    assert browser.page.status_code == 400
    assert told in browser.alert
    assert credentials["password"] not in browser.page.text.replace("such as error_ITEM_LOCKED", "")
    assert browser.send().send(kind="savings").heading == "Done"


def test_a_bank_may_ask_for_a_code(browser, sandbox):
    browser.open(CONNECT, user_id=sandbox.users.create().id).send(bank="ins_56").send(password="mfa_device")
    assert browser.send(mfa_code="0000").alert == "The code was not right. Sign in again."
    assert browser.send(mfa_code="1234").send().heading == "Done"


CARD = {
    "card_number": "4111 1111 1111 1111",
    "expiration_date": "07/41",
    "card_security_code": "987",
    "zip_code": "10001",
}


@pytest.mark.parametrize("path", ["/cards/connect", AUTHORIZE])
@pytest.mark.parametrize(
    ("field", "typed"),
    [("card_number", "4111x"), ("expiration_date", "13/41"), ("card_security_code", "12"), ("zip_code", "1000")],
)
def test_a_card_form_keeps_what_was_typed_and_not_the_security_code(browser, sandbox, path, field, typed):
    browser.open(path, user_id=sandbox.users.create().id, debit_direct="true")
    while 'name="card_number"' not in browser.page.text:
        browser.send()
    browser.send(**{**CARD, field: typed})
    assert (browser.page.status_code, wrong_fields(browser)) == (400, [field])
    kept = {name: value for name, value in form_of(browser.page).items() if name in CARD}
    assert kept == {**CARD, field: typed, "card_security_code": "123"}
    assert "987" not in browser.page.text
    assert len(sandbox._backend.engine.state.cards) == 0
    browser.send(**CARD)
    assert len(sandbox._backend.engine.state.cards) == 1


@pytest.mark.parametrize(
    ("path", "steps", "field"),
    [
        (AUTHORIZE, [{"phone": "5550009999"}], "phone"),
        (AUTHORIZE, [{"phone": "5557770001"}, {"sms_code": "000000"}], "sms_code"),
        ("/verify/personal", [{"phone": "5557770001", "ssn": "12", "date_of_birth": "1990-01-01"}], "ssn"),
        ("/verify/personal", [{"phone": "5557770001", "ssn": "1234", "date_of_birth": "x"}], "date_of_birth"),
        ("/verify/business", [{"phone": "5557770009", "business_name": " "}], "business_name"),
        ("/verify/business", [{"phone": "1", "business_name": "Everest LLC"}], "phone"),
        (CONNECT, [{"phone": "5557770001", "bank_name": "Nowhere"}], "bank_name"),
        (CONNECT, [{"phone": "5557770001", "bank": "ins_56"}, {"password": "other"}], "password"),
        (
            CONNECT,
            [{"phone": "5557770001", "bank": "ins_56"}, {"password": "mfa_device"}, {"mfa_code": "1"}],
            "mfa_code",
        ),
    ],
)
def test_an_error_is_tied_to_the_field_that_is_wrong(browser, sandbox, path, steps, field):
    sandbox.users.create(phone="+15557770001")
    browser.open(path)
    for step in steps:
        assert wrong_fields(browser) == []
        browser.send(**step)
    assert (bool(browser.alert), wrong_fields(browser)) == (True, [field])


def wrong_fields(browser: Browser) -> list[str]:
    """The fields that a reader of screens is told are wrong, and why, and at which the page opens."""
    inputs = re.findall(r'<input id="(\w+)"([^>]*)>', browser.page.text)
    marks = ('aria-invalid="true"', " autofocus", 'aria-describedby="error')
    found = [name for name, rest in inputs if any(mark in rest for mark in marks)]
    for name, rest in inputs:
        assert name not in found or all(mark in rest for mark in marks)
    assert not found or 'id="error" role="alert"' in browser.page.text
    return found


def test_whoever_is_at_any_step_can_decline(browser, sandbox):
    steps: list[Callable[[], Browser]] = [lambda: browser, browser_sends(browser, 1), browser_sends(browser, 2)]
    for go in steps:
        browser.open(user_id=sandbox.users.create().id)
        go()
        answer = browser.send(decision="decline").page
        assert (answer.status_code, "access_denied" in answer.headers["Location"]) == (303, True)


def browser_sends(browser: Browser, times: int) -> Callable[[], Browser]:
    def go() -> Browser:
        for _ in range(times):
            browser.send()
        return browser

    return go
