"""Walk an OpenAPI document: its operations, their parameters, and what refers to what."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote

import attrs

from scripts.spec_document.load import Document

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")


@attrs.frozen
class Operation:
    """One method of one path, with the parameters of its path merged in."""

    id: str
    method: str
    path: str
    node: dict[str, Any]
    parameters: tuple[dict[str, Any], ...]

    @property
    def label(self) -> str:
        """As in `GET /v1/user`."""
        return f"{self.method.upper()} {self.path}"


def pointer(document: Document, reference: str) -> Any:
    """What a local reference such as `#/components/schemas/User` points at.

    Raises:
        KeyError: it points nowhere, or outside of the document.
    """
    if not reference.startswith("#/"):
        raise KeyError(reference)
    node: Any = document
    for part in reference[2:].split("/"):
        # Tools that bundle a document write the braces of a path as in a URL.
        part = unquote(part).replace("~1", "/").replace("~0", "~")
        node = node[int(part)] if isinstance(node, list) else node[part]
    return node


def resolve(document: Document, node: Any) -> Any:
    """Follows `$ref`; keys beside it win over those of its target, as OpenAPI 3.1 has it for schemas."""
    seen: set[str] = set()
    while isinstance(node, dict) and "$ref" in node:
        reference = node["$ref"]
        if reference in seen:
            return {}
        seen.add(reference)
        siblings = {key: value for key, value in node.items() if key != "$ref"}
        target = pointer(document, reference)
        node = {**target, **siblings} if isinstance(target, dict) else target
    return node


def operations(document: Document) -> list[Operation]:
    """All operations, in the document's order. One without an operationId is named by its method and path."""
    found: list[Operation] = []
    for path, item in (document.get("paths") or {}).items():
        item = resolve(document, item)
        shared = [resolve(document, parameter) for parameter in item.get("parameters", [])]
        for method in METHODS:
            if method not in item:
                continue
            node = item[method]
            own = [resolve(document, parameter) for parameter in node.get("parameters", [])]
            taken = {(parameter["in"], parameter["name"]) for parameter in own}
            inherited = [parameter for parameter in shared if (parameter["in"], parameter["name"]) not in taken]
            identity = node.get("operationId") or f"{method} {path}"
            found.append(Operation(identity, method, path, node, tuple([*inherited, *own])))
    return found


def of_one_name(document: Document) -> list[tuple[Operation, Operation]]:
    """Pairs of operations whose ids give one module, so that one would be written over the other."""
    first: dict[str, Operation] = {}
    found: list[tuple[Operation, Operation]] = []
    for operation in operations(document):
        name = "".join(filter(str.isalnum, operation.id)).lower()
        if name in first:
            found.append((first[name], operation))
        first.setdefault(name, operation)
    return found


def references(node: Any) -> Iterator[str]:
    """Every `$ref` below a node, not following them."""
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"]
        for value in node.values():
            yield from references(value)
    elif isinstance(node, list):
        for value in node:
            yield from references(value)


def reach(document: Document, node: Any) -> set[str]:
    """Every reference that a node leads to, directly or not."""
    found: set[str] = set()
    waiting = list(references(node))
    while waiting:
        reference = waiting.pop()
        if reference in found:
            continue
        found.add(reference)
        try:
            waiting.extend(references(pointer(document, reference)))
        except (KeyError, IndexError, TypeError):
            continue
    return found


def users(document: Document, section: str) -> dict[str, tuple[list[Operation], list[Operation]]]:
    """For each component of a section, the operations that send it and those that answer with it."""
    result: dict[str, tuple[list[Operation], list[Operation]]] = {
        name: ([], []) for name in (document.get("components") or {}).get(section, {})
    }
    prefix = f"#/components/{section}/"
    for operation in operations(document):
        sent = reach(document, [operation.node.get("requestBody"), operation.node.get("parameters")])
        answered = reach(document, operation.node.get("responses"))
        for side, found in enumerate((sent, answered)):
            for reference in found:
                if reference.startswith(prefix) and reference.removeprefix(prefix) in result:
                    result[reference.removeprefix(prefix)][side].append(operation)
    return result
