"""The error bodies of a spec: which there are, and by which fields one is told from another."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from scripts.spec_document.load import Document
from scripts.spec_document.walk import operations, resolve

PREFIX = "#/components/schemas/"


class UnnamedErrorError(ValueError):
    """An error body has no name, so no class to be read into; the text says where it is."""


def error_shapes(document: Document) -> dict[str, dict[str, list[str]]]:
    """Finds the schemas of all answers that are no success.

    Returns:
        By the schema's name the names of its fields, and for each the JSON types it may have.

    Raises:
        UnnamedErrorError: an error body is written in place instead of by reference, or there is none at all.
    """
    found: dict[str, dict[str, list[str]]] = {}
    for operation in operations(document):
        for status, response in operation.node["responses"].items():
            if str(status).startswith("2"):
                continue
            for media in resolve(document, response).get("content", {}).values():
                for name in _names(media.get("schema") or {}, f"{operation.label}, status {status}"):
                    properties = resolve(document, document["components"]["schemas"][name]).get("properties", {})
                    found[name] = {field: sorted(_types(document, node)) for field, node in properties.items()}
    if not found:
        raise UnnamedErrorError("no operation documents the body of an error")
    return found


def _names(schema: dict[str, Any], place: str) -> Iterator[str]:
    reference = schema.get("$ref", "")
    if reference.startswith(PREFIX):
        yield reference.removeprefix(PREFIX)
        return
    for branch in [*schema.get("anyOf", []), *schema.get("oneOf", [])]:
        yield from _names(branch, place)
    if schema.get("properties"):
        raise UnnamedErrorError(
            f"{place}: the error body is written in place. Move it to components/schemas and refer to it, so that it "
            "gets a class of its own"
        )


def _types(document: Document, node: Any) -> set[str]:
    node = resolve(document, node)
    named = node.get("type", [])
    found = {named} if isinstance(named, str) else set(named)
    for branch in [*node.get("anyOf", []), *node.get("oneOf", [])]:
        found |= _types(document, branch)
    return found - {"null"}
