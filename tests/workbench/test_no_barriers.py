"""Axe-core finds no barrier on any page of the workbench: narrow and wide, light and dark, busy and empty."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from astra.sandbox import Sandbox
from astra.sandbox.workbench.bench import FOLDER
from astra.web.pages import Pages
from tests.axe import barriers
from tests.chromium import chromium
from tests.workbench.bench import PAGES, ROOT, Bench

pytestmark = pytest.mark.browser

PARTS = {"page.html", "do.html", "strip.html", "person_parts.html"}


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium("--headless") as browser:
        yield browser


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(reduced_motion="reduce")
    context.set_default_timeout(10_000)
    yield context.new_page()
    context.close()


WIDTHS, SCHEMES = (390, 1280), ("light", "dark")


def looked_at(page: Page, address: str, widths: Sequence[int] = WIDTHS, schemes: Sequence[str] = SCHEMES) -> list[str]:
    page.goto(address)
    found: list[str] = []
    for width in widths:
        page.set_viewport_size({"width": width, "height": 800})
        for scheme in schemes:
            page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
            found += [f"{address}, {width} px, {scheme}: {barrier}" for barrier in barriers(page)]
    return found


@pytest.mark.long
@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("scheme", SCHEMES)
def test_axe_finds_nothing_on_any_busy_page(
    page: Page, crowd: tuple[Bench, dict[str, str]], monkeypatch: pytest.MonkeyPatch, width: int, scheme: str
) -> None:
    bench, ids = crowd
    shown: set[str] = set()
    show = Pages.show

    def remembered(self: Pages, template: str, /, **values: Any) -> Any:
        shown.add(template)
        return show(self, template, **values)

    monkeypatch.setattr(Pages, "show", remembered)
    found = looked_at(page, f"{bench.sandbox.url}{ROOT}", [width], [scheme])  # without the token
    assert page.get_by_role("heading", level=1).inner_text() == "This needs the control URL"
    page.goto(bench.sandbox.control_url)
    kinds = {kind: f"/{kind}s/{ids[kind]}" for kind in ("user", "intent", "transfer", "routine", "request")}
    paths = [
        *(page for page in PAGES if "kind=" not in page and "lane=" not in page),
        *kinds.values(),
        f"/transfers/{ids['transfer-2']}",
        f"/webhooks/events/{ids['event']}",
    ]
    for path in paths:
        found += looked_at(page, f"{bench.sandbox.url}{ROOT}{path}", [width], [scheme])
    assert not found, "\n".join(found)
    assert shown == {path.name for path in (FOLDER / "templates").glob("*.html")} - PARTS


@pytest.mark.long
@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("scheme", SCHEMES)
def test_axe_finds_nothing_when_nothing_has_happened(page: Page, sandbox: Sandbox, width: int, scheme: str) -> None:
    page.goto(sandbox.control_url)
    found: list[str] = []
    for path in ("", "/requests", "/users", "/money", "/webhooks", "/faults"):
        found += looked_at(page, f"{sandbox.url}{ROOT}{path}", [width], [scheme])
    assert not found, "\n".join(found)


def test_axe_finds_nothing_on_what_came_of_a_button_and_on_code_that_is_open(page: Page, sandbox: Sandbox) -> None:
    page.goto(sandbox.control_url)
    page.get_by_role("button", name="+1 h").click()
    page.get_by_role("status").first.wait_for()
    found = looked_at(page, page.url)
    page.goto(f"{sandbox.url}{ROOT}/faults")
    page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")
    found += [f"open: {barrier}" for barrier in barriers(page)]
    assert not found, "\n".join(found)
