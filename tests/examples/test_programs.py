"""The example programs run as they stand, and keep what their first lines promise."""

from __future__ import annotations

import ast
import html
import json
import re
import time
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path

import pytest

from tests.examples.running import EXAMPLES, run
from tests.examples.serving import started


def get_json(url: str) -> dict[str, list[str]]:
    with urllib.request.urlopen(url, timeout=10) as answer:
        events: dict[str, list[str]] = json.load(answer)
        return events


def test_the_receiver_shows_the_transfer_as_it_is_when_its_webhook_comes(tmp_path: Path) -> None:
    with started("webhook_receiver.py", "--port", "0", cwd=tmp_path) as (address, _):
        deadline = time.monotonic() + 20
        while not any(event.startswith("transfer ") for event in get_json(address)["events"]):
            assert time.monotonic() < deadline
            time.sleep(0.05)
        transfers = [event for event in get_json(address)["events"] if event.startswith("transfer ")]
        assert transfers[0].endswith("of $20.00 is pending")
    assert (tmp_path / "webhooks.db").exists()


def test_the_cron_job_renews_everyone_it_can_and_names_the_one_it_cannot(tmp_path: Path) -> None:
    done = run("keep_alive_cron.py", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert "mail to customer-3: " in done.stdout
    assert done.stdout.endswith("refreshed 2, failed 0, to authorize again 1\n")


def test_the_cron_job_that_knows_no_store_does_not_succeed(tmp_path: Path) -> None:
    done = run("keep_alive_cron.py", cwd=tmp_path, ASTRA_CLIENT_ID="client-1", ASTRA_CLIENT_SECRET="s3cret")
    assert (done.returncode, done.stdout) == (2, "")
    assert "Set ASTRA_TOKEN_STORE" in done.stderr
    assert list(tmp_path.iterdir()) == []


NEEDS = {
    "astra.sandbox": "astra-finance[sandbox]",
    "rich": "astra-finance[cli]",
    "celery": "astra-finance[celery]",
    "fastapi": "fastapi",
    "flask": "flask",
    "django": "django",
}


def imported(program: Path) -> set[str]:
    """What a program imports, with what it imports through the examples beside it."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(program.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
        elif isinstance(node, ast.Import):
            found |= {name.name for name in node.names}
    beside = [EXAMPLES / f"{name}.py" for name in found if (EXAMPLES / f"{name}.py").exists()]
    return found.union(*map(imported, beside))


@pytest.mark.parametrize("name", sorted(path.name for path in EXAMPLES.glob("*.py") if path.stem != "local_astra"))
def test_the_first_lines_of_an_example_say_what_to_install(name: str) -> None:
    text = ast.get_docstring(ast.parse((EXAMPLES / name).read_text(encoding="utf-8"))) or ""
    installed: set[str] = set()
    for ours, others in re.findall(r"pip install 'astra-finance\[([\w,]+)\]'([\w ]*)", text):
        installed |= {f"astra-finance[{extra}]" for extra in ours.split(",")} | set(others.split())
    needed = {
        what
        for module, what in NEEDS.items()
        if any(f"{one}.".startswith(f"{module}.") for one in imported(EXAMPLES / name))
    }
    if "celery" in imported(EXAMPLES / name):
        needed.discard("astra-finance[sandbox]")  # it runs over an Astra that somebody else serves
    assert needed <= installed


def test_the_programs_of_a_guide_run_with_what_they_go_on_from(tmp_path: Path) -> None:
    page = EXAMPLES.parent / "docs" / "guides" / "payments.md"
    done = run("try_it.py", str(page), cwd=tmp_path, ASTRA_CLIENT_ID="of-mine", ASTRA_ENVIRONMENT="production")
    assert (done.returncode, done.stderr) == (0, "")
    assert "it was made: " in done.stdout
    assert "routine = user.routines.create(" in done.stdout
    assert list(tmp_path.iterdir()) == []


def test_a_program_of_ones_own_goes_on_from_the_same_names(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text("print([account.mask for account in user.accounts.list()], sandbox.url[:17])")
    done = run("try_it.py", "mine.py", cwd=tmp_path)
    assert (done.returncode, done.stderr, done.stdout) == (0, "", "['1111', '0000'] http://127.0.0.1:\n")


def test_a_page_of_which_nothing_runs_and_a_file_that_is_not_there_are_told(tmp_path: Path) -> None:
    page = run("try_it.py", str(EXAMPLES.parent / "docs" / "guides" / "faq.md"), cwd=tmp_path)
    assert (page.returncode, "faq.md has no program that runs by itself\n" in page.stderr) == (2, True)
    gone = run("try_it.py", "gone.md", cwd=tmp_path)
    assert (gone.returncode, f"there is no file {tmp_path / 'gone.md'}" in gone.stderr) == (2, True)


def test_a_program_that_would_be_left_out_stops_its_page(tmp_path: Path) -> None:
    whole = "```python run\nprint('it ran')\n```\n"
    for left_out in (
        "```python run\nprint(1)\n",
        "   ```python run\n   print(1)\n   ```\n",
        "```python  run\n1\n```\n",
    ):
        (tmp_path / "page.md").write_text(whole + left_out)
        done = run("try_it.py", "page.md", cwd=tmp_path)
        assert (done.returncode, done.stdout) == (2, "")
        assert "page.md begins 2 programs, of which 1 are whole" in done.stderr
    (tmp_path / "page.md").write_text(whole, encoding="utf-8-sig")
    assert "it ran" in run("try_it.py", "page.md", cwd=tmp_path).stdout


class Person:
    """A browser without pictures: keeps cookies, follows redirects, presses the buttons of Astra's page."""

    def __init__(self) -> None:
        self.web = urllib.request.build_opener(urllib.request.HTTPCookieProcessor())

    def get(self, url: str, form: dict[str, str] | None = None) -> tuple[str, str]:
        body = None if form is None else urllib.parse.urlencode(form).encode()
        try:
            answer = self.web.open(url, body, timeout=10)
        except urllib.error.HTTPError as error:
            answer = error
        with answer:
            return answer.url, answer.read().decode()

    def decide(self, page: tuple[str, str], decision: str) -> tuple[str, str]:
        while action := re.search(r'<form method="post" action="([^"]*)"', page[1]):
            url, text = page
            hidden = re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)">', text)
            shown = re.findall(r'<input id="(\w+)"[^>]*?value="([^"]*)"', text, re.DOTALL)
            form = {name: html.unescape(value) for name, value in [*hidden, *shown]}
            form |= {"link_checking": "yes", "decision": decision}
            page = self.get(urllib.parse.urljoin(url, html.unescape(action.group(1))), form)
        return page


def test_the_django_views_onboard_a_person_and_show_the_accounts(tmp_path: Path) -> None:
    told = r"(WARNING (django_views|django\.request): .*\n)*"
    with started("django_views.py", "--port", "0", cwd=tmp_path, log=told) as (address,):
        person = Person()
        assert person.get(f"{address}/accounts")[0].rpartition("/login/")[2].startswith("oauth/authorize")
        page = person.decide(person.get(address), "allow")
        back = re.search(r'id="continue" href="([^"]*)"', page[1])
        assert back is not None
        url, text = person.get(html.unescape(back.group(1)))
        assert url == f"{address}/accounts"
        assert "<li>Plaid Checking, ending in 0000</li>" in text
        declined = Person()
        assert "You declined" in declined.decide(declined.get(address), "decline")[1]
        assert "<h1>Please start again</h1>" in forged(address)


def forged(address: str) -> str:
    """What somebody gets who began, and comes back with another's redirect."""
    person = Person()
    person.get(address)
    return person.get(f"{address}/callback?code=stolen&state=forged")[1]
