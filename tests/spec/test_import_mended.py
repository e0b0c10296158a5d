"""After an import, the listed edits are enough: the client is generated, and the facade and the sandbox go with it.

One form of the document is tried here; `make imports` tries all eight, and `make imports SUITE=1` runs the whole suite
in a copy that was mended so.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import attrs
import pytest

from scripts.import_spec.__main__ import import_spec
from scripts.import_spec.report import Imported
from scripts.spec_document.load import load
from scripts.stand_in.flow import follow, type_errors
from tests.spec.documents import ROOT, spec
from tests.spec.stand_in import StandIn, Truth, publish
from tests.spec.test_import_apply import EIGHT, TEXT, judged_rightly

pytestmark = pytest.mark.guesses

FORMS = EIGHT[-int(os.environ.get("IMPORTED_FORMS", "1")) :]
SEED = int(os.environ.get("IMPORTED_SEED", "1"))
PROGRAM = """
import json, urllib.request
import astra
from astra.sandbox import Sandbox
with Sandbox(seed=1) as sandbox:
    (seeded,) = sandbox.seed(users=1, transfers=12, authorized=True)
    with astra.Astra(sandbox.client_id, sandbox.client_secret, base_url=sandbox.url) as client:
        banks = client.instant_payment_eligibility.list(page_size=10).to_list()
    def fetch(query):
        asked = urllib.request.Request(
            f"{sandbox.url}/v1/transfers?{query}", headers={"Authorization": f"Bearer {seeded.access_token}"}
        )
        return json.load(urllib.request.urlopen(asked))
    print(json.dumps([len(banks), fetch("page_size=10")]))
"""


def imported(form: str, version: str, folder: Path) -> tuple[Imported, Truth]:
    """The document of a seed in one form, imported into our spec."""
    made = StandIn(spec(), seed=SEED, version=version)
    source = publish(made.document(), form, folder)
    return import_spec([source], ours=spec(), overlay=load("spec/overlay.yaml", root=ROOT), text=TEXT), made.truth


def of(result: Imported) -> dict[str, Any]:
    """What an import changes and lists."""
    assert result.adopted is not None
    return attrs.asdict(result.adopted)


@pytest.mark.long
@pytest.mark.timeout(600)
@pytest.mark.parametrize(("form", "version"), FORMS)
def test_every_form_of_a_document_gives_the_same_spec_and_the_same_list_of_edits(
    tmp_path: Path, form: str, version: str
) -> None:
    result, truth = imported(form, version, tmp_path)
    judged_rightly(result, truth)
    assert sum(kind == "alike" for kind, _ in truth.fields.values()) > 10
    (tmp_path / "first").mkdir()
    assert of(result) == of(imported(*EIGHT[0], tmp_path / "first")[0])


@pytest.mark.long
@pytest.mark.timeout(600)
def test_the_sdk_type_checks_and_speaks_their_names_with_its_sandbox_after_no_more_than_the_listed_edits(
    tmp_path: Path,
) -> None:
    result, truth = imported(*EIGHT[0], tmp_path)
    assert result.adopted is not None
    copied = tmp_path / "copy"
    assert follow(result.adopted, copied) == [one.line for one in result.adopted.hand_edits]
    assert type_errors(copied) == ""
    environment = {"PATH": "/usr/bin:/bin", "PYTHONPATH": f"{copied}:{copied / 'generated'}"}
    ran = subprocess.run([sys.executable, "-W", "error", "-c", PROGRAM], cwd=copied, env=environment, text=True,
                         capture_output=True, check=False, timeout=60)  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    banks, page = json.loads(ran.stdout)
    assert banks > 10
    kind, cursor = truth.fields["components.schemas.Page.cursor"]
    assert kind == "alike"
    assert page[cursor]
    assert "cursor" not in page
    # Without the SDK's names the facade would have to be edited.
    file = copied / "spec/astra.yaml"
    lines = [line.replace("x-sdk-name: ", "x-other: ") for line in file.read_text(encoding="utf-8").splitlines()]
    file.write_text("\n".join(lines), encoding="utf-8")
    subprocess.run([sys.executable, "scripts/generate.py"], cwd=copied, env=environment, check=True)
    assert "astra/resources/_async/" in type_errors(copied)
