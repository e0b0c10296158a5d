"""Stand-ins that differ, drawn from seeds: first contact finds all that its calls can see, and nothing else.

`make stand-ins` tries twenty of them, and runs the README with the SDK as each report mends it.
"""

from __future__ import annotations

from pathlib import Path

import attrs
import pytest

from astra.first_contact.judge import Verdict
from astra.first_contact.paging import SIZE as PAGE_SIZE
from astra.first_contact.report import Report, Unknown
from scripts.stand_in import __main__ as command
from scripts.stand_in.compare import SCHEMAS, compare
from scripts.stand_in.contact import contact, our_document, try_seed
from scripts.stand_in.errors import reshaped
from scripts.stand_in.flow import mend, run_readme
from scripts.stand_in.plan import make_plan

pytestmark = pytest.mark.guesses

SEEDS = (*range(101, 106), 1)


@pytest.mark.sampled(2)
@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("payments", [True, False], ids=["with payments", "without"])
def test_every_difference_that_shows_is_found_and_no_other(seed: int, payments: bool) -> None:
    _, compared = try_seed(our_document(), seed, payments=payments)
    assert (compared.missed, compared.false) == ([], [])
    assert len(compared.named) > 12
    assert len(compared.suspected) < len(compared.named) * 2 / 3


def test_a_limit_a_refused_token_a_gateway_and_a_web_page_in_the_midst_take_nothing_from_what_is_found() -> None:
    plan = make_plan(our_document(), seed=102)
    report, shown = contact(our_document(), plan)
    assert plan.met == {"too many", "refused token", "broken gateway", "web page"}
    assert not report.ended
    compared = compare(report, plan, shown)
    assert (compared.missed, compared.false) == ([], [])
    assert len(compared.named) > 12


def test_a_sandbox_that_differs_in_nothing_confirms_and_contradicts_nothing() -> None:
    plan = make_plan(our_document(), seed=1)
    same = type(plan)(seed=1)
    report, shown = contact(our_document(), same)
    assert shown == set()
    assert [one.place for one in report.verdicts if one.outcome == "contradicted"] == []
    assert report.unknown == []
    assert sum(one.outcome == "confirmed" for one in report.verdicts) > 70


def test_what_a_report_lacks_or_makes_up_is_told() -> None:
    plan = make_plan(our_document(), seed=101)
    report, shown = contact(our_document(), plan)
    renamed = next(one for one in report.verdicts if one.outcome == "contradicted" and one.called)
    for wrong in (
        attrs.evolve(renamed, called="something_else"),
        attrs.evolve(renamed, outcome="confirmed", called=None),
        attrs.evolve(renamed, outcome="open", called=None, detail="no idea"),
    ):
        worse = attrs.evolve(report, verdicts=[wrong if one is renamed else one for one in report.verdicts])
        compared = compare(worse, plan, shown)
        assert renamed.place in compared.missed
    right = next(one for one in report.verdicts if one.outcome == "confirmed")
    lie = attrs.evolve(right, outcome="contradicted", called="made_up")
    made_up = attrs.evolve(report, verdicts=[lie if one is right else one for one in report.verdicts])
    assert compare(made_up, plan, shown).false


@pytest.mark.long
def test_stand_ins_give_back_what_was_sent_and_have_newcomers_beside_what_is_gone() -> None:
    plans = [make_plan(our_document(), seed=seed) for seed in range(1, 21)]
    assert {"validation"} < {plan.errors for plan in plans}
    assert any(plan.neighbours for plan in plans)
    body, other = reshaped(
        {"code": 400, "name": "Bad Request", "description": {"city": ["No text."], "state": ["x"]}},
        400, style="validation", called=str.upper, unknown=["STATE"], asked={"CITY": 5},
    )  # fmt: skip
    assert other
    assert body["detail"][0] == {"type": "value_error", "loc": ["body", "CITY"], "msg": "No text.", "input": 5}
    assert body["detail"][1]["msg"] == "Extra inputs are not permitted"
    assert body["detail"][1]["input"] == {"CITY": 5}


def test_a_verdict_on_pages_that_are_paged_as_the_spec_says_is_a_false_one() -> None:
    seed = next(seed for seed in range(1, 100) if make_plan(our_document(), seed=seed).paging.style == "ours")
    places = {PAGE_SIZE, "components.parameters.Cursor", f"{SCHEMAS}Page.cursor", f"{SCHEMAS}Page.more"}
    lies = [Verdict(place, "contradicted", "x") for place in sorted(places)]
    report = Report(base="http://x", verdicts=lies, unknown=[], calls=1)
    told = compare(report, make_plan(our_document(), seed=seed), set()).false
    assert {one.partition(": ")[0] for one in told} == places


def test_a_field_that_is_reported_of_another_component_is_a_false_one() -> None:
    plan = make_plan(our_document(), seed=101)
    owner, (name, _) = next(iter(plan.extras.items()))
    other = next(one for one in ("Account", "Card") if one not in plan.extras)
    report = Report(base="http://x", verdicts=[], unknown=[Unknown("field", other, name)], calls=1)
    assert compare(report, plan, set()).false == [f"field {other}: {name}"]
    right = attrs.evolve(report, unknown=[Unknown("field", owner, name)])
    assert compare(right, plan, set()).false == []


def test_the_same_seed_is_the_same_stand_in_and_another_one_is_another() -> None:
    plans = [make_plan(our_document(), seed=seed).to_dict() for seed in (1, 1, 2)]
    assert plans[0] == plans[1] != plans[2]


def test_the_command_prints_found_and_planted(capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(["--seeds", "1", "--first", "101", "--only-find"]) == 0
    *_, counted, _ = capsys.readouterr().out.splitlines()
    found, _, planted = counted.removeprefix("found/planted: ").split()[0].partition("/")
    assert found == planted
    assert "(100 %)" in counted


@pytest.mark.long
@pytest.mark.timeout(600)
def test_the_readme_runs_with_the_sdk_as_a_report_mends_it(tmp_path: Path) -> None:
    document = our_document()
    plan = next(one for seed in SEEDS if (one := make_plan(document, seed=seed)).paging.style == "names")
    report, compared = try_seed(document, plan.seed)
    assert compared.missed == []
    assert mend(report, tmp_path)
    assert run_readme(document, plan, tmp_path) == "whole 125"
