"""Payments are told apart by fields that the SDK knows, whatever those are called on their way: see `x-sdk-name`."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from tests.spec.documents import spec
from tests.spec.other_names import rename, told_by

pytestmark = pytest.mark.long

THEIRS = {"name": "label", "amount": "value", "source_id": "payer", "client_correlation_id": "reference", "id": "key"}
OBJECTS = ("RoutineCreate", "RoutineUpdate", "Routine")

PROGRAM = """
import json, sys
from pathlib import Path
from astra import UncertainOutcomeError
from astra.sandbox import Sandbox
from tests.payments.world import USER, World

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
        schema = document["components"]["schemas"][name]
        known = {node.get("x-sdk-name", field) for field, node in schema["properties"].items()}
        for ours in THEIRS.keys() & known:
            rename(schema, ours, THEIRS[ours])
    folder = tmp_path_factory.mktemp("named")
    (folder / "state").mkdir()
    return told_by(PROGRAM, document, folder, str(folder / "state"))


def test_a_payment_is_made_once_and_read_again_as_it_was(found: dict[str, Any]) -> None:
    assert found["once"] == [True, "Wages of Jane", 1, True]


def test_a_text_of_yours_is_not_written_down(found: dict[str, Any]) -> None:
    assert found["written"] is False


def test_a_lost_answer_is_found_again_and_not_taken_for_another(found: dict[str, Any]) -> None:
    assert found["lost"] == ["20.00", "20.00"]
    assert found["reconciled"] == 1
    assert "is another payment: its client_correlation_id is not the one that was sent" in found["another"]
    assert found["changed"] == "Rent"


def test_an_answer_of_another_amount_is_not_the_payment(found: dict[str, Any]) -> None:
    assert "its amount is not the one that was sent" in found["other amount"]
