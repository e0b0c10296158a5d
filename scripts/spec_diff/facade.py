"""Which hand-written methods use which generated modules, read from the code itself.

No table is kept: a method uses an operation if its body names the generated module (imported from `astra_api.api`), or
calls a function or method of ours that does.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import attrs

GENERATED_API = "astra_api.api"
GENERATED_MODELS = "astra_api.models"


@attrs.frozen
class Method:
    """A method or function of the facade."""

    name: str  # as in AsyncRoutines.create
    file: str
    line: int

    @property
    def public(self) -> bool:
        """Whether users may call it."""
        return not any(part.startswith("_") for part in self.name.split("."))

    @property
    def label(self) -> str:
        """As printed: both flavours, and where it stands."""
        flavours = self.name
        if self.name.startswith("Async"):
            flavours = f"{self.name.removeprefix('Async')}, {self.name}"
        return f"{flavours} ({self.file}:{self.line})"


@attrs.define
class _Body:
    method: Method
    names: set[str]  # fully qualified things that it names
    texts: set[str]  # attributes, keywords and strings that it mentions


class FacadeIndex:
    """The uses of generated code in a package."""

    def __init__(self, bodies: list[_Body]) -> None:
        self._bodies = {(body.method.file, body.method.name): body for body in bodies}
        self._by_name: dict[str, list[_Body]] = {}
        for body in bodies:
            module = body.method.file.removesuffix(".py").replace("/", ".")
            self._by_name.setdefault(f"{module}.{body.method.name}", []).append(body)
        for body in bodies:
            body.names = self._closure(body.names)

    def _closure(self, names: set[str]) -> set[str]:
        found: set[str] = set()
        waiting = list(names)
        while waiting:
            name = waiting.pop()
            if name in found:
                continue
            found.add(name)
            for body in self._by_name.get(name, []):
                waiting.extend(body.names)
        return found

    def using_operation(self, tag: str, operation: str) -> list[Method]:
        """Methods that call an operation, directly or through other functions of ours."""
        return self._using(f"{GENERATED_API}.{tag}.{operation}")

    def using_model(self, model: str) -> list[Method]:
        """Methods that name a generated model."""
        return self._using(f"{GENERATED_MODELS}.{model}")

    def mentioning(self, text: str) -> list[Method]:
        """Methods that have an attribute, a keyword or a string of this name."""
        found = [body.method for body in self._bodies.values() if text in body.texts]
        return sorted(found, key=lambda method: (method.file, method.line))

    def _using(self, name: str) -> list[Method]:
        found = [body.method for body in self._bodies.values() if name in body.names]
        return sorted(found, key=lambda method: (not method.public, method.file, method.line))


def read_facade(root: Path, package: str = "astra") -> FacadeIndex:
    """Reads a package's sources. Derived sync files are left out: they are twins of the async ones.

    Args:
        root: the folder that holds the package.
        package: its name.
    """
    bodies: list[_Body] = []
    for file in sorted((root / package).rglob("*.py")):
        if {"_sync", "sandbox"} & set(file.relative_to(root).parts):
            continue
        bodies.extend(_bodies(file.relative_to(root).as_posix(), file.read_text(encoding="utf-8")))
    return FacadeIndex(bodies)


def _bodies(file: str, source: str) -> Iterator[_Body]:
    tree = ast.parse(source)
    module = file.removesuffix(".py").replace("/", ".")
    imported = dict(_imports(tree))
    local = {node.name: f"{module}.{node.name}" for node in tree.body if isinstance(node, _FUNCTIONS)}
    for node in tree.body:
        if isinstance(node, _FUNCTIONS):
            yield _body(node, node.name, file, {**imported, **local}, {})
        elif isinstance(node, ast.ClassDef):
            own = {
                child.name: f"{module}.{node.name}.{child.name}" for child in node.body if isinstance(child, _FUNCTIONS)
            }
            for child in node.body:
                if isinstance(child, _FUNCTIONS):
                    yield _body(child, f"{node.name}.{child.name}", file, {**imported, **local}, own)


_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


def _imports(tree: ast.AST) -> Iterator[tuple[str, str]]:
    """Names that a piece of code imports, with what they stand for."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module and not node.level:
            for alias in node.names:
                yield alias.asname or alias.name, f"{node.module}.{alias.name}"


def _body(node: ast.AST, name: str, file: str, known: dict[str, str], own: dict[str, str]) -> _Body:
    names: set[str] = set()
    texts: set[str] = set()
    for child in ast.walk(node):
        if isinstance(child, ast.Name) and child.id in known:
            names.add(known[child.id])
        elif isinstance(child, ast.Attribute):
            texts.add(child.attr)
            if isinstance(child.value, ast.Name) and child.value.id == "self" and child.attr in own:
                names.add(own[child.attr])
        elif isinstance(child, ast.keyword) and child.arg:
            texts.add(child.arg)
        elif isinstance(child, ast.Constant) and isinstance(child.value, str):
            texts.add(child.value)
    names |= {target for _, target in _imports(node)}
    return _Body(Method(name, file, getattr(node, "lineno", 0)), names, texts)
