"""`make docs`: a site without warnings, whose search works without a network.

All of it is in one file, in the runs with a browser, so that the site is built once.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

from scripts.docs_site.build import run_sphinx
from tests.chromium import chromium
from tests.docs.conftest import build

# Each push also runs `make docs`, which fails at a warning. The site is built within the first test.
pytestmark = [pytest.mark.browser, pytest.mark.long, pytest.mark.timeout(600)]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    yield context.new_page()
    context.close()


def test_the_site_builds_without_a_warning(built: tuple[Path, subprocess.CompletedProcess[str]]) -> None:
    assert built[1].returncode == 0, built[1].stderr
    assert built[1].stderr == ""


def test_what_leads_nowhere_fails_the_build(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    wrong = {
        "[gone](gone.md)": "gone.md",
        "[gone](#gone)": "gone",
        "```python\nthis is no python ?\n```": "python",
        "![gone](gone.png)": "gone.png",
    }
    lines = ["# A page", "", *(line for text in wrong for line in (*text.splitlines(), ""))]
    (tmp_path / "index.md").write_text("\n".join(lines))
    assert run_sphinx(tmp_path, tmp_path / "out").returncode != 0
    told = dict(re.findall(r"index\.md:(\d+): WARNING: (.*)", capfd.readouterr().err))
    assert len(told) == len(wrong), told
    for text, complaint in wrong.items():
        assert complaint in told[str(lines.index(text.splitlines()[0]) + 1)]


def test_a_folder_that_is_no_site_is_not_emptied(tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("dear")
    done = build(tmp_path)
    assert done.returncode == 2
    assert "not a site that was built" in done.stderr
    assert (tmp_path / "letter.txt").exists()


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        ("webhook signature", "guides/webhooks.html"),
        ("refresh token", "guides/tokens.html"),
        ("R01", "guides/sandbox.html"),
        ("ReauthorizationRequired", "reference/errors/reauthorization-required.html"),
    ],
)
def test_the_search_finds(words: str, wanted: str, page: Page, address: str) -> None:
    page.goto(f"{address}/search.html?q={words}")
    expect(page.locator("#search-results")).to_contain_text("Search finished", timeout=15_000)
    links = page.locator("ul.search li > a").evaluate_all("links => links.map(link => link.pathname)")
    assert f"/{wanted}" in links[:3], links


def test_no_page_asks_anything_of_the_network(page: Page, address: str) -> None:
    asked: set[str] = set()
    page.on("request", lambda request: asked.add(urlsplit(request.url).netloc))
    for name in ("index.html", "guides/pay-once.html", "reference/models.html", "search.html?q=token"):
        page.goto(f"{address}/{name}", wait_until="networkidle")
    assert asked == {urlsplit(address).netloc}


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_page_is_wider_than_the_screen(browser: Browser, address: str, width: int, scheme: str) -> None:
    context = browser.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme)  # type: ignore[arg-type]
    page = context.new_page()
    for name in ("index", "guides/pay-once", "architecture", "reference/models", "reference/sandbox"):
        page.goto(f"{address}/{name}.html")
        assert page.evaluate("document.documentElement.scrollWidth") == width, name
    background = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert (background == "rgb(255, 255, 255)") is (scheme == "light")
    context.close()


@pytest.mark.parametrize(
    ("name", "inside", "word"),
    [
        ("reference/errors/authorization-redirect-error", "h1", "Error"),
        ("guides/command-line", "td", "UNREACHABLE"),
        ("reference/models", "td", "Errors"),
    ],
)
def test_no_name_breaks_inside_a_word_on_a_phone(
    name: str, inside: str, word: str, browser: Browser, address: str
) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 800})
    page = context.new_page()
    page.goto(f"{address}/{name}.html")
    lines = page.evaluate(
        """([inside, word]) => [...document.querySelectorAll(`article ${inside}`)].flatMap((part) => {
            const walker = document.createTreeWalker(part, NodeFilter.SHOW_TEXT), found = [];
            while (walker.nextNode()) {
                const at = walker.currentNode.data.indexOf(word), range = document.createRange();
                if (at < 0) continue;
                range.setStart(walker.currentNode, at);
                range.setEnd(walker.currentNode, at + word.length);
                found.push(range.getClientRects().length);
            }
            return found;
        })""",
        [inside, word],
    )
    assert lines, "the page has no such word"
    assert set(lines) == {1}
    context.close()


def test_llms_txt_lists_pages_that_are_there(site: Path) -> None:
    text = (site / "llms.txt").read_text()
    assert text.startswith("# astra-finance\n\n> ")
    links = re.findall(r"^- \[[^\]]+\]\(([^)]+)\)", text, re.MULTILINE)
    assert len(links) > 60
    assert [link for link in links if not (site / link).is_file()] == []
    assert "## A lost answer" in (site / "llms-full.txt").read_text()


def test_a_diagram_is_told_as_text_as_well(page: Page, address: str) -> None:
    page.goto(f"{address}/guides/pay-once.html")
    expect(page.locator(".diagram svg[role=img]")).to_be_visible()
    page.get_by_text("The diagram as text").click()
    expect(page.get_by_text("Astra to SDK: the answer is lost")).to_be_visible()


def test_a_program_and_the_same_with_asyncio_are_two_tabs(page: Page, address: str) -> None:
    page.goto(f"{address}/quickstart.html")
    expect(page.get_by_text("asyncio.run(main())")).to_be_hidden()
    page.get_by_text("Async", exact=True).click()
    expect(page.get_by_text("asyncio.run(main())")).to_be_visible()


def test_an_option_keeps_its_two_dashes(page: Page, address: str) -> None:
    page.goto(f"{address}/reference/cli.html")
    assert "\N{EN DASH}" not in page.locator("article").inner_text()
