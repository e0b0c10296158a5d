"""Is all well after `reconcile`?"""

from __future__ import annotations

from datetime import timedelta

import pytest

from astra.cli.payments.verdict import Run, Verdict, judge
from astra.payments.report import ReconcileReport
from astra.testing.idempotency_contract import NOW

OLD = Run(oldest=NOW - timedelta(days=30))


def verdict(report: ReconcileReport | None = None, run: Run = OLD, *, may_be_empty: bool = False) -> Verdict:
    return judge(report or ReconcileReport(), run, now=NOW, may_be_empty=may_be_empty)


@pytest.mark.parametrize("report", [ReconcileReport(), ReconcileReport(made=3)])
def test_nothing_unknown_needs_nobody(report: ReconcileReport) -> None:
    assert verdict(report) == Verdict()
    assert verdict(report).exit_code == 0
    for positional in (Run, Verdict):
        with pytest.raises(TypeError):
            positional(())  # type: ignore[call-arg]


@pytest.mark.parametrize(
    ("name", "told"),
    [
        (
            "not_found",
            "2 payment(s) were looked for in full and are not there, which is no proof that they will never be",
        ),
        ("ambiguous", "2 payment(s) may be one of several things, or none: a person decides"),
        ("failed", "2 payment(s) could not be looked for: the next run tries again"),
        ("in_progress", "2 payment(s) are being sent just now: the next run sees what became of them"),
    ],
)
def test_what_is_unknown_is_a_problem(name: str, told: str) -> None:
    found = verdict(ReconcileReport(**{name: 2}))  # type: ignore[arg-type]
    assert (found.problems, found.warnings, found.exit_code) == ((told,), (), 1)


def test_it_says_the_same_as_the_report() -> None:
    for name in ("made", "not_found", "ambiguous", "failed", "in_progress"):
        report = ReconcileReport(**{name: 1})  # type: ignore[arg-type]
        assert verdict(report).exit_code == report.exit_code


def test_a_store_without_payments_is_no_success() -> None:
    found = verdict(run=Run(of_others="looked at X"))
    assert found.exit_code == 1
    assert found.problems == (
        "the store has no payments of this client: looked at X. If you paid before, this is not the store of your "
        "programs, or it was lost: then every key pays once more. In a new installation pass --may-be-empty until the "
        "first payment.",
    )


def test_a_new_installation_may_say_that_nothing_was_paid_yet() -> None:
    found = verdict(run=Run(of_others="looked at X"), may_be_empty=True)
    assert (found.exit_code, found.warnings) == (0, ("the store has no payments of this client: looked at X",))


def test_a_store_that_is_new_is_told() -> None:
    found = verdict(run=Run(oldest=NOW - timedelta(hours=23)))
    assert found.exit_code == 0
    assert found.warnings == (
        "the first payment in this store is of 2026-11-25 13:30:15 UTC. If you paid before that and did not prune, the "
        "former store was lost, and its keys pay once more.",
    )
    assert verdict(run=Run(oldest=NOW - timedelta(days=1))).warnings == ()


def test_what_was_left_out_is_told() -> None:
    found = verdict(run=Run(oldest=OLD.oldest, left_out=2))
    assert found.exit_code == 0
    assert found.warnings == ("2 payment(s) of unknown outcome were left out because they were just sent",)
