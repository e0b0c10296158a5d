"""One command lists every guess, with its reason and the call that settles it."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from typing import Any

from scripts import spec_guesses
from scripts.spec_document.guesses import Guess, find_assumptions, find_guesses
from scripts.spec_document.walk import operations
from tests.spec.documents import ROOT, spec


def count_marks(node: Any) -> int:
    """Counts `x-guess` and guessed enum values in the raw document, knowing nothing of its structure."""
    if isinstance(node, list):
        return sum(count_marks(value) for value in node)
    if not isinstance(node, dict):
        return 0
    own = (node.get("x-guess") is True) + len(node.get("x-guess-values", {}))
    return own + sum(count_marks(value) for key, value in node.items() if key != "x-guess-values")


def listed() -> list[Guess]:
    return [*find_guesses(spec()), *find_assumptions(spec())]


def test_what_the_sandbox_assumes_of_a_known_name_is_listed_with_the_call_that_settles_it() -> None:
    known = {operation.id for operation in operations(spec())}
    assumed = {guess.place.removeprefix("components.schemas."): guess for guess in find_assumptions(spec())}
    assert assumed.keys() == {"Page.count", "BatchTransferWebhookEvent.user_id", "RoutineType", "PaymentType"}
    for guess in assumed.values():
        assert set(guess.operations) <= known
        assert guess.operations
        assert guess.why.startswith("the sandbox assumes: ")
    assert str(spec()).count("'x-assumed'") == len(assumed)


def test_every_guess_of_the_document_is_listed_once() -> None:
    guesses = find_guesses(spec())
    assert len(guesses) == count_marks(spec())
    assert len({guess.place for guess in guesses}) == len(guesses)


def test_each_guess_has_a_reason_and_a_way_to_settle_it() -> None:
    for guess in listed():
        assert guess.why, guess.place
        assert guess.settle, guess.place
        assert guess.operations, guess.place


def test_the_call_that_settles_an_answer_s_field_is_a_read_where_there_is_one() -> None:
    reading = {operation.id for operation in operations(spec()) if operation.method == "get"}
    for guess in find_guesses(spec()):
        if guess.kind == "property" and reading & set(guess.operations):
            assert guess.operations[0] in reading, guess.place


def test_the_command_prints_all_guesses_in_each_form(capsys) -> None:
    places = {guess.place for guess in listed()}
    assert spec_guesses.main([]) == 0
    text = capsys.readouterr().out
    assert text.startswith(f"{len(places)} guesses")
    assert {line.strip() for line in text.splitlines() if re.match(r"  (paths|components)\.", line)} == places
    assert spec_guesses.main(["--markdown"]) == 0
    assert set(re.findall(r"^\| `([^`]+)` \|", capsys.readouterr().out, flags=re.M)) == places
    assert spec_guesses.main(["--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["count"] == len(places)
    assert {guess["place"] for guess in answer["guesses"]} == places


def test_all_adds_what_is_not_plainly_documented(capsys) -> None:
    assert spec_guesses.main(["--all", "--json"]) == 0
    places = {guess["place"] for guess in json.loads(capsys.readouterr().out)["guesses"]}
    assert {guess.place for guess in find_guesses(spec())} < places
    assert "components.schemas.Transfer.amount" in places


def test_the_script_runs_by_its_path() -> None:
    ran = subprocess.run(
        [sys.executable, "scripts/spec_guesses.py"], cwd=ROOT, capture_output=True, text=True, check=True, timeout=60
    )
    assert "guesses; " in ran.stdout


def test_a_source_that_is_no_document_is_a_clear_error(capsys) -> None:
    assert spec_guesses.main(["no-such-revision"]) == 2
    assert "no-such-revision" in capsys.readouterr().err
