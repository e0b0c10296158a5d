"""What was exported is read by `make import-spec`, which takes it for what it is: seen, not said."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from astra.drift.export import as_openapi
from astra.drift.observer import DriftObserver
from astra.drift.store import DriftStore
from scripts.import_spec.__main__ import import_spec, main
from scripts.import_spec.report import Imported
from scripts.spec_document.load import load
from tests.spec.documents import ROOT, spec

pytestmark = pytest.mark.guesses


def exported(folder: Path, operation: str, *bodies: object, status: int = 200) -> Path:
    store = DriftStore(folder / "drift.db")
    observer = DriftObserver(store)
    for body in bodies:
        observer.look(operation, status, json.dumps(body).encode(), "req_1")
    observer.flush()
    target = folder / "observed.json"
    target.write_text(json.dumps(as_openapi(store.select())), encoding="utf-8")
    observer.close(store=True)
    return target


def verdicts(path: Path) -> Imported:
    return import_spec([path], ours=spec(), overlay=load("spec/overlay.yaml", root=ROOT))


def test_a_guess_whose_name_was_seen_is_confirmed_and_what_was_not_seen_stays_open(tmp_path: Path) -> None:
    result = verdicts(exported(tmp_path, "get_card_auth_details", {"card_id": "card_1"}))
    judged = {one.guess.place: one.outcome for one in result.verdicts if one.guess.owner == "CardAuthDetails"}
    assert judged.pop(next(place for place in judged if place.endswith("card_id"))) == "confirmed"
    assert set(judged.values()) == {"open"}
    assert "contradicted" not in {one.outcome for one in result.verdicts}


def test_a_guess_that_was_seen_under_a_name_of_the_same_words_is_contradicted_with_that_name(tmp_path: Path) -> None:
    result = verdicts(exported(tmp_path, "get_card_auth_details", {"card_id": "card_1", "riskLevel": "x"}))
    (judged,) = [one for one in result.verdicts if one.outcome == "contradicted"]
    assert judged.guess.name == "risk_level"
    assert "it is called riskLevel" in judged.detail


def test_a_name_that_is_merely_like_a_guess_leaves_it_open_and_is_told(tmp_path: Path) -> None:
    result = verdicts(exported(tmp_path, "get_card_auth_details", {"card_id": "card_1", "risk_level_code": "x"}))
    assert not [one for one in result.verdicts if one.outcome == "contradicted"]
    (judged,) = [one for one in result.verdicts if one.guess.name == "risk_level"]
    assert (judged.outcome, "perhaps it is risk_level_code" in judged.detail) == ("open", True)


def test_fields_in_the_items_of_a_list_are_read_too(tmp_path: Path) -> None:
    body = {"segments": [{"id": "seg_1", "return_code": "R01", "surprise": 1}], "count": 1, "more": False}
    result = verdicts(exported(tmp_path, "list_transfer_segments", body))
    confirmed = {one.guess.name for one in result.verdicts if one.outcome == "confirmed"}
    assert {"segments", "count", "return_code"} <= confirmed


def test_an_answer_that_was_no_success_settles_no_path(tmp_path: Path) -> None:
    result = verdicts(exported(tmp_path, "get_bin", {"code": 404, "name": "n", "description": "d"}, status=404))
    assert {one.outcome for one in result.verdicts} == {"open"}


def test_it_is_judged_and_not_applied(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = exported(tmp_path, "get_bin", {"bin": "411111"})
    assert main([str(path)]) == 0
    assert main([str(path), "--apply"]) == 2
    assert "observed.json: what was observed is no document of Astra's" in capsys.readouterr().err
