"""From a change to what it touches: generated symbols, facade methods, docs, the sandbox and cassettes."""

from __future__ import annotations

import re
from pathlib import Path

import attrs

from scripts.spec_diff.change import Change
from scripts.spec_diff.facade import FacadeIndex, Method
from scripts.spec_diff.generated import GeneratedNames
from scripts.spec_diff.mentions import SANDBOX, TESTS, WEBHOOKS, cassettes_of, mentions
from scripts.spec_document.load import Document
from scripts.spec_document.walk import Operation, operations

WHOLE_OPERATION = ("endpoint-", "api-")
ENVELOPES = ("error_description", "description")  # whatever reads both kinds of error bodies names both texts


@attrs.frozen
class Touched:
    """What a change touches."""

    generated: list[str]
    methods: list[Method]
    other_methods: list[Method]  # they mention the field by name, without calling the operation
    error_readers: list[Method]  # they turn error bodies into exceptions
    documents: list[str]
    sandbox: list[str]
    tests: list[str]
    webhooks: list[str]  # lines of the webhook room that know the event
    cassettes: list[str]


class Tracer:
    """Traces changes through one repository."""

    def __init__(self, old: Document, new: Document, index: FacadeIndex, root: Path) -> None:
        self._operations: dict[str, list[Operation]] = {}
        for operation in [*operations(old), *operations(new)]:
            self._operations.setdefault(operation.id, []).append(operation)
        self._schemas = [(document.get("components") or {}).get("schemas", {}) for document in (old, new)]
        self._index, self._root = index, root
        self._generated = GeneratedNames(root)

    def trace(self, change: Change) -> Touched:
        """Finds everything that a change touches."""
        reached = [operation for name in self._names(change) for operation in self._operations.get(name, [])]
        methods: list[Method] = []
        for operation in reached:
            tag = next(iter(operation.node.get("tags", [])), "default")
            methods += [method for method in self._index.using_operation(tag, operation.id) if method not in methods]
        field = change.property.split(".")[-1].replace("[]", "").replace("*", "")
        others: list[Method] = []
        if field and change.direction != "none":
            others = [method for method in self._index.mentioning(field) if method not in methods]
        words = self._words(change, methods, field)
        events = {name.removeprefix("webhook ") for name in change.operations if name.startswith("webhook ")}
        routes = {(operation.method, operation.path) for operation in reached}
        return Touched(
            generated=self._symbols(change, reached),
            methods=methods,
            other_methods=others if _is_telling(field) else [],
            error_readers=self._error_readers() if change.failure and change.direction == "response" else [],
            documents=mentions(self._root, words),
            tests=mentions(self._root, words, places=TESTS) if not field or _is_telling(field) else [],
            sandbox=mentions(self._root, {*change.operations} if not field else {field}, places=SANDBOX),
            webhooks=mentions(self._root, events, places=WEBHOOKS) if events else [],
            cassettes=cassettes_of(self._root, routes),
        )

    def _error_readers(self) -> list[Method]:
        first, *others = (self._index.mentioning(text) for text in ENVELOPES)
        return [method for method in first if all(method in other for other in others)]

    def _names(self, change: Change) -> list[str]:
        """The operations, by their old and new names."""
        before = [change.before] if change.rule == "api-operation-id-removed" else []
        return [*before, *change.operations]

    def _symbols(self, change: Change, reached: list[Operation]) -> list[str]:
        """Names in the generated package. Ours are made so that the generator keeps them."""
        if change.component and any(change.component in schemas for schemas in self._schemas):
            model = f"astra_api.models.{change.component}"
            if "enum-value" in change.rule:
                return [f"{model}.{self._generated.member(change.component, str(change.before or change.after))}"]
            field = change.property.split(".")[0].removesuffix("[]")
            return [f"{model}.{self._generated.attribute(change.component, field)}" if field else model]
        symbols = []
        for operation in reached:
            tag = next(iter(operation.node.get("tags", [])), "default")
            symbol = f"astra_api.api.{tag}.{operation.id}"
            if symbol not in symbols:
                symbols.append(symbol)
        return symbols

    def _words(self, change: Change, methods: list[Method], field: str) -> set[str]:
        """What the docs would say if they spoke of it."""
        words: set[str] = set()
        if change.rule.startswith(WHOLE_OPERATION) or not field:
            words |= set(self._names(change)) if change.direction == "none" else set()
            words |= {_call(method) for method in methods if method.public and "." in method.name}
        if field and change.direction != "none":
            words.add(field)
        if "enum-value" in change.rule:
            words.add(str(change.before or change.after))
        return words


def _call(method: Method) -> str:
    """As a user writes it: `routines.create`."""
    owner, _, name = method.name.partition(".")
    return f"{re.sub(r'(?<=[a-z])(?=[A-Z])', '_', owner.removeprefix('Async')).lower()}.{name}"


def _is_telling(field: str) -> bool:
    """Whether a name says enough to be looked up on its own; `id` and `name` are everywhere."""
    return "_" in field or len(field) > 8
