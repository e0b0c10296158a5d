"""The pages of docs/reference/ that come from the spec: every model field by field, and every status and other enum.

`scripts/reference.py` writes and checks them together with the pages that come from docstrings.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from scripts.spec_document.load import DEFAULT_PATH, Document, load
from scripts.spec_document.names import MARK

INTRO = "Written from `spec/astra.yaml` by `make docs`; edit that. [All pages](index.md)."
EVIDENCE = """How sure each entry is:

- **documented**: Astra's current reference, guides or knowledge base say so;
- **documented-old**: only an older generation of those documents says so;
- **observed**: seen in code that ran against Astra;
- **inferred**: concluded from names and neighbors;
- **guess**: a name or value made up to fill a hole, with the reason. `make guesses` lists them all."""
PLAIN = {"string": "`str`", "integer": "`int`", "boolean": "`bool`", "object": "`dict`", "number": "`Decimal`"}
FORMATS = {"date-time": "`datetime`", "date": "`date`"}


def build_spec_pages(root: Path) -> dict[str, str]:
    """Returns the text of both pages by file name."""
    document = load(DEFAULT_PATH, root=root)
    return {"models.md": models_page(document), "statuses.md": enums_page(document)}


def models_page(document: Document) -> str:
    """Returns the page with a table of fields for each model."""
    schemas: dict[str, Any] = document["components"]["schemas"]
    parts = [
        "# Models, field by field",
        INTRO,
        "Import them from `astra.types`. A field that is not marked as required, or that may be null, reads as `None` "
        "when it is missing. A list in a response that is neither marked as required nor shown with `None` reads as "
        "`[]` instead, also when it comes as null. A required field that is missing, and any field whose value is not "
        "of its type, raises `ResponseDecodeError` when it is read, and not before. Fields that are not listed here "
        "are kept in `additional_properties` and `to_dict()`. Times are aware; one without an offset is UTC.",
        EVIDENCE,
    ]
    for name, schema in schemas.items():
        if "enum" in schema:
            continue
        parts += [f"## {name}", *_prose(schema)]
        rows = [_row(field, node, required, schemas) for field, node, required in fields(schema, schemas)]
        if rows:
            parts.append(
                "\n".join(["| field | type | required | meaning | evidence |", "|---|---|---|---|---|", *rows])
            )
    return "\n\n".join(parts) + "\n"


def enums_page(document: Document) -> str:
    """Returns the page with a table of values for each enum."""
    parts = [
        "# Statuses and other values",
        INTRO,
        "Every enum may grow: a value that is not listed is kept as it came, and compares equal to its text.",
        EVIDENCE,
    ]
    for name, schema in document["components"]["schemas"].items():
        if "enum" not in schema:
            continue
        aliases: dict[str, str] = schema.get("x-enum-aliases", {})
        guessed: dict[str, str] = schema.get("x-guess-values", {})
        rows = ["| value | in Python | evidence |", "|---|---|---|"]
        for value in schema["enum"]:
            member = f"read as `{aliases[value]}`" if value in aliases else f"`{name}.{_member(value)}`"
            evidence = f"guess: {_cell(guessed[value])}" if value in guessed else schema.get("x-evidence", "documented")
            rows.append(f"| `{value}` | {member} | {evidence} |")
        parts += [f"## {name}", *_prose(schema), "\n".join(rows)]
    return "\n\n".join(parts) + "\n"


def fields(schema: dict[str, Any], schemas: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any], bool]]:
    """Yields name, schema and whether it is required for each field, those of the parts of an `allOf` included."""
    for part in schema.get("allOf", ()):
        target = schemas[_target(part)] if "$ref" in part else part
        yield from fields(target, schemas)
    required = schema.get("required", ())
    for name, node in schema.get("properties", {}).items():
        yield name, node, name in required


def kind_of(node: dict[str, Any], schemas: dict[str, Any]) -> str:
    """Returns the Python type of a field in Markdown, with links to models and enums."""
    if "$ref" in node:
        name = _target(node)
        page = "statuses.md" if "enum" in schemas[name] else ""
        return f"[{name}]({page}#{name.lower()})"
    for several in ("anyOf", "oneOf"):
        if several in node:
            return " or ".join(kind_of(one, schemas) for one in node[several])
    if "allOf" in node and len(node["allOf"]) == 1:
        return kind_of(node["allOf"][0], schemas)
    types = node.get("type", "any")
    if isinstance(types, list):
        return " or ".join(kind_of({**node, "type": one}, schemas) for one in types)
    if types == "null":
        return "`None`"
    if types == "array":
        return f"list of {kind_of(node.get('items', {}), schemas)}"
    if types == "string":
        return FORMATS.get(node.get("format", ""), PLAIN["string"])
    return PLAIN.get(types, "any JSON value")


def _row(name: str, node: dict[str, Any], required: bool, schemas: dict[str, Any]) -> str:
    evidence = node.get("x-evidence", "documented")
    if node.get("x-guess"):
        evidence = f"guess: {node['x-why']}"
    if "x-assumed" in node:
        evidence = f"{evidence}; assumed in the sandbox: {node['x-assumed']['that']}"
    meaning = node.get("description", "")
    ours = node.get(MARK, name)
    if ours != name:
        meaning = f"{meaning} Astra writes it `{name}`.".strip()
    if node.get("x-secret"):
        meaning = f"{meaning} Secret: hidden in `repr`, logs and errors.".strip()
    if node.get("x-legacy"):
        meaning = f"{meaning} Known from old documents only.".strip()
    cells = (f"`{ours}`", kind_of(node, schemas), "yes" if required else "", meaning, evidence)
    return f"| {' | '.join(map(_cell, cells))} |"


def _prose(schema: dict[str, Any]) -> list[str]:
    text = schema.get("description", "").strip()
    if "x-assumed" in schema:
        text += f" Assumed in the sandbox: {schema['x-assumed']['that']}."
    return [text] if text else []


def _target(node: dict[str, Any]) -> str:
    return str(node["$ref"]).rpartition("/")[2]


def _member(value: str) -> str:
    return re.sub(r"\W", "", re.sub(r"[-\s]", "_", value)).upper()


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")
