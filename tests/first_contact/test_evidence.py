"""What settles a guess and what does not: errors, busy servers, web pages and dead tokens show nothing."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from astra.first_contact.calls import MOST_CALLS
from astra.first_contact.routes import read
from tests.conformance.servers import Answer, Asked
from tests.first_contact.fakes import ACCESS, MISSING, REFRESH, REFUSED, Rule, faking, usual
from tests.first_contact.stand_ins import report_in, run

pytestmark = pytest.mark.guesses

BANKS = "/v1/instant_payment_eligibility"
BUSY: Answer = (429, {"code": 429, "name": "Too Many Requests", "description": "x"}, {"Retry-After": "0"})
ROWS = [{"routing_number": f"0210000{number:02}", "institution_name": f"Bank {number}"} for number in range(25)]


def settled(folder: Path, outcome: str) -> set[str]:
    return {one.place for one in report_in(folder).verdicts if one.outcome == outcome}


def about_lists(places: set[str]) -> set[str]:
    return {one for one in places if "parameters" in one or "Page." in one}


def after_the_user(rule: Rule) -> Rule:
    """As usual for what lets the walk begin; then as a rule says."""

    def answer(asked: Asked) -> Answer:
        begins = asked.path in ("/v1/oauth/token", "/v1/user", "/v1/payment_instruments")
        return usual(asked) if begins else rule(asked)

    return answer


@pytest.mark.sampled(2)
@pytest.mark.parametrize(
    "answer",
    [
        (403, b"<html>denied</html>", {"Content-Type": "text/html"}),
        (200, b"<html>app</html>", {"Content-Type": "text/html"}),
        (403, {"message": "denied"}),
        (200, {"error": "rate_limited"}),
        BUSY,
        (500, {}),
    ],
)
def test_one_answer_for_everything_settles_no_path_and_nothing_of_lists(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, answer: Answer
) -> None:
    def rule(asked: Asked) -> Answer:
        return MISSING if asked.path == "/v1/first-contact-nowhere" else answer

    with faking(monkeypatch, {"*": after_the_user(rule)}):
        run(tmp_path)
    found = settled(tmp_path, "confirmed") | settled(tmp_path, "contradicted")
    assert {one for one in found if one.startswith("paths.")} | about_lists(found) == set()


def test_where_nothing_is_answered_404_no_path_is_settled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def rule(asked: Asked) -> Answer:
        return REFUSED if asked.method == "POST" else (200, {"count": 0, "phone_number_change_requests": []})

    with faking(monkeypatch, {"*": after_the_user(rule)}):
        run(tmp_path)
    found = settled(tmp_path, "confirmed") | settled(tmp_path, "contradicted")
    assert {one for one in found if one.startswith("paths.")} == set()


@pytest.mark.parametrize("other", [BUSY, (403, b"<html>"), (200, b"<html>"), (401, {"error": "invalid_token"})])
def test_another_spelling_that_is_not_shown_to_be_there_is_no_new_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, other: Answer
) -> None:
    def rule(asked: Asked) -> Answer:
        return other if re.search("[a-z]-[a-z]", asked.path.replace("first-contact", "")) else MISSING

    with faking(monkeypatch, {"*": after_the_user(rule)}):
        run(tmp_path)
    named = {one.place: one.called for one in report_in(tmp_path).verdicts if one.called is not None}
    assert {one for one in named if one.startswith("paths.")} == set()


def test_a_spelling_that_is_there_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole: Answer = (200, {"count": 25, "instant_payment_eligibility": ROWS})
    with faking(monkeypatch, {f"GET {BANKS}": MISSING, f"GET {BANKS.replace('_', '-')}": whole}):
        run(tmp_path)
    named = {one.place: one.called for one in report_in(tmp_path).verdicts if one.called is not None}
    assert named[f"paths.{BANKS}.get"] == BANKS.replace("_", "-")


def test_of_a_list_of_any_length_only_its_beginning_is_looked_at_again_and_again() -> None:
    body, content = read(json.dumps({"count": 20_000, "instant_payment_eligibility": ROWS * 800}).encode())
    assert json.loads(content) == body == {"count": 20_000, "instant_payment_eligibility": ROWS * 40}


@pytest.mark.parametrize("failure", [BUSY, (500, {}), (403, {"message": "no"})])
def test_a_list_that_is_refused_from_the_second_call_on_contradicts_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failure: Answer
) -> None:
    def banks(asked: Asked) -> Answer:
        if asked.query:
            return failure
        return 200, {"count": 25, "instant_payment_eligibility": ROWS, "cursor": "abc", "more": True}

    with faking(monkeypatch, {f"GET {BANKS}": banks}):
        run(tmp_path)
    assert about_lists(settled(tmp_path, "contradicted")) == set()


def test_a_parameter_is_contradicted_only_after_it_was_tried(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    gone = False

    def banks(asked: Asked) -> Answer:
        nonlocal gone
        gone = gone or "routing_number" in asked.query
        if gone:
            return 0, b""
        return 200, {"count": 25, "instant_payment_eligibility": ROWS}

    with faking(monkeypatch, {f"GET {BANKS}": banks}):
        assert run(tmp_path).exit_code == 3
    assert {one for one in settled(tmp_path, "contradicted") if ".parameters." in one and BANKS in one} == set()


def test_a_token_that_dies_in_the_middle_is_refreshed_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    dead: Answer = (401, {"error": "invalid_token"})

    def cards(asked: Asked) -> Answer:
        return dead if asked.before == 0 else (200, {"count": 1, "cards": [{"id": "card-1"}]})

    with faking(monkeypatch, {"GET /v1/cards": cards}) as fake:
        assert run(tmp_path).exit_code == 0
        tokens = [one for one in fake.asked if one.path == "/v1/oauth/token" and REFRESH.encode() in one.body]
    assert len(tokens) == 3  # of the probe, of the walk, and this one
    assert "list_cards" in report_in(tmp_path).done


@pytest.mark.parametrize("is_refreshed", [True, False])
def test_a_user_whose_tokens_are_refused_ends_the_walk_and_what_was_found_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_refreshed: bool
) -> None:
    dead: Answer = (401, {"error": "invalid_token"})
    issued = 0

    def tokens(asked: Asked) -> Answer:
        nonlocal issued
        issued += REFRESH.encode() in asked.body
        return usual(asked) if issued <= 2 or is_refreshed else (400, {"error": "invalid_grant"})

    def user(asked: Asked) -> Answer:
        return usual(asked) if asked.before == 0 else dead

    rules: dict[str, Rule | Answer] = {"POST /v1/oauth/token": tokens, "GET /v1/user": user, "GET /v1/cards": dead}
    with faking(monkeypatch, rules) as fake:
        result = run(tmp_path)
        after = [one.path for one in fake.asked][-1]
    assert result.exit_code == 5, result.output
    assert "ended early: the user's tokens are refused" in result.stdout
    assert after in ("/v1/user", "/v1/oauth/token")
    assert "list_accounts" in report_in(tmp_path).done


def test_one_operation_that_is_refused_to_a_good_user_ends_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with faking(monkeypatch, {"GET /v1/cards": (401, {"error": "insufficient_scope"})}):
        assert run(tmp_path).exit_code == 0
    assert report_in(tmp_path).ended == ""


def nested(depth: int) -> bytes:
    return b'{"id":"x","a":' * depth + b"1" + b"}" * depth


ODD: dict[str, bytes] = {
    "deep": nested(900),
    "deeper": nested(100_000),
    "infinite": b'{"id":"x","a":1e999,"b":NaN,"accounts":[{"id":"q","balance":1e999}]}',
    "huge": b'{"id":"x","amount":' + b"9" * 400 + b',"accounts":[{"id":' + b"9" * 400 + b"}]}",
    "surrogate": b'{"id":"\\ud800","accounts":[{"id":"\\ud800"},{"id":"a"}],"cards":[{"id":"\\ud800"}]}',
    "keys": json.dumps({f"k{number}\x1b[2J": number for number in range(400)}).encode(),
}


@pytest.mark.sampled(1)
@pytest.mark.parametrize("status", [200, 400])
@pytest.mark.parametrize("form", ODD)
def test_an_answer_of_whatever_form_costs_neither_the_report_nor_the_rest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, form: str, status: int
) -> None:
    with faking(monkeypatch, {"*": after_the_user(lambda _: (status, ODD[form]))}):
        result = run(tmp_path, "--with-payments")
    assert result.exit_code in (0, 6), result.output
    assert result.exception is None or isinstance(result.exception, SystemExit)
    assert {"get_user", "list_payment_instruments"} <= set(report_in(tmp_path).done)
    assert "\x1b" not in result.output


def test_calls_have_a_bound(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    envelope = {f"k{number}": f"v{number}" for number in range(30)}

    def banks(asked: Asked) -> Answer:
        return 200, {**envelope, "instant_payment_eligibility": ROWS[:10] if asked.query else ROWS}

    with faking(monkeypatch, {f"GET {BANKS}": banks}) as fake:
        result = run(tmp_path)
        assert len(fake.asked) < 200
    assert f"never more than {MOST_CALLS}" in result.stderr


@pytest.mark.parametrize("name", ["nickname", "memo", "account_number", "holder", "email"])
def test_only_ids_are_tried_as_cursors(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    rows = [{"id": f"account-{number}", name: f"Rent of John Doe {number}"} for number in range(12)]

    def accounts(asked: Asked) -> Answer:
        return 200, {"count": 12, "accounts": rows[:10] if "page_size" in asked.query else rows}

    with faking(monkeypatch, {"GET /v1/accounts": accounts}) as fake:
        run(tmp_path)
        tried = {value for one in fake.asked for value in one.query.values()}
    assert "account-9" in tried
    assert [value for value in tried if "John" in value] == []
    assert "=account-9" not in (tmp_path / "cassettes" / "list_accounts.yaml").read_text(encoding="utf-8")


@pytest.mark.parametrize("hostile", ["tok_SECRET john@example.com", "\x1b[2Jgone", REFRESH, "secret-of-a-test"])
def test_a_hostile_request_id_gets_nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, hostile: str) -> None:
    def rule(asked: Asked) -> Answer:
        status, body, *_ = usual(asked)
        return status, body, {"Request-Id": hostile}

    with faking(monkeypatch, {"*": rule}):
        result = run(tmp_path)
    files = [file.read_text(encoding="utf-8") for file in tmp_path.rglob("*") if file.is_file()]
    assert len(files) > 5
    assert [text for text in (result.output, *files) if hostile in text] == []


@pytest.mark.parametrize("kind", ["text/html", "application/json"])
def test_a_page_that_says_the_token_again_leaves_it_in_no_cassette(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    text = f"token {ACCESS} of secret-of-a-test"
    said: object = f"<html>{text}</html>".encode() if kind == "text/html" else {"description": text}
    with faking(
        monkeypatch,
        {"GET /v1/accounts": (502, said, {"Content-Type": kind, "Retry-After": "0"}), "GET /v1/cards": (400, said)},
    ):
        run(tmp_path)
    files = [file.read_text(encoding="utf-8") for file in (tmp_path / "cassettes").iterdir()]
    assert [text for text in files if ACCESS in text or "secret-of-a-test" in text] == []


def test_a_good_recording_is_not_replaced_by_one_of_refusals(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    now: list[Callable[[Asked], Answer]] = [usual]
    file = tmp_path / "cassettes" / "list_accounts.yaml"
    with faking(monkeypatch, {"GET /v1/accounts": lambda asked: now[0](asked)}):
        run(tmp_path)
        good = file.read_text(encoding="utf-8")
        now[0] = lambda _: (500, {})
        run(tmp_path)
        assert file.read_text(encoding="utf-8") == good
        now[0] = usual
        run(tmp_path)
    assert "code: 200" in good
    assert list(tmp_path.rglob(".*")) == []


def test_a_code_that_is_refused_is_not_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from astra.cli import first_contact

    code = "code-of-a-person-1234"
    refused: Answer = (400, {"error": "invalid_grant"}, {"Request-Id": code})
    rules: dict[str, Rule | Answer] = {
        "POST /v1/oauth/token": refused,
        "POST /v1/user_intent": (200, {"id": "intent-1"}),
    }
    with faking(monkeypatch, rules):
        monkeypatch.delenv("ASTRA_REFRESH_TOKEN")
        monkeypatch.setattr(first_contact, "ask", lambda _: f"https://example.com/callback?code={code}")
        result = run(tmp_path, "--interactive")
    assert result.exit_code == 5
    assert "The code was refused" in result.stderr
    assert code not in result.output
