"""One change between two specs, and the collection of them."""

from __future__ import annotations

from typing import Any

import attrs

from scripts.spec_diff.rules import EXISTENCE_RULES, SCHEMA_RULES, Direction, Rule, Severity, on_the_wire


@attrs.frozen
class Where:
    """Where in an operation the comparison stands.

    `subject` is the component or the place in the operation, `path` the way on from there: `Routine` and `source.id`.
    """

    operation: str
    direction: Direction
    subject: str
    path: str = ""
    component: str | None = None
    kind: str = "property"  # property | body | parameter
    failure: bool = False  # the answer is an error

    def at(self, step: str) -> Where:
        """One step down: a property's name, or `[]`."""
        glue = "" if step == "[]" or not self.path else "."
        return attrs.evolve(self, path=f"{self.path}{glue}{step}", kind="property")

    def enter(self, component: str) -> Where:
        """Start anew in a component, so that its change is one change however many operations use it."""
        return attrs.evolve(self, subject=component, component=component, path="")

    @property
    def label(self) -> str:
        """As printed."""
        return f"{self.subject}.{self.path}" if self.path else self.subject


@attrs.define
class Change:
    """One change, with every operation that it reaches."""

    rule: str
    direction: Direction
    severity: Severity
    wire: Severity
    place: str
    text: str
    before: Any
    after: Any
    component: str | None
    property: str
    why: str
    hint: str = ""
    failure: bool = False  # it shows in error answers
    unsaid: bool = False  # the new document lists nothing at this place, which need not mean that nothing is there
    operations: list[str] = attrs.field(factory=list)


class Changes:
    """Collects changes; the same change seen from several operations is kept once."""

    def __init__(self) -> None:
        self._found: dict[tuple[str, str, str, str], Change] = {}

    def add(
        self,
        rule: str,
        where: Where,
        *,
        before: Any = None,
        after: Any = None,
        kind: str | None = None,
        silent: bool = False,
        unfelt: bool = False,
        unsaid: bool = False,
    ) -> Change:
        """Adds a change.

        Args:
            rule: its id, such as `response-property-became-nullable`.
            where: where it was met.
            before: the old value, if there is one to show.
            after: the new one.
            kind: the entry of `SCHEMA_RULES` that the id is made from; None if the id is an entry itself.
            silent: the property never travels in this direction.
            unfelt: the generated code does not change by it.
            unsaid: the new document lists nothing at all at this place.
        """
        table: Rule = EXISTENCE_RULES[rule] if kind is None else SCHEMA_RULES[kind]
        wire = on_the_wire(table, where.direction, silent=silent)
        python = Severity.INFO if unfelt else table.python
        severity = max(wire, python)
        key = (rule, where.direction, where.label, repr((before, after)))
        change = self._found.get(key)
        if change is None:
            change = Change(
                rule=rule,
                direction=where.direction,
                severity=severity,
                wire=wire,
                place=where.label,
                text=table.text,
                before=before,
                after=after,
                component=where.component,
                property=where.path,
                why=table.python_why if python > wire else "",
                unsaid=unsaid,
            )
            self._found[key] = change
        change.failure = change.failure or where.failure
        if where.operation and where.operation not in change.operations:
            change.operations.append(where.operation)
        return change

    def sorted(self) -> list[Change]:
        """The worst first, then by place."""
        return sorted(self._found.values(), key=lambda change: (-change.severity, change.place, change.rule))
