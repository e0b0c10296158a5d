"""The fields of a body, however its schema is laid out, and the pairing of our fields with theirs."""

from __future__ import annotations

import re
from difflib import SequenceMatcher
from typing import Any

import attrs

from astra.first_contact.alike import are_same
from scripts.spec_diff.shape import shape_of
from scripts.spec_document.load import Document
from scripts.spec_document.walk import resolve

ALIKE = 0.62
DEEP = 8
TELLING = 12  # letters of a description that says something
SAME_TEXT = 0.9
COMMON = {"id", "user", "type", "date", "code", "number"}  # words that say little about what a field is


@attrs.define
class Field:
    """One field, from every branch of the schema that has it."""

    name: str
    nodes: list[Any] = attrs.field(factory=list)
    description: str = ""
    required: bool = False


def fields(document: Document, schemas: list[Any]) -> dict[str, Field]:
    """The fields of an object, through references, `allOf` and every branch of `anyOf` and `oneOf`."""
    found: dict[str, Field] = {}
    waiting, depth = list(schemas), 0
    while waiting and depth < 200:
        depth += 1
        schema = resolve(document, waiting.pop(0))
        if not isinstance(schema, dict):
            continue
        for name, node in schema.get("properties", {}).items():
            field = found.setdefault(name, Field(name))
            field.nodes.append(node)
            required = schema.get("required")
            field.required = field.required or (isinstance(required, list) and name in required)
            described = resolve(document, node)
            if isinstance(described, dict):
                field.description = field.description or described.get("description", "")
        for keyword in ("allOf", "anyOf", "oneOf"):
            waiting.extend(schema.get(keyword, []))
    return found


def item_schemas(document: Document, schemas: list[Any]) -> list[Any]:
    """The schemas of the items, where a schema or a branch of it is a list."""
    found: list[Any] = []
    waiting, depth = list(schemas), 0
    while waiting and depth < 200:
        depth += 1
        schema = resolve(document, waiting.pop(0))
        if isinstance(schema, dict):
            if "items" in schema:
                found.append(schema["items"])
            for keyword in ("allOf", "anyOf", "oneOf"):
                waiting.extend(schema.get(keyword, []))
    return found


def kinds(document: Document, schemas: list[Any]) -> set[str]:
    """The JSON types that a field may have; an integer is a number here, and null does not count."""
    found: set[str] = set()
    for schema in schemas:
        shape = shape_of(document, schema)
        parts = [shape_of(document, branch) for branch in shape.branches] or [shape]
        for part in parts:
            found |= set(part.types) or ({"object"} if part.properties else set())
            if part.enum and not part.types:
                found |= {"string" if isinstance(value, str) else "number" for value in part.enum}
    return {"number" if kind == "integer" else kind for kind in found}


def values(document: Document, schemas: list[Any]) -> set[Any]:
    """The listed values of a field, over all branches."""
    found: set[Any] = set()
    for schema in schemas:
        shape = shape_of(document, schema)
        for part in [shape, *(shape_of(document, branch) for branch in shape.branches)]:
            found |= {value for value in part.enum or () if not isinstance(value, (dict, list))}
    return found


@attrs.frozen
class Pairing:
    """Our fields beside theirs, by path (`segments[].status`)."""

    theirs: dict[str, str | None]  # None: they list their fields, and this is not among them
    nodes: dict[str, list[Any]]  # their schemas, by our path
    left: dict[str, dict[str, Field]]  # their unpaired fields, by our path of the object
    required: dict[str, frozenset[str]]  # what they require, by our path of the object
    silent: set[str]  # our paths of objects whose fields they do not list
    unsure: set[str]  # our paths of what was paired by likeness alone


def pair(ours: Document, our_schema: Any, theirs: Document, their_schema: Any) -> Pairing:
    """Pairs the fields of one body with those of another: by name, and what is left by type, name and meaning."""
    pairing = Pairing({}, {}, {}, {}, set(), set())
    _pair(ours, [our_schema], theirs, [their_schema], "", "", pairing, 0)
    return pairing


def _pair(
    ours: Document,
    our_schemas: list[Any],
    theirs: Document,
    their_schemas: list[Any],
    our_path: str,
    their_path: str,
    pairing: Pairing,
    depth: int,
) -> None:
    if depth > DEEP:
        return
    our_items, their_items = item_schemas(ours, our_schemas), item_schemas(theirs, their_schemas)
    if our_items and their_items:
        _pair(ours, our_items, theirs, their_items, f"{our_path}[]", f"{their_path}[]", pairing, depth + 1)
    mine, others = fields(ours, our_schemas), fields(theirs, their_schemas)
    if not mine:
        return
    if not others:
        pairing.silent.add(our_path)
        return
    matched = {name: name for name in mine if name in others}
    loose = {name: field for name, field in others.items() if name not in matched.values()}
    for name, other in _match(ours, {n: f for n, f in mine.items() if n not in matched}, theirs, loose).items():
        matched[name] = other
        del loose[other]
    pairing.required[our_path] = frozenset(name for name, field in others.items() if field.required)
    pairing.left[our_path] = dict(sorted(loose.items()))
    for name, field in mine.items():
        here = f"{our_path}.{name}" if our_path else name
        other_name = matched.get(name)
        if other_name is None:
            pairing.theirs[here] = None
            continue
        there = f"{their_path}.{other_name}" if their_path else other_name
        if other_name != name and not is_sure(_Looks.of(ours, field), _Looks.of(theirs, others[other_name])):
            pairing.unsure.add(here)
        pairing.theirs[here] = there
        pairing.nodes[here] = others[other_name].nodes
        _pair(ours, field.nodes, theirs, others[other_name].nodes, here, there, pairing, depth + 1)


def _match(ours: Document, mine: dict[str, Field], theirs: Document, others: dict[str, Field]) -> dict[str, str]:
    """Pairs what has no namesake, the surest first."""
    left = [_Looks.of(ours, field) for field in mine.values()]
    right = [_Looks.of(theirs, field) for field in others.values()] if left else []
    scores = sorted(((likeness(one, other), one.name, other.name) for one in left for other in right), reverse=True)
    matched: dict[str, str] = {}
    for score, name, other_name in scores:
        if score >= ALIKE and name not in matched and other_name not in matched.values():
            matched[name] = other_name
    return matched


@attrs.frozen
class _Looks:
    """What of a field is compared with every field of the other side."""

    name: str
    description: str
    kinds: set[str]
    inside: set[str]

    @classmethod
    def of(cls, document: Document, field: Field) -> _Looks:
        inside = set(fields(document, [*field.nodes, *item_schemas(document, field.nodes)]))
        return cls(field.name, field.description.lower(), kinds(document, field.nodes), inside)


def likeness(mine: _Looks, other: _Looks) -> float:
    """How likely two fields of different names are the same thing, from 0 to 1.

    Types that exclude each other say no. Objects and lists are judged by their own fields, others by name and meaning,
    and by the name alone where no meaning could make them alike.
    """
    if mine.kinds and other.kinds and not mine.kinds & other.kinds:
        return 0.0
    name = name_likeness(mine.name, other.name)
    if mine.inside and other.inside:
        shared = len(mine.inside & other.inside) / min(len(mine.inside), len(other.inside))
        return max(name, 0.5 + shared / 2)
    if mine.kinds & {"array"} and other.kinds & {"array"}:
        return max(name, 0.65)
    if not mine.description or not other.description:
        return name
    matcher = SequenceMatcher(None, mine.description, other.description)
    if name * 0.6 + matcher.real_quick_ratio() * 0.6 < ALIKE:
        return name
    return max(name, min(1.0, name * 0.6 + matcher.ratio() * 0.6))


def is_sure(mine: _Looks, other: _Looks) -> bool:
    """Whether more than likeness says that two fields of different names are one: the words of their names, what they
    are said to mean, or the fields of what they hold."""
    if have_same_words(mine.name, other.name) or mean_the_same(mine.description, other.description):
        return True
    shared = mine.inside & other.inside
    return bool(shared) and len(shared) * 2 >= min(len(mine.inside), len(other.inside))


def have_same_words(mine: str, other: str) -> bool:
    """Whether two names have the same words, in whatever case and number."""
    left, right = "".join(_words(mine)), "".join(_words(other))
    return are_same(mine, other) or left == right or f"{left}s" == right or f"{right}s" == left


def mean_the_same(mine: str, other: str) -> bool:
    """Whether two descriptions say the same in nearly the same words."""
    left, right = mine.lower().strip(" ."), other.lower().strip(" .")
    return min(len(left), len(right)) >= TELLING and SequenceMatcher(None, left, right).ratio() >= SAME_TEXT


def name_likeness(mine: str, other: str) -> float:
    """How alike two names are: shared words count for more than shared letters."""
    left, right = set(_words(mine)), set(_words(other))
    shared = len(left & right) / max(1, min(len(left), len(right))) if left & right - COMMON else 0.0
    return max(SequenceMatcher(None, mine.lower(), other.lower()).ratio() * 0.9, shared * 0.85 if shared > 0.5 else 0.0)


def _words(name: str) -> list[str]:
    return re.findall(r"[a-z0-9]+", re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower())
