"""What the pages say, read as text: lists in parts, searches that end at a page, people who stay hidden."""

from __future__ import annotations

import re
from html import unescape
from xml.etree import ElementTree

import pytest

from astra.sandbox import RemoteSandbox, Sandbox
from tests.sandbox.conftest import Person
from tests.workbench.bench import PAGES, ROOT, Bench, crawl, parsed
from tests.workbench.world import HOSTILE, SECRETS

Crowd = tuple[Bench, dict[str, str]]


def test_every_link_leads_to_a_page(crowd: Crowd) -> None:
    bench, _ = crowd
    pages = crawl(bench)
    assert {address.removeprefix(ROOT).split("/")[1] for address in pages if address.count("/") > 3} >= {
        "requests", "users", "transfers", "routines", "webhooks",
    }  # fmt: skip
    lost = [address for address, text in pages.items() if "There is no such" in text]
    assert lost == [f"{ROOT}/nowhere"]


def test_nothing_secret_or_personal_is_on_any_page(crowd: Crowd) -> None:
    bench, ids = crowd
    sandbox = bench.sandbox
    state = sandbox._backend.engine.state
    user = state.users.rows[ids["user"]]
    secrets = {
        **SECRETS,
        "client secret": sandbox.client_secret,
        "token of the control API": sandbox.control_url.partition("token=")[2],
        "access token": user.access_token,
        **{f"refresh token {number}": token for number, token in enumerate(state.refresh_tokens)},
    }
    pages = crawl(bench)
    assert len(pages) > 60
    found = [(address, name) for address, text in pages.items() for name, secret in secrets.items() if secret in text]
    assert found == []


def test_what_is_hidden_is_shown_to_whoever_asks_for_it(crowd: Crowd) -> None:
    bench, ids = crowd
    told = bench.send(f"/users/{ids['user']}", "Show this person's data")
    assert SECRETS["email"] in told
    assert SECRETS["email"] not in bench.get(f"/users/{ids['user']}")
    request = next(one for one in bench.sandbox.requests if one.operation == "create_card")
    assert SECRETS["card"] in bench.send(f"/requests/{request.request_id}", "Show what is hidden")
    assert bench.sandbox.client_secret in bench.send(
        f"/webhooks/events/{ids['event']}", "Show the bytes and the secret"
    )


def test_what_others_have_written_is_text_and_is_cut(crowd: Crowd) -> None:
    bench, ids = crowd
    for address, text in crawl(bench).items():
        assert "<script>alert" not in text, address
        assert "\x1b" not in text, address
        assert len(text) < 250_000, address
    assert HOSTILE.partition("\x1b")[0] in bench.read(f"/routines/{ids['routine']}")


@pytest.mark.parametrize("kind", ["user", "intent", "transfer", "routine", "account", "card", "event", "request"])
def test_search_finds_each_kind_of_id(crowd: Crowd, kind: str) -> None:
    bench, ids = crowd
    answer = bench.http.get(f"{ROOT}/search", params={"id": ids[kind]})
    assert answer.status_code == 200
    home = {"account": "users", "card": "users", "event": "webhooks/events"}.get(kind, f"{kind}s")
    assert str(answer.url).startswith(f"{bench.sandbox.url}{ROOT}/{home}/")
    assert ids[kind] in answer.text


def test_search_finds_what_a_person_knows(crowd: Crowd) -> None:
    bench, ids = crowd
    for asked in (SECRETS["email"], SECRETS["phone"], "415 555 0123"):
        answer = bench.http.get(f"{ROOT}/search", params={"id": asked})
        assert ids["user"] in answer.text, asked
    answer = bench.http.get(f"{ROOT}/search", params={"id": "INV00001"})
    assert answer.url.path == f"{ROOT}/routines/{ids['routine-1']}"
    answer = bench.http.get(f"{ROOT}/search", params={"id": ids["transfer"][:9]})
    assert answer.url.path == f"{ROOT}/transfers/{ids['transfer']}"
    assert "Nothing here has this id" in bench.http.get(f"{ROOT}/search", params={"id": "x" * 4000}).text


def test_a_list_comes_in_pages_and_none_is_shown_twice(bench: Bench, sandbox: Sandbox) -> None:
    sandbox.seed(users=3, transfers=120)
    seen: list[str] = []
    address: str | None = f"{ROOT}/transfers?lane=processed"
    while address is not None:
        links = parsed(bench.get(address)).links
        seen += dict.fromkeys(link for link in links if link.startswith(f"{ROOT}/transfers/"))
        address = next((link for link in links if "after=" in link), None)
    assert len(seen) == len(set(seen)) == 120
    answer = bench.http.get(f"{ROOT}/transfers?after=gone")
    assert answer.status_code == 400
    assert "begin at its first page" in answer.text


def test_the_pages_of_an_empty_sandbox_read(bench: Bench) -> None:
    for page in PAGES:
        assert bench.http.get(ROOT + page).status_code == (404 if page == "/nowhere" else 200), page


def test_the_ledger_adds_up_and_a_board_counts(bench: Bench, person: Person) -> None:
    routine = person.pay(amount=12)
    transfer = person.transfer_of(routine)["id"]
    assert "Together $0.00" in bench.read("/money")
    assert "pending 1 $12.00" in bench.read("/money")
    bench.send(f"/transfers/{transfer}", "Clear now")
    told = bench.read("/money")
    assert "pending 0" in told
    assert "processed 1 $12.00" in told
    assert "Together $0.00" in told


def test_each_link_to_a_hosted_page_has_a_code_and_nothing_else_has(bench: Bench, person: Person) -> None:
    codes = [image for image in re.findall(r'src="([^"]*/hosted/qr[^"]*)"', bench.get("/hosted"))]
    assert len(codes) > 3
    for code in codes:
        answer = bench.http.get(unescape(code))
        assert answer.headers["content-type"] == "image/svg+xml"
        assert ElementTree.fromstring(answer.content).tag == "{http://www.w3.org/2000/svg}svg"
    link = "/login/oauth/authorize?"
    for other in ("", "https://example.com/", "//example.com/login/oauth/authorize?", f"{link}{'x' * 4000}"):
        assert bench.http.get(f"{ROOT}/hosted/qr", params={"of": other}).status_code == 404, other


def test_a_state_is_kept_under_a_name_and_gone_on_from(bench: Bench, sandbox: Sandbox) -> None:
    kept = sandbox.users.create().id
    told = bench.send("/scenarios", "Save as", name="one <b>user</b>")
    assert "one &lt;b&gt;user&lt;/b&gt;" in told
    bench.send("/scenarios", "Reset this sandbox")
    assert bench.http.get(f"{ROOT}/users/{kept}").status_code == 404
    bench.send("/scenarios", "Load: one <b>user</b>")
    assert bench.http.get(f"{ROOT}/users/{kept}").status_code == 200
    assert "one line of at most 100" in bench.send("/scenarios", "Save as", name="x" * 101)


def test_a_button_on_what_is_gone_leads_to_its_section(bench: Bench) -> None:
    for path, section in (
        ("/requests/nobody/replay", "/requests"),
        ("/webhooks/events/nobody/check", "/webhooks"),
        ("/scenarios/nothing/run", "/scenarios"),
    ):
        answer = bench.http.post(f"{ROOT}{path}", headers=bench.headers)
        assert (answer.status_code, answer.url.path) == (200, f"{ROOT}{section}")
        assert "Not " in answer.text


def test_search_for_a_profile_of_nobody_leads_to_the_users(bench: Bench, sandbox: Sandbox) -> None:
    state = sandbox._backend.engine.state
    (profile,) = list(state.business_profiles)[:1]
    answer = bench.http.get(f"{ROOT}/search", params={"id": profile.id})
    assert (answer.status_code, answer.url.path) == (200, f"{ROOT}/users")


def test_whatever_is_done_is_news_for_open_pages_and_looking_is_none(
    bench: Bench, sandbox: Sandbox, person: Person
) -> None:
    account = person.accounts()[0]["id"]

    def mark() -> str:
        return bench.get("").partition('data-mark="')[2].partition('"')[0]

    for act in (
        lambda: sandbox.accounts.set_balance(account, current="5.00"),
        lambda: sandbox.users.set_limits(person.id, per_transfer="5.00"),
        lambda: sandbox.users.kill_access_token(person.id),
        lambda: sandbox.webhooks.register("http://127.0.0.1:9/hooks"),
        lambda: sandbox.webhooks.hold(),
        lambda: RemoteSandbox(sandbox.control_url).webhooks.release(),
    ):
        before = mark()
        act()
        assert mark() != before
    before = mark()
    assert sandbox.requests
    assert sandbox.faults.unstruck == []
    assert mark() == before
