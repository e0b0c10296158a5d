"""The conformance suite: it passes on the sandbox, and notices each rule that a sandbox does not keep."""

from __future__ import annotations

import json

import pytest

from astra.conformance import CHECKS, run
from astra.conformance.__main__ import main
from astra.conformance.local import means_of, target_of
from astra.sandbox import Sandbox
from tests.conformance.mutations import MUTATIONS, Mutation


def test_the_sandbox_passes_every_check_and_the_report_shows_no_secret() -> None:
    with Sandbox(seed=1) as sandbox:
        report = run(target_of(sandbox), means=means_of(sandbox, payments=True))
        secret = sandbox.client_secret
    assert [(result.check.id, result.reason) for result in report.results if result.verdict != "pass"] == []
    assert len(report.results) == len(CHECKS) >= 70
    for text in (report.to_text(), report.to_json(), repr(report)):
        assert secret not in text
        assert "@example.com" not in text


def test_no_money_moves_unless_it_was_allowed() -> None:
    with Sandbox(seed=1) as sandbox:
        report = run(target_of(sandbox), means=means_of(sandbox, payments=False))
        paths = [(exchange.method, exchange.path) for exchange in report.exchanges]
    assert ("POST", "/v1/routines") not in paths
    assert report.failed() == []
    unknown = {result.check.id for result in report.results if result.verdict == "not-run"}
    assert {check.id for check in CHECKS if "payments" in check.needs} <= unknown


@pytest.mark.sampled(4)
@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda mutation: mutation.name)
def test_a_rule_that_is_not_kept_fails_its_checks_and_no_others(
    mutation: Mutation, monkeypatch: pytest.MonkeyPatch
) -> None:
    mutation.plant(monkeypatch)
    with Sandbox(seed=1, options=mutation.options) as sandbox:
        report = run(target_of(sandbox), means=means_of(sandbox, payments=True))
    assert set(report.failed()) == mutation.fails


def test_ids_are_unique_and_every_check_says_where_it_comes_from() -> None:
    assert len({check.id for check in CHECKS}) == len(CHECKS)
    assert all(check.says.endswith(".") and check.source for check in CHECKS)


def test_the_command_prints_the_report_and_refuses_a_check_that_is_none(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--only", "request-id", "--only", "auth", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["counts"]["fail"] == 0
    assert main(["--only", "conformance"]) == 2
    assert "--list" in capsys.readouterr().err
