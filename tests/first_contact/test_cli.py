"""`astra first-contact`, as somebody types it who has got credentials: what it calls, what it writes, how it ends."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from astra.cli.main import GROUPS
from astra.conformance.hosted import walk as walk_hosted
from astra.conformance.outcome import NoAnswer
from astra.first_contact.contact import one_walk
from tests.conformance.servers import answering
from tests.first_contact.stand_ins import Place, report_in, run, settled

pytestmark = pytest.mark.guesses

SEED = 7


@pytest.fixture
def place(monkeypatch: pytest.MonkeyPatch) -> Iterator[Place]:
    with settled(SEED, monkeypatch) as place:
        yield place


def transfers(place: Place) -> list[Any]:
    return list(place.sandbox._backend.engine.state.transfers)  # pyright: ignore[reportPrivateUsage]


def user_of(place: Place) -> Any:
    (user,) = place.sandbox._backend.engine.state.users  # pyright: ignore[reportPrivateUsage]
    return user


def writes(place: Place) -> list[str]:
    return [path for method in ("POST", "PUT", "PATCH", "DELETE") for path in place.sent(method)]


def test_it_reports_what_differs_and_nothing_that_does_not(place: Place, tmp_path: Path) -> None:
    result = run(tmp_path, "--with-payments")
    assert result.exit_code == 0, result.output
    compared = place.compare(report_in(tmp_path))
    assert len(compared.planted) > 20
    assert (compared.missed, compared.false) == ([], [])
    for name in compared.named:
        if name.startswith("components.schemas."):
            assert name in result.stdout


def test_it_says_beforehand_what_it_will_do_and_moves_no_money_unless_told(place: Place, tmp_path: Path) -> None:
    result = run(tmp_path)
    assert result.exit_code == 0, result.output
    assert "moves no money" in result.stderr.splitlines()[0]
    assert transfers(place) == []
    assert not [
        path for path in writes(place) if path.endswith("/cancel") or ("routines" in path and "preview" not in path)
    ]
    held = [one for one in report_in(tmp_path).verdicts if "--with-payments" in one.detail]
    assert held
    assert {one.outcome for one in held} == {"open"}


def test_with_leave_it_makes_two_payments_of_a_dollar_and_cancels_the_first(place: Place, tmp_path: Path) -> None:
    result = run(tmp_path, "--with-payments")
    said = result.stderr.splitlines()[0]
    assert "pays a dollar to the user's other account, which is canceled" in said
    assert "pays a dollar to a card of the user" in said
    made = transfers(place)
    assert [(float(one.amount), one.status) for one in made] == [(1, "cancelled"), (1, "pending")]


def texts(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for inner in value.values():
            yield from texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from texts(inner)
    elif isinstance(value, str):
        yield value


def test_what_it_writes_and_prints_holds_names_and_never_values(
    place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from astra.conformance import world

    send, said = world.send, set[str]()

    def listening(url: str, method: str, **given: Any) -> Any:
        answer = send(url, method, **given)
        said.update(texts(json.loads(answer.content)) if answer.status < 300 else ())
        return answer

    monkeypatch.setattr(world, "send", listening)
    result = run(tmp_path, "--with-payments")
    listed = {value for schema in enums() for value in schema} | set(place.plan.values.values())
    values = {text for text in said if len(text) > 5} - listed
    assert len(values) > 100
    written = result.output + (tmp_path / "report.json").read_text(encoding="utf-8")
    assert [value for value in values if re.search(rf"(?<![\w-]){re.escape(value)}(?![\w-])", written)] == []
    assert place.sandbox.client_secret not in written


def enums() -> Iterator[list[str]]:
    from scripts.stand_in.contact import our_document

    yield from (schema["enum"] for schema in our_document()["components"]["schemas"].values() if "enum" in schema)


def test_its_cassettes_say_whom_they_were_recorded_against_and_hold_nothing_of_the_person(
    place: Place, tmp_path: Path
) -> None:
    run(tmp_path)
    files = sorted((tmp_path / "cassettes").glob("*.yaml"))
    assert len(files) > 15
    user = user_of(place)
    personal = [value for value in user.profile.values() if len(value) > 5] + [place.sandbox.client_secret]
    assert len(personal) > 5
    for file in files:
        text = file.read_text(encoding="utf-8")
        assert text.startswith("# recorded against: a local Astra, ")
        assert f"\n# operation: {file.stem}\n" in text
        assert [one for one in personal if one in text] == [], file.name


def test_a_second_walk_goes_on_and_makes_no_second_business(place: Place, tmp_path: Path) -> None:
    run(tmp_path)
    first, made = report_in(tmp_path), place.sent("POST").count("/v1/business_profile")
    assert made == 1
    monkey = run(tmp_path, "--with-payments")
    assert "makes a business profile" not in monkey.stderr
    second = report_in(tmp_path)
    assert place.sent("POST").count("/v1/business_profile") == 1
    settled_before = {one.place for one in first.verdicts if one.outcome != "open"}
    assert settled_before < {one.place for one in second.verdicts if one.outcome != "open"}
    assert (place.compare(second).missed, place.compare(second).false) == ([], [])


def test_json_is_the_report(place: Place, tmp_path: Path) -> None:
    result = run(tmp_path, "--json")
    assert json.loads(result.stdout) == json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))


def test_without_a_user_it_settles_what_the_client_sees_and_says_what_the_rest_needs(
    place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("ASTRA_REFRESH_TOKEN")
    result = run(tmp_path)
    assert result.exit_code == 0, result.output
    assert "sees nothing of a user (ASTRA_REFRESH_TOKEN, --code or --interactive)" in result.stderr
    verdicts = {one.place: one for one in report_in(tmp_path).verdicts}
    assert verdicts["components.schemas.User.kyc_type"].outcome == "open"
    instruments = [one for name, one in verdicts.items() if name.startswith("components.schemas.PaymentInstrument")]
    assert {one.outcome for one in instruments} - {"open"}


def test_a_person_opens_the_link_and_pastes_where_it_led(
    place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from astra.cli import first_contact

    monkeypatch.delenv("ASTRA_REFRESH_TOKEN")
    links: list[str] = []

    def ask(link: str) -> str:
        links.append(link)
        return "no address" if len(links) == 1 else walk_hosted(link, decision="allow", timeout=30.0)

    monkeypatch.setattr(first_contact, "ask", ask)
    result = run(tmp_path, "--interactive")
    assert result.exit_code == 0, result.output
    assert len(links) == 2
    verdicts = {one.place: one.outcome for one in report_in(tmp_path).verdicts}
    assert verdicts["components.schemas.User.kyc_type"] != "open"


def test_a_code_that_was_pasted_as_an_address_will_do(
    place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("ASTRA_REFRESH_TOKEN")
    code = place.sandbox.authorize(user_id=user_of(place).id)
    assert run(tmp_path, "--code", f"{place.sandbox.redirect_uri}?code={code}").exit_code == 0
    assert "get_user" in report_in(tmp_path).done


def test_a_server_that_stops_to_answer_ends_it_and_what_was_found_is_kept(
    place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from astra.conformance import world

    send, calls = world.send, list[str]()

    def dying(url: str, method: str, **given: Any) -> Any:
        calls.append(method)
        if len(calls) > 15:
            raise NoAnswer(f"{method} {given['path']} got no answer: TimeoutError")
        return send(url, method, **given)

    monkeypatch.setattr(world, "send", dying)
    result = run(tmp_path)
    assert result.exit_code == 3
    assert "ended early: 3 calls in a row got no answer" in result.stdout
    assert {one.outcome for one in report_in(tmp_path).verdicts} == {"confirmed", "contradicted", "open"}
    monkeypatch.setattr(world, "send", send)
    monkeypatch.setenv("ASTRA_REFRESH_TOKEN", place.sandbox.client_id)
    assert run(tmp_path).exit_code == 5


def one_line(result: Any) -> str:
    """The line that says why nothing was done; the one that says what would be may stand before it."""
    assert result.stdout == ""
    said = [line for line in result.stderr.splitlines() if not line.startswith("about ")]
    assert len(said) == 1, result.stderr
    return str(said[0])


ODD = json.dumps(
    {
        "first_contact": 1,
        "base": "",
        "verdicts": [{"place": 1, "outcome": "sure", "detail": [], "called": None, "kinds": "ab", "suspects": []}],
        "unknown": [],
        "calls": 1,
        "done": [],
        "ended": "",
    }
)


@pytest.mark.parametrize("content", ["not json", "{}", '{"first_contact": 1, "verdicts": 3, "unknown": []}', "[]", ODD])
def test_a_folder_with_something_else_is_left_alone(place: Place, tmp_path: Path, content: str) -> None:
    (tmp_path / "report.json").write_text(content, encoding="utf-8")
    result = run(tmp_path)
    assert result.exit_code == 2
    assert "is no report of a first contact. Choose another --folder." in one_line(result)
    assert (tmp_path / "report.json").read_text(encoding="utf-8") == content
    assert place.sent("GET") == []


def test_a_report_about_another_server_is_not_gone_on_with(place: Place, tmp_path: Path) -> None:
    run(tmp_path)
    other = "http://127.0.0.1:9"
    result = run(tmp_path, "--base", other)
    assert result.exit_code == 2
    assert f"is about {place.stand_in.url}, not about {other}" in one_line(result)


def test_a_second_walk_is_kept_out_of_a_folder_until_the_first_has_ended(place: Place, tmp_path: Path) -> None:
    folder = tmp_path / "walk"
    with one_walk(folder):
        result = run(folder)
    assert result.exit_code == 2
    assert f"Another walk writes to {folder}. Wait for its end, or give this one another --folder." in one_line(result)
    assert place.sent("GET") == []
    assert list(folder.iterdir()) == []


def test_production_is_refused(place: Place, tmp_path: Path) -> None:
    result = run(tmp_path, "--base", "https://api.astra.finance")
    assert result.exit_code == 2
    assert "production" in one_line(result)
    assert not tmp_path.joinpath("report.json").exists()


def test_without_credentials_nothing_is_called(tmp_path: Path) -> None:
    result = run(tmp_path)
    assert result.exit_code == 2
    assert "ASTRA_CLIENT_ID" in one_line(result)


def test_a_web_page_is_no_astra(place: Place, tmp_path: Path) -> None:
    with answering(200, b"<html>Welcome</html>", content_type="text/html") as base:
        result = run(tmp_path, "--base", base)
    assert result.exit_code == 4
    assert "is no Astra" in one_line(result)


@pytest.mark.parametrize(
    "body",
    [b"[" * 3000 + b"]" * 3000, b'{"id": {}, "status": [], "count": "1e999999"}', b"[1, [2], null]", b'"text"'],
)
def test_answers_of_a_form_that_nobody_thought_of_are_no_traceback(place: Place, tmp_path: Path, body: bytes) -> None:
    with answering(200, body, content_type="application/json") as base:
        result = run(tmp_path, "--base", base)
    assert result.exit_code in (4, 5), result.output
    one_line(result)


def test_it_is_among_the_commands() -> None:
    assert GROUPS["first-contact"][0] == "astra.cli.first_contact"
