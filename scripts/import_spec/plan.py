"""Decide what an import changes in our spec: what is plain is done, what needs judgement is left to a person."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from scripts.import_spec.convert import PATH, VALUE, is_field_name, is_union, key_of, our_schema
from scripts.import_spec.edits import AddField, AddStatus, AddValue, Edit, Plan, Rename, Settle
from scripts.import_spec.fields import Field, fields, kinds, values
from scripts.import_spec.judge import Body, Judge, Verdict, response_schemas
from scripts.spec_diff.compare import normal_path, path_parameters
from scripts.spec_diff.shape import component_of, shape_of
from scripts.spec_document.guesses import Guess, properties
from scripts.spec_document.load import Document
from scripts.spec_document.walk import METHODS, Operation, operations, resolve

RENAMED = ("property", "parameter", "path")
"""The kinds of guesses whose name travels. That of a component is ours."""


def make_plan(judge: Judge, verdicts: list[Verdict]) -> Plan:
    """Decides.

    Args:
        judge: both documents, paired.
        verdicts: what it found out about the guesses.
    """
    return _Planning(judge, verdicts).plan()


def lineage(document: Document, schema: Any) -> list[str]:
    """The component that a schema is, and those that it extends by `allOf`."""
    name = component_of(schema)
    found = [name] if name else []
    node = resolve(document, schema)
    for part in node.get("allOf", []) if isinstance(node, dict) else []:
        found += [other for other in lineage(document, part) if other not in found]
    for keyword in ("anyOf", "oneOf"):
        parts = node.get(keyword, []) if isinstance(node, dict) else []
        found += [other for part in parts for other in lineage(document, part) if other not in found]
    return found


def why_not(guess: Guess, new: str, *, ours: Document, edits: list[Edit]) -> str:
    """Why a guess cannot simply be renamed; empty if it can.

    Args:
        guess: of our spec.
        new: its name.
        ours: our spec.
        edits: what will be changed beside it.
    """
    if guess.kind not in RENAMED:
        return f"a {guess.kind} has no name that travels"
    if guess.kind == "path":
        if not PATH.match(new):
            return "that is no path"
        item = ours["paths"][guess.name]
        if sum(method in item for method in METHODS) > 1:
            return "other operations share the path"
        if len(path_parameters(new)) != len(path_parameters(guess.name)):
            return "it has other parameters"
        taken = {normal_path(path) for path in ours["paths"]}
        return "the path is taken" if normal_path(new) in taken else ""
    if not is_field_name(new):
        return "that is no name for Python, or one that every model has"
    if guess.kind == "parameter":
        own = [p["name"] for one in operations(ours) if one.id in guess.operations for p in one.parameters]
        return "there is one of that name already" if new in own else ""
    related = [name for name in ours["components"]["schemas"] if guess.owner in lineage(ours, _reference(name))]
    known = {field for name in related for field in fields(ours, [_reference(name)])}
    taken_by = [e.guess.name for e in edits if isinstance(e, Rename) and (e.guess.owner, e.new) == (guess.owner, new)]
    return f"there is one of that name already{''.join(taken_by)}" if new in known or taken_by else ""


def is_free(owner: str, name: str, *, ours: Document, edits: list[Edit]) -> bool:
    """Whether a component can get a field of a name, beside what it has and what it gets.

    Args:
        owner: the component.
        name: of the new field.
        ours: our spec.
        edits: what will be changed beside it.
    """
    known = [*fields(ours, [_reference(owner)])]
    known += [edit.name for edit in edits if isinstance(edit, AddField) and edit.component == owner]
    known += [edit.new for edit in edits if isinstance(edit, Rename) and edit.guess.owner == owner]
    return is_field_name(name) and key_of(name) not in map(key_of, known)


class _Planning:
    def __init__(self, judge: Judge, verdicts: list[Verdict]) -> None:
        self._judge, self._verdicts = judge, verdicts
        self._ours, self._theirs = judge.ours, judge.theirs
        self._schemas = self._ours["components"]["schemas"]
        self._plan = Plan()
        # An answer that is another one altogether: its fields are not ours to take.
        self._foreign = {
            operation
            for verdict in verdicts
            if verdict.guess.kind == "response" and verdict.outcome == "contradicted"
            for operation in verdict.guess.operations
        }
        self._guessed = {(v.guess.owner, v.guess.name): v for v in verdicts if v.guess.kind == "property"}

    def plan(self) -> Plan:
        for verdict in self._verdicts:
            self._verdict(verdict)
        for body in self._judge.bodies:
            if body.pairing is not None:
                self._names_and_types(body)
                if body.side == "request" or body.operation not in self._foreign:
                    self._fields(body)
                    self._values(body)
        for operation in operations(self._ours):
            twin = self._judge.twins.get(operation.id)
            if twin is not None:
                self._statuses(operation, twin)
                self._parameters(operation, twin)
        return self._plan

    # Guesses.

    def _verdict(self, verdict: Verdict) -> None:
        guess, seen = verdict.guess, [one for one in verdict.sightings if one.outcome != "open"]
        if not seen:
            return
        names = sorted({one.called for one in seen if one.called})
        confirmed = any(one.outcome == "confirmed" for one in seen)
        if len(names) + confirmed > 1:
            self._plan.ask(f"{guess.place}: names differ from place to place, so split it by hand: {verdict.detail}")
        elif confirmed and any(one.mistyped for one in seen):
            self._plan.ask(f"{guess.place}: the name is right and the type is not: {verdict.detail}")
        elif confirmed:
            self._plan.add(Settle(guess, verdict.detail))
        elif not names:
            self._plan.ask(f"{guess.place}: not confirmed, and its name was not made out: {verdict.detail}")
        else:
            refused = why_not(guess, names[0], ours=self._ours, edits=self._plan.edits)
            if refused:
                self._plan.ask(f"{guess.place}: {verdict.detail}, but {refused}")
            else:
                self._plan.add(Rename(guess, names[0], verdict.detail))

    # What is no guess.

    def _objects(self, body: Body) -> Iterator[tuple[str, str, str]]:
        """Every field of ours that has been looked for: its path, the component that declares it, its name."""
        assert body.pairing is not None
        for path in body.pairing.theirs:
            parent, name = _split(path)
            for owner in self._lineage_at(body, parent):
                if name in dict(properties(self._schemas[owner])):
                    yield path, owner, name
                    break

    def _lineage_at(self, body: Body, path: str) -> list[str]:
        found: list[str] = []
        for node in self._judge.nodes_at(body.schema, path):
            found += [name for name in lineage(self._ours, node) if name not in found]
        return found

    def _names_and_types(self, body: Body) -> None:
        assert body.pairing is not None
        place = f"{body.operation} {body.side}"
        for path, owner, name in self._objects(body):
            called = body.pairing.theirs[path]
            is_guess = (owner, name) in self._guessed
            if called is None:
                listed = self._plan.not_listed.setdefault(owner, [])
                if not is_guess and name not in listed:
                    listed.append(name)
                continue
            last = _split(called)[1]
            if last != name and not is_guess:
                self._plan.ask(f"{owner}.{name} is no guess, but {place} seems to call it {last}")
            node = dict(properties(self._schemas[owner]))[name]
            mine, others = kinds(self._ours, [node]), kinds(self._theirs, body.pairing.nodes[path])
            if mine and others and not mine & others:
                self._plan.ask(f"{owner}.{name}: {_listed(mine)} with us, {_listed(others)} in {place}")
            self._required(body, path, owner, name, last)

    def _required(self, body: Body, path: str, owner: str, name: str, called: str) -> None:
        """A request without a field that they require would be refused."""
        if body.side != "request" or body.pairing is None:
            return
        needed = body.pairing.required.get(_split(path)[0], frozenset())
        mine = {field for node in self._judge.nodes_at(body.schema, _split(path)[0])
                for field in shape_of(self._ours, node).required}  # fmt: skip
        if called in needed and name not in mine:
            self._plan.ask(
                f"{owner}.{called} is required by {body.operation}: add it to `required`, example and method"
            )

    def _fields(self, body: Body) -> None:
        assert body.pairing is not None
        renamed = {(e.guess.owner, e.new) for e in self._plan.edits if isinstance(e, Rename)}
        for path, left in body.pairing.left.items():
            owners = self._lineage_at(body, path)
            if not owners:
                continue
            place = f"{body.operation} {body.side}"
            for name, field in left.items():
                if any((owner, name) in renamed for owner in owners):
                    continue
                if not self._already(owners, name):
                    self._field(owners[0], name, field, place, answer=body.side == "response")

    def _already(self, owners: list[str], name: str) -> bool:
        added = {(edit.component, edit.name) for edit in self._plan.edits if isinstance(edit, AddField)}
        known = fields(self._ours, [_reference(owners[0])])
        return name in known or any((owner, name) in added for owner in owners)

    def _field(self, owner: str, name: str, field: Field, place: str, *, answer: bool) -> None:
        if not is_free(owner, name, ours=self._ours, edits=self._plan.edits):
            self._plan.ask(f"{owner} lacks {name!r} of {place}, whose name clashes or cannot be one in Python")
            return
        self._plan.add(AddField(owner, name, our_schema(self._theirs, field.nodes[0], answer=answer), place))
        if is_union(self._theirs, field.nodes[0]):
            self._plan.ask(f"{owner}.{name} was added without a type: it has alternatives in {place}")
        if field.required and not answer:
            self._plan.ask(f"{owner}.{name} is required by {place}: add it to `required`, example and method")

    def _values(self, body: Body) -> None:
        assert body.pairing is not None
        place = f"{body.operation} {body.side}"
        for path, nodes in body.pairing.nodes.items():
            owner = self._judge.component_at(body.schema, path)
            if owner is None or "enum" not in self._schemas.get(owner, {}):
                continue
            known = [*self._schemas[owner]["enum"]]
            listed = sorted(map(str, values(self._theirs, nodes)))
            extra = [value for value in listed if value not in known]
            if extra and len(extra) == len(listed):
                self._plan.ask(
                    f"{owner}: {place} lists other values altogether, so it is another enum: {_listed(extra)}"
                )
                continue
            known += [e.value for e in self._plan.edits if isinstance(e, AddValue) and e.component == owner]
            for value in extra:
                if value in known:
                    continue
                if not VALUE.match(value) or key_of(value) in map(key_of, known):
                    self._plan.ask(f"{owner}: {place} lists {value!r}, which looks like a value that is there")
                    continue
                known.append(value)
                self._plan.add(AddValue(owner, value, place))

    def _statuses(self, operation: Operation, twin: Operation) -> None:
        mine = {str(status) for status in operation.node.get("responses", {})}
        for status, response in twin.node.get("responses", {}).items():
            status = str(status)
            if status in mine or not re.fullmatch(r"[2-5]\d\d", status):
                continue
            answer = self._answer(operation, twin, status, resolve(self._theirs, response))
            if answer is None:
                self._plan.ask(f"{operation.id}: its answer {status} has a body of another form; describe it by hand")
            else:
                edit = AddStatus(operation.id, operation.path, operation.method, status, answer, twin.label)
                self._plan.add(edit)

    def _answer(self, operation: Operation, twin: Operation, status: str, response: Any) -> str | None:
        """Which of our answers has the body of theirs: one of the operation's own, or the usual error."""
        media = next(iter((response.get("content") or {}).values()), {})
        given = set(fields(self._theirs, [media.get("schema")]))
        responses = operation.node.get("responses", {})
        if status.startswith("2"):
            if not given:
                return "Done"
            own = next((key for key in responses if key.startswith("2") and "$ref" in responses[key]), None)
            mine, _ = response_schemas(self._ours, operation, self._theirs, twin)
            expected = set(fields(self._ours, [mine])) if mine is not None else set()
            return (
                responses[own]["$ref"].rsplit("/", 1)[-1] if own and len(expected & given) * 2 >= len(given) else None
            )
        usual = set(fields(self._ours, [_reference("GenericError")]))
        if given and len(usual & given) * 2 < len(given):
            return None
        shared = {key: node["$ref"].rsplit("/", 1)[-1] for op in operations(self._ours)
                  for key, node in op.node.get("responses", {}).items() if "$ref" in node}  # fmt: skip
        return shared.get(status, f"Status{status}")

    def _parameters(self, operation: Operation, twin: Operation) -> None:
        renamed = {edit.new for edit in self._plan.edits if isinstance(edit, Rename) and edit.guess.kind == "parameter"}
        known = {parameter["name"].lower() for parameter in operation.parameters}
        for parameter in twin.parameters:
            name, place = parameter["name"], parameter["in"]
            if place == "path" or name.lower() in known or name in renamed or name.lower() == "authorization":
                continue
            needed = ", and requires it" if parameter.get("required") else ""
            self._plan.ask(f"{operation.id} takes {name!r} in the {place}, too{needed}: add it by hand")


def renames_of(edits: list[Edit]) -> dict[tuple[str, str], str]:
    """New names of fields, by component and old name."""
    return {(e.guess.owner, e.guess.name): e.new for e in edits if isinstance(e, Rename) and e.guess.kind == "property"}


def _reference(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}


def _split(path: str) -> tuple[str, str]:
    parent, _, name = path.rpartition(".")
    return parent, name


def _listed(values: Any) -> str:
    return ", ".join(sorted(map(str, values)))
