"""What a first contact found, beside what the stand-in has shown. Pure."""

from __future__ import annotations

import attrs

from astra._spec import packed_spec
from astra.first_contact.report import Report
from scripts.stand_in.plan import Plan

SCHEMAS = "components.schemas."


@attrs.frozen
class Comparison:
    """What was found of what was planted and could be seen.

    Attributes:
        planted: places of the differences that showed.
        named: of these, those that were found with their name, or that have none.
        suspected: those whose new name was reported as perhaps theirs, and left to a person, because it has other
            words and nothing that stands under it tells.
        missed: the rest.
        false: what was reported and is not so.
        hidden: what was planted where no call leads, and is not counted.
    """

    planted: list[str]
    named: list[str]
    suspected: list[str]
    missed: list[str]
    false: list[str]
    hidden: list[str]


def compare(report: Report, plan: Plan, shown: set[str]) -> Comparison:
    """Compares.

    Args:
        report: of the first contact.
        plan: what was planted.
        shown: what of it has shown.
    """
    verdicts = {one.place: one for one in report.verdicts}
    unknown = {(one.kind, one.owner, one.name) for one in report.unknown}
    named, suspected, missed = [], [], []
    names = {f"{SCHEMAS}{owner}.{name}": new for (owner, name), new in plan.names.items()}
    names |= _others(plan)
    for place in sorted(shown):
        if place == "errors":
            good = any(kind in ("error shape", "error field") for kind, _, _ in unknown)
        elif place in names:
            verdict = verdicts[place]
            good = verdict.outcome == "contradicted" and verdict.called == (names[place] or None)
            told = names[place] in verdict.suspects or names[place] in verdict.detail
            unsure = verdict.outcome != "confirmed" and verdict.called is None and told
            if not good and unsure:
                suspected.append(place)
                continue
        else:
            kind = "value" if "=" in place else "field"
            owner, _, name = place.partition("=" if kind == "value" else ".")
            good = (kind, owner, name) in unknown
        (named if good else missed).append(place)
    hidden = sorted(_planted(plan) - shown)
    return Comparison(sorted(shown), named, suspected, missed, sorted(_false(report, plan, shown, names)), hidden)


def _planted(plan: Plan) -> set[str]:
    """All places that differ, whether a call leads there or not."""
    found = {f"{SCHEMAS}{owner}.{name}" for owner, name in plan.names}
    found |= {f"{owner}.{name}" for owner, (name, _) in plan.extras.items()}
    found |= {f"{owner}.{new}" for (owner, _), new in plan.neighbours.items()}
    found |= {f"{owner}={new}" for (owner, _), new in plan.values.items()}
    return found


def _others(plan: Plan) -> dict[str, str]:
    """Their names of what is no field of an object and differs; empty where there is none to be found."""
    paging = plan.paging
    pages = {
        "components.parameters.PageSize": ("page_size", "" if paging.size == "chunk" else paging.size),
        "components.parameters.Cursor": ("cursor", paging.cursor),
        f"{SCHEMAS}Page.cursor": ("cursor", paging.answered_cursor),
        f"{SCHEMAS}Page.more": ("more", paging.answered_more),
    }
    found = {place: theirs for place, (mine, theirs) in pages.items() if theirs != mine}
    banks = "paths./v1/instant_payment_eligibility.get.parameters."
    found |= {f"{banks}{old}": "" for old in plan.parameters}
    for old, new in plan.paths.items():
        found |= {f"paths.{old}.{method}": new for method in ("get", "post", "patch", "put", "delete")}
    return found


def _false(report: Report, plan: Plan, shown: set[str], names: dict[str, str]) -> set[str]:
    found: set[str] = set()
    for one in report.verdicts:
        if one.outcome == "contradicted" and one.place not in {*shown, *names}:
            found.add(f"{one.place}: {one.detail}")
        elif one.outcome == "contradicted" and one.called and one.called != names.get(one.place, ""):
            found.add(f"{one.place}: {one.detail}, and not {names.get(one.place)!r}")
        elif one.outcome == "confirmed" and one.place in shown:
            found.add(f"{one.place}: {one.detail}, and it is not so")
    planted = {
        (owner, new) for (owner, _), new in (*plan.names.items(), *plan.values.items(), *plan.neighbours.items())
    }
    planted |= {(owner, name) for owner, (name, _) in plan.extras.items()}
    planted |= {("Page", plan.paging.answered_cursor), ("Page", plan.paging.answered_more)}
    for thing in report.unknown:
        if thing.kind in ("field", "value"):
            parts = packed_spec().parts({"$ref": f"#/components/schemas/{thing.owner}"})
            is_false = not any((owner, thing.name) in planted for owner, _ in parts)
        elif thing.name == "not JSON":
            is_false = "web page" not in plan.met
        else:
            is_false = plan.errors == "ours"
        if is_false:
            found.add(f"{thing.kind} {thing.owner}: {thing.name}")
    return found
