"""Whether an OpenAPI document has the form that the other modules rely on, and the first place where it has not.

This is no validation: what is merely wrong (a missing description, an unknown keyword) passes. What would make a
reader stumble (a list where an object belongs, a reference that leads nowhere) is refused, with its place.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from scripts.spec_document.load import MAX_LEVELS, CannotLoadError, Document
from scripts.spec_document.walk import METHODS, pointer

DATA = {"example", "examples", "default", "enum", "const"}  # what stands below is JSON of users, not OpenAPI
PARTS = ("allOf", "anyOf", "oneOf")
MAX_PARTS = 10_000
SECTIONS = ("schemas", "parameters", "headers", "responses", "requestBodies", "examples", "securitySchemes")


def check(document: Document, *, label: str, elsewhere: Document | None = None) -> None:
    """Refuses a document that its readers would stumble over.

    Args:
        document: what was loaded.
        label: what to call it in errors.
        elsewhere: another document in which references may be found: the whole that a fragment became a part of.

    Raises:
        CannotLoadError: with the label, the place and what is wrong there, in one line.
    """
    try:
        _Check(document, elsewhere or {}).document()
    except _WrongError as wrong:
        raise CannotLoadError(f"{label}: {wrong}") from None


def check_outline(document: Document, *, label: str) -> None:
    """Refuses a document whose paths and components cannot even be walked over; see `check`."""
    try:
        checking = _Check(document, {})
        checking.version()
        for path, item in checking.plain(document.get("paths", {}), "paths").items():
            checking.plain(item, f"paths.{path}")
        for section, entries in checking.plain(document.get("components", {}), "components").items():
            checking.plain(entries, f"components.{section}")
    except _WrongError as wrong:
        raise CannotLoadError(f"{label}: {wrong}") from None


class _WrongError(Exception):
    """The text is the place and what is wrong there."""


class _Check:
    def __init__(self, document: Document, elsewhere: Document) -> None:
        self._document, self._elsewhere = document, elsewhere

    def version(self) -> None:
        """Refuses what has another form altogether."""
        if "swagger" in self._document:
            raise _WrongError("this is Swagger 2, whose bodies stand elsewhere: convert it to OpenAPI 3 first")
        version = str(self._document.get("openapi", "3"))
        if version.partition(".")[0] != "3":
            raise _WrongError(f"this is OpenAPI {version[:20]!r}, and 3.0 and 3.1 can be read")

    def document(self) -> None:
        self.version()
        self._references()
        self._circles()
        for path, item in self._object(self._document.get("paths", {}), "paths").items():
            if not path.startswith("/") or not path.isprintable():
                raise _WrongError(f"paths.{path} must start with a slash, and hold nothing that cannot be seen")
            self._item(item, f"paths.{path}")
        for name, item in self._object(self._document.get("webhooks", {}), "webhooks").items():
            self._item(item, f"webhooks.{name}")
        components = self._object(self._document.get("components", {}), "components")
        for section in SECTIONS:
            for name, node in self._object(components.get(section, {}), f"components.{section}").items():
                place = f"components.{section}.{name}"
                if section == "schemas":
                    self._schema(node, place)
                elif section == "parameters":
                    self._parameter(node, place)
                else:
                    self._body(node, place)

    def _item(self, item: Any, place: str) -> None:
        item = self._object(item, place)
        self._parameters(item, place)
        for method in METHODS:
            if method in item:
                self._operation(item[method], f"{place}.{method}")

    def _operation(self, node: Any, place: str) -> None:
        node = self._object(node, place)
        self._text(node, "operationId", place)
        self._texts(node, "tags", place)
        for number, requirement in enumerate(self._list(node.get("security", []), f"{place}.security")):
            self._object(requirement, f"{place}.security[{number}]")
        self._parameters(node, place)
        self._body(node.get("requestBody", {}), f"{place}.requestBody")
        for status, response in self._object(node.get("responses", {}), f"{place}.responses").items():
            self._body(response, f"{place}.responses.{status}")

    def _parameters(self, node: dict[str, Any], place: str) -> None:
        for number, parameter in enumerate(self._list(node.get("parameters", []), f"{place}.parameters")):
            self._parameter(parameter, f"{place}.parameters[{number}]")

    def _parameter(self, node: Any, place: str) -> None:
        node = self._object(node, place)
        for key in ("name", "in"):
            if not isinstance(node.get(key), str):
                raise _WrongError(f"{place} lacks its {key!r}")
        self._text(node, "description", place)
        self._schema(node.get("schema", {}), f"{place}.schema")

    def _body(self, node: Any, place: str) -> None:
        """A request body, a response or a header."""
        node = self._object(node, place)
        if "schema" in node:
            self._schema(node["schema"], f"{place}.schema")
        for name, header in self._object(node.get("headers", {}), f"{place}.headers").items():
            self._body(header, f"{place}.headers.{name}")
        for kind, media in self._object(node.get("content", {}), f"{place}.content").items():
            here = f"{place}.content.{kind}"
            self._schema(self._object(media, here).get("schema", {}), f"{here}.schema")

    def _schema(self, node: Any, place: str) -> None:
        if node is None or isinstance(node, bool):
            return
        if "$ref" in self._object(node, place):
            node = {key: value for key, value in node.items() if key != "$ref"}  # its target is looked at by itself
        for name, child in self._object(node.get("properties", {}), f"{place}.properties").items():
            self._schema(child, f"{place}.properties.{name}")
        for key in PARTS:
            for number, child in enumerate(self._list(node.get(key, []), f"{place}.{key}")):
                self._schema(child, f"{place}.{key}[{number}]")
        for key in ("items", "additionalProperties", "not"):
            self._schema(node.get(key), f"{place}.{key}")
        self._texts(node, "required", place, lenient=True)
        self._list(node.get("enum", []), f"{place}.enum")
        if not isinstance(node.get("type", ""), str):
            self._texts(node, "type", place)
        for key in ("description", "format", "pattern"):
            self._text(node, key, place)

    def _references(self) -> None:
        for where, reference in _found_references(self._document, ""):
            if not reference.startswith("#/"):
                raise _WrongError(f"{where} refers to {reference!r}, outside of the document; only '#/...' is followed")
            if not any(_leads(document, reference) for document in (self._document, self._elsewhere)):
                raise _WrongError(f"{where} refers to {reference!r}, which is not there")

    def _circles(self) -> None:
        """A schema may hold itself as a field or item, but not be a part of itself, nor made without end."""
        done: dict[str, int] = {}
        for _, start in _found_references(self._document, ""):
            self._follow(start, (), done)

    def _follow(self, reference: str, trail: tuple[str, ...], done: dict[str, int]) -> int:
        """Returns of how many parts a schema is made, each as often as it is one."""
        if reference in trail:
            raise _WrongError(f"{reference!r} is made of itself: {' -> '.join([*trail, reference])}")
        if reference not in done:
            if len(trail) > MAX_LEVELS:
                raise _WrongError(f"{trail[0]!r} is made of what is made of others, more than {MAX_LEVELS} times over")
            parts = _parts(self._target(reference))
            done[reference] = 1 + sum(self._follow(part, (*trail, reference), done) for part in parts)
            if done[reference] > MAX_PARTS:
                raise _WrongError(f"{reference!r} is made of more than {MAX_PARTS:,} parts once they are put together")
        return done[reference]

    def _target(self, reference: str) -> Any:
        return pointer(self._document if _leads(self._document, reference) else self._elsewhere, reference)

    def plain(self, node: Any, place: str) -> dict[str, Any]:
        """The object at a place."""
        if not isinstance(node, dict):
            raise _WrongError(f"{place} must be an object, and is {_kind(node)}")
        return node

    def _object(self, node: Any, place: str) -> dict[str, Any]:
        """The object at a place, or the one that it refers to."""
        if isinstance(node, dict) and isinstance(node.get("$ref"), str):
            target = self._target(node["$ref"])
            if not isinstance(target, dict) and not isinstance(target, bool):
                raise _WrongError(f"{place} refers to {node['$ref']!r}, which is {_kind(target)}")
            return {**target, **node} if isinstance(target, dict) else node
        return self.plain(node, place)

    def _list(self, node: Any, place: str) -> list[Any]:
        if not isinstance(node, list):
            raise _WrongError(f"{place} must be a list, and is {_kind(node)}")
        return node

    def _text(self, node: dict[str, Any], key: str, place: str) -> None:
        if not isinstance(node.get(key, ""), str):
            raise _WrongError(f"{place}.{key} must be a text, and is {_kind(node[key])}")

    def _texts(self, node: dict[str, Any], key: str, place: str, *, lenient: bool = False) -> None:
        if lenient and isinstance(node.get(key), bool):  # `required: true` of Swagger 2 stands in many a document
            return
        for number, value in enumerate(self._list(node.get(key, []), f"{place}.{key}")):
            if not isinstance(value, str):
                raise _WrongError(f"{place}.{key}[{number}] must be a text, and is {_kind(value)}")


def _found_references(node: Any, place: str, *, named: bool = False) -> Iterator[tuple[str, str]]:
    """Every `$ref` with its place. Where keys are names of fields, `$ref` and `example` are fields."""
    if isinstance(node, dict):
        if "$ref" in node and not named:
            if not isinstance(node["$ref"], str):
                raise _WrongError(f"{place}.$ref must be a text, and is {_kind(node['$ref'])}")
            yield place, node["$ref"]
        for key, value in node.items():
            if not isinstance(value, (dict, list)):
                continue
            here = f"{place}.{key}" if place else str(key)
            if key in DATA and not named and here != "components.examples":
                if key == "examples" and isinstance(value, dict):
                    yield from _example_references(value, here)
                continue
            if here == "components.examples":
                continue
            yield from _found_references(value, here, named=key == "properties" and not named)
    elif isinstance(node, list):
        for number, value in enumerate(node):
            yield from _found_references(value, f"{place}[{number}]")


def _example_references(examples: dict[str, Any], place: str) -> Iterator[tuple[str, str]]:
    for name, example in examples.items():
        if isinstance(example, dict) and isinstance(example.get("$ref"), str):
            yield f"{place}.{name}", example["$ref"]


def _parts(node: Any) -> Iterator[str]:
    """The references of what a schema is made of, its fields and items aside."""
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"]
        for key in PARTS:
            for part in node.get(key) or ():
                yield from _parts(part)


def _leads(document: Document, reference: str) -> bool:
    try:
        pointer(document, reference)
    except (KeyError, IndexError, TypeError, ValueError):
        return False
    return True


def _kind(node: Any) -> str:
    if node is None:
        return "null"
    names = {dict: "an object", list: "a list", str: "a text", bool: "true or false"}
    return names.get(type(node), "a number")
