"""A stand-in for Astra's own document: part of our spec in the manner of readme.io, with planted differences.

From a seed it renames guessed fields, a third alike and a sixth unlike, adds fields and enum values, and says what it
did, so that what an import finds out can be compared with the truth.
"""

from __future__ import annotations

import copy
import json
import random
from pathlib import Path
from typing import Any, Literal

import attrs

from scripts.spec_document.fast_yaml import safe_dump
from scripts.spec_document.guesses import find_guesses
from scripts.spec_document.load import Document
from scripts.spec_document.walk import Operation, operations, resolve

OPERATIONS = [
    "get_user",
    "update_user",
    "get_capabilities",
    "upgrade_kyc_type",
    "request_phone_number_update",
    "request_address_change",
    "list_phone_number_change_requests",
    "get_business_profile",
    "get_card",
    "get_card_auth_details",
    "create_routine",
    "create_book_routine",
    "create_account_to_card_routine",
    "preview_routine",
    "list_routines",
    "get_batch_transfer",
    "list_transfer_segments",
    "list_payment_instruments",
    "list_instant_payment_eligibility",
]
Kind = Literal["same", "alike", "unlike"]
WORDS = ["quokka", "zeppelin", "kumquat", "bivouac", "wombat", "pergola", "gazpacho", "fjord"]
NEW_VALUES = {"TransferStatus": "returned", "UserStatus": "escalated", "SettlementSpeed": "next-day"}


@attrs.define
class Truth:
    """What was planted."""

    fields: dict[str, tuple[Kind, str]] = attrs.field(factory=dict)  # by the place of a guess: their name
    extra: set[str] = attrs.field(factory=set)  # fields that ours lacks, as Component.name
    values: set[str] = attrs.field(factory=set)  # enum values that ours lacks, as Component=value


class StandIn:
    """Writes the document. `version` is that of OpenAPI: 3.0 says `nullable`, 3.1 has the type null."""

    def __init__(self, ours: Document, *, seed: int, version: str) -> None:
        self._ours, self._version = ours, version
        self._dice = random.Random(seed)
        self.truth = Truth()
        guesses = [guess for guess in find_guesses(ours) if guess.kind == "property"]
        kinds: list[Kind] = ["alike", "alike", "unlike", "same", "same", "same"]
        self._names: dict[tuple[str, str], tuple[Kind, str]] = {}
        for number, guess in enumerate(guesses):
            kind = self._dice.choice(kinds)
            self._names[guess.owner, guess.name] = (kind, self._name(guess.name, kind, number))
        self._extra: dict[str, str] = {}

    def _name(self, name: str, kind: Kind, number: int) -> str:
        if kind == "alike":
            words = name.split("_")
            return words[0] + "".join(word.title() for word in words[1:]) if len(words) > 1 else f"{name}s"
        return f"{WORDS[number % len(WORDS)]}{number}" if kind == "unlike" else name

    def document(self) -> Document:
        """The whole of it."""
        chosen = [operation for operation in operations(self._ours) if operation.id in OPERATIONS]
        assert len(chosen) == len(OPERATIONS)
        paths: dict[str, Any] = {}
        for operation in chosen:
            paths.setdefault(operation.path, {})[operation.method] = self._operation(operation)
        return {
            "openapi": {"3.0": "3.0.3", "3.1": "3.1.0"}[self._version],
            "info": {"title": "Astra Developer API", "version": "1.0"},
            "servers": [{"url": "https://api-sandbox.astra.finance"}],
            "components": {"securitySchemes": {"sec0": {"type": "http", "scheme": "bearer"}}},
            "security": [{"sec0": []}],
            "paths": paths,
            "x-readme": {"headers": [], "explorer-enabled": True},
            "_id": f"{self._dice.getrandbits(96):024x}",
        }

    def _operation(self, operation: Operation) -> dict[str, Any]:
        node = operation.node
        status = next(key for key in node["responses"] if key.startswith("2"))
        body = resolve(self._ours, node["responses"][status])["content"]["application/json"]["schema"]
        empty = {"description": "x", "content": {"application/json": {"schema": {"type": "object", "properties": {}}}}}
        error = {"type": "object", "properties": {"code": {"type": "integer"}, "name": {"type": "string"}}}
        wrong = {"oneOf": [error, {"type": "object", "properties": {}}]}
        written: dict[str, Any] = {
            "summary": node["summary"],
            "operationId": node["x-astra-slug"],
            "parameters": [self._parameter(parameter) for parameter in operation.parameters],
            "responses": {
                status: {
                    "description": status,
                    "content": {
                        "application/json": {
                            "examples": {"Result": {"value": "{\n  \"id\": \"abc\"\n}"}},
                            "schema": self._schema(body, answer=True),
                        }
                    },
                },
                "400": {"description": "400", "content": {"application/json": {"schema": wrong}}},
                "401": empty,
                "403": empty,
            },
            "deprecated": False,
        }  # fmt: skip
        if "requestBody" in node:
            sent = node["requestBody"]["content"]["application/json"]["schema"]
            written["requestBody"] = {"content": {"application/json": {"schema": self._schema(sent, answer=False)}}}
        return written

    def _parameter(self, parameter: dict[str, Any]) -> dict[str, Any]:
        return {key: copy.deepcopy(value) for key, value in parameter.items() if not key.startswith("x-")}

    def _schema(self, node: Any, *, answer: bool) -> dict[str, Any]:
        """One schema, written in place."""
        parts = [part for part in node.get("anyOf", []) if part != {"type": "null"}]
        null = len(parts) < len(node.get("anyOf", []))
        if len(parts) == 1:
            inner = self._schema(parts[0], answer=answer)
        elif parts:
            inner = {"oneOf": [self._schema(part, answer=answer) for part in parts]}
        else:
            inner, null = self._plain(node, answer=answer)
        return self._nullable(inner) if null else inner

    def _plain(self, node: Any, *, answer: bool) -> tuple[dict[str, Any], bool]:
        component = str(node.get("$ref", "")).rpartition("/")[2]
        schema = resolve(self._ours, node)
        kinds = schema.get("type", "object")
        kind = next(one for one in kinds if one != "null") if isinstance(kinds, list) else kinds
        written: dict[str, Any] = {"type": kind}
        if kind == "number":
            written["format"] = "double"
        elif schema.get("format") == "date":
            written["format"] = "date"
        if "enum" in schema:
            written["enum"] = list(schema["enum"])
            if component in NEW_VALUES:
                written["enum"].append(NEW_VALUES[component])
                self.truth.values.add(f"{component}={NEW_VALUES[component]}")
        if "items" in schema:
            written["items"] = self._schema(schema["items"], answer=answer)
        if kind == "object":
            written.update(self._object(component, schema, answer=answer))
        return written, isinstance(kinds, list) and "null" in kinds

    def _object(self, component: str, schema: Any, *, answer: bool) -> dict[str, Any]:
        fields: dict[str, Any] = {}
        required: list[str] = []
        for owner, part in self._parts(component, schema):
            for name, child in part.get("properties", {}).items():
                kind, called = self._names.get((owner, name), ("same", name))
                if (owner, name) in self._names:
                    self.truth.fields[f"components.schemas.{owner}.{name}"] = (kind, called)
                fields[called] = self._schema(child, answer=answer)
                described = child.get("description", "")
                fields[called]["description"] = described if kind != "unlike" else ""
                if name in part.get("required", []):
                    required.append(called)
        if answer and component and fields:
            extra = self._extra.setdefault(component, f"{self._dice.choice(WORDS)}_{len(self._extra)}_mark")
            fields[extra] = {"type": "string"}
            self.truth.extra.add(f"{component}.{extra}")
        return {"properties": fields, **({"required": required} if required else {})}

    def _parts(self, component: str, schema: Any) -> list[tuple[str, Any]]:
        found = [(component, schema)]
        for part in schema.get("allOf", []):
            owner = str(part.get("$ref", "")).rpartition("/")[2] or component
            found += self._parts(owner, resolve(self._ours, part))
        return found

    def _nullable(self, schema: dict[str, Any]) -> dict[str, Any]:
        if self._version == "3.0":
            return {**schema, "nullable": True}
        if "type" in schema:
            return {**schema, "type": [schema["type"], "null"]}
        return {"anyOf": [*schema["oneOf"], {"type": "null"}]}


def publish(document: Document, form: str, folder: Path) -> Path:
    """Writes the document as `json`, `yaml`, a folder of `json-fragments` or of pages with one each (`pages`)."""
    if form == "json":
        file = folder / "astra.json"
        file.write_text(json.dumps(document, indent=2), encoding="utf-8")
        return file
    if form == "yaml":
        file = folder / "astra.yaml"
        file.write_text(safe_dump(document, sort_keys=False), encoding="utf-8")
        return file
    folder = folder / form
    folder.mkdir()
    for number, (path, item) in enumerate(document["paths"].items()):
        text = json.dumps({**document, "paths": {path: item}}, indent=2)
        if form == "json-fragments":
            (folder / f"{number}.json").write_text(text, encoding="utf-8")
        else:
            (folder / f"{number}.md").write_text(f"# A page\n\n```json\n{text}\n```\n", encoding="utf-8")
    return folder
