"""Payments are told apart by fields that the SDK knows, whatever those are called on their way: see `x-sdk-name`."""

from __future__ import annotations

import copy
import json
import subprocess
import sys
from typing import Any

import pytest

from scripts.spec_document.fast_yaml import safe_dump
from tests.spec.documents import ROOT, spec

THEIRS = {"name": "label", "amount": "value", "source_id": "payer", "client_correlation_id": "reference", "id": "key"}
OBJECTS = ("RoutineCreate", "RoutineUpdate", "Routine")

PROGRAM = """
import json, sys
from pathlib import Path
from astra import UncertainOutcomeError
from astra.payments import open_idempotency_store
from astra.sandbox import Sandbox
from tests.payments.world import KEY, USER, World

folder, found = Path(sys.argv[1]), {}
with Sandbox() as sandbox:
    world = World(sandbox, folder, f"sqlite:///{folder}/payments.db")
    first, again = world.pay(), world.pay()
    found["once"] = [first == again, first.name, len(world.made()), again.replayed]
    found["written"] = b"Wages of Jane" in b"".join(file.read_bytes() for file in folder.glob("payments.db*"))
    sandbox.faults.add(operation="create_routine", drop="after")
    try:
        world.pay(idempotency_key="lost")
    except UncertainOutcomeError as error:
        found["lost"] = [error.match_fields["amount"], str(error.amount)]
    with world.client() as astra:
        found["reconciled"] = astra.payments.reconcile().made
        found["another"] = None
        try:
            astra.payments.resolve("lost", made=first.id, by="me")
        except Exception as error:
            found["another"] = str(error)
        changed = astra.user(USER).routines.update(
            world.pay(type="recurring", frequency="monthly", idempotency_key="monthly").id,
            name="Rent", idempotency_key="change",
        )
        found["changed"] = changed.name
    sandbox.faults.add(operation="create_routine", body={"key": "rt_9", "value": 900, "payer": world.source})
    try:
        world.pay(idempotency_key="other amount", amount="9.00")
    except UncertainOutcomeError as error:
        found["other amount"] = str(error.__cause__ or error)
print(json.dumps(found))
"""


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What a program sees that pays with a client whose routines travel under other names."""
    document = copy.deepcopy(spec())
    for name in OBJECTS:
        fields = document["components"]["schemas"][name]
        known = {node.get("x-sdk-name", field): field for field, node in fields["properties"].items()}
        theirs = {known[ours]: name for ours, name in THEIRS.items() if ours in known}
        for ours, name in THEIRS.items():
            if ours in known:
                fields["properties"][name] = {**fields["properties"].pop(known[ours]), "x-sdk-name": ours}
        fields["required"] = [theirs.get(field, field) for field in fields.get("required", [])]
    folder = tmp_path_factory.mktemp("named")
    (folder / "state").mkdir()
    (folder / "spec.yaml").write_text(safe_dump(document), encoding="utf-8")
    generate = ["scripts/generate.py", "--spec", str(folder / "spec.yaml"), "--output", str(folder / "astra_api")]
    for command in (generate, ["-c", PROGRAM, str(folder / "state")]):
        path = "" if command is generate else f"{folder}:{ROOT}"
        ran = subprocess.run(
            [sys.executable, *command], cwd=ROOT, capture_output=True, text=True, check=False,
            env={"PYTHONPATH": path, "ASTRA_LOG": "off"} if path else None,
        )  # fmt: skip
        assert ran.returncode == 0, ran.stderr
    told: dict[str, Any] = json.loads(ran.stdout)
    return told


def test_a_payment_is_made_once_and_read_again_as_it_was(found: dict[str, Any]) -> None:
    assert found["once"] == [True, "Wages of Jane", 1, True]


def test_a_text_of_yours_is_not_written_down(found: dict[str, Any]) -> None:
    assert found["written"] is False


def test_a_lost_answer_is_found_again_and_not_taken_for_another(found: dict[str, Any]) -> None:
    assert found["lost"] == ["20.00", "20.00"]
    assert found["reconciled"] == 1
    assert found["changed"] == "Rent"


def test_an_answer_of_another_amount_is_not_the_payment(found: dict[str, Any]) -> None:
    assert "its amount is not the one that was sent" in found["other amount"]
