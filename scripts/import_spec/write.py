"""Make the changes of an import in our spec, in place, everywhere that a name stands."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from scripts.import_spec.edits import AddField, AddStatus, AddValue, Edit, Rename, Settle
from scripts.import_spec.fields import fields
from scripts.import_spec.plan import lineage, renames_of
from scripts.import_spec.roundtrip import flow, rename_key
from scripts.spec_diff.compare import path_parameters
from scripts.spec_document.guesses import Guess
from scripts.spec_document.load import Document
from scripts.spec_document.names import MARK
from scripts.spec_document.walk import METHODS, operations, resolve

MARKS = ("x-guess", "x-why", "x-settle")
SCHEMAS = "#/components/schemas/"


def carry_out(edits: list[Edit], tree: Document, ours: Document) -> None:
    """Makes the changes.

    Args:
        edits: what to change.
        tree: our spec, which is changed.
        ours: the same as it was, to look things up in.
    """
    names = renames_of(edits)
    _Examples(ours, names).rename(tree)
    _list_fields(tree, ours, names)
    # Paths last: a guess about a parameter finds its operation by its path.
    for edit in sorted(edits, key=lambda edit: isinstance(edit, Rename) and edit.guess.kind == "path"):
        if isinstance(edit, Settle):
            _settle(_node(tree, ours, edit.guess), edit)
        elif isinstance(edit, Rename):
            _rename(edit, tree, ours)
        elif isinstance(edit, AddField):
            _fields_of(tree["components"]["schemas"][edit.component])[edit.name] = flow(edit.schema)
        elif isinstance(edit, AddValue):
            tree["components"]["schemas"][edit.component]["enum"].append(edit.value)
        else:
            _add_status(edit, tree)


def _node(tree: Document, ours: Document, guess: Guess) -> Any:
    """What a guess is about: the object that has its marks."""
    if guess.kind == "property":
        return _declared(tree["components"]["schemas"][guess.owner], guess.name)[guess.name]
    if guess.kind == "value":
        return tree["components"]["schemas"][guess.owner]
    if guess.owner:
        return tree["components"][f"{guess.kind}s"][guess.owner]
    operation = next(one for one in operations(ours) if one.id == guess.operations[0])
    node = tree["paths"][operation.path][operation.method]
    if guess.kind == "path":
        return node
    return next(one for one in node["parameters"] if one.get("name") == guess.name)


def _declared(schema: Any, name: str) -> Any:
    """The properties that hold a field, in the schema itself or an inline part of it."""
    if name in schema.get("properties", {}):
        return schema["properties"]
    return next(found for part in schema["allOf"] if "$ref" not in part and (found := _declared(part, name)))


def _fields_of(schema: Any) -> Any:
    """The properties to which a field is added."""
    inline = [part for part in schema.get("allOf", []) if "$ref" not in part]
    return (inline[-1] if inline else schema).setdefault("properties", flow({}))


def _settle(node: Any, edit: Settle | Rename) -> None:
    guess = edit.guess
    if guess.kind == "value":
        del node["x-guess-values"][guess.name]
        if not node["x-guess-values"]:
            del node["x-guess-values"]
        return
    for mark in MARKS:
        node.pop(mark, None)
    if node.get("x-evidence") != "documented":  # a page may be documented whose spelling was a guess
        node["x-evidence"] = edit.evidence


def _rename(edit: Rename, tree: Document, ours: Document) -> None:
    guess = edit.guess
    node = _node(tree, ours, guess)
    _settle(node, edit)
    if guess.kind != "path":
        keep_name(node, guess.name, edit.new)
    if guess.kind == "parameter":
        node["name"] = edit.new
    elif guess.kind == "path":
        rename_key(tree["paths"], guess.name, with_our_parameters(edit.new, guess.name))
    else:
        rename_key(_declared(tree["components"]["schemas"][guess.owner], guess.name), guess.name, edit.new)
        for name, schema in tree["components"]["schemas"].items():
            if guess.owner in lineage(ours, {"$ref": SCHEMAS + name}):
                for part in (schema, *(part for part in schema.get("allOf", []) if "$ref" not in part)):
                    _replace(part.get("required", []), guess.name, edit.new)


def keep_name(node: Any, old: str, new: str) -> None:
    """Programs go on to read it under the name that they know, whatever it travels under."""
    kept = node.get(MARK, old)
    node.pop(MARK, None)
    if kept != new:
        node[MARK] = kept


def _replace(names: Any, old: str, new: str) -> None:
    for position, name in enumerate(names):
        if name == old:
            names[position] = new


def with_our_parameters(new: str, old: str) -> str:
    """Their path with our names of its parameters, which name arguments and do not travel."""
    for theirs, mine in zip(path_parameters(new), path_parameters(old), strict=True):
        new = new.replace(f"{{{theirs}}}", f"{{{mine}}}")
    return new


def _list_fields(tree: Document, ours: Document, names: dict[tuple[str, str], str]) -> None:
    """`x-items` of an operation names the field that holds its list."""
    for operation in operations(ours):
        field = operation.node.get("x-items")
        for status, response in operation.node.get("responses", {}).items() if field else ():
            for media in resolve(ours, response).get("content", {}).values() if str(status).startswith("2") else ():
                for owner in lineage(ours, media.get("schema")):
                    if (owner, field) in names:
                        tree["paths"][operation.path][operation.method]["x-items"] = names[owner, field]


def _add_status(edit: AddStatus, tree: Document) -> None:
    _answer(edit, tree)
    responses = tree["paths"][edit.path][edit.method]["responses"]
    statuses = [str(status) for status in responses]
    if edit.status >= "400":
        position = sum(status < edit.status for status in statuses)
    else:
        position = sum(status < "400" for status in statuses)
    responses.insert(position, edit.status, flow({"$ref": f"#/components/responses/{edit.answer}"}))


def _answer(edit: AddStatus, tree: Document) -> None:
    """An error answer of the usual form, if the spec has none of this name."""
    answers, examples = tree["components"]["responses"], tree["components"]["examples"]
    if edit.answer in answers:
        return
    known = {status.value: status.phrase for status in HTTPStatus}
    phrase = known.get(int(edit.status), f"Status {edit.status}")
    media = {
        "schema": {"$ref": f"{SCHEMAS}GenericError"},
        "examples": {"error": {"$ref": f"#/components/examples/{edit.answer}"}},
    }
    answers[edit.answer] = flow(
        {
            "description": f"{phrase}.",
            "headers": {"Request-Id": {"$ref": "#/components/headers/RequestId"}},
            "content": {"application/json": media},
            "x-evidence": "documented",
        }
    )
    value = {"code": int(edit.status), "name": phrase, "description": f"{phrase}."}
    examples[edit.answer] = flow({"value": value})


class _Examples:
    """Renames fields in examples, which it walks beside their schemas."""

    def __init__(self, ours: Document, names: dict[tuple[str, str], str]) -> None:
        self._ours, self._names = ours, names

    def rename(self, tree: Document) -> None:
        for section in (tree["paths"], tree.get("webhooks", {})):
            for item in section.values():
                for method in METHODS:
                    if method in item:
                        self._bodies(tree, item[method].get("requestBody", {}), item[method].get("responses", {}))
        self._bodies(tree, {}, tree["components"].get("responses", {}))

    def _bodies(self, tree: Document, sent: Any, answers: Any) -> None:
        for body in (sent, *answers.values()):
            for media in body.get("content", {}).values():
                for example in media.get("examples", {}).values():
                    found = resolve_in(tree, example)
                    self._walk(found.get("value"), [media.get("schema")])

    def _walk(self, value: Any, schemas: list[Any]) -> None:
        if isinstance(value, list):
            items = [self._schema(schema).get("items") for schema in self._flat(schemas)]
            for child in value:
                self._walk(child, [item for item in items if item])
        if not isinstance(value, dict):
            return
        known = fields(self._ours, schemas)
        owners = [owner for schema in schemas for owner in lineage(self._ours, schema)]
        for key in list(value):
            if key in known:
                self._walk(value[key], known[key].nodes)
            new = next((self._names[owner, key] for owner in owners if (owner, key) in self._names), None)
            if new:
                rename_key(value, key, new)

    def _flat(self, schemas: list[Any]) -> list[Any]:
        flat = list(schemas)
        for schema in flat:
            node = self._schema(schema)
            flat += [*node.get("anyOf", []), *node.get("oneOf", []), *node.get("allOf", [])]
        return flat

    def _schema(self, schema: Any) -> Any:
        node = resolve(self._ours, schema)
        return node if isinstance(node, dict) else {}


def resolve_in(tree: Document, node: Any) -> Any:
    """The component that a node refers to, itself and not a copy, so that it can be changed."""
    while "$ref" in node:
        target: Any = tree
        for part in node["$ref"][2:].split("/"):
            target = target[part]
        node = target
    return node
