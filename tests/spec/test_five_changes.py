"""The API changed, now what: five real changes, each made on a copy of the repository and followed by the guide.

docs/api-changed.md describes these steps. Here they are tried: the difference is found, judged and traced to the right
facade methods; the client is regenerated; and the symbols that `spec-diff` named come or go as it said.
"""

from __future__ import annotations

import copy
import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import attrs
import pytest

from scripts.spec_diff.__main__ import diff
from scripts.spec_diff.change import Change
from scripts.spec_diff.trace import Touched
from scripts.spec_document.fast_yaml import safe_dump
from tests.spec.documents import ROOT, spec

Spec = dict[str, Any]
COPIED = ("spec", "scripts", "generated", "astra", "docs", "examples", "tests/cassettes", "README.md", "pyproject.toml")


@pytest.fixture
def branch(tmp_path: Path) -> Path:
    """A copy of the repository, as a branch to work on."""
    for name in COPIED:
        source, target = ROOT / name, tmp_path / name
        if source.is_dir():
            ignored = shutil.ignore_patterns("__pycache__", "*.db")
            shutil.copytree(source, target, ignore=ignored)
        elif source.is_file():
            shutil.copy2(source, target)
    (tmp_path / "before.yaml").write_text((ROOT / "spec/astra.yaml").read_text(encoding="utf-8"), encoding="utf-8")
    return tmp_path


def new_required_field(spec: Spec) -> None:
    spec["components"]["schemas"]["CardCreate"]["required"].append("phone")
    spec["components"]["schemas"]["CardCreate"]["properties"]["phone"] = {"type": "string", "x-evidence": "documented"}
    spec["components"]["examples"]["CardCreate"]["value"]["phone"] = "+15555550123"


def renamed_field(spec: Spec) -> None:
    for name in ("Routine", "RoutineCreate"):
        fields = spec["components"]["schemas"][name]["properties"]
        fields["reference_code"] = fields.pop("client_correlation_id")


def new_enum_value(spec: Spec) -> None:
    spec["components"]["schemas"]["TransferStatus"]["enum"].append("clawed_back")


def removed_operation(spec: Spec) -> None:
    del spec["paths"]["/v1/bins/{bin}"]


def new_operation(spec: Spec) -> None:
    spec["paths"]["/v1/transfers/{id}/receipt"] = {
        "get": {
            "operationId": "get_transfer_receipt",
            "tags": ["transfers"],
            "summary": "The receipt of a transfer.",
            "x-astra-slug": "get_v1-transfers-id-receipt",
            "x-evidence": "documented",
            "security": [{"bearer": []}],
            "parameters": [{"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}],
            "responses": {"200": {"$ref": "#/components/responses/Transfer"}},
        }
    }


@attrs.frozen
class Expected:
    """What must come out for one change."""

    edit: Callable[[Spec], None]
    changes: dict[str, str]  # rule and place: severity
    methods: set[str]  # the facade methods that call what changed
    also: set[str]  # others that must be looked at, because they name the field
    appears: tuple[str, ...] = ()  # generated names that come
    vanishes: tuple[str, ...] = ()  # and that go
    exit_code: int = 1


# They read routines and transfers, to find lost payments.
FINDER = {f"AsyncPaymentFinder.{name}" for name in ("find", "wait", "_wait", "_look")}
FINDER |= {f"AsyncPaymentSearch.{name}" for name in ("findings", "of_event", "_step")}
OF_ROUTINES = {"AsyncPaymentSearch._payment", "_AsyncReader.routine"}
OF_ROUTINES |= {f"{kind}.routines" for kind in ("AsyncPaymentFinder", "AsyncPaymentSearch")}
OF_TRANSFERS = {f"{kind}.transfers" for kind in ("AsyncPaymentFinder", "AsyncPaymentSearch")}

FIVE = {
    "new required field": Expected(
        edit=new_required_field,
        changes={"new-required-request-property CardCreate.phone": "breaking"},
        methods={"AsyncCards.create"},
        also=set(),
        appears=("astra_api.models.CardCreate.phone",),
    ),
    "renamed field": Expected(
        edit=renamed_field,
        changes={
            "request-property-removed RoutineCreate.client_correlation_id": "breaking",
            "new-optional-request-property RoutineCreate.reference_code": "info",
            "response-optional-property-removed Routine.client_correlation_id": "breaking",
            "response-optional-property-added Routine.reference_code": "info",
        },
        methods={
            "AsyncRoutines.list",
            "AsyncRoutines.get",
            "AsyncRoutines.create",
            "AsyncRoutines.update",
            "AsyncRoutines.account_to_card",
            "AsyncRoutines.card_to_account",
            "AsyncRoutines.book",
            *FINDER,
            *OF_ROUTINES,
        },
        also={"judge", "reference_of"},  # it looks for a lost payment by that field
        appears=("astra_api.models.RoutineCreate.reference_code", "astra_api.models.Routine.reference_code"),
        vanishes=(
            "astra_api.models.RoutineCreate.client_correlation_id",
            "astra_api.models.Routine.client_correlation_id",
        ),
    ),
    "new enum value": Expected(
        edit=new_enum_value,
        changes={"response-property-enum-value-added TransferStatus": "warning"},
        methods={
            "AsyncTransfers.list",
            "AsyncTransfers.get",
            "AsyncTransfers.segments",
            "AsyncTransfers.cancel",
            "AsyncRoutines.transfers",
            "AsyncBatchTransfers.get",
            *FINDER,
            *OF_TRANSFERS,
        },
        also=set(),
        appears=("astra_api.models.TransferStatus.CLAWED_BACK",),
        exit_code=0,
    ),
    "removed operation": Expected(
        edit=removed_operation,
        changes={"api-removed-without-deprecation GET /v1/bins/{bin}": "breaking"},
        methods={"AsyncBins.get"},
        also=set(),
        vanishes=("astra_api.api.bins.get_bin",),
    ),
    "new operation": Expected(
        edit=new_operation,
        changes={"endpoint-added GET /v1/transfers/{id}/receipt": "info"},
        methods=set(),
        also=set(),
        appears=("astra_api.api.transfers.get_transfer_receipt",),
        exit_code=0,
    ),
}
each_change = pytest.mark.parametrize("expected", FIVE.values(), ids=list(FIVE))


def edit_spec(branch: Path, *edits: Callable[[Spec], None]) -> None:
    edited = copy.deepcopy(spec())
    for edit in edits:
        edit(edited)
    text = safe_dump(edited, sort_keys=False, allow_unicode=True, width=120)
    (branch / "spec/astra.yaml").write_text(text, encoding="utf-8")


def run(branch: Path, *command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *command], cwd=branch, capture_output=True, text=True, check=False, timeout=170
    )


def traced(branch: Path) -> list[tuple[Change, Touched]]:
    return diff("before.yaml", "spec/astra.yaml", root=branch)


@pytest.mark.sampled(1)
@each_change
def test_the_change_is_found_judged_and_traced(branch: Path, expected: Expected) -> None:
    edit_spec(branch, expected.edit)
    found = traced(branch)
    assert {f"{change.rule} {change.place}": change.severity.word for change, _ in found} == expected.changes
    called = {method.name for _, touched in found for method in touched.methods}
    assert called == expected.methods
    assert expected.also <= {method.name for _, touched in found for method in touched.other_methods}
    named = {symbol for _, touched in found for symbol in touched.generated}
    assert {*expected.appears, *expected.vanishes} == named


@pytest.mark.long
@each_change
def test_ci_is_told_by_the_exit_code(branch: Path, expected: Expected) -> None:
    edit_spec(branch, expected.edit)
    ran = run(branch, "-m", "scripts.spec_diff", "before.yaml", "spec/astra.yaml", "--format", "json", "--root", ".")
    assert ran.returncode == expected.exit_code, ran.stderr
    assert len(json.loads(ran.stdout)["changes"]) == len(expected.changes)


@pytest.mark.long
def test_regenerating_brings_and_takes_away_what_was_said(branch: Path) -> None:
    everything = [name for expected in FIVE.values() for name in (*expected.appears, *expected.vanishes)]
    before = {name for name in everything if exists(branch, name)}
    assert before == {name for expected in FIVE.values() for name in expected.vanishes}
    edit_spec(branch, *(expected.edit for expected in FIVE.values()))
    ran = run(branch, "scripts/generate.py")
    assert ran.returncode == 0, ran.stderr
    after = {name for name in everything if exists(branch, name)}
    assert after == {name for expected in FIVE.values() for name in expected.appears}


def exists(branch: Path, symbol: str) -> bool:
    """Whether a generated name is there: a module of `astra_api.api`, or an attribute of a class in the models."""
    if symbol.startswith("astra_api.api."):
        return (branch / "generated" / (symbol.replace(".", "/") + ".py")).is_file()
    _, _, model, attribute = symbol.split(".")
    for file in (branch / "generated/astra_api/models").glob("*.py"):
        text = file.read_text(encoding="utf-8")
        if f"class {model}(" in text:
            return f"    {attribute}: " in text or f"    {attribute} = " in text
    return False


@pytest.mark.long
def test_docs_and_cassettes_that_show_the_change_are_named(branch: Path) -> None:
    (branch / "docs/bins.md").write_text("Ask with `bins.get`, the operation `get_bin`.\n", encoding="utf-8")
    cassette = branch / "tests/cassettes/shown/get_bin.yaml"
    cassette.parent.mkdir(parents=True, exist_ok=True)
    recorded = "interactions:\n- request:\n    method: GET\n    uri: https://api-sandbox.astra.finance/v1/bins/400000\n"
    cassette.write_text(recorded, encoding="utf-8")
    (branch / "tests/test_of_bins.py").write_text(
        "def test_it(astra):\n    astra.bins.get('400022')\n", encoding="utf-8"
    )
    edit_spec(branch, removed_operation)
    ((_, touched),) = traced(branch)
    assert "docs/bins.md:1" in touched.documents
    assert any(place.startswith("astra/sandbox/") for place in touched.sandbox)
    assert "tests/test_of_bins.py:2" in touched.tests
    assert "tests/cassettes/shown/get_bin.yaml" in touched.cassettes


def test_the_guide_names_every_step_that_is_tried_here() -> None:
    guide = (ROOT / "docs/api-changed.md").read_text(encoding="utf-8")
    for step in ("make spec-diff", "make generate", "make import-spec", "make guesses", "make surface"):
        assert step in guide
    for change in FIVE:
        assert change in guide.lower()
