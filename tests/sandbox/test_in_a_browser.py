"""The hosted module in the system's Chromium: mouse, keyboard, and a phone's screen."""

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from playwright.sync_api import Browser, Page

from astra.sandbox import Sandbox
from tests.chromium import chromium

pytestmark = pytest.mark.browser

REBOUND = "--host-resolver-rules=MAP rebound.example 127.0.0.1"
PHONE = {"width": 360, "height": 740}


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium("--headless", REBOUND) as browser:
        yield browser


@pytest.fixture
def program_url() -> Iterator[str]:
    """The program that the person comes from and returns to."""

    class Callback(BaseHTTPRequestHandler):
        def do_GET(self):
            body = b"<h1>Back in the app</h1>"
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    with HTTPServer(("127.0.0.1", 0), Callback) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/callback"
        server.shutdown()
        thread.join()


@pytest.fixture
def sandbox(program_url) -> Iterator[Sandbox]:
    with Sandbox(redirect_uri=program_url) as sandbox:
        yield sandbox


@pytest.fixture
def page(browser) -> Iterator[Page]:
    context = browser.new_context(viewport=PHONE, has_touch=True)
    yield context.new_page()
    context.close()


def link(sandbox: Sandbox, path: str = "/login/oauth/authorize", **parameters: str) -> str:
    query = {"client_id": sandbox.client_id, "redirect_uri": sandbox.redirect_uri, "response_type": "code"}
    return f"{sandbox.url}{path}?{urlencode({**query, **parameters})}"


def pass_the_sms(page: Page) -> None:
    page.get_by_role("button", name="Continue").click()
    page.get_by_label("Code from the SMS").wait_for()
    page.get_by_role("button", name="Continue").click()
    page.get_by_role("button", name="Allow").wait_for()


def came_back_with(page: Page) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(page.url).query).items()}


def fits_the_screen(page: Page) -> bool:
    return page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


def test_a_person_agrees_copies_the_code_and_returns(page, sandbox):
    intent = sandbox.user_intents.create()
    page.goto(link(sandbox, user_intent_id=intent.id, state="xyz"))
    assert page.get_by_label("Mobile phone number").input_value() == intent.profile["phone"][2:]
    pass_the_sms(page)
    page.get_by_label("Plaid Saving").uncheck()
    page.get_by_role("button", name="Allow").click()
    code = page.locator("#code").inner_text()
    page.get_by_role("link", name="Return to the app").click()
    page.get_by_text("Back in the app").wait_for()
    assert came_back_with(page) == {"code": code, "authorization_code": code, "state": "xyz"}
    assert [account.subtype for account in sandbox._backend.engine.state.accounts] == ["checking"]


def test_the_keyboard_is_enough(page, sandbox):
    page.goto(link(sandbox, user_id=sandbox.users.create().id))
    for fields, following in (
        (["phone"], "#sms_code"),
        (["sms_code"], "[name=link_checking]"),
        (["link_checking", "link_savings"], "#code"),
    ):
        reached = []
        for _ in range(8):
            page.keyboard.press("Tab")
            reached.append(page.evaluate("document.activeElement.name || document.activeElement.textContent"))
            if page.evaluate("document.activeElement.value") == "allow":
                break
        assert reached == [*fields, "decision"]
        outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        assert outline == "solid"
        page.keyboard.press("Enter")
        page.locator(following).wait_for()


def test_a_person_declines(page, sandbox):
    page.goto(link(sandbox, user_id=sandbox.users.create().id, state="xyz"))
    page.get_by_role("button", name="Decline").click()
    page.get_by_text("Back in the app").wait_for()
    back = came_back_with(page)
    assert (back["error"], back["state"]) == ("access_denied", "xyz")


def test_a_mistake_is_told_and_can_be_corrected(page, sandbox):
    sandbox.users.create(phone="+15557770000")
    page.goto(link(sandbox))
    page.get_by_label("Mobile phone number").fill("5550009999")
    page.get_by_role("button", name="Continue").click()
    assert page.get_by_role("alert").inner_text() == "We do not know this phone number."
    page.get_by_label("Mobile phone number").fill("5557770000")
    pass_the_sms(page)
    page.get_by_role("button", name="Allow").click()
    page.locator("#code").wait_for()


@pytest.mark.parametrize(
    "path",
    [
        "/login/oauth/authorize",
        "/verify/personal",
        "/verify/document",
        "/verify/business",
        "/institutions/connect",
        "/cards/connect",
    ],
)
def test_every_page_fits_a_phone(page, sandbox, path):
    page.goto(link(sandbox, path, user_id=sandbox.users.create().id))
    assert fits_the_screen(page)
    for button in page.get_by_role("button").all():
        assert button.bounding_box()["height"] >= 44


def test_the_start_page_fits_a_phone(page, sandbox):
    page.goto(sandbox.url)
    assert fits_the_screen(page)
    assert page.get_by_role("heading", level=1).inner_text() == "A local Astra is running"


def test_a_hostile_page_of_another_port_changes_nothing(page, sandbox, program_url):
    page.goto(sandbox.control_url)  # so the browser has the cookie
    assert page.url == f"{sandbox.url}/_sandbox/workbench"
    assert page.goto(f"{sandbox.url}/_sandbox/counts").status == 200
    before = sandbox.now()
    page.goto(program_url)
    tried = page.evaluate(
        """async (sandbox) => {
            const tried = [];
            for (const path of ["/_sandbox/advance", "/_sandbox/users/create", "/v1/oauth/token", "/v1/user_intent"]) {
                for (const type of ["text/plain", "application/json", "application/x-www-form-urlencoded"]) {
                    for (const mode of ["no-cors", "cors"]) {
                        const request = {method: "POST", mode, credentials: "include", body: '{"hours": 3}'};
                        request.headers = {"Content-Type": type};
                        try {
                            const answer = await fetch(sandbox + path, request);
                            tried.push(answer.type === "opaque" ? "unread" : "READ");
                        } catch (error) { tried.push("refused"); }
                    }
                }
            }
            try { await fetch(sandbox + "/_sandbox/requests", {credentials: "include"}); tried.push("READ"); }
            catch (error) { tried.push("refused"); }
            const frame = document.createElement("iframe");
            frame.name = "frame";
            const form = document.createElement("form");
            Object.assign(form, {method: "POST", action: sandbox + "/_sandbox/advance", target: "frame"});
            form.innerHTML = '<input name="hours" value="3">';
            document.body.append(frame, form);
            const loaded = new Promise((done) => { frame.onload = done; });
            form.submit();
            await loaded;
            return tried;
        }""",
        sandbox.url,
    )
    assert len(tried) == 25
    assert set(tried) == {"unread", "refused"}
    assert (sandbox.now() - before).total_seconds() < 3600
    assert {request.method for request in sandbox.requests} <= {"OPTIONS"}  # what a browser asks before it sends


def test_a_name_that_was_pointed_here_reaches_nothing_in_a_browser(page, sandbox):
    answer = page.goto(f"http://rebound.example:{sandbox.url.rpartition(':')[2]}/")
    told = page.inner_text("body")
    assert answer.status == 403
    assert sandbox.client_secret not in told
    assert "--allow-host" in told
