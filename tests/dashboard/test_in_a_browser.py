"""The dashboard in the system's Chromium: sizes, schemes, keyboard, no scripts, accessibility."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from astra.config import EnvironmentSettings
from astra.dashboard.opening import dashboard
from astra.web.serving import listen
from tests.axe import barriers
from tests.chromium import chromium
from tests.dashboard.world import ME, NOW, Stores, busy

pytestmark = pytest.mark.browser

PAGES = (
    "/",
    "/tokens",
    "/tokens?list=dead",
    "/payments",
    "/requests",
    "/trace",
    "/trace?id=payout-4",
    "/trace?id=nix",
    "/nix",
)
EMPTY = ("/", "/tokens", "/payments", "/requests", "/trace?id=x")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium("--headless") as browser:
        yield browser


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    stores = busy(Stores.in_files(tmp_path_factory.mktemp("stores")))
    settings = EnvironmentSettings(
        token_store=stores.tokens, idempotency_store=stores.payments, request_log=stores.requests
    )
    with dashboard(settings, listener=listen(0), identity=ME, now=lambda: NOW) as address:
        yield address.url


def opened(browser: Browser, url: str, **options: object) -> tuple[BrowserContext, Page]:
    context = browser.new_context(**options)  # type: ignore[arg-type]
    page = context.new_page()
    page.goto(url)
    return context, page


def go(page: Page, path: str) -> None:
    host = page.url.split("/")[2]
    page.goto(f"http://{host}{path}")


def test_the_token_leaves_the_address_bar_and_the_cookie_stays(browser: Browser, url: str) -> None:
    context, page = opened(browser, url)
    assert page.url.endswith("/")
    assert "token" not in page.url
    page.get_by_role("navigation", name="Pages").get_by_role("link", name="Tokens").click()
    page.get_by_role("heading", name="Tokens", exact=True).wait_for()
    (cookie,) = context.cookies()
    assert (cookie["httpOnly"], cookie["sameSite"]) == (True, "Strict")
    assert page.evaluate("document.cookie") == ""
    context.close()


@pytest.mark.sampled(1)
@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_page_fits_the_screen_and_obeys_its_own_policy(
    browser: Browser, url: str, width: int, scheme: str
) -> None:
    context, page = opened(browser, url, viewport={"width": width, "height": 844}, color_scheme=scheme)
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    for path in PAGES:
        go(page, path)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
        assert (
            page.evaluate("getComputedStyle(document.body).backgroundColor")
            == {
                "light": "rgb(244, 245, 248)",
                "dark": "rgb(14, 18, 26)",
            }[scheme]
        )
    assert [one for one in complaints if "404" not in one] == []
    context.close()


@pytest.mark.long
@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_page_has_a_barrier(browser: Browser, url: str, width: int, scheme: str) -> None:
    context, page = opened(browser, url, viewport={"width": width, "height": 844}, color_scheme=scheme)
    for path in PAGES:
        go(page, path)
        for closed in page.locator("summary").all():
            closed.click()
        assert barriers(page) == [], path
    context.clear_cookies()
    go(page, "/")
    page.get_by_role("heading", name="This needs the printed URL").wait_for()
    assert barriers(page) == []
    context.close()


@pytest.mark.long
def test_what_is_said_of_stores_in_trouble_has_no_barrier(browser: Browser) -> None:
    settings = EnvironmentSettings(token_store="sqlite:////nowhere/x.db", idempotency_store="memory://")
    with dashboard(settings, listener=listen(0), identity=ME) as address:
        context, page = opened(browser, address.url, viewport={"width": 390, "height": 844})
        for path in EMPTY:
            go(page, path)
            assert barriers(page) == [], path
        context.close()


def test_axe_finds_a_barrier_that_was_planted(browser: Browser, url: str) -> None:
    context, page = opened(browser, url)
    page.evaluate("document.querySelector('main').insertAdjacentHTML('beforeend', '<p class=soft><img src=x></p>')")
    assert any(one.startswith("image-alt") for one in barriers(page))
    context.close()


def test_the_keyboard_alone_finds_and_traces(browser: Browser, url: str) -> None:
    context, page = opened(browser, url)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "To the content"
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.id") == "search"
    page.keyboard.type("payout-4")
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Payment payout-4").wait_for()
    focused = page.get_by_role("link", name="Payments")
    focused.focus()
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Nobody knows what became of these").wait_for()
    context.close()


def test_every_page_reads_without_scripts(browser: Browser, url: str) -> None:
    context, page = opened(browser, url, java_script_enabled=False)
    for path, text in {
        "/": "What needs attention now",
        "/tokens": "customer-dying",
        "/payments": "astra payments reconcile --key=payout-4",
        "/requests": "list_accounts",
        "/trace?id=payout-4": "attempt 1 -> no answer",
    }.items():
        go(page, path)
        assert page.get_by_text(text).first.is_visible()
    page.get_by_label("Find any id").fill("payout-1")
    page.get_by_role("button", name="Trace").click()
    page.get_by_role("heading", name="Payment payout-1").wait_for()
    context.close()


def test_a_command_is_copied(browser: Browser, url: str) -> None:
    context, page = opened(browser, url)
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    go(page, "/payments")
    page.get_by_role("button", name="Copy astra payments reconcile --key=payout-4").click()
    page.get_by_text("Copied", exact=True).wait_for()
    assert page.evaluate("navigator.clipboard.readText()") == "astra payments reconcile --key=payout-4"
    context.close()


def test_a_strangers_page_sees_nothing(browser: Browser, url: str, tmp_path: Path) -> None:
    context, page = opened(browser, url)
    here = url.split("/?")[0]
    stranger = tmp_path / "page.html"
    stranger.write_text(f'<iframe src="{here}/tokens"></iframe><img src="{here}/assets/icon.svg">', encoding="utf-8")
    page.goto(stranger.as_uri())
    page.wait_for_load_state("networkidle")
    assert page.evaluate("document.images[0].naturalWidth") == 0
    for frame in page.frames[1:]:
        assert "customer" not in frame.content()
    context.close()
