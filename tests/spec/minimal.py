"""Tiny documents for the tests of the comparison: one operation around one schema."""

from __future__ import annotations

import copy
from typing import Any


def document(*, request: Any = None, response: Any = None, **components: Any) -> dict[str, Any]:
    """A spec of one operation, `make_thing`, with the given schemas."""
    operation: dict[str, Any] = {
        "operationId": "make_thing",
        "tags": ["things"],
        "security": [{"bearer": []}],
        "x-money": False,
        "parameters": [],
        "responses": {"200": {"description": "x"}},
    }
    if request is not None:
        operation["requestBody"] = {"required": True, "content": {"application/json": {"schema": request}}}
    if response is not None:
        operation["responses"]["200"]["content"] = {"application/json": {"schema": response}}
    return copy.deepcopy(
        {
            "openapi": "3.1.0",
            "info": {"title": "t", "version": "1"},
            "paths": {"/v1/things/{id}": {"post": operation}},
            "components": {"schemas": components},
        }
    )


def operation_of(spec: dict[str, Any]) -> dict[str, Any]:
    """The one operation of `document`."""
    node: dict[str, Any] = spec["paths"]["/v1/things/{id}"]["post"]
    return node


def thing(required: tuple[str, ...] = (), **properties: Any) -> dict[str, Any]:
    """An object schema."""
    return {"type": "object", "required": list(required), "properties": properties}
