"""What the documentation shows runs, compiles, and leads somewhere."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest

import astra
from astra import Astra
from astra.sandbox import Sandbox

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
NAMES = [str(page.relative_to(ROOT)) for page in PAGES]
FENCE = re.compile(r"^( *)```(\w*)([^\n]*)\n(.*?)^ *```$", re.DOTALL | re.MULTILINE)


def blocks(page: Path) -> list[tuple[bool, str]]:
    """Python programs of a page, and whether each is marked to be run."""
    found = FENCE.findall(page.read_text(encoding="utf-8"))
    return [(words.split()[:1] == ["run"], textwrap.dedent(text)) for _, kind, words, text in found if kind == "python"]


RUNNABLE = [page for page in PAGES if any(run for run, _ in blocks(page))]
RUN_ELSEWHERE = {
    "README.md": "tests/e2e/test_readme.py",
    "celery.md": "tests/tokens/test_celery.py",
    "request-ids.md": "tests/webhooks/test_guides.py",
    "testing.md": "tests/testing/test_guide.py",
    "versioning.md": "tests/spec/test_deprecation.py",
    "webhooks.md": "tests/webhooks/test_guides.py",
}
"""Pages whose programs need more than a sandbox, and the tests that run them."""


def test_most_guides_have_programs_that_run() -> None:
    assert len(RUNNABLE) >= 6


@pytest.mark.parametrize("page", RUNNABLE, ids=lambda page: page.stem)
def test_the_programs_of_a_page_run_in_their_order(
    page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    with Sandbox() as sandbox, settings_of(sandbox, tmp_path, monkeypatch), Astra.from_env() as client:
        code = sandbox.authorize(user_id=sandbox.users.create().id)
        names: dict[str, Any] = {
            "__name__": "guide",
            "sandbox": sandbox,
            "astra": client,
            "user": client.oauth.exchange(code, key="customer-42"),
        }
        for run, program in blocks(page):
            if run:
                exec(compile(program, str(page), "exec", dont_inherit=True), names)
    assert "Traceback" not in capsys.readouterr().err


class Needed(ast.NodeVisitor):
    """Names that the programs of a page use before they give them a value."""

    def __init__(self) -> None:
        self.made: set[str] = set()
        self.needed: set[str] = set()

    def visit_Name(self, node: ast.Name) -> None:
        if isinstance(node.ctx, ast.Store):
            self.made.add(node.id)
        elif node.id not in self.made:
            self.needed.add(node.id)

    def visit_Assign(self, node: ast.Assign) -> None:
        for part in (node.value, *node.targets):
            self.visit(part)

    def visit_With(self, node: ast.With) -> None:
        for part in (*node.items, *node.body):
            self.visit(part)


@pytest.mark.parametrize("page", RUNNABLE, ids=lambda page: page.stem)
def test_a_page_whose_programs_go_on_from_something_says_what_makes_it(page: Path) -> None:
    look = Needed()
    for run, program in blocks(page):
        if run:
            look.visit(ast.parse(program))
    if look.needed & {"sandbox", "astra", "user"}:
        name = page.relative_to(ROOT).as_posix()
        assert f"[`python examples/try_it.py {name}`](../../examples/try_it.py)" in page.read_text(encoding="utf-8")


@contextmanager
def settings_of(sandbox: Sandbox, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The variables of an installation, so that `Astra.from_env()` works as pages print it."""
    with monkeypatch.context() as patch:
        for name, value in {
            "CLIENT_ID": sandbox.client_id,
            "CLIENT_SECRET": sandbox.client_secret,
            "BASE_URL": sandbox.url,
            "APP_URL": sandbox.url,
            "REDIRECT_URI": sandbox.redirect_uri,
            "TOKEN_STORE": f"sqlite:///{folder}/tokens.db",
            "REQUEST_LOG": f"sqlite:///{folder}/requests.db",
            "IDEMPOTENCY_STORE": f"sqlite:///{folder}/payments.db",
        }.items():
            patch.setenv(f"ASTRA_{name}", value)
        yield


CRON = re.compile(r"^ *\S+ \S+ \* \* \*  *(.+)$", re.MULTILINE)


def test_a_line_for_cron_brings_its_settings_along() -> None:
    """Cron starts in $HOME and knows no variable: a job would find an empty store, or a local Astra, and succeed."""
    pages = [*PAGES, *(ROOT / "examples").glob("*.py")]
    found = {(page.name, line) for page in pages for line in CRON.findall(page.read_text(encoding="utf-8"))}
    assert len(found) > 4
    assert [one for one in found if not one[1].startswith(". /etc/app/astra.env && ")] == []
    operations = (ROOT / "docs" / "guides" / "operations.md").read_text(encoding="utf-8")
    # Nor does it search a virtual environment.
    for page, line in found:
        text = next(one for one in pages if one.name == page).read_text(encoding="utf-8")
        assert "\nPATH=/srv/app/.venv/bin" in text or re.search(r"&& (/srv/app/|cd /srv/app && )", line), (page, line)
    assert "export ASTRA_TOKEN_STORE=sqlite:////" in operations


@pytest.mark.parametrize("page", PAGES, ids=NAMES)
def test_every_program_is_run_or_says_why_not(page: Path) -> None:
    if "reference" in page.parts:
        return  # examples of docstrings; tests/package looks at those
    if elsewhere := RUN_ELSEWHERE.get(page.name):
        assert page.name in (ROOT / elsewhere).read_text(encoding="utf-8"), "nobody runs its programs any more"
        return
    found = FENCE.findall(page.read_text(encoding="utf-8"))
    programs = [(words.strip(), text) for _, kind, words, text in found if kind == "python"]
    marked = re.compile(r"run( async)?|not run: \S.{9,}")
    assert [text for words, text in programs if not marked.fullmatch(words)] == []


@pytest.mark.parametrize("page", PAGES, ids=NAMES)
def test_every_program_compiles(page: Path) -> None:
    if "reference" in page.parts:
        return  # signatures, not programs; what is in them is held by the drift check
    for _, program in blocks(page):
        compile(program, str(page), "exec", ast.PyCF_ONLY_AST | ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)


def anchors(page: Path) -> set[str]:
    """Names that the repository host gives to headings."""
    text = FENCE.sub("", page.read_text(encoding="utf-8"))
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=NAMES)
def test_every_link_inside_the_repository_leads_somewhere(page: Path) -> None:
    text = FENCE.sub("", page.read_text(encoding="utf-8"))
    for link in re.findall(r"\]\(([^)\s]+)\)", text):
        if link.startswith(("http://", "https://", "mailto:")):
            continue
        path, _, anchor = unquote(link).partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), f"{link} leads nowhere"
        if anchor:
            assert anchor in anchors(target), f"{link}: no such heading"


def test_every_page_can_be_reached_from_the_readme() -> None:
    seen: set[Path] = set()
    waiting = [ROOT / "README.md"]
    while waiting:
        page = waiting.pop()
        if page in seen or page.suffix != ".md":
            continue
        seen.add(page)
        for link in re.findall(r"\]\(([^)\s#]+)", page.read_text(encoding="utf-8")):
            if "://" not in link:
                waiting.append((page.parent / link).resolve())
    assert {page for page in PAGES if "docs" in page.parts} <= seen


def test_the_reference_is_what_the_docstrings_give() -> None:
    done = subprocess.run(
        [sys.executable, str(ROOT / "scripts" / "reference.py"), "--check"], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_the_guide_on_errors_names_every_error_that_can_be_caught() -> None:
    text = (ROOT / "docs" / "guides" / "errors.md").read_text(encoding="utf-8")
    errors = {name for name in dir(astra) if isinstance(getattr(astra, name), type)}
    caught = {name for name in errors if issubclass(getattr(astra, name), astra.AstraError)}
    assert {name for name in caught - {"CallError"} if f"`{name}`" not in text} == set()


def test_a_token_that_a_page_shows_is_one_that_the_sandbox_takes() -> None:
    pages = [page.read_text(encoding="utf-8") for page in (ROOT / "docs").rglob("*.md")]
    tokens = [token for text in pages for token in re.findall(r"ASTRA_SANDBOX_TOKEN=([\w-]+)", text)]
    assert tokens
    for token in tokens:
        with Sandbox(control_token=token) as sandbox:
            assert sandbox.control_url.endswith(token)
