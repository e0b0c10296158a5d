"""What every operation may answer, as a table that a running program can look answers up in."""

from __future__ import annotations

import json
from typing import Any

from scripts.spec_document.errors import error_shapes
from scripts.spec_document.load import Document
from scripts.spec_document.walk import operations, resolve

SCHEMAS = "#/components/schemas/"


class Answers:
    """Collects the objects and enums that answers hold.

    Args:
        document: the spec.
        aliases: by enum, the spellings that were taken out of it.
    """

    def __init__(self, document: Document, aliases: dict[str, dict[str, str]]) -> None:
        self._document, self._aliases = document, aliases
        self.objects: dict[str, dict[str, str]] = {}
        self.required: dict[str, tuple[str, ...]] = {}
        self.enums: dict[str, tuple[str, ...]] = {}
        self.maps: set[str] = set()

    def kind(self, node: Any, place: str) -> str:
        """Says in a word what stands at a place: "" for what is not looked into, else as in the head of `answers.py`.

        Args:
            node: the schema.
            place: what to call it, if it has no name.
        """
        name, parts = self._parts(node, place)
        lists = [part for part in parts if "items" in part]
        if lists:
            inner = self.kind(lists[0]["items"], f"{place}[]")
            return f"[]{inner}" if inner else ""
        if any(part.get("properties") for part in parts):
            self._object(name, parts, required=self._required(node))
            return f"{{}}{name}"
        listed = [value for part in parts for value in part.get("enum", ()) if isinstance(value, str)]
        if listed:
            self.enums[name] = tuple(sorted({*listed, *self._aliases.get(name, ())}))
            return f"={name}"
        return ""

    def _parts(self, node: Any, place: str) -> tuple[str, list[dict[str, Any]]]:
        """The name of a schema, and it with all that it is put together of."""
        name = str(node.get("$ref", "")).removeprefix(SCHEMAS) or place
        found: list[dict[str, Any]] = []
        waiting = [resolve(self._document, node)]
        while waiting:
            part = waiting.pop(0)
            found.append(part)
            for keyword in ("allOf", "anyOf", "oneOf"):
                for branch in part.get(keyword, []):
                    reference = str(branch.get("$ref", ""))
                    if keyword != "allOf" and reference.startswith(SCHEMAS) and name == place:
                        name = reference.removeprefix(SCHEMAS)
                    waiting.append(resolve(self._document, branch))
        return name, found

    def _object(self, name: str, parts: list[dict[str, Any]], *, required: set[str]) -> None:
        if name in self.objects:
            return
        fields = self.objects[name] = {}
        # Our spec says `true` of every answer, since Astra may add fields; only a schema makes its further keys data.
        if any(isinstance(part.get("additionalProperties"), dict) for part in parts):
            self.maps.add(name)
        for part in parts:
            for field, schema in part.get("properties", {}).items():
                # What a person's or a secret field holds is nobody's to write down, even where the spec lists values.
                hidden = schema.get("x-secret") or schema.get("x-personal")
                fields[field] = fields.get(field) or ("" if hidden else self.kind(schema, f"{name}.{field}"))
        self.required[name] = tuple(sorted(required & fields.keys()))

    def _required(self, node: Any) -> set[str]:
        """What every branch of a union requires."""
        node = resolve(self._document, node)
        found = set(node.get("required", ()))
        for part in node.get("allOf", []):
            found |= self._required(part)
        for keyword in ("anyOf", "oneOf"):
            branches = [self._required(part) for part in node.get(keyword, []) if part.get("type") != "null"]
            if branches:
                found |= set.intersection(*branches)
        return found


def answers_module(document: Document, aliases: dict[str, dict[str, str]]) -> str:
    """Returns the source of `answers.py`.

    Args:
        document: the spec.
        aliases: by enum, the spellings that were taken out of it.
    """
    table, rows = Answers(document, aliases), {}
    for operation in operations(document):
        kind = ""
        for status, response in sorted(operation.node["responses"].items(), key=lambda item: str(item[0])):
            for media in resolve(document, response).get("content", {}).values():
                if str(status).startswith("2") and not kind:
                    kind = table.kind(media.get("schema") or {}, f"{operation.id}.answer")
        statuses = sorted(int(status) for status in operation.node["responses"] if str(status).isdecimal())
        rows[operation.id] = (tuple(statuses), kind)
    errors = sorted(error_shapes(document))
    for name in errors:
        table.kind({"$ref": f"{SCHEMAS}{name}"}, name)
    parts = [
        HEAD,
        f"ANSWERS: dict[str, tuple[tuple[int, ...], str]] = {rows!r}\n",
        f"OBJECTS: dict[str, dict[str, str]] = {json.dumps(table.objects)}\n",
        f"REQUIRED: dict[str, tuple[str, ...]] = { {k: v for k, v in table.required.items() if v}!r}\n",
        f"ENUMS: dict[str, tuple[str, ...]] = {table.enums!r}\n",
        f"MAPS: frozenset[str] = frozenset({sorted(table.maps)!r})\n",
        f"ERRORS: tuple[str, ...] = {tuple(errors)!r}\n",
    ]
    return "\n".join(parts)


HEAD = '''"""What every operation may answer, for those who compare real answers with the spec

`ANSWERS` has the statuses of an operation and what its success holds: `{}` and the name of an object, `=` and the name
of an enum, either after `[]` in a list; nothing where the spec says no more. `MAPS` are the objects whose further
keys are data. `ERRORS` are the objects that an error answers with.
"""
'''
