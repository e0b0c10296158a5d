"""The spec, loaded once, and the pieces of it that tests walk over."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from scripts.spec_document.fast_yaml import safe_dump
from scripts.spec_document.guesses import properties
from scripts.spec_document.load import Document, load
from scripts.spec_document.walk import operations, reach, resolve

ROOT = Path(__file__).resolve().parent.parent.parent


@cache
def spec() -> Document:
    """The committed spec. Do not change it; copy it."""
    return load("spec/astra.yaml", root=ROOT)


def example_values(media: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """The named examples of one media type."""
    for name, example in media.get("examples", {}).items():
        yield name, resolve(spec(), example)["value"]


def bodies() -> Iterator[tuple[str, dict[str, Any]]]:
    """Every media type of every request, response and webhook, with a name for it."""
    for path, item in spec()["paths"].items():
        for method, operation in item.items():
            if method != "parameters":
                for media in operation.get("requestBody", {}).get("content", {}).values():
                    yield f"{method} {path}", media
    for name, response in spec()["components"]["responses"].items():
        for media in response.get("content", {}).values():
            yield name, media
    for name, item in spec()["webhooks"].items():
        yield name, item["post"]["requestBody"]["content"]["application/json"]


def all_properties() -> Iterator[tuple[str, dict[str, Any]]]:
    """Every property of every component schema, with its place."""
    for name, schema in spec()["components"]["schemas"].items():
        for key, node in properties(schema):
            yield f"{name}.{key}", node


def travels_as(fields: dict[str, Any], ours: str) -> str:
    """The name in the spec of the field that programs know under one of ours."""
    return next(name for name, node in fields.items() if node.get("x-sdk-name", name) == ours)


@cache
def small_spec() -> str:
    """The spec with a few of its operations, for what has to read one and is not about what is in it.

    Its comments and its shape are lost.
    """
    document = copy.deepcopy(spec())
    few = ("get_user", "list_accounts", "create_routine", "list_payment_instruments")
    paths = [operation.path for operation in operations(document) if operation.id in few]
    document["paths"] = {path: document["paths"][path] for path in paths}
    used = reach(document, [document["paths"], document["webhooks"]])
    for section, parts in document["components"].items():
        if section != "securitySchemes":
            kept = {name: part for name, part in parts.items() if f"#/components/{section}/{name}" in used}
            document["components"][section] = kept
    return safe_dump(document, sort_keys=False, allow_unicode=True, width=120)
