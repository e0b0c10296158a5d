"""The workbench in the system's Chromium: the main action of each screen, and what the API says afterwards."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from astra.sandbox import Sandbox
from tests.chromium import chromium
from tests.sandbox.conftest import BANK, Person, Program
from tests.sandbox.receiver import Receiver
from tests.workbench.bench import ROOT

pytestmark = pytest.mark.browser

SCREENS = ("", "/requests", "/users", "/money", "/webhooks", "/faults", "/scenarios", "/hosted")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium("--headless") as browser:
        yield browser


@pytest.fixture
def context(browser: Browser, sandbox: Sandbox) -> Iterator[BrowserContext]:
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    context.set_default_timeout(10_000)
    yield context
    context.close()


@pytest.fixture
def page(context: BrowserContext, sandbox: Sandbox) -> Page:
    page = context.new_page()
    page.goto(sandbox.control_url)
    return page


def go(page: Page, sandbox: Sandbox, path: str) -> None:
    page.goto(f"{sandbox.url}{ROOT}{path}")


def press(page: Page, name: str) -> None:
    """Presses a button, and waits for what came of it."""
    page.get_by_role("main").get_by_role("button", name=name, exact=True).first.click()
    page.get_by_role("status").or_(page.get_by_role("alert")).filter(visible=True).first.wait_for()


def test_what_happens_shows_up_without_loading_again(page: Page, person: Person) -> None:
    page.evaluate("window.stays = true")
    person.pay(name="Rent", amount=12)
    stream = page.get_by_role("list", name="What just happened")
    expect(stream.get_by_role("link", name="create_routine: 201")).to_be_visible()
    expect(page.get_by_role("region", name="Clock")).to_contain_text("A transfer clears in 1 d 21 h")
    assert page.evaluate("window.stays")


def test_live_updates_can_be_paused(page: Page, person: Person) -> None:
    page.get_by_role("button", name="Pause").click()
    person.pay(amount=12)
    person.http.get("/v1/user")
    stream = page.get_by_role("list", name="What just happened")
    page.wait_for_timeout(700)
    expect(stream.get_by_role("link", name="create_routine: 201")).to_have_count(0)
    page.get_by_role("button", name="Go on").click()
    expect(stream.get_by_role("link", name="create_routine: 201")).to_be_visible()


@pytest.mark.long
def test_the_clock_is_moved_from_any_screen(page: Page, sandbox: Sandbox, person: Person) -> None:
    transfer = person.transfer_of(person.pay(amount=12))["id"]
    for path in SCREENS:
        before = sandbox.now()
        go(page, sandbox, path)
        press(page, "+1 h")
        assert (sandbox.now() - before).total_seconds() == 3600
    go(page, sandbox, "")
    press(page, "Go there")
    person.refresh()
    assert person.http.get(f"/v1/transfers/{transfer}").json()["status"] == "processed"


def test_a_fault_added_from_a_request_strikes(page: Page, sandbox: Sandbox, person: Person) -> None:
    person.http.get("/v1/user")
    go(page, sandbox, "/requests")
    page.get_by_role("link", name="get_user").first.click()
    press(page, "Answer with an error")
    assert [person.http.get("/v1/user").status_code for _ in range(2)] == [503, 200]
    go(page, sandbox, "/requests?status=5xx")
    assert page.get_by_role("row").count() == 2


def test_a_request_is_replayed(page: Page, sandbox: Sandbox, person: Person) -> None:
    person.pay(name="Rent", amount=12)
    first = sandbox.requests[-1]
    go(page, sandbox, f"/requests/{first.request_id}")
    press(page, "Send again")
    second = sandbox.requests[-1]
    assert page.url.partition("?")[0].endswith(second.request_id)
    assert (second.body, second.status) == (first.body, 201)
    assert person.http.get("/v1/routines").json()["count"] == 2


def test_a_user_is_decided_on_and_opens_the_hosted_page(page: Page, sandbox: Sandbox) -> None:
    user = sandbox.users.create(status="pending")
    go(page, sandbox, "/users")
    page.get_by_role("link", name=user.id).click()
    press(page, "Approve")
    assert sandbox.users.get(user.id).status == "approved"
    page.get_by_role("link", name="Authorize").click()
    assert page.get_by_label("Mobile phone number").input_value() == user.profile["phone"][2:]


def test_a_hosted_page_is_opened_as_somebody_and_has_a_code_for_a_phone(page: Page, sandbox: Sandbox) -> None:
    user = sandbox.users.create()
    sandbox.users.create()
    go(page, sandbox, "/hosted")
    page.get_by_label("User or user intent").fill(user.id)
    page.get_by_role("button", name="Prefill").click()
    page.get_by_text("QR code of Authorize").click()
    code = page.get_by_role("img", name="QR code of Authorize")
    expect(code).to_be_visible()
    page.wait_for_function("image => image.complete && image.naturalWidth > 0", arg=code.element_handle())
    page.get_by_role("link", name="Authorize").click()
    assert page.get_by_label("Mobile phone number").input_value() == user.profile["phone"][2:]


def test_a_transfer_is_returned(page: Page, sandbox: Sandbox, person: Person) -> None:
    transfer = person.transfer_of(person.pay(amount=12))["id"]
    go(page, sandbox, "/money")
    page.get_by_role("region", name="pending").get_by_role("link", name=transfer[:10]).click()
    press(page, "Clear now")
    page.get_by_label("code", exact=True).fill("R02")
    press(page, "Return")
    seen = person.http.get(f"/v1/transfers/{transfer}").json()
    assert (seen["status"], seen["failure_reason"]) == ("failed", "R02")
    story = page.get_by_role("list", name="What happened to the transfer")
    for told in ("create_routine: 201", "transfer_created", "It is returned: R02"):
        expect(story.get_by_text(told).first).to_be_visible()


def test_webhooks_are_sent_and_a_signature_is_compared(
    page: Page, sandbox: Sandbox, person: Person, receiver: Receiver
) -> None:
    go(page, sandbox, "/webhooks")
    page.get_by_role("textbox", name="URL").fill(receiver.url)
    press(page, "Add this endpoint")
    person.pay(amount=12)
    sandbox.webhooks.deliver_pending()
    signature, body = receiver.received[-1]
    go(page, sandbox, "/webhooks")
    page.get_by_role("row").nth(1).get_by_role("rowheader").get_by_role("link").click()
    page.get_by_label("Body", exact=True).fill(body.decode())
    page.get_by_label("Astra-Verification").fill(signature)
    press(page, "Compare")
    expect(page.get_by_text("The signature is right")).to_be_visible()
    press(page, "Send once more")
    sandbox.webhooks.deliver_pending()
    assert receiver.received[-1] == (signature, body)


def test_a_fault_that_never_struck_is_seen_and_removed(page: Page, sandbox: Sandbox) -> None:
    go(page, sandbox, "/faults")
    page.get_by_label("Operation", exact=True).select_option("create_routine")
    page.get_by_label("Lose the answer").select_option("after")
    press(page, "Add")
    (fault,) = sandbox.faults.unstruck
    assert (fault.operation, fault.drop) == ("create_routine", "after")
    expect(page.get_by_text("never struck")).to_be_visible()
    press(page, "Remove")
    assert sandbox.faults.unstruck == []


@pytest.mark.long
def test_all_scenarios_run_and_what_is_exported_is_green(page: Page, sandbox: Sandbox, tmp_path: Path) -> None:
    go(page, sandbox, "/scenarios")
    titles = [heading.inner_text() for heading in page.get_by_role("heading", level=2).all()][:-1]
    assert len(titles) == 5
    for title in titles:
        press(page, f"Run {title}")
        expect(page.get_by_role("status").first).to_contain_text("It went as it should")
        with page.expect_download() as download:
            page.get_by_role("link", name=f"Export as a test of {title}").click()
        download.value.save_as(tmp_path / download.value.suggested_filename)
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(tmp_path)],
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert "5 passed" in done.stdout, done.stdout + done.stderr


def test_a_reset_makes_everything_new(page: Page, sandbox: Sandbox, person: Person) -> None:
    person.pay(amount=12)
    go(page, sandbox, "/scenarios")
    press(page, "Reset this sandbox")
    assert person.http.get("/v1/user").status_code == 401
    go(page, sandbox, "/money")
    assert "0 transfers" in page.get_by_role("main").inner_text()


def test_the_keyboard_finds_acts_and_moves_the_clock(page: Page, sandbox: Sandbox, person: Person) -> None:
    transfer = person.transfer_of(person.pay(amount=12))["id"]
    page.keyboard.press("/")
    page.keyboard.type(transfer)
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{ROOT}/transfers/{transfer}")
    tab_to(page, "Clear now")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status").first).to_contain_text("sandbox.transfers.process")
    assert sandbox.transfers.get(transfer).status == "processed"
    before = sandbox.now()
    tab_to(page, "Next banking day")
    page.keyboard.press("Space")
    expect(page.get_by_role("status").first).to_contain_text("advance_to_next_banking_day")
    assert sandbox.now() > before


@pytest.mark.long
def test_the_keyboard_decides_on_a_user_makes_a_request_fail_and_runs_a_scenario(
    page: Page, sandbox: Sandbox, person: Person
) -> None:
    person.http.get("/v1/user")
    go(page, sandbox, f"/requests/{sandbox.requests[-1].request_id}")
    tab_to(page, "Answer with an error")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status").first).to_contain_text("sandbox.faults.add")
    assert person.http.get("/v1/user").status_code == 503
    go(page, sandbox, "/scenarios")
    tab_to(page, "Run Lost answer")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status").first).to_contain_text("It went as it should")
    go(page, sandbox, f"/users/{person.id}")
    tab_to(page, "Suspend")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status").first).to_contain_text("sandbox.users.set_status")
    assert sandbox.users.get(person.id).status == "suspended"


@pytest.mark.long
def test_the_search_field_leads_to_each_kind_of_thing(page: Page, sandbox: Sandbox, person: Person) -> None:
    account, card = person.post("/v1/accounts/create", **BANK)["id"], sandbox.cards.create(person.id).id
    body = {"name": "Fund", "amount": 100, "client_correlation_id": "AB12CD34", "source": {"id": card}}
    body["destination"] = {"id": account, "user_id": person.id}
    routine = person.post("/v1/routines/card-to-account", **body)["id"]
    request = sandbox.requests[-1].request_id
    sandbox.advance(minutes=1)
    transfer = person.transfer_of({"id": routine})["id"]
    chargeback = sandbox.transfers.charge_back(transfer)["cb_id"]
    event = sandbox.webhooks.events[-1].id
    instrument = sandbox.payment_instruments.list()[0].id
    intent = sandbox.user_intents.create(status="document").id
    for asked, place in {
        person.id: f"/users/{person.id}",
        account: f"/users/{person.id}#{account}",
        card: f"/users/{person.id}#{card}",
        routine: f"/routines/{routine}",
        "AB12CD34": f"/routines/{routine}",
        transfer: f"/transfers/{transfer}",
        chargeback: f"/transfers/{transfer}",
        event: f"/webhooks/events/{event}",
        request: f"/requests/{request}",
        instrument: f"/money/balances#{instrument}",
        intent: f"/intents/{intent}",
    }.items():
        go(page, sandbox, "/hosted")
        page.keyboard.press("/")
        page.keyboard.type(asked)
        page.keyboard.press("Enter")
        page.wait_for_url(f"**{ROOT}{place}")


def tab_to(page: Page, name: str) -> None:
    """Goes to a button by the tabulator alone, and sees that it shows that it has the focus."""
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.textContent") == name:
            assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
            return
    raise AssertionError(f"the tabulator does not reach {name}")


def test_without_scripts_every_page_reads_and_acts(browser: Browser, sandbox: Sandbox, person: Person) -> None:
    transfer = person.transfer_of(person.pay(amount=12))["id"]
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(sandbox.control_url)
    request = sandbox.requests[-1].request_id
    event = sandbox.webhooks.events[-1].id
    things = (f"/users/{person.id}", f"/transfers/{transfer}", f"/requests/{request}", f"/webhooks/events/{event}")
    for path in (*SCREENS, *things, "/transfers", "/money/balances", "/intents", "/search?id=zzzz", "/nowhere"):
        go(page, sandbox, path)
        assert page.get_by_role("heading", level=1).inner_text()
        assert "11:00:00 ET" in page.get_by_role("region", name="Clock").inner_text()
    go(page, sandbox, f"/transfers/{transfer}")
    press(page, "Clear now")
    assert sandbox.transfers.get(transfer).status == "processed"
    context.close()


def test_a_page_of_another_port_presses_no_button(page: Page, sandbox: Sandbox, receiver: Receiver) -> None:
    before = sandbox.now()
    page.route("**/hostile", lambda route: route.fulfill(content_type="text/html", body="<h1>hostile</h1>"))
    page.goto(receiver.url.rsplit("/", 1)[0] + "/hostile")  # another port of this machine: the cookie comes along
    tried = page.evaluate(
        """async (root) => {
            const answers = [];
            for (const body of [new URLSearchParams({hours: 3}), "hours=3", '{"hours": 3}']) {
                for (const mode of ["no-cors", "cors"]) {
                    try {
                        const given = {method: "POST", mode, credentials: "include", body};
                        const sent = await fetch(`${root}/do/advance`, given);
                        answers.push(sent.type === "opaque" ? "unread" : "READ");
                    } catch { answers.push("refused"); }
                }
            }
            try { await fetch(root, {credentials: "include"}); answers.push("READ"); }
            catch { answers.push("refused"); }
            const frame = document.createElement("iframe");
            frame.name = "frame";
            const form = document.createElement("form");
            Object.assign(form, {method: "POST", action: `${root}/do/advance`, target: "frame"});
            form.innerHTML = '<input name="hours" value="3">';
            document.body.append(frame, form);
            const loaded = new Promise((done) => { frame.onload = done; });
            form.submit();
            await loaded;
            try { answers.push(frame.contentDocument ? "READ" : "refused"); } catch { answers.push("refused"); }
            return answers;
        }""",
        f"{sandbox.url}{ROOT}",
    )  # fmt: skip
    assert len(tried) == 8
    assert set(tried) <= {"unread", "refused"}
    assert sandbox.now() == before


def test_no_page_is_wider_than_a_phone(page: Page, sandbox: Sandbox, person: Person, program: Program) -> None:
    transfer = person.transfer_of(person.pay(amount=12, name="A" * 60))["id"]
    page.set_viewport_size({"width": 390, "height": 844})
    request = sandbox.requests[-1].request_id
    for path in (*SCREENS, f"/users/{person.id}", f"/transfers/{transfer}", f"/requests/{request}", "/money/balances"):
        go(page, sandbox, path)
        assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"), path


def test_a_page_says_when_the_sandbox_is_gone_and_none_says_live_that_is_not(page: Page, sandbox: Sandbox) -> None:
    go(page, sandbox, "/requests")
    expect(page.locator("#live-state")).to_be_empty()
    with Sandbox() as ending:
        page.goto(ending.control_url)
        expect(page.locator("#live-state")).to_contain_text("live")
    expect(page.locator("#live-state")).to_contain_text("not connected")
