"""Scenarios that go another way than they should: they say so, and leave nothing behind."""

from __future__ import annotations

import pytest

from astra.sandbox import Sandbox
from tests.workbench.bench import ROOT, Bench, Form


def run(bench: Bench, name: str) -> str:
    return bench.post(Form("post", f"{ROOT}/scenarios/{name}/run")).text


@pytest.mark.parametrize("name", ["lost_answer", "early_webhook"])
def test_a_scenario_that_fails_leaves_no_fault_for_your_program(bench: Bench, sandbox: Sandbox, name: str) -> None:
    kept = sandbox.faults.add(operation="list_transfers", status=503)
    sandbox.faults.add(operation="create_routine", status=400)
    told = run(bench, name)
    assert "It went another way" in told
    assert [fault.id for fault in sandbox.faults.unstruck] == [kept.id]


def test_a_scenario_that_fails_in_a_way_of_its_own_says_how(bench: Bench, sandbox: Sandbox) -> None:
    sandbox.faults.add(operation="list_accounts", body={"accounts": [], "count": 0, "more": False, "cursor": None})
    told = run(bench, "lost_answer")
    assert "It went another way" in told
    assert "ValueError: not enough values to unpack" in told
    assert sandbox.faults.unstruck == []


def test_a_scenario_whose_fault_has_struck_ends_well(bench: Bench, sandbox: Sandbox) -> None:
    assert "It went as it should" in run(bench, "lost_answer")
    assert sandbox.faults.unstruck == []
