"""Compare two schemas, one direction at a time."""

from __future__ import annotations

from typing import Any

import attrs

from scripts.spec_diff.change import Changes, Where
from scripts.spec_diff.shape import BOUNDS, UPPER_BOUNDS, Shape, component_of, is_null, same, shape_of
from scripts.spec_document.load import Document

TYPED_FORMATS = {"decimal", "date", "date-time", "binary"}


class SchemaComparison:
    """Compares schemas of two documents and notes what it finds."""

    def __init__(self, old: Document, new: Document, changes: Changes) -> None:
        self._old, self._new, self._changes = old, new, changes
        self._open: set[tuple[str, str, str, str]] = set()

    def compare(self, old: Any, new: Any, where: Where, *, silent: bool = False) -> None:
        """Compares two schemas, and everything below them, noting each change at `where`."""
        before, after = shape_of(self._old, old), shape_of(self._new, new)
        if self._compare_union(old, before, new, after, where, silent):
            return
        old_name, new_name = component_of(old), component_of(new)
        if old_name or new_name:
            key = (old_name or "", new_name or "", where.direction, where.operation)
            if key in self._open:
                return
            self._open.add(key)
        inside = where
        if (old_name or new_name) and (before.properties or after.properties or before.enum or after.enum):
            inside = where.enter(old_name or new_name or "")
        silent = silent or (
            (before.read_only or after.read_only)
            if where.direction == "request"
            else (before.write_only or after.write_only)
        )
        # Whether a field may be null is a fact of the field; what its schema allows is a fact of the component.
        self._compare_field(before, after, where, silent)
        self._compare_values(before, after, inside, silent)
        self._compare_limits(before, after, inside, silent)
        self._compare_properties(before, after, inside)
        self._compare_parts(before, after, inside, silent)

    def _note(
        self, kind: str, where: Where, before: Any, after: Any, silent: bool, *, name: str = "", unfelt: bool = False
    ) -> None:
        prefix = {"parameter": "request-parameter"}.get(where.kind, f"{where.direction}-{where.kind}")
        self._changes.add(
            f"{prefix}-{name or kind}", where, before=before, after=after, kind=kind, silent=silent, unfelt=unfelt
        )

    def _compare_field(self, before: Shape, after: Shape, where: Where, silent: bool) -> None:
        if before.nullable != after.nullable:
            kind = "became-nullable" if after.nullable else "became-not-nullable"
            self._note(kind, where, before.nullable, after.nullable, silent)
        if before.deprecated != after.deprecated:
            kind = "deprecated" if after.deprecated else "reactivated"
            self._note(kind, where, None, None, silent)
        if before.secret != after.secret:
            self._note("secret-changed", where, before.secret, after.secret, silent)
        if before.default != after.default:
            self._note("default-value-changed", where, before.default, after.default, silent)
        if before.types != after.types:
            self._note(
                _type_change(before.types, after.types), where, _listed(before.types), _listed(after.types), silent
            )
        elif before.format != after.format:
            unfelt = not TYPED_FORMATS & {before.format, after.format}
            self._note("format-changed", where, before.format, after.format, silent, unfelt=unfelt)

    def _compare_values(self, before: Shape, after: Shape, where: Where, silent: bool) -> None:
        if before.enum is None and after.enum is None:
            return
        if before.enum is None or after.enum is None:
            kind = "became-enum" if before.enum is None else "became-not-enum"
            self._note(kind, where, _listed(before.enum), _listed(after.enum), silent)
            return
        for value in before.enum:
            if value not in after.enum:
                self._note("enum-value-removed", where, value, None, silent)
        for value in after.enum:
            if value not in before.enum:
                self._note("enum-value-added", where, None, value, silent)

    def _compare_limits(self, before: Shape, after: Shape, where: Where, silent: bool) -> None:
        if before.pattern != after.pattern:
            kind = "changed" if before.pattern and after.pattern else "added" if after.pattern else "removed"
            self._note(f"pattern-{kind}", where, before.pattern, after.pattern, silent)
        if before.unique_items != after.unique_items:
            kind = "unique-items-added" if after.unique_items else "unique-items-removed"
            self._note(kind, where, None, None, silent)
        for key, word in BOUNDS.items():
            old, new = before.bounds.get(key), after.bounds.get(key)
            if old == new:
                continue
            if old is None or new is None:
                kind = "set" if old is None else "unset"
                self._note(kind, where, old, new, silent, name=f"{word}-{kind}")
                continue
            tightened = new < old if key in UPPER_BOUNDS else new > old
            verb = "decreased" if new < old else "increased"
            self._note("tightened" if tightened else "loosened", where, old, new, silent, name=f"{word}-{verb}")
        old_open, new_open = before.additional is not False, after.additional is not False
        if old_open != new_open:
            kind = "additional-properties-added" if new_open else "additional-properties-removed"
            self._note(kind, where, None, None, silent)

    def _compare_properties(self, before: Shape, after: Shape, where: Where) -> None:
        removed = [name for name in before.properties if name not in after.properties]
        added = [name for name in after.properties if name not in before.properties]
        renamed = self._renames(before, after, removed, added)
        for name in removed:
            rule = "request-property-removed"
            if where.direction == "response":
                rule = f"response-{'required' if name in before.required else 'optional'}-property-removed"
            change = self._changes.add(rule, where.at(name), unsaid=not after.properties)
            change.hint = f"perhaps renamed to `{renamed[name]}`" if name in renamed else change.hint
        back = {new: old for old, new in renamed.items()}
        for name in added:
            required = name in after.required
            rule = f"new-{'required' if required else 'optional'}-request-property"
            if where.direction == "response":
                rule = f"response-{'required' if required else 'optional'}-property-added"
            change = self._changes.add(rule, where.at(name))
            change.hint = f"perhaps the new name of `{back[name]}`" if name in back else change.hint
        for name, old in before.properties.items():
            if name not in after.properties:
                continue
            place = where.at(name)
            if (name in before.required) != (name in after.required):
                kind = "became-required" if name in after.required else "became-optional"
                self._note(kind, place, None, None, silent=False)
            self.compare(old, after.properties[name], place)

    def _renames(self, before: Shape, after: Shape, removed: list[str], added: list[str]) -> dict[str, str]:
        """Pairs a field that went with one that came where their schemas are the same and no other pair fits."""
        fits = {
            old: [new for new in added if same(self._old, before.properties[old], self._new, after.properties[new])]
            for old in removed
        }
        taken = [new for candidates in fits.values() for new in candidates]
        return {old: new[0] for old, new in fits.items() if len(new) == 1 and taken.count(new[0]) == 1}

    def _compare_parts(self, before: Shape, after: Shape, where: Where, silent: bool) -> None:
        if before.items is not None and after.items is not None:
            self.compare(before.items, after.items, where.at("[]"), silent=silent)
        if isinstance(before.additional, dict) and isinstance(after.additional, dict):
            self.compare(before.additional, after.additional, where.at("*"), silent=silent)

    def _compare_union(self, old: Any, before: Shape, new: Any, after: Shape, where: Where, silent: bool) -> bool:
        """Compares alternative by alternative where a side has some; the other side may be a single schema.

        Answers False when there is nothing to pair: neither is a union, or a plain value became another.
        """
        if not before.branches and not after.branches:
            return False
        olds, news = list(before.branches or (old,)), list(after.branches or (new,))
        pairs = self._twins(olds, news)
        if not pairs and not (before.branches and after.branches) and not (before.properties or after.properties):
            return False
        for keyword in ("nullable", "deprecated", "secret"):
            if getattr(before, keyword) != getattr(after, keyword):
                empty = Shape(), attrs.evolve(Shape(), **{keyword: True})
                self._compare_field(*(empty if getattr(after, keyword) else empty[::-1]), where, silent)
        for one, other in pairs:
            # What the single side says of null and the like is said of the union on the other side.
            self.compare(_bare(one), _bare(other), where, silent=silent)
        for one in olds:
            if not any(one is paired for paired, _ in pairs):
                self._note("any-of-removed", where, _branch(one), None, silent)
        for other in news:
            if not any(other is paired for _, paired in pairs):
                self._note("any-of-added", where, None, _branch(other), silent)
        return True

    def _twins(self, olds: list[Any], news: list[Any]) -> list[tuple[Any, Any]]:
        """Pairs alternatives: by name, then by what they accept, then by most of their fields or by type."""
        pairs: list[tuple[Any, Any]] = []
        for alike in (_names_the_same, self._same, self._similar):
            for old in olds:
                for new in news:
                    free = not any(old is one or new is other for one, other in pairs)
                    if free and alike(old, new):
                        pairs.append((old, new))
        return pairs

    def _same(self, old: Any, new: Any) -> bool:
        return same(self._old, _bare(old), self._new, _bare(new))

    def _similar(self, old: Any, new: Any) -> bool:
        before, after = shape_of(self._old, old), shape_of(self._new, new)
        fields, others = set(before.properties), set(after.properties)
        if fields or others:
            return len(fields & others) * 2 >= max(1, min(len(fields), len(others)))
        return before.types == after.types and before.format == after.format


def _names_the_same(old: Any, new: Any) -> bool:
    return component_of(old) is not None and component_of(old) == component_of(new)


def _bare(node: Any) -> Any:
    """A schema without its alternative null."""
    for keyword in ("anyOf", "oneOf"):
        parts = [part for part in node.get(keyword, []) if not is_null(part)] if isinstance(node, dict) else []
        if len(parts) == 1:
            return parts[0]
    if isinstance(node, dict) and isinstance(node.get("type"), list):
        return {**node, "type": [kind for kind in node["type"] if kind != "null"], "nullable": False}
    return {**node, "nullable": False} if isinstance(node, dict) and node.get("nullable") else node


def _branch(node: Any) -> str:
    return component_of(node) or str(node.get("format") or node.get("type") or "inline schema")


def _listed(values: Any) -> str | None:
    return None if values is None else ", ".join(sorted(str(value) for value in values)) or "any"


def _type_change(before: frozenset[str], after: frozenset[str]) -> str:
    """Whether the new types hold the old ones, are held by them, or neither. A number holds every integer."""

    def holds(outer: frozenset[str], inner: frozenset[str]) -> bool:
        return not outer or (bool(inner) and (inner - ({"integer"} if "number" in outer else set())) <= outer)

    if holds(after, before):
        return "type-generalized"
    return "type-specialized" if holds(before, after) else "type-changed"
