"""What a first contact found out, as changes of our spec: what was plainly seen is done, the rest is a person's."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from astra.config import ENVIRONMENTS
from astra.drift.names import NOT_SHOWN
from astra.first_contact.judge import Verdict as Seen
from astra.first_contact.report import Report, Unknown
from astra.first_contact.routes import spellings
from scripts.import_spec.convert import VALUE, is_field_name, key_of
from scripts.import_spec.edits import AddField, AddValue, Edit, Plan, Rename, Settle
from scripts.import_spec.fields import fields
from scripts.import_spec.judge import Verdict
from scripts.import_spec.plan import is_free, why_not
from scripts.spec_document.guesses import Guess, find_guesses
from scripts.spec_document.load import Document

OBSERVED = "observed"
PAGING = ("components.parameters.PageSize", "components.parameters.Cursor", "components.schemas.Page.")
PAGER = "astra/pagination and AsyncResource._list read and send it"


def is_of_astra(report: Report) -> bool:
    """Whether a report says that it is about a server of Astra's own."""
    try:
        parts = urlsplit(report.base)
        host = (parts.scheme, (parts.hostname or "").removesuffix("."), parts.port or 443)
    except ValueError:
        return False
    return host in {("https", urlsplit(known.api).hostname, 443) for known in ENVIRONMENTS.values()}


def verdicts_of(report: Report, ours: Document) -> list[Verdict]:
    """What a first contact says of the guesses that our spec has.

    Args:
        report: of the first contact.
        ours: our spec, which may have been mended since.
    """
    told = {one.place: one for one in report.verdicts}
    never = Seen("", "open", "the first contact knew nothing of it")
    pairs = [(guess, told.get(guess.place, never)) for guess in find_guesses(ours)]
    return [Verdict(guess, one.outcome, one.detail) for guess, one in pairs]


def plan_of(report: Report, ours: Document) -> Plan:
    """Decides what a first contact changes.

    Args:
        report: of the first contact.
        ours: our spec.
    """
    plan = Plan()
    told = {one.place: one for one in report.verdicts}
    for guess in find_guesses(ours):
        if guess.place in told:
            _judged(plan, guess, told[guess.place], ours)
    for thing in report.unknown:
        if thing.kind == "field":
            _field(plan, thing, ours)
        elif thing.kind == "value":
            _value(plan, thing, ours)
        else:
            where = f"{thing.owner} ({thing.request_id or 'no request id'})"
            plan.ask(f"{where}: {thing.kind} {thing.name}: describe it; error bodies are read by astra/http/answers.py")
    return plan


def _judged(plan: Plan, guess: Guess, seen: Seen, ours: Document) -> None:
    if seen.outcome == "open":
        if seen.suspects:
            plan.ask(f"{guess.place}: {seen.detail}")
        return
    if guess.place.startswith(PAGING) and seen.outcome == "contradicted" and not seen.called:
        plan.ask(f"{guess.place}: {seen.detail}: {PAGER}")
        return
    if seen.outcome == "confirmed":
        if seen.kinds:
            plan.ask(f"{guess.place}: the name is right and the type is not: {seen.detail}")
        elif seen.called:
            plan.ask(f"{guess.place}: names differ from place to place, so split it by hand: {seen.detail}")
        else:
            plan.add(Settle(guess, seen.detail, OBSERVED))
    elif not seen.called:
        plan.ask(f"{guess.place}: not confirmed, and its name was not made out: {seen.detail}")
    else:
        refused = _why_not(guess, seen.called, ours=ours, edits=plan.edits)
        if refused:
            plan.ask(f"{guess.place}: {seen.detail}, but {refused}")
        else:
            plan.add(Rename(guess, seen.called, seen.detail, OBSERVED))


def _why_not(guess: Guess, called: str, *, ours: Document, edits: list[Edit]) -> str:
    """As `why_not`, of a report: a walk tries some spellings of a path, and can have found no other."""
    refused = why_not(guess, called, ours=ours, edits=edits)
    tried = guess.kind != "path" or called in spellings(guess.name)
    return refused or ("" if tried else "no walk tries that path")


def _has_fields(schema: dict[str, Any]) -> bool:
    return "properties" in schema or any("properties" in part for part in schema.get("allOf", ()))


def _field(plan: Plan, thing: Unknown, ours: Document) -> None:
    place = f"request id {thing.request_id or 'missing'}"
    schemas = ours["components"]["schemas"]
    if not _has_fields(schemas.get(thing.owner, {})) or not is_field_name(thing.name):
        plan.ask(f"{thing.owner or 'an answer'} has a field {thing.name} ({place}): add it by hand")
        return
    if thing.name in fields(ours, [{"$ref": f"#/components/schemas/{thing.owner}"}]):
        return
    if not is_free(thing.owner, thing.name, ours=ours, edits=plan.edits):
        plan.ask(f"{thing.owner} has a field {thing.name} ({place}), whose name clashes with another one")
        return
    plan.add(AddField(thing.owner, thing.name, _schema(thing.types), place))
    if len(thing.types) != 1:
        plan.ask(f"{thing.owner}.{thing.name} was added without a type: {_types(thing.types)} stood there")


def _schema(types: tuple[str, ...]) -> dict[str, Any]:
    if len(types) != 1:
        return {"x-evidence": OBSERVED}
    more: dict[str, Any] = {"number": {"format": "decimal"}, "array": {"items": {}}}.get(types[0], {})
    return {"type": [types[0], "null"], **more, "x-evidence": OBSERVED}


def _value(plan: Plan, thing: Unknown, ours: Document) -> None:
    place = f"request id {thing.request_id or 'missing'}"
    if thing.name == NOT_SHOWN:
        plan.ask(f"{thing.owner}: a value that is not listed, and that cannot be shown ({place})")
        return
    known = [str(value) for value in ours["components"]["schemas"].get(thing.owner, {}).get("enum", ())]
    if thing.name in known:
        return
    known += [one.value for one in plan.edits if isinstance(one, AddValue) and one.component == thing.owner]
    if not known or not VALUE.match(thing.name) or key_of(thing.name) in map(key_of, known):
        plan.ask(
            f"{thing.owner}: {thing.name!r} ({place}) is not listed and looks like a value that is: add it by hand"
        )
    else:
        plan.add(AddValue(thing.owner, thing.name, place))


def _types(types: tuple[str, ...]) -> str:
    return " or ".join(types) or "nothing but null"
