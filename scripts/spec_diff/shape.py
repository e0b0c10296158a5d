"""The shape of a schema: what it accepts, with references followed and `allOf` and nulls folded in."""

from __future__ import annotations

from typing import Any

import attrs

from scripts.spec_document.load import Document
from scripts.spec_document.walk import resolve

SCHEMAS = "#/components/schemas/"
UPPER_BOUNDS = {
    "maximum": "max",
    "exclusiveMaximum": "exclusive-max",
    "maxLength": "max-length",
    "maxItems": "max-items",
    "maxProperties": "max-properties",
}
LOWER_BOUNDS = {
    "minimum": "min",
    "exclusiveMinimum": "exclusive-min",
    "minLength": "min-length",
    "minItems": "min-items",
    "minProperties": "min-properties",
}
BOUNDS = {**UPPER_BOUNDS, **LOWER_BOUNDS}


@attrs.frozen
class Shape:
    """What a schema accepts. An empty `types` means anything."""

    component: str | None = None
    types: frozenset[str] = frozenset()
    nullable: bool = False
    format: str | None = None
    enum: tuple[Any, ...] | None = None
    pattern: str | None = None
    bounds: dict[str, Any] = attrs.field(factory=dict)
    unique_items: bool = False
    default: Any = None
    required: frozenset[str] = frozenset()
    properties: dict[str, Any] = attrs.field(factory=dict)
    items: Any = None
    additional: Any = True
    branches: tuple[Any, ...] = ()
    read_only: bool = False
    write_only: bool = False
    deprecated: bool = False
    secret: bool = False


def component_of(node: Any) -> str | None:
    """The component schema that a node refers to, also through a union with null or an `allOf` of one."""
    if not isinstance(node, dict):
        return None
    reference = node.get("$ref")
    if isinstance(reference, str) and reference.startswith(SCHEMAS):
        return reference.removeprefix(SCHEMAS)
    for keyword in ("anyOf", "oneOf", "allOf"):
        parts = [part for part in node.get(keyword, []) if not is_null(part)]
        if len(parts) == 1:
            return component_of(parts[0])
    return None


def shape_of(document: Document, node: Any) -> Shape:
    """Reads the shape of a schema. Properties, items and branches stay as they are, so that cycles do no harm."""
    if node is True or node is None:
        return Shape()
    if node is False:
        return Shape(types=frozenset({"never"}))
    component = component_of(node)
    flat = _flatten(document, node)
    branches = [branch for branch in flat["branches"] if not is_null(resolve(document, branch))]
    nullable = flat["nullable"] or len(branches) != len(flat["branches"])
    if len(branches) == 1:
        only = shape_of(document, branches[0])
        base = attrs.evolve(only, nullable=only.nullable or nullable, component=component or only.component)
        return attrs.evolve(
            base, secret=base.secret or flat["secret"], deprecated=base.deprecated or flat["deprecated"]
        )
    kinds = set(flat["types"])
    if branches and all(set(resolve(document, branch)) <= {"type", "format"} for branch in branches):
        shapes = [shape_of(document, branch) for branch in branches]
        if not any(shape.format for shape in shapes):
            kinds |= {kind for shape in shapes for kind in shape.types}
            branches = []
    return Shape(
        component=component,
        types=frozenset(kinds - {"null"}),
        nullable=nullable or "null" in kinds,
        format=flat["format"],
        enum=flat["enum"],
        pattern=flat["pattern"],
        bounds=flat["bounds"],
        unique_items=flat["unique_items"],
        default=flat["default"],
        required=frozenset(flat["required"]),
        properties=flat["properties"],
        items=flat["items"],
        additional=flat["additional"],
        branches=tuple(branches),
        read_only=flat["read_only"],
        write_only=flat["write_only"],
        deprecated=flat["deprecated"],
        secret=flat["secret"],
    )


def is_null(node: Any) -> bool:
    """Whether a schema is the alternative null."""
    return isinstance(node, dict) and (node.get("type") in ("null", ["null"]) or node.get("enum") == [None])


def _flatten(document: Document, node: dict[str, Any]) -> dict[str, Any]:
    """Merges a schema with its `allOf` parts: properties and demands add up, the schema's own words win."""
    schema = resolve(document, node)
    kinds = schema.get("type", [])
    values = schema.get("enum")
    if "const" in schema:
        values = [schema["const"]]
    flat: dict[str, Any] = {
        "types": [kinds] if isinstance(kinds, str) else list(kinds),
        "nullable": bool(schema.get("nullable")) or (values is not None and None in values),
        "format": schema.get("format"),
        "enum": None if values is None else tuple(value for value in values if value is not None),
        "pattern": schema.get("pattern"),
        "bounds": {key: schema[key] for key in BOUNDS if key in schema},
        "unique_items": bool(schema.get("uniqueItems")),
        "default": schema.get("default"),
        "required": [] if isinstance(schema.get("required"), bool) else list(schema.get("required", [])),
        "properties": dict(schema.get("properties", {})),
        "items": schema.get("items"),
        "additional": schema.get("additionalProperties", True),
        "branches": [*schema.get("anyOf", []), *schema.get("oneOf", [])],
        "read_only": bool(schema.get("readOnly")),
        "write_only": bool(schema.get("writeOnly")),
        "deprecated": bool(schema.get("deprecated")),
        "secret": bool(schema.get("x-secret")),
    }
    for part in schema.get("allOf", []):
        merged = _flatten(document, part)
        flat["properties"] = {**merged["properties"], **flat["properties"]}
        flat["required"] = [*merged["required"], *flat["required"]]
        flat["bounds"] = {**merged["bounds"], **flat["bounds"]}
        flat["branches"] = [*merged["branches"], *flat["branches"]]
        for key in ("types", "format", "enum", "pattern", "items", "default"):
            flat[key] = flat[key] or merged[key]
        for key in ("nullable", "unique_items", "read_only", "write_only", "deprecated", "secret"):
            flat[key] = flat[key] or merged[key]
        if merged["additional"] is not True and flat["additional"] is True:
            flat["additional"] = merged["additional"]
    if flat["properties"] and not flat["types"]:
        flat["types"] = ["object"]
    return flat


def same(document_a: Document, a: Any, document_b: Document, b: Any, *, depth: int = 4) -> bool:
    """Whether two schemas accept the same, looking a few levels deep. Names of components do not count."""
    left, right = shape_of(document_a, a), shape_of(document_b, b)
    flat = ("types", "nullable", "format", "pattern", "bounds", "required")
    if any(getattr(left, key) != getattr(right, key) for key in flat):
        return False
    if set(map(repr, left.enum or ())) != set(map(repr, right.enum or ())) or set(left.properties) != set(
        right.properties
    ):
        return False
    if len(left.branches) != len(right.branches) or (left.items is None) != (right.items is None):
        return False
    if depth == 0:
        return True
    pairs = [(left.properties[name], right.properties[name]) for name in left.properties]
    pairs += list(zip(left.branches, right.branches, strict=True))
    if left.items is not None:
        pairs.append((left.items, right.items))
    return all(same(document_a, x, document_b, y, depth=depth - 1) for x, y in pairs)
