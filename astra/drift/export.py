"""What was seen, as an OpenAPI fragment that `scripts/import_spec` reads. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from astra_api.operations import OPERATIONS

from astra.drift.look import FIELD, KNOWN_FIELD, KNOWN_STATUS, KNOWN_VALUE, STATUS, VALUE
from astra.drift.names import MANY_KEYS, NOT_SHOWN
from astra.drift.store import DriftName

_STATUSES: Final = (STATUS, KNOWN_STATUS)
_FIELDS: Final = (FIELD, KNOWN_FIELD)
_VALUES: Final = (VALUE, KNOWN_VALUE)


def as_openapi(names: Iterable[DriftName]) -> dict[str, Any]:
    """Makes the fragment.

    It holds what was seen alone, so what it does not have may exist all the same: `x-observed` says so to its reader.

    Args:
        names: what a store holds.
    """
    by_operation: dict[str, list[DriftName]] = {}
    for name in names:
        if name.name not in (NOT_SHOWN, MANY_KEYS):
            by_operation.setdefault(name.operation, []).append(name)
    paths: dict[str, Any] = {}
    for operation, seen in sorted(by_operation.items()):
        responses = _responses(seen)
        if operation in OPERATIONS and responses:
            row = OPERATIONS[operation]
            node: dict[str, Any] = {"operationId": operation, "x-money": row.money, "responses": responses}
            if "{" in row.path:
                parts = [part[1:-1] for part in row.path.split("/") if part.startswith("{")]
                node["parameters"] = [
                    {"name": part, "in": "path", "required": True, "schema": {"type": "string"}} for part in parts
                ]
            paths.setdefault(row.path, {})[row.method.lower()] = node
    return {
        "openapi": "3.1.0",
        "info": {"title": "Observed in answers of Astra", "version": "0"},
        "x-observed": True,
        "paths": paths,
    }


def _responses(seen: list[DriftName]) -> dict[str, Any]:
    statuses = sorted({one.name for one in seen if one.kind in _STATUSES})
    responses: dict[str, Any] = {status: {"description": "Observed."} for status in statuses}
    body: dict[str, Any] = {}
    for one in seen:
        if one.kind in _FIELDS and not one.place[:1].isupper():
            _property(_at(body, one.place), one.name, one.type)
    for one in seen:
        if one.kind in _VALUES:
            _at(body, one.place).setdefault("enum", []).append(one.name)
    success = next((status for status in statuses if status.startswith("2")), None)
    if body and success is not None:
        responses[success]["content"] = {"application/json": {"schema": body}}
    return responses


def _property(node: dict[str, Any], name: str, kind: str) -> None:
    node["type"] = "object"
    field = node.setdefault("properties", {}).setdefault(name, {})
    if kind and kind != "null":
        field.setdefault("type", kind)


def _at(body: dict[str, Any], place: str) -> dict[str, Any]:
    """The schema at a place, made if there is none."""
    node = body
    for step in filter(None, place.split(".")):
        name, lists = step.rstrip("[]"), step.count("[]")
        node = node.setdefault("properties", {}).setdefault(name, {})
        for _ in range(lists):
            node = node.setdefault("items", {})
    return node
