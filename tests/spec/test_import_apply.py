"""An import writes its verdicts into the spec: the right ones, in every place, and nothing else."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from scripts.import_spec.__main__ import import_spec, main
from scripts.import_spec.adopt import Adopted
from scripts.import_spec.edits import Rename
from scripts.import_spec.hand_edits import HandEdit, hand_edits, make
from scripts.import_spec.report import Imported
from scripts.import_spec.roundtrip import read, write
from scripts.import_spec.write import keep_name
from scripts.spec_diff.compare import compare
from scripts.spec_document.fast_yaml import safe_load
from scripts.spec_document.guesses import find_guesses, properties
from scripts.spec_document.load import Document, load, parse
from scripts.spec_document.walk import operations
from tests.spec.documents import ROOT, spec
from tests.spec.stand_in import StandIn, Truth, publish

pytestmark = pytest.mark.guesses

TEXT = (ROOT / "spec/astra.yaml").read_text(encoding="utf-8")
THEIRS = ROOT / "tests/spec/fixtures/written_by_someone_else.yaml"
EIGHT = [(form, version) for form in ("json", "yaml", "json-fragments", "pages") for version in ("3.0", "3.1")]
SEEDS = range(2)


def imported(path: Path, *, text: str | None = TEXT) -> Imported:
    ours = spec() if text is None else parse(text, label="ours")
    return import_spec([path], ours=ours, overlay=load("spec/overlay.yaml", root=ROOT), text=text)


def stand_in(folder: Path, *, seed: int, form: str = "json", version: str = "3.0") -> tuple[Path, Truth]:
    made = StandIn(spec(), seed=seed, version=version)
    document = made.document()
    return publish(document, form, folder), made.truth


def judged_rightly(result: Imported, truth: Truth) -> None:
    verdicts = {verdict.guess.place: verdict for verdict in result.verdicts}
    wrong = []
    for place, (kind, called) in truth.fields.items():
        verdict = verdicts[place]
        names = {one.called for one in verdict.sightings if one.called}
        right = verdict.outcome == ("confirmed" if kind == "same" else "contradicted")
        if kind == "alike":
            right = right and names == {called}
        if not right or not names <= {called}:
            wrong.append((place, kind, called, verdict.outcome, verdict.detail))
    assert wrong == []
    hidden = [p for p, v in verdicts.items() if v.guess.kind == "property" and p not in truth.fields]
    assert {verdicts[place].outcome for place in hidden} <= {"open"}


def field_names(document: Document, component: str) -> list[str]:
    return [name for name, _ in properties(document["components"]["schemas"][component])]


@pytest.mark.sampled(2)
@pytest.mark.parametrize(("form", "version"), EIGHT)
def test_in_each_of_eight_forms_every_planted_name_is_judged_rightly(tmp_path: Path, form: str, version: str) -> None:
    path, truth = stand_in(tmp_path, seed=EIGHT.index((form, version)), form=form, version=version)
    assert len(truth.fields) >= 60
    assert {kind for kind, _ in truth.fields.values()} == {"same", "alike", "unlike"}
    judged_rightly(imported(path, text=None), truth)


@cache
def first_import(seed: int) -> tuple[Imported, Truth]:
    """The stand-in of a seed, written into our spec."""
    with tempfile.TemporaryDirectory() as folder:
        path, truth = stand_in(Path(folder), seed=seed, version="3.1" if seed % 2 else "3.0")
        return imported(path), truth


@pytest.mark.sampled(1)
@pytest.mark.parametrize("seed", SEEDS)
def test_what_was_planted_stands_in_the_spec_afterwards(seed: int) -> None:
    result, truth = first_import(seed)
    judged_rightly(result, truth)
    assert result.adopted
    after = parse(result.adopted.text, label="after")
    guessed = {guess.place for guess in find_guesses(after)}
    for place, (kind, called) in truth.fields.items():
        _, _, owner, name = place.split(".")
        names = field_names(after, owner)
        if kind == "same":
            assert name in names
            assert place not in guessed
        elif kind == "alike":
            assert called in names
            assert name not in names
        elif name in names:  # unlike and not made out: it stays a guess, somebody is asked, and theirs stands beside it
            assert place in guessed
            assert any(place in task for task in result.adopted.tasks)
            assert called in [field for one in after["components"]["schemas"] for field in field_names(after, one)]
    for extra in truth.extra:
        component, name = extra.split(".")
        assert name in field_names(after, component)
    for extra in truth.values:
        component, value = extra.split("=")
        # Where every field with these values has a name that was not made out, they came with the added field.
        listed = value in after["components"]["schemas"][component]["enum"]
        assert listed or f"`{value}`" in result.adopted.text, extra


@pytest.mark.long
@pytest.mark.parametrize("seed", SEEDS)
def test_a_second_run_changes_nothing(tmp_path: Path, seed: int) -> None:
    path, _ = stand_in(tmp_path, seed=seed, version="3.1" if seed % 2 else "3.0")
    first = first_import(seed)[0].adopted
    assert first
    assert first.changed
    second = imported(path, text=first.text).adopted
    assert second
    assert (second.text, second.changed, second.done) == (first.text, False, [])


@pytest.mark.long
@pytest.mark.parametrize("seed", SEEDS)
def test_names_of_components_and_operations_stay_and_the_difference_is_small(seed: int) -> None:
    result, truth = first_import(seed)
    adopted = result.adopted
    assert adopted
    after = parse(adopted.text, label="after")
    for section, entries in spec()["components"].items():
        assert set(entries) <= set(after["components"][section])
    assert [one.id for one in operations(after)] == [one.id for one in operations(spec())]
    found = compare(spec(), after)
    planted = {called for _, called in truth.fields.values()} | {extra.split(".")[1] for extra in truth.extra}
    planted |= {place.rsplit(".", 1)[1] for place in truth.fields}
    for change in found:
        assert "property" in change.rule
        last = change.property.rsplit(".", 1)[-1]
        assert "enum-value-added" in change.rule or last in planted, change


def run(folder: Path, *command: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(folder)}
    return subprocess.run(
        [sys.executable, *command],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=170,
    )


@pytest.mark.long
@pytest.mark.parametrize("seed", [1])
def test_the_result_generates_and_passes_the_spec_s_own_tests(tmp_path: Path, seed: int) -> None:
    adopted = first_import(seed)[0].adopted
    assert adopted
    copied = tmp_path / "repository"
    for name in ("spec", "scripts", "tests/spec"):
        shutil.copytree(ROOT / name, copied / name, ignore=shutil.ignore_patterns("__pycache__"))
    (copied / "tests/__init__.py").touch()
    (copied / "spec/astra.yaml").write_text(adopted.text, encoding="utf-8")
    ran = run(copied, "scripts/generate.py", "--output", str(tmp_path / "out/astra_api"))
    assert ran.returncode == 0, ran.stderr
    models = {file.stem for file in (tmp_path / "out/astra_api/models").glob("*.py")}
    ours = {file.stem for file in (ROOT / "generated/astra_api/models").glob("*.py")}
    assert ours <= models
    tests = ("tests/spec/test_astra_yaml.py", "tests/spec/test_spec_guesses.py")
    ran = run(copied, "-m", "pytest", "-q", "-p", "no:randomly", "-p", "no:cacheprovider", "-c", os.devnull, *tests)
    assert ran.returncode == 0, ran.stdout


def applied(folder: Path, source: Path, capsys: Any, *more: str) -> tuple[str, str]:
    """What the command writes and says."""
    ours = folder / "ours.yaml"
    if not ours.exists():
        ours.write_text(TEXT, encoding="utf-8")
    assert main([str(source), "--ours", str(ours), *more]) == 0
    return ours.read_text(encoding="utf-8"), capsys.readouterr().out


@cache
def import_of_another_author() -> Adopted:
    """What the import of the fixture brings."""
    adopted = imported(THEIRS).adopted
    assert adopted
    return adopted


@cache
def of_another_author() -> Document:
    """Our spec after the import of the fixture."""
    return parse(import_of_another_author().text, label="after")


def test_a_run_without_apply_leaves_the_spec_alone(tmp_path: Path, capsys) -> None:
    text, said = applied(tmp_path, THEIRS, capsys)
    assert text == TEXT
    assert "WRITTEN" not in said


@pytest.mark.long
def test_a_renamed_field_is_renamed_wherever_it_stands() -> None:
    after = of_another_author()
    assert list(after["components"]["examples"]["TransferSegmentList"]["value"]) == ["count", "data"]
    by_id = {operation.id: operation.node for operation in operations(after)}
    assert by_id["list_transfer_segments"]["x-items"] == "data"
    assert {"cursor", "has_more"} <= set(after["components"]["examples"]["TransferList"]["value"])


@pytest.mark.long
@pytest.mark.parametrize(
    ("place", "perhaps"),
    [
        ("components.schemas.PhoneNumberUpdate.phone", "phone_number"),
        ("components.schemas.TransferSegment.return_code", "ach_return_code"),
        ("components.schemas.InstantPaymentEligibility.institution_name", "name"),
        ("components.parameters.Cursor", "cursor_id"),
    ],
)
def test_a_name_that_is_merely_alike_is_asked_about_and_not_taken(place: str, perhaps: str) -> None:
    adopted = import_of_another_author()
    assert any(one.startswith(place) and f"perhaps it is {perhaps}" in one for one in adopted.tasks)
    assert place in {guess.place for guess in find_guesses(of_another_author())}


@pytest.mark.long
def test_a_path_takes_their_spelling_and_keeps_our_parameters() -> None:
    paths = list(of_another_author()["paths"])
    assert paths.index("/v1/cards/{id}/auth-details") == list(spec()["paths"]).index("/v1/cards/{id}/auth_details")


@pytest.mark.long
def test_statuses_and_values_are_added_and_existing_ones_stay() -> None:
    after = of_another_author()
    by_id = {operation.id: operation.node for operation in operations(after)}
    assert by_id["request_phone_number_update"]["responses"]["202"] == {"$ref": "#/components/responses/Done"}
    assert after["components"]["schemas"]["SettlementMode"]["enum"] == ["net_debit", "gross_debit", "gross"]


@pytest.mark.long
def test_what_cannot_be_decided_is_left_to_a_person_and_stays_a_guess(tmp_path: Path, capsys) -> None:
    text, said = applied(tmp_path, THEIRS, capsys, "--apply")
    assert "PaymentInstrument.available_balance: the name is right and the type is not" in said
    left = {guess.place for guess in find_guesses(safe_load(text))}
    assert "components.schemas.PaymentInstrument.available_balance" in left
    assert "components.schemas.CardAuthDetails.card_id" in left


@pytest.mark.long
def test_a_field_that_they_require_of_a_request_is_added_and_a_person_told_to_send_it(tmp_path: Path, capsys) -> None:
    theirs = safe_load(THEIRS.read_text(encoding="utf-8"))
    sent = theirs["paths"]["/v1/request_user_phone_number_update"]["post"]["requestBody"]
    sent["content"]["application/json"]["schema"] = {
        "type": "object",
        "required": ["phone", "purpose"],
        "properties": {"phone": {"type": "string"}, "purpose": {"type": "string"}},
    }
    file = tmp_path / "theirs.json"
    file.write_text(json.dumps(theirs), encoding="utf-8")
    text, said = applied(tmp_path, file, capsys, "--apply")
    schema = safe_load(text)["components"]["schemas"]["PhoneNumberUpdate"]
    assert (list(schema["properties"]), schema["required"]) == (["phone", "purpose"], ["phone"])
    assert "PhoneNumberUpdate.purpose is required by request_phone_number_update request: add it to `required`" in said


@pytest.mark.long
def test_fields_of_an_answer_that_is_another_one_altogether_are_not_taken_for_ours(tmp_path: Path, capsys) -> None:
    theirs = safe_load(THEIRS.read_text(encoding="utf-8"))
    answers = theirs["paths"]["/v1/request_user_phone_number_update"]["post"]["responses"] = {
        "200": {"description": "x"}
    }
    schema = {"type": "object", "properties": {"challenge": {"type": "boolean"}, "attempts": {"type": "integer"}}}
    answers["200"]["content"] = {"application/json": {"schema": schema}}
    file = tmp_path / "theirs.json"
    file.write_text(json.dumps(theirs), encoding="utf-8")
    text, said = applied(tmp_path, file, capsys, "--apply")
    component = safe_load(text)["components"]["schemas"]["PhoneNumberChangeRequest"]
    assert set(component["properties"]) == {"id", "phone", "status", "created"}
    assert "components.responses.PhoneNumberChangeRequest: not confirmed" in said


@pytest.mark.long
def test_a_renamed_field_keeps_its_name_in_the_sdk_and_a_second_document_may_rename_it_again() -> None:
    after = of_another_author()
    node = after["components"]["schemas"]["TransferSegmentList"]["properties"]["data"]
    assert node["x-sdk-name"] == "segments"
    for new, kept in (("legs", "segments"), ("segments", None)):
        again = dict(node)
        keep_name(again, "data", new)
        assert again.get("x-sdk-name") == kept


@pytest.mark.long
def test_the_report_lists_by_file_and_line_what_has_to_be_edited_and_nothing_in_python_that_reads_a_field(
    tmp_path: Path, capsys
) -> None:
    _, said = applied(tmp_path, THEIRS, capsys, "--apply", "--format", "json")
    found = [HandEdit(**one) for one in json.loads(said)["adopted"]["hand_edits"]]
    (kept,) = [one for one in found if one.file == "astra/testing/kept.py"]
    assert "risk_score" in kept.new.split() or len(kept.new.split()) > len(kept.old.split())
    edits = [one for one in found if one is not kept]
    assert edits
    for one in edits:
        line = (ROOT / one.file).read_text(encoding="utf-8").splitlines()[one.number - 1]
        assert one.old in line
        assert one.new == one.old.replace("auth_details", "auth-details").replace("instant_p", "instant-p").replace(
            "t_e", "t-e"
        )
    assert any("['id']" in one.old or "{card" in one.old for one in edits)
    copied = tmp_path / "copy"
    for one in edits:
        if not (copied / one.file).exists():
            (copied / one.file).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / one.file, copied / one.file)
    for one in edits:
        make(one, copied)
    names = {"/v1/cards/{id}/auth_details": "/v1/cards/{id}/auth-details"}
    again = [Rename(one, names[one.name], "") for one in find_guesses(spec()) if one.name in names]
    assert again
    assert hand_edits(again, copied) == []
    with pytest.raises(ValueError, match=f"{edits[0].file}:{edits[0].number}"):
        make(edits[0], copied)


@pytest.mark.long
def test_nothing_but_what_was_changed_looks_different(tmp_path: Path, capsys) -> None:
    text, _ = applied(tmp_path, THEIRS, capsys, "--apply")
    before, after = TEXT.splitlines(), text.splitlines()
    comments = [line for line in before if line.lstrip().startswith("#")]
    assert [line for line in after if line.lstrip().startswith("#")] == comments
    kept = set(after)
    assert sum(line in kept for line in before) > len(before) - 90
    assert write(read(TEXT)) == TEXT


@pytest.mark.long
def test_our_own_spec_settles_everything_and_a_markdown_report_says_so(tmp_path: Path, capsys) -> None:
    text, said = applied(tmp_path, ROOT / "spec/astra.yaml", capsys, "--apply", "--format", "markdown")
    assert find_guesses(safe_load(text)) == []
    assert "## Written into the spec (104)" in said
    assert {change.rule for change in compare(spec(), safe_load(text))} == set()
