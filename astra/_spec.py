"""The spec as the package carries it, to lay answers beside. Pure once it is read."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import Any, Final

import attrs

from astra._json import is_object

SCHEMAS: Final = "#/components/schemas/"
BRANCHES: Final = ("allOf", "anyOf", "oneOf")


@attrs.frozen
class Field:
    """A field of an object of the spec, where it is declared."""

    owner: str
    schema: Mapping[str, Any]
    required: bool

    @property
    def is_hidden(self) -> bool:
        """Whether what it holds is nobody's to write down."""
        return bool(self.schema.get("x-secret") or self.schema.get("x-personal"))


class Spec:
    """Looks things up in a document.

    Args:
        document: an OpenAPI document whose references are all its own.
    """

    def __init__(self, document: Mapping[str, Any]) -> None:
        self._document = document

    def resolve(self, node: Mapping[str, Any]) -> Mapping[str, Any]:
        """Follows references."""
        while "$ref" in node:
            target: Any = self._document
            for part in str(node["$ref"])[2:].split("/"):
                target = target[part]
            node = target
        return node

    def parts(self, node: Mapping[str, Any], *, owner: str = "") -> Iterator[tuple[str, Mapping[str, Any]]]:
        """Yields a schema and all that it is put together of, each with the component that it is written in."""
        reference = str(node.get("$ref", ""))
        if reference.startswith(SCHEMAS):
            owner = reference.removeprefix(SCHEMAS)
        schema = self.resolve(node)
        yield owner, schema
        for keyword in BRANCHES:
            for branch in schema.get(keyword, ()):
                yield from self.parts(branch, owner=owner)

    def fields(self, node: Mapping[str, Any]) -> dict[str, Field]:
        """Returns the fields of an object, by name."""
        parts = list(self.parts(node))
        required = {name for _, part in parts for name in part.get("required", ())}
        found: dict[str, Field] = {}
        for owner, part in parts:
            for name, schema in part.get("properties", {}).items():
                found.setdefault(name, Field(owner, schema, name in required))
        return found

    def items(self, node: Mapping[str, Any]) -> Mapping[str, Any] | None:
        """Returns the schema of a list's items, or None."""
        return next((part["items"] for _, part in self.parts(node) if "items" in part), None)

    def kinds(self, node: Mapping[str, Any]) -> frozenset[str]:
        """Returns the JSON types of a schema without null; an integer is a number. None at all is any."""
        found: set[str] = set()
        for _, part in self.parts(node):
            given: Any = part.get("type", ())
            found.update([given] if isinstance(given, str) else given)
        return frozenset("number" if kind == "integer" else kind for kind in found - {"null"})

    def enums(self, node: Mapping[str, Any]) -> list[tuple[str, frozenset[str]]]:
        """Returns the values that a schema lists, with the component that lists them."""
        listed = [(owner, part["enum"]) for owner, part in self.parts(node) if "enum" in part]
        return [(owner, self.values(node)) for owner, _ in listed[:1]]

    def name(self, node: Mapping[str, Any]) -> str:
        """Returns the component that a schema is, if it is one."""
        return next((owner for owner, _ in self.parts(node) if owner), "")

    def is_map(self, node: Mapping[str, Any]) -> bool:
        """Whether the further keys of an object are data."""
        return any(isinstance(part.get("additionalProperties"), dict) for _, part in self.parts(node))

    def values(self, node: Mapping[str, Any]) -> frozenset[str]:
        """Returns the values that a schema lists."""
        return frozenset(str(value) for _, part in self.parts(node) for value in part.get("enum", ()))

    def format(self, node: Mapping[str, Any]) -> str:
        """Returns the format of a schema, or nothing."""
        return next((str(part["format"]) for _, part in self.parts(node) if "format" in part), "")

    def component(self, name: str) -> Mapping[str, Any] | None:
        """Returns a schema by its name, or None."""
        found: Mapping[str, Any] | None = self._document.get("components", {}).get("schemas", {}).get(name)
        return found

    def answer(self, operation: str) -> Mapping[str, Any] | None:
        """Returns the schema of an operation's success, or None."""
        responses = self._operation(operation).get("responses", {})
        bodies = (_body(self.resolve(responses[status])) for status in sorted(responses) if status.startswith("2"))
        return next((body for body in bodies if body is not None), None)

    def question(self, operation: str) -> Mapping[str, Any] | None:
        """Returns the schema of what an operation is sent, or None."""
        return _body(self.resolve(self._operation(operation).get("requestBody", {})))

    def parameters(self, operation: str) -> list[Mapping[str, Any]]:
        """Returns the parameters of an operation."""
        node = self._operation(operation)
        return [self.resolve(one) for one in node.get("parameters", ())]

    def webhook(self, name: str) -> Mapping[str, Any] | None:
        """Returns the schema of a webhook's body, or None."""
        node = self._document.get("webhooks", {}).get(name, {})
        return _body(self.resolve(node.get("post", {}).get("requestBody", {})))

    def _operation(self, operation: str) -> Mapping[str, Any]:
        nodes = (node for item in self._document["paths"].values() for node in item.values() if is_object(node))
        found: Mapping[str, Any] | None = next((node for node in nodes if node.get("operationId") == operation), None)
        return found or {}


def _body(holder: Mapping[str, Any]) -> Mapping[str, Any] | None:
    return next((media["schema"] for media in holder.get("content", {}).values() if "schema" in media), None)


@cache
def packed_spec() -> Spec:
    """Returns the spec that the package was generated from."""
    return Spec(json.loads(files("astra_api").joinpath("openapi.json").read_bytes()))
