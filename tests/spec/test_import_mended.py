"""After an import, the listed edits are enough: the client is generated and the facade type checks with nothing else.

One form of the document is tried here; `make imports` tries all eight.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from scripts.import_spec.__main__ import import_spec
from scripts.import_spec.edits import Rename
from scripts.import_spec.judge import Judge
from scripts.import_spec.overlay import apply
from scripts.import_spec.plan import make_plan
from scripts.import_spec.sources import read_sources
from scripts.spec_document.load import load
from scripts.stand_in.flow import follow, type_errors
from tests.spec.documents import ROOT, spec
from tests.spec.stand_in import StandIn, publish
from tests.spec.test_import_apply import EIGHT, TEXT, judged_rightly

FORMS = EIGHT[: int(os.environ.get("IMPORTED_FORMS", "1"))]


@pytest.mark.long
@pytest.mark.timeout(600)
@pytest.mark.parametrize(("form", "version"), FORMS)
def test_the_facade_type_checks_with_the_edits_that_the_report_lists_and_not_without(
    tmp_path: Path, form: str, version: str
) -> None:
    made = StandIn(spec(), seed=1 + EIGHT.index((form, version)), version=version)
    source = publish(made.document(), form, tmp_path)
    overlay = load("spec/overlay.yaml", root=ROOT)
    result = import_spec([source], ours=spec(), overlay=overlay, text=TEXT)
    judged_rightly(result, made.truth)
    assert result.adopted is not None
    judge = Judge(spec(), apply(overlay, read_sources([source]))[0])
    renames = [edit for edit in make_plan(judge, judge.verdicts()).edits if isinstance(edit, Rename)]
    assert len(renames) > 10
    copied = tmp_path / "copy"
    edits = follow(result.adopted, renames, spec(), copied)
    assert type_errors(copied) == ""
    models = [edit for edit in edits if edit.startswith("astra/resources")]
    assert models
    file, line = models[0].split(" ")[0].split(":")
    source_file = copied / file
    lines, before = source_file.read_text(encoding="utf-8").splitlines(), (ROOT / file).read_text(encoding="utf-8")
    lines[int(line) - 1] = before.splitlines()[int(line) - 1]
    source_file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    assert f"{file}:" in type_errors(copied)
