"""Their schemas in our manner: without titles, examples, references into their components or extensions."""

from __future__ import annotations

import re
from typing import Any

from astra_api.base import Model

from scripts.spec_diff.shape import Shape, shape_of
from scripts.spec_document.load import Document

DEEP = 5
MOST_FIELDS = 100
"""Of an added field with all that it holds; a level that would have more is left out."""

TEXT_LIMIT = 200
FORMATS = {"date", "date-time", "decimal"}
FIELD_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*\Z")
PATH = re.compile(r"(?:/[A-Za-z0-9_{}.~-]+)+\Z")
VALUE = re.compile(r"[A-Za-z0-9][A-Za-z0-9 _.+-]*\Z")


def key_of(name: str) -> str:
    """What is left of a name in Python, whatever its case: two fields of one key would be one attribute."""
    return "".join(letter for letter in name.lower() if letter.isalnum())


OF_MODELS = frozenset(key_of(name) for name in dir(Model) if not name.startswith("_"))
"""What every generated model has beside its fields: a field of that name would take its place."""


def is_field_name(name: str) -> bool:
    """Whether a generated model can have a field of this name."""
    return bool(FIELD_NAME.match(name)) and key_of(name) not in OF_MODELS


def our_schema(theirs: Document, node: Any, *, answer: bool) -> dict[str, Any]:
    """Writes a schema of theirs as ours, in place and without what cannot be trusted.

    Args:
        theirs: their document.
        node: the schema in it.
        answer: it stands in an answer, where null is taken for possible, as everywhere in our answers.
    """
    schema: dict[str, Any] = {}
    for deep in range(DEEP + 1):
        deeper = _converted(theirs, node, deep, answer=answer)
        if deep and _fields_in(deeper) > MOST_FIELDS:
            break
        schema = deeper
    description = _description(theirs, node)
    if description:
        schema["description"] = description
    schema["x-evidence"] = "documented"
    return schema


def _fields_in(schema: dict[str, Any]) -> int:
    inner = schema.get("properties", {})
    items = [schema["items"]] if "items" in schema else []
    return len(inner) + sum(map(_fields_in, [*inner.values(), *items]))


def is_union(theirs: Document, node: Any) -> bool:
    """Whether a schema has alternatives, which are a person's to name."""
    return bool(shape_of(theirs, node).branches)


def _converted(theirs: Document, node: Any, deep: int, *, answer: bool) -> dict[str, Any]:
    shape = shape_of(theirs, node)
    if shape.branches:
        return {}
    schema: dict[str, Any] = {}
    kinds = sorted(shape.types)
    if kinds:
        null = ["null"] if answer or shape.nullable else []
        schema["type"] = [*kinds, *null] if null or len(kinds) > 1 else kinds[0]
    if shape.format in FORMATS:
        schema["format"] = shape.format
    elif "number" in kinds:
        schema["format"] = "decimal"
    if shape.secret:
        schema["x-secret"] = True
    if shape.items is not None:
        schema["items"] = _converted(theirs, shape.items, deep - 1, answer=False) if deep else {}
    elif "array" in kinds:
        schema["items"] = {}
    if shape.properties and deep:
        schema["properties"] = _properties(theirs, shape, deep, answer=answer)
    return schema


def _properties(theirs: Document, shape: Shape, deep: int, *, answer: bool) -> dict[str, Any]:
    return {
        name: {**_converted(theirs, child, deep - 1, answer=answer), "x-evidence": "documented"}
        for name, child in shape.properties.items()
        if is_field_name(name)
    }


def _description(theirs: Document, node: Any) -> str:
    told = node.get("description", "") if isinstance(node, dict) else ""
    listed = shape_of(theirs, node).enum
    words = " ".join(re.sub(r"[^\x20-\x7e]+", " ", told).replace("\\", " ").replace('"""', "'").split())
    if listed:
        words = f"{words.rstrip('.')}. One of: {', '.join(f'`{value}`' for value in listed)}.".lstrip(". ")
    return words if len(words) <= TEXT_LIMIT else f"{words[: TEXT_LIMIT - 4]} ..."
