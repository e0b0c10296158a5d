"""Axe-core finds no barrier on any page of the sandbox: each step and each error, narrow and wide, light and dark."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from astra.sandbox import Sandbox
from astra.sandbox.http import templating
from tests.axe import barriers
from tests.chromium import chromium
from tests.sandbox.test_in_a_browser import link, pass_the_sms

pytestmark = pytest.mark.browser

TEMPLATES = Path(templating.__file__).parent / "templates"
PARTS = {"base.html", "parts.html"}
Step = Callable[[Page, Sandbox], Any]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium("--headless") as browser:
        yield browser


def opened(path: str, **parameters: str) -> Step:
    def step(page: Page, sandbox: Sandbox) -> None:
        page.goto(link(sandbox, path, user_id=sandbox.users.create().id, **parameters))

    return step


def sent(**fields: str) -> Step:
    """Fills in some fields by their names and sends the form, whatever a browser would say of it."""

    def step(page: Page, _: Sandbox) -> None:
        for name, value in fields.items():
            page.locator(f"[name={name}]").fill(value)
        page.evaluate("for (const form of document.forms) form.noValidate = true")
        page.locator("button[value=allow]").click()
        page.wait_for_load_state()

    return step


def chosen(page: Page, sandbox: Sandbox) -> None:
    page.locator("[name=bank]").check()
    sent()(page, sandbox)


def asked(page: Page, name: str, value: str) -> None:
    page.get_by_label(name).fill(value)
    page.get_by_role("button", name="Continue").click()


STEPS: dict[str, Step] = {
    "start": lambda page, sandbox: page.goto(sandbox.url),
    "no such page": lambda page, sandbox: page.goto(f"{sandbox.url}/nothing"),
    "no such client": lambda page, sandbox: page.goto(link(sandbox, client_id="nobody")),
    "phone": lambda page, sandbox: page.goto(link(sandbox)),
    "unknown phone": lambda page, _: asked(page, "Mobile phone number", "5550009999"),
    "phone of somebody": opened("/login/oauth/authorize"),
    "SMS": lambda page, _: page.get_by_role("button", name="Continue").click(),
    "wrong code": lambda page, _: asked(page, "Code from the SMS", "000000"),
    "phone again": opened("/login/oauth/authorize"),
    "authorize": lambda page, _: pass_the_sms(page),
    "code": lambda page, _: page.get_by_role("button", name="Allow").click(),
    "personal": opened("/verify/personal"),
    "personal, incomplete": sent(),
    "document": opened("/verify/document"),
    "document, incomplete": sent(),
    "business": opened("/verify/business"),
    "business, incomplete": sent(),
    "card": opened("/cards/connect"),
    "card, wrong": sent(card_number="12", expiration_date="99/99"),
    "banks": opened("/institutions/connect"),
    "no such bank": sent(bank_name="nonsense"),
    "banks found": sent(bank_name="chase"),
    "bank chosen": chosen,
    "bank says no": sent(password="error_ITEM_LOCKED"),
    "bank asks for a code": sent(username="user_good", password="mfa_device"),
    "accounts of the bank": sent(mfa_code="1234"),
    "connected": sent(),
}


@pytest.mark.sampled(1)
@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_on_any_page(
    browser: Browser, monkeypatch: pytest.MonkeyPatch, width: int, scheme: Any
) -> None:
    shown: set[str] = set()
    show = templating.Pages.show

    def remembered(pages: templating.Pages, template: str, **values: Any) -> Any:
        shown.add(template)
        return show(pages, template, **values)

    monkeypatch.setattr(templating.Pages, "show", remembered)
    found: list[str] = []
    with Sandbox() as sandbox:
        page = browser.new_context().new_page()
        page.set_default_timeout(5000)
        page.set_viewport_size({"width": width, "height": 800})
        page.emulate_media(color_scheme=scheme)
        for name, step in STEPS.items():
            step(page, sandbox)
            found += [f"{name}: {barrier}" for barrier in barriers(page)]
        page.context.close()
    assert not found, "\n".join(found)
    assert shown == {path.name for path in TEMPLATES.glob("*.html")} - PARTS
