"""What the SDK calls a field or a parameter beside what Astra calls it: `x-sdk-name`. See docs/api-changed.md.

The generator is given a document with our names, and a sentence in each schema and operation that says how they travel.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator
from typing import Any

from scripts.spec_document.load import Document
from scripts.spec_document.walk import METHODS, resolve

MARK = "x-sdk-name"
TRAVELS = "Names that travel: "


NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")


class NamesakeError(Exception):
    """Two things of one object would have one name, or a name cannot be one."""


def in_our_names(document: Document) -> Document:
    """A copy with the names of the SDK.

    Args:
        document: a spec.

    Raises:
        NamesakeError: two fields of a schema would have one name, or one has none that Python takes.
    """
    prepared = copy.deepcopy(document)
    schemas = document.get("components", {}).get("schemas", {})
    for name in schemas:
        renamed = {field: node[MARK] for field, node in _fields(document, schemas[name]) if MARK in node}
        if not renamed:
            continue
        names = {renamed.get(field, field) for field, _ in _fields(document, schemas[name])}
        if len(names) < len({field for field, _ in _fields(document, schemas[name])}):
            raise NamesakeError(f"{name}: two fields have one name by {MARK}: {', '.join(sorted(renamed.values()))}")
        target = prepared["components"]["schemas"][name]
        for part in _inline(target):
            if "properties" in part:
                part["properties"] = {renamed.get(field, field): node for field, node in part["properties"].items()}
            if "required" in part:
                part["required"] = [renamed.get(field, field) for field in part["required"]]
        _say(target, renamed)
    for item in prepared.get("paths", {}).values():
        for method in METHODS:
            if method in item:
                _parameters(prepared, item[method])
    return prepared


def travels(document: Document) -> dict[str, tuple[str, ...]]:
    """By name of a field or a parameter here, the others that it travels under."""
    found: dict[str, set[str]] = {}

    def collect(node: Any, name: str) -> None:
        if isinstance(node, dict):
            if MARK in node:
                found.setdefault(node[MARK], set()).add(node["name"] if "in" in node else name)
            for key, value in node.items():
                collect(value, key)
        for item in node if isinstance(node, list) else ():
            collect(item, "")

    collect(document, "")
    return {ours: tuple(sorted(found[ours])) for ours in sorted(found)}


def _fields(document: Document, schema: Any) -> Iterator[tuple[str, Any]]:
    """Every field of a schema, and of what it extends."""
    schema = resolve(document, schema)
    for name, node in schema.get("properties", {}).items():
        yield name, node if isinstance(node, dict) else {}
    for part in schema.get("allOf", []):
        yield from _fields(document, part)


def _inline(schema: Any) -> Iterator[Any]:
    """A schema and the parts of it that are no components of their own."""
    yield schema
    for part in schema.get("allOf", []):
        if "$ref" not in part:
            yield from _inline(part)


def _parameters(prepared: Document, operation: Any) -> None:
    renamed: dict[str, str] = {}
    parameters = [copy.deepcopy(resolve(prepared, one)) for one in operation.get("parameters", [])]
    for parameter in parameters:
        if parameter.get("in") == "query" and MARK in parameter:
            renamed[parameter["name"]] = parameter["name"] = parameter[MARK]
    if renamed:
        operation["parameters"] = parameters
        _say(operation, renamed)


def _say(node: Any, renamed: dict[str, str]) -> None:
    odd = [name for pair in renamed.items() for name in pair if not NAME.fullmatch(name)]
    if odd or not all(map(str.isidentifier, renamed.values())):
        raise NamesakeError(f"{MARK} gives a name that cannot be one: {', '.join(odd or renamed.values())}")
    told = ", ".join(f"{ours} as {theirs}" for theirs, ours in sorted(renamed.items()))
    node["description"] = f"{node.get('description', '')} {TRAVELS}{told}.".strip()
