"""Find the guesses of a spec: everything marked `x-guess`, and on demand all that is not plainly documented."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import attrs

from scripts.spec_document.load import Document
from scripts.spec_document.money import moves_money
from scripts.spec_document.walk import Operation, operations, users


@attrs.frozen
class Guess:
    """One thing of the spec that is not known for sure."""

    place: str
    kind: str  # path | parameter | header | response | property | value | meaning
    evidence: str
    why: str
    settle: str
    is_guess: bool
    operations: tuple[str, ...]  # the operations that would show it, the one to call first
    owner: str = ""  # the component it belongs to, if any
    name: str = ""


def find_guesses(document: Document, *, inferred_too: bool = False) -> list[Guess]:
    """Lists the guesses in the document's order.

    Args:
        document: a spec of ours.
        inferred_too: also list what is marked inferred, observed or documented-old without being a guess.
    """
    found = [*_of_operations(document), *_of_components(document)]
    return [guess for guess in found if guess.is_guess or (inferred_too and guess.evidence != "documented")]


def find_assumptions(document: Document) -> list[Guess]:
    """Lists what is known by name and not in its meaning, with what the sandbox takes it to mean: `x-assumed`.

    No document with other names settles that, so an import does not judge it.
    """
    found: list[Guess] = []
    for name, schema in document.get("components", {}).get("schemas", {}).items():
        for key, node in (("", schema), *properties(schema)):
            if assumed := node.get("x-assumed"):
                found.append(
                    Guess(
                        place=f"components.schemas.{name}" + (f".{key}" if key else ""),
                        kind="meaning",
                        evidence=node["x-evidence"],
                        why=f"the sandbox assumes: {assumed['that']}",
                        settle=assumed["settle"],
                        is_guess=True,
                        operations=tuple(assumed["by"]),
                        owner=name,
                        name=key,
                    )
                )
    return found


def _of_operations(document: Document) -> Iterator[Guess]:
    for operation in operations(document):
        yield _guess(
            f"paths.{operation.path}.{operation.method}",
            "path",
            operation.node,
            default=f"call {operation.id} once: a 404 for the route itself refutes the path",
            shown_by=[operation],
            name=operation.path,
        )
        for parameter in operation.node.get("parameters", []):
            if "$ref" not in parameter:
                yield _guess(
                    f"paths.{operation.path}.{operation.method}.parameters.{parameter['name']}",
                    "parameter",
                    parameter,
                    default=f"call {operation.id} once with it and see whether the answer changes",
                    shown_by=[operation],
                    name=parameter["name"],
                )


def _of_components(document: Document) -> Iterator[Guess]:
    components = document.get("components") or {}
    for section, kind in (("parameters", "parameter"), ("headers", "header"), ("responses", "response")):
        shown = users(document, section)
        for name, node in components.get(section, {}).items():
            senders, answerers = shown[name]
            yield _guess(
                f"components.{section}.{name}",
                kind,
                node,
                default=_look(answerers) if kind != "parameter" else _try(senders),
                shown_by=_quiet_first(senders if kind == "parameter" else answerers),
                owner=name,
                name=node.get("name", name),
            )
    shown = users(document, "schemas")
    for name, schema in components.get("schemas", {}).items():
        senders, answerers = shown[name]
        by = _quiet_first(answerers or senders)
        default = _look(answerers) if answerers else _try(senders)
        for key, node in properties(schema):
            place = f"components.schemas.{name}.{key}"
            yield _guess(place, "property", node, default=default, shown_by=by, owner=name, name=key)
        for value, why in schema.get("x-guess-values", {}).items():
            yield Guess(
                place=f"components.schemas.{name}={value}",
                kind="value",
                evidence="inferred",
                why=why,
                settle=f"{_try(senders)} with the value {value!r}",
                is_guess=True,
                operations=tuple(operation.id for operation in _quiet_first(senders or answerers)),
                owner=name,
                name=value,
            )


def properties(schema: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """The properties that a schema itself declares, in its own body or in parts of an `allOf`."""
    yield from schema.get("properties", {}).items()
    for part in schema.get("allOf", []):
        if "$ref" not in part:
            yield from properties(part)


def _guess(
    place: str,
    kind: str,
    node: dict[str, Any],
    *,
    default: str,
    shown_by: list[Operation],
    owner: str = "",
    name: str = "",
) -> Guess:
    return Guess(
        place=place,
        kind=kind,
        evidence=node.get("x-evidence", "documented"),
        why=node.get("x-why", ""),
        settle=node.get("x-settle", default),
        is_guess=bool(node.get("x-guess")),
        operations=tuple(operation.id for operation in shown_by),
        owner=owner,
        name=name,
    )


def _quiet_first(found: list[Operation]) -> list[Operation]:
    """Reads before writes, and money last: the first is the cheapest to call."""
    return sorted(found, key=lambda operation: (operation.method != "get", moves_money(operation)))


def _look(found: list[Operation]) -> str:
    return f"call {_quiet_first(found)[0].id} once and read the answer's keys" if found else "wait for its webhook"


def _try(found: list[Operation]) -> str:
    if not found:
        return "wait for its webhook"
    return f"send {_quiet_first(found)[0].id} once in the sandbox and read the 400, if any"
