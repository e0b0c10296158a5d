"""Which hand-written methods use which generated modules, read from the code itself.

No table is kept: a method uses an operation if its body names the generated module (imported from `astra_api.api`), or
calls a function or method of ours that does.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

import attrs

GENERATED_API = "astra_api.api"


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
    qualified: str  # where it is defined
    names: set[str]  # fully qualified things that it names
    texts: set[str]  # attributes, keywords and strings that it mentions


@attrs.frozen
class _Read:
    """What a piece of code says, whichever class has it."""

    names: set[str]
    texts: set[str]
    of_self: set[str]  # what it takes of `self`


class FacadeIndex:
    """The uses of generated code in a package."""

    def __init__(self, bodies: list[_Body]) -> None:
        self._bodies = {(body.method.file, body.method.name): body for body in bodies}
        self._by_name: dict[str, list[_Body]] = {}
        for body in bodies:
            self._by_name.setdefault(body.qualified, []).append(body)
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
    modules: list[_Module] = []
    for file in sorted((root / package).rglob("*.py")):
        if {"_sync", "sandbox"} & set(file.relative_to(root).parts):
            continue
        modules.append(_module(file.relative_to(root).as_posix(), file.read_text(encoding="utf-8")))
    classes = {f"{module.name}.{node.name}": (module, node) for module in modules for node in module.classes}
    functions = [body for module in modules for body in module.functions()]
    return FacadeIndex([*functions, *_methods(classes)])


_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_Classes = dict[str, "tuple[_Module, ast.ClassDef]"]


class _Module:
    """One source file."""

    def __init__(self, file: str, source: str) -> None:
        self.file = file
        self.name = file.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
        self.tree = ast.parse(source)
        self.classes = [node for node in self.tree.body if isinstance(node, ast.ClassDef)]
        self.known = {
            **dict(_imports(self.tree)),
            **{node.name: f"{self.name}.{node.name}" for node in self.tree.body if isinstance(node, _FUNCTIONS)},
            **{node.name: f"{self.name}.{node.name}" for node in self.classes},
        }
        self._reads: dict[ast.AST, _Read] = {}

    def functions(self) -> Iterator[_Body]:
        for node in self.tree.body:
            if isinstance(node, _FUNCTIONS):
                yield self.body(node, node.name, f"{self.name}.{node.name}", {})

    def body(self, node: ast.AST, name: str, qualified: str, own: dict[str, str]) -> _Body:
        """A function as a class has it whose methods are `own`; read once, however many classes inherit it."""
        read = self._reads.get(node) or self._reads.setdefault(node, _read(node, self.known))
        names = read.names | {own[attribute] for attribute in read.of_self & own.keys()}
        return _Body(Method(name, self.file, getattr(node, "lineno", 0)), qualified, names, read.texts)

    def bases(self, node: ast.ClassDef) -> list[str]:
        """Qualified names of a class's bases."""
        plain = [base.value if isinstance(base, ast.Subscript) else base for base in node.bases]
        return [self.known.get(base.id, base.id) for base in plain if isinstance(base, ast.Name)]


@lru_cache(maxsize=1000)
def _module(file: str, source: str) -> _Module:
    """Parsed once for each text: who compares several specs in one process reads the same facade each time."""
    return _Module(file, source)


def _methods(classes: _Classes) -> Iterator[_Body]:
    """Methods under the names that users know: an inherited one belongs to the class that inherits it."""
    lineages = {qualified: _lineage(qualified, classes) for qualified in classes}
    bases = {base for lineage in lineages.values() for base in lineage[1:]}
    for qualified, (_, node) in classes.items():
        inherited = {base: classes[base] for base in lineages[qualified]}
        own: dict[str, str] = {}
        for base, (_, base_node) in reversed(inherited.items()):
            own |= {child.name: f"{base}.{child.name}" for child in base_node.body if isinstance(child, _FUNCTIONS)}
        for base, (base_module, base_node) in inherited.items():
            for child in base_node.body:
                if not isinstance(child, _FUNCTIONS) or own[child.name] != f"{base}.{child.name}":
                    continue
                public = not child.name.startswith("_")
                if (public and qualified in bases) or (not public and base != qualified):
                    continue
                yield base_module.body(child, f"{node.name}.{child.name}", f"{base}.{child.name}", own)


def _lineage(qualified: str, classes: _Classes) -> list[str]:
    """A class and its bases within the package, the nearest first."""
    found = [qualified]
    for name in found:
        module, node = classes[name]
        found += [base for base in module.bases(node) if base in classes and base not in found]
    return found


def _imports(tree: ast.AST) -> Iterator[tuple[str, str]]:
    """Names that a piece of code imports, with what they stand for."""
    for node in ast.walk(tree):
        yield from _imported(node)


def _imported(node: ast.AST) -> Iterator[tuple[str, str]]:
    if isinstance(node, ast.ImportFrom) and node.module and not node.level:
        for alias in node.names:
            yield alias.asname or alias.name, f"{node.module}.{alias.name}"


def _read(node: ast.AST, known: dict[str, str]) -> _Read:
    names: set[str] = set()
    texts: set[str] = set()
    of_self: set[str] = set()
    for child in ast.walk(node):
        if isinstance(child, ast.Name) and child.id in known:
            names.add(known[child.id])
        elif isinstance(child, ast.Attribute):
            texts.add(child.attr)
            if isinstance(child.value, ast.Name) and child.value.id == "self":
                of_self.add(child.attr)
        elif isinstance(child, ast.keyword) and child.arg:
            texts.add(child.arg)
        elif isinstance(child, ast.Constant) and isinstance(child.value, str):
            texts.add(child.value)
        else:
            names |= {target for _, target in _imported(child)}
    return _Read(names, texts, of_self)
