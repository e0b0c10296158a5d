"""Lays answers beside the spec: which of its fields are there, which are there under another name. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, Final, Literal

import attrs

from astra._json import is_array, is_object
from astra._spec import Field, Spec
from astra.first_contact.alike import ALIKE, SAME_WORDS, are_same, fits, kind_of, likeness, of_value, words_of

DEEPEST: Final = 8
SAME_ID: Final = 0.75
"""How sure it is that a name with the word id, whose other words no field has, is the id."""

Outcome = Literal["there", "called", "absent", "field", "value"]


@attrs.frozen
class Sight:
    """One field of the spec, as the answers of one operation show it; or something that the spec does not know.

    Attributes:
        owner: the component that declares it.
        name: of the spec.
        place: the operation, and which body of it.
        outcome: `there`, `called` something else, or `absent` from every one; of what the spec does not know, `field`
            or `value`.
        called: what it is called.
        objects: in how many objects it was looked for.
        kinds: the JSON types that stand there, where the spec says others or nothing.
        suspects: unknown names that may be it, when it is absent.
    """

    owner: str
    name: str
    place: str
    outcome: Outcome
    called: str = ""
    objects: int = 0
    kinds: tuple[str, ...] = ()
    suspects: tuple[str, ...] = ()


def look(
    spec: Spec,
    schema: Mapping[str, Any],
    values: Sequence[object],
    *,
    place: str,
    facts: Mapping[str, Collection[object]],
) -> list[Sight]:
    """Returns what values show of the fields of a schema, at any depth.

    Args:
        spec: to look things up in.
        schema: what the values should be.
        values: bodies of one operation.
        place: what to call it in a report.
        facts: see `astra.first_contact.alike.of_value`.
    """
    # The oldest documents wrap every sample in a one-element list.
    unwrapped = [
        value[0] if is_array(value) and len(value) == 1 and spec.items(schema) is None else value for value in values
    ]
    return list(_look(spec, schema, unwrapped, place=place, facts=facts, depth=0))


def _look(
    spec: Spec,
    schema: Mapping[str, Any],
    values: Sequence[object],
    *,
    place: str,
    facts: Mapping[str, Collection[object]],
    depth: int,
) -> Iterator[Sight]:
    if depth > DEEPEST:
        return
    for owner, listed in spec.enums(schema):
        for value in sorted({value for value in values if isinstance(value, str)} - listed):
            yield Sight(owner, value, place, "value")
    inner = spec.items(schema)
    items = [item for value in values if is_array(value) for item in value]
    if inner is not None and items:
        yield from _look(spec, inner, items, place=place, facts=facts, depth=depth + 1)
    objects = [value for value in values if is_object(value)]
    mine = spec.fields(schema)
    if not objects or not mine:
        return
    given: dict[str, list[Any]] = {}
    for one in objects:
        for name, item in one.items():
            given.setdefault(name, []).append(item)
    absent = {name: field for name, field in mine.items() if name not in given}
    loose = {name: items for name, items in given.items() if name not in mine}
    called = match(spec, absent, loose, facts=facts)
    for name, field in mine.items():
        theirs = called.get(name, name)
        found = given.get(theirs)
        if found is None:
            rest = {other: items for other, items in loose.items() if other not in called.values()}
            fitting = [other for other, items in rest.items() if _fits(spec, field, items)]
            suspects = tuple(sorted(fitting, key=lambda other: (-likeness(name, other), other)))
            yield Sight(field.owner, name, place, "absent", objects=len(objects), suspects=suspects)
            continue
        odd = {kind_of(item) for item in found} - {"null"} - (spec.kinds(field.schema) or {kind_of(i) for i in found})
        outcome: Outcome = "there" if theirs == name else "called"
        yield Sight(field.owner, name, place, outcome, theirs, len(objects), tuple(sorted(odd)))
        if not field.is_hidden:
            yield from _look(spec, field.schema, found, place=place, facts=facts, depth=depth + 1)
    if not spec.is_map(schema):
        owner = next(iter(mine.values())).owner if not spec.name(schema) else spec.name(schema)
        for other in sorted(loose.keys() - called.values()):
            kinds = tuple(sorted({kind_of(item) for item in loose[other]} - {"null"}))
            yield Sight(owner, other, place, "field", objects=len(objects), kinds=kinds)


def match(
    spec: Spec,
    absent: Mapping[str, Field],
    loose: Mapping[str, Sequence[object]],
    *,
    facts: Mapping[str, Collection[object]],
) -> dict[str, str]:
    """Returns their names of absent fields, the surest first; what is not sure enough is left out."""
    scores: list[tuple[float, str, str]] = []
    lists = [name for name, field in absent.items() if spec.items(field.schema) is not None]
    their_lists = [other for other, items in loose.items() if all(is_array(item) for item in items)]
    for name, field in absent.items():
        fitting = {other: items for other, items in loose.items() if _fits(spec, field, items)}
        listed = spec.values(field.schema)
        valued = {other: of_value(name, other, items, listed=listed, facts=facts) for other, items in fitting.items()}
        if sum(sure > 0 for sure in valued.values()) > 1:
            valued = {}  # two that hold the same say nothing of which is which
        similar = [other for other in fitting if are_same(name, other)]
        words = frozenset[str]().union(*(words_of(other) for other in absent if other != name))
        for other, items in fitting.items():
            same = SAME_WORDS if similar == [other] else 0.0
            if (lists, their_lists) == ([name], [other]):
                same = max(same, likeness(name, other))  # the one list of each, under a name that is alike
            sure = max(same, valued.get(other, 0.0), _inside(spec, field, items))
            if name == "id" and "id" in words_of(other) and not words_of(other) - {"id"} & words:
                sure = max(sure, SAME_ID)
            scores.append((sure, name, other))
    called: dict[str, str] = {}
    for sure, name, other in sorted(scores, reverse=True):
        if sure >= ALIKE and name not in called and other not in called.values():
            called[name] = other
    return called


def _inside(spec: Spec, field: Field, items: Sequence[object]) -> float:
    """Returns how much the fields of some objects speak for their being what the spec says of a field."""
    inside, outside = _names(spec, field.schema), {key for item in _objects(items) for key in item}
    shared = len(inside & outside)
    return 0.5 + 0.4 * shared / len(outside) + 0.1 * shared / len(inside | outside) if shared else 0.0


def _fits(spec: Spec, field: Field, items: Sequence[object]) -> bool:
    return fits(items, kinds=spec.kinds(field.schema), of_format=spec.format(field.schema))


def _names(spec: Spec, schema: Mapping[str, Any]) -> set[str]:
    inner = spec.items(schema)
    return set(spec.fields(schema)) | (set(spec.fields(inner)) if inner is not None else set())


def _objects(items: Sequence[object]) -> Iterator[dict[str, Any]]:
    for item in items:
        if is_object(item):
            yield item
        elif is_array(item):
            yield from (one for one in item if is_object(one))
