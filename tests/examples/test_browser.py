"""The web app of the README in the system's Chromium, against the local Astra that it brings along."""

import itertools
from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.chromium import chromium
from tests.examples.serving import started

pytestmark = pytest.mark.browser

PHONE = {"width": 360, "height": 740}
DESK = {"width": 1280, "height": 800}
numbers = itertools.count(1)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.fixture(scope="module")
def addresses(tmp_path_factory) -> Iterator[list[str]]:
    forged = r"(ERROR fastapi_app: GET /callback: AuthorizationRedirectError: .*\n)*"
    with started("fastapi_app.py", "--port", "0", cwd=tmp_path_factory.mktemp("app"), log=forged) as addresses:
        yield addresses


@pytest.fixture
def app_url(addresses) -> str:
    return addresses[0]


@pytest.fixture
def astra_url(addresses) -> str:
    return addresses[1]


@pytest.fixture(params=[PHONE, pytest.param(DESK, marks=pytest.mark.long)], ids=["phone", "desk"])
def page(request, browser) -> Iterator[Page]:
    context = browser.new_context(viewport=request.param, has_touch=request.param is PHONE)
    context.set_default_timeout(15_000)
    page = context.new_page()
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    yield page
    context.close()
    assert problems == []


@pytest.fixture
def pictures(request, tmp_path):
    """Takes a picture of the whole page, and holds every page to the width of the screen."""

    def take(page: Page, name: str) -> None:
        page.screenshot(path=tmp_path / f"{name}.png", full_page=True)
        assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"), name
        for target in page.locator("button, a.button").all():
            box = target.bounding_box()
            assert box is not None
            assert box["height"] >= 44, f"too small for a finger on {name}"

    return take


def fill_in(page: Page, **changes: str) -> None:
    number = next(numbers)
    answers = {
        "First name": "Edmund",
        "Last name": "Hillary",
        "Email": f"edmund{number}@example.com",
        "Mobile phone": f"(555) 777-{number:04}",
        "Date of birth": "1919-07-20",
        "Last four digits of your social security number": "9999",
        "Street and number": "123 Astra Ave",
        "City": "Palo Alto",
        "State": "ca",
        "ZIP code": "94304",
    }
    for label, answer in (answers | changes).items():
        page.get_by_label(label).fill(answer)


def onboard(page: Page, app_url: str, **changes: str) -> None:
    page.goto(app_url)
    fill_in(page, **changes)
    page.get_by_role("button", name="Continue").click()
    page.get_by_role("heading", name="Connect your bank").wait_for()


def pass_the_sms(page: Page) -> None:
    """Passes the steps of Astra's page before the consent."""
    for label in ("Mobile phone number", "Code from the SMS"):
        page.get_by_label(label).wait_for()
        page.get_by_role("button", name="Continue").click()
    page.get_by_role("button", name="Allow").wait_for()


def authorize(page: Page) -> None:
    """Goes to Astra's page, allows it, and comes back."""
    page.get_by_role("link", name="Continue to Astra").click()
    pass_the_sms(page)
    page.get_by_role("button", name="Allow").click()
    page.get_by_role("link", name="Return to the app").click()


def test_a_person_onboards_authorizes_and_sees_the_accounts(page, app_url, astra_url, pictures):
    page.goto(app_url)
    pictures(page, "1-form")
    fill_in(page)
    page.get_by_role("button", name="Continue").click()
    page.get_by_role("heading", name="Connect your bank").wait_for()
    pictures(page, "2-connect")
    page.get_by_role("link", name="Continue to Astra").click()
    pass_the_sms(page)
    assert page.url.startswith(f"{astra_url}/login/oauth/authorize")
    pictures(page, "3-astra")
    page.get_by_role("button", name="Allow").click()
    page.locator("#code").wait_for()
    pictures(page, "4-code")
    page.get_by_role("link", name="Return to the app").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Hello, Edmund")
    # Neither the code nor the state stays in the address that the person may copy.
    assert page.url == f"{app_url}/accounts"
    accounts = page.get_by_role("list", name="Your accounts").get_by_role("listitem")
    expect(accounts).to_have_count(2)
    expect(accounts.filter(has_text="Plaid Checking")).to_contain_text("$")
    pictures(page, "5-accounts")


def test_a_person_moves_money_and_sees_what_becomes_of_it(page, app_url, pictures):
    onboard(page, app_url)
    authorize(page)
    page.get_by_label("Amount in dollars").fill("twenty")
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_role("alert")).to_contain_text("such as 20.00")
    expect(page.get_by_label("Amount in dollars")).to_have_value("twenty")
    pictures(page, "amount")
    page.get_by_label("Amount in dollars").fill("$1,000.00")
    page.get_by_role("button", name="Send").dblclick()
    expect(page.get_by_role("heading", level=1)).to_have_text("$1,000.00 is on its way")
    expect(page.get_by_role("list", name="Transfers").get_by_role("listitem")).to_have_text("Transfer: Pending")
    pictures(page, "payment")
    page.get_by_role("link", name="Back to your accounts").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Hello, Edmund")


def test_webhooks_show_up_as_news(page, app_url, pictures):
    onboard(page, app_url)
    authorize(page)
    news = page.get_by_role("list", name="News from Astra")

    def look() -> bool:
        page.reload()
        return news.is_visible()

    # The local Astra sends webhooks from a thread of its own; each look is an answer of the app.
    assert any(look() for _ in range(200))
    expect(news.get_by_role("listitem").first).to_have_text("User intent updated: converted to user")
    pictures(page, "news")


@pytest.mark.long
def test_a_long_name_breaks_no_page(page, app_url, pictures):
    onboard(page, app_url, **{"First name": "Wolfeschlegelsteinhausenbergerdorff"})
    authorize(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("Hello, Wolfeschlegelsteinhausenbergerdorff")
    pictures(page, "long")


def test_the_keyboard_is_enough(page, app_url):
    page.goto(app_url)
    fill_in(page)
    page.get_by_label("ZIP code").press("Enter")
    page.get_by_role("heading", name="Connect your bank").wait_for()
    page.keyboard.press("Tab")
    link = page.get_by_role("link", name="Continue to Astra")
    expect(link).to_be_focused()
    assert link.evaluate("link => getComputedStyle(link).outlineStyle") == "solid"
    page.keyboard.press("Enter")
    page.get_by_label("Mobile phone number").wait_for()


def test_whoever_declines_is_told_so_and_can_try_again(page, app_url, pictures):
    onboard(page, app_url)
    page.get_by_role("link", name="Continue to Astra").click()
    page.get_by_role("button", name="Decline").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Not connected")
    pictures(page, "declined")
    page.get_by_role("link", name="Try again").click()
    authorize(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("Hello, Edmund")


def test_a_mistake_is_told_beside_its_field_and_nothing_else_is_lost(page, app_url, pictures):
    page.goto(app_url)
    fill_in(page, **{"Mobile phone": "12345"})
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("alert")).to_be_visible()
    phone = page.get_by_label("Mobile phone")
    expect(phone).to_have_attribute("aria-invalid", "true")
    expect(phone).to_have_value("12345")
    expect(page.get_by_label("City")).to_have_value("Palo Alto")
    expect(page.get_by_label("social security")).to_have_value("")
    pictures(page, "mistake")


def test_a_redirect_that_somebody_else_made_up_authorizes_nobody(page, app_url, pictures):
    onboard(page, app_url)
    page.goto(f"{app_url}/callback?code=forged&state=forged")
    expect(page.get_by_role("heading", level=1)).to_have_text("Please start again")
    pictures(page, "forged")
    page.goto(f"{app_url}/accounts")
    assert page.url == f"{app_url}/"


def test_the_browser_is_given_no_secret(page, app_url):
    onboard(page, app_url)
    (cookie,) = page.context.cookies()
    assert (cookie["httpOnly"], cookie["sameSite"]) == (True, "Lax")
    link = page.get_by_role("link", name="Continue to Astra").get_attribute("href")
    assert set(parse_qs(urlsplit(link).query)) == {
        "client_id",
        "redirect_uri",
        "response_type",
        "state",
        "user_intent_id",
    }


@pytest.fixture
def django_url(tmp_path) -> Iterator[str]:
    own = r"WARNING django_views: GET /callback: AuthorizationRedirectError: .*\n"
    djangos = r"WARNING django\.request: (Bad Request: /callback|Not Found: /favicon\.ico)\n"
    with started("django_views.py", "--port", "0", cwd=tmp_path, log=f"({own}|{djangos})*") as [address]:
        yield address


@pytest.mark.long
def test_a_person_connects_through_the_django_views(page, django_url):
    page.goto(django_url)
    pass_the_sms(page)
    page.get_by_role("button", name="Allow").click()
    page.get_by_role("link", name="Return to the app").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Your accounts")
    expect(page.get_by_role("listitem")).to_have_count(2)
    assert page.url == f"{django_url}/accounts"


@pytest.mark.long
def test_the_django_views_refuse_a_forged_redirect_and_lead_back(page, django_url):
    page.goto(django_url)
    page.get_by_label("Mobile phone number").wait_for()
    answer = page.goto(f"{django_url}/callback?code=forged&state=forged")
    assert answer.status == 400
    expect(page.get_by_role("heading", level=1)).to_have_text("Please start again")
    page.get_by_role("link", name="Start again").click()
    page.get_by_label("Mobile phone number").wait_for()


@pytest.mark.long
def test_the_flask_receiver_shows_what_astra_told_it(page, tmp_path):
    with started("webhook_receiver.py", "--port", "0", cwd=tmp_path) as [address, _]:
        # The local Astra sends webhooks from a thread of its own; each look is an answer of the app.
        for _ in range(200):
            page.goto(address)
            if "transfer " in page.locator("body").inner_text():
                break
        expect(page.locator("body")).to_contain_text("of $20.00 is pending")
