"""The report of a first contact, written into the spec: as observed, in every place, and nothing that was not seen."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

import attrs
import pytest
from ruamel.yaml import YAML

from astra.first_contact.judge import Verdict
from astra.first_contact.report import Report, Unknown
from scripts.import_spec.__main__ import import_contact, main
from scripts.import_spec.adopt import Adopted
from scripts.import_spec.edits import AddField
from scripts.import_spec.observed import plan_of
from scripts.spec_document.fast_yaml import safe_load
from scripts.spec_document.guesses import find_guesses, properties
from scripts.spec_document.load import CannotLoadError, Document, parse
from scripts.spec_document.walk import operations
from scripts.stand_in.contact import contact, our_document
from scripts.stand_in.plan import Plan, make_plan
from tests.spec.documents import ROOT, small_spec, spec

pytestmark = pytest.mark.guesses

TEXT = (ROOT / "spec/astra.yaml").read_text(encoding="utf-8")
SEED = 101


@cache
def first() -> Adopted:
    return adopted(found()[0])


@cache
def found() -> tuple[Report, Plan]:
    plan = make_plan(our_document(), seed=SEED)
    return contact(our_document(), plan)[0], plan


def adopted(report: Report, *, text: str = TEXT) -> Adopted:
    result = import_contact(report, ours=parse(text, label="ours"), text=text).adopted
    assert result is not None
    return result


def fields(document: Document, component: str) -> dict[str, dict[str, object]]:
    return dict(properties(document["components"]["schemas"][component]))


@pytest.mark.long
def test_what_was_planted_and_shown_stands_in_the_spec_as_observed() -> None:
    report, plan = found()
    after = parse(first().text, label="after")
    guesses = {guess.place for guess in find_guesses(after)}
    renamed = 0
    for one in report.verdicts:
        if one.outcome == "confirmed":
            assert one.place not in guesses
        elif one.called and one.place.startswith("components.schemas."):
            _, _, owner, name = one.place.split(".")
            assert plan.paging.answered_cursor == one.called or owner == "Page" or plan.names[owner, name] == one.called
            node = fields(after, owner)[one.called]
            assert node["x-evidence"] in ("observed", "documented")
            assert "x-guess" not in node
            assert name not in fields(after, owner)
            renamed += 1
    assert renamed > 5
    for thing in report.unknown:
        if thing.kind == "field":
            assert fields(after, thing.owner)[thing.name]["x-evidence"] == "observed"
        elif thing.kind == "value":
            assert thing.name in after["components"]["schemas"][thing.owner]["enum"]


def test_open_guesses_stay_as_they_are() -> None:
    report, _ = found()
    after = parse(first().text, label="after")
    left = {one.place for one in report.verdicts if one.outcome == "open"}
    assert left
    assert left <= {guess.place for guess in find_guesses(after)}


@pytest.mark.long
def test_names_of_operations_and_components_stay_and_a_second_run_changes_nothing() -> None:
    report, _ = found()
    after = parse(first().text, label="after")
    assert [one.id for one in operations(after)] == [one.id for one in operations(spec())]
    assert set(after["components"]["schemas"]) == set(spec()["components"]["schemas"])
    second = adopted(report, text=first().text)
    assert (second.changed, second.done) == (False, [])


@pytest.mark.long
def test_another_name_of_a_page_is_sent_and_read_by_a_facade_that_nobody_edits() -> None:
    _, plan = found()
    after = parse(first().text, label="after")
    cursor = after["components"]["parameters"]["Cursor"]
    assert (cursor["name"], cursor["x-sdk-name"]) == (plan.paging.cursor, "cursor")
    assert not [one for one in first().hand_edits if one.file.startswith("astra/resources")]


def made_up(*verdicts: Verdict, unknown: tuple[Unknown, ...] = ()) -> Report:
    return Report(base="http://127.0.0.1", verdicts=verdicts, unknown=unknown, calls=1)


@pytest.mark.parametrize(
    ("verdict", "says"),
    [
        (Verdict("components.schemas.User.kyc_type", "confirmed", "x", kinds=("number",)), "the type is not"),
        (Verdict("components.schemas.User.kyc_type", "confirmed", "x", called="kycType"), "differ from place to place"),
        (Verdict("components.schemas.User.kyc_type", "contradicted", "x"), "its name was not made out"),
        (Verdict("components.schemas.User.kyc_type", "contradicted", "x", called="id"), "one of that name already"),
        (Verdict("components.schemas.User.kyc_type", "open", "perhaps tier", suspects=("tier",)), "perhaps tier"),
        (Verdict("components.parameters.Cursor", "contradicted", "it takes the number"), "astra/pagination"),
        (Verdict("paths./v1/batch_transfers/{id}.get", "contradicted", "x", called="/v1/user"), "other parameters"),
    ],
)
def test_what_needs_judgement_is_left_to_a_person_and_stays_a_guess(verdict: Verdict, says: str) -> None:
    plan = plan_of(made_up(verdict), spec())
    assert plan.edits == []
    (task,) = plan.tasks
    assert verdict.place in task
    assert says in task


@pytest.mark.parametrize(
    ("thing", "says"),
    [
        (Unknown("field", "User", "(not shown)", ("string",), "req_1"), "req_1"),
        (Unknown("field", "User", "Id", ("string",)), "clashes"),
        (Unknown("field", "", "tier", ("string",)), "an answer has a field tier"),
        (Unknown("value", "UserStatus", "(not shown)"), "cannot be shown"),
        (Unknown("value", "UserStatus", "Approved"), "looks like a value that is"),
        (Unknown("error shape", "get_user 404", "fault, message"), "astra/http/answers.py"),
    ],
)
def test_what_is_unknown_and_cannot_be_written_is_told(thing: Unknown, says: str) -> None:
    plan = plan_of(made_up(unknown=(thing,)), spec())
    assert plan.edits == []
    assert any(says in task for task in plan.tasks)


@pytest.mark.parametrize(
    ("types", "written"),
    [
        (("string",), {"type": ["string", "null"]}),
        (("number",), {"type": ["number", "null"], "format": "decimal"}),
        (("array",), {"type": ["array", "null"], "items": {}}),
        (("number", "string"), {}),
        ((), {}),
    ],
)
def test_a_field_gets_the_type_that_was_seen_or_none(types: tuple[str, ...], written: dict[str, object]) -> None:
    plan = plan_of(made_up(unknown=(Unknown("field", "User", "tier", types),)), spec())
    (edit,) = plan.edits
    assert isinstance(edit, AddField)
    assert (edit.component, edit.name, edit.schema) == ("User", "tier", {**written, "x-evidence": "observed"})
    assert any("without a type" in task for task in plan.tasks) is (len(types) != 1)


@pytest.mark.long
def test_words_that_yaml_takes_for_something_else_are_read_back_as_they_were_written() -> None:
    words = ("no", "off", "On", "y", "null", "1e3", "12", "2020-01-01", "1_000", "true")
    values = tuple(Unknown("value", "UserStatus", word) for word in words)
    names = tuple(Unknown("field", owner, name, ("string",)) for owner, name in
                  (("User", "on"), ("Card", "NO"), ("Account", "y"), ("Transfer", "null")))  # fmt: skip
    renamed = Verdict("components.schemas.User.kyc_type", "contradicted", "x", called="off")
    text = adopted(made_up(renamed, unknown=(*values, *names))).text
    for read in (lambda: parse(text, label="after"), lambda: YAML(typ="safe").load(text)):
        after = read()
        enum = after["components"]["schemas"]["UserStatus"]["enum"]
        assert [value for value in enum if not isinstance(value, str)] == []
        assert set(words) <= set(enum)
        for owner, name in (("User", "on"), ("User", "off"), ("Card", "NO"), ("Account", "y"), ("Transfer", "null")):
            assert name in fields(after, owner)
    assert "'y'" in text


@pytest.mark.long
def test_a_spec_that_would_read_back_otherwise_is_not_written(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("scripts.import_spec.adopt.write", lambda tree: TEXT)
    with pytest.raises(CannotLoadError, match="would read back otherwise"):
        adopted(made_up(unknown=(Unknown("field", "User", "tier", ("string",)),)))


@pytest.mark.long
def test_a_documented_page_whose_path_was_spelled_right_stays_documented() -> None:
    place = "paths./v1/batch_transfers/{id}.get"
    after = parse(adopted(made_up(Verdict(place, "confirmed", "x"))).text, label="after")
    node = after["paths"]["/v1/batch_transfers/{id}"]["get"]
    assert (node["x-evidence"], "x-guess" in node) == ("documented", False)


@pytest.mark.long
def test_the_command_takes_the_report_as_a_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    report, _ = found()
    file, ours = tmp_path / "report.json", tmp_path / "ours.yaml"
    file.write_text(json.dumps(report.to_dict()), encoding="utf-8")
    ours.write_text(TEXT, encoding="utf-8")
    assert main([str(file), "--ours", str(ours)]) == 0
    assert ours.read_text(encoding="utf-8") == TEXT
    assert "guesses: " in capsys.readouterr().out
    anywhere = ["--apply", "--from-anywhere", "--output", str(tmp_path / "none.yaml")]
    assert main([str(file), "--ours", str(ours), *anywhere]) == 0
    assert safe_load(ours.read_text(encoding="utf-8")) == safe_load(first().text)
    out = capsys.readouterr().out
    assert out.startswith(f"a first contact with {report.base}, {report.calls} calls\n")
    assert "WRITTEN INTO THE SPEC" in out
    assert not (tmp_path / "none.yaml").exists()


@pytest.mark.sampled(2)
@pytest.mark.parametrize(
    "base",
    [
        "http://127.0.0.1:1",
        "https://api-sandbox.astra.finance.evil.example",
        "http://api-sandbox.astra.finance",
        "https://api-sandbox.astra.finance:8443",
        "https://api-sandbox.astra.finance@evil.example",
        "https://[::1",
    ],
)
def test_what_another_server_than_astra_s_does_is_not_written_as_observed(
    base: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    report, ours = made_up(Verdict("components.schemas.User.kyc_type", "confirmed", "x")), tmp_path / "ours.yaml"
    file = tmp_path / "report.json"
    file.write_text(json.dumps(attrs.evolve(report, base=base).to_dict()), encoding="utf-8")
    ours.write_text(TEXT, encoding="utf-8")
    assert main([str(file), "--ours", str(ours), "--apply"]) == 2
    assert f"is about {base}, which is no server of Astra's" in capsys.readouterr().err
    assert ours.read_text(encoding="utf-8") == TEXT


@pytest.mark.sampled(1)
@pytest.mark.parametrize("form", ["text", "markdown", "json"])
def test_what_astra_s_sandbox_does_is_written_and_it_is_said_where_it_was_seen(
    form: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    report, ours = made_up(Verdict("components.schemas.User.kyc_type", "confirmed", "x")), tmp_path / "ours.yaml"
    seen = attrs.evolve(report, base="https://api-sandbox.astra.finance", ended="nobody was there")
    file = tmp_path / "report.json"
    file.write_text(json.dumps(seen.to_dict()), encoding="utf-8")
    ours.write_text(small_spec(), encoding="utf-8")
    assert main([str(file), "--ours", str(ours), "--apply", "--format", form]) == 0
    assert ours.read_text(encoding="utf-8") != small_spec()
    said = "a first contact with https://api-sandbox.astra.finance, 1 calls, ended early: nobody was there"
    assert said in capsys.readouterr().out


def test_a_report_of_names_that_the_spec_does_not_have_says_nothing() -> None:
    plan = plan_of(made_up(Verdict("components.schemas.Nobody.x", "contradicted", "x", "y")), spec())
    assert (plan.edits, plan.tasks) == ([], [])
