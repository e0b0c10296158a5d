"""Read the public surface of a package from its sources, without importing it.

Public is what the rooms of the package export (`from x import Name as Name`, or a name in `__all__`), and every class
of the package that a public signature leads to: `Astra.user` returns a `UserSession`, so its methods are public too.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import attrs
import griffe

ROOMS = ("", ".tokens", ".webhooks", ".request_log", ".instrumentation", ".sandbox", ".testing", ".integrations")
ROOMS += (".errors", ".config", ".oauth")
INSIDE = ".sandbox.engine."  # what the sandbox is made of, which tests may look at and nobody may rely on


@attrs.frozen
class Parameter:
    """One parameter of a function."""

    name: str
    kind: str
    required: bool


@attrs.frozen
class Entry:
    """One public thing."""

    kind: str  # class | function | attribute
    parameters: tuple[Parameter, ...] = ()
    returns: str = ""


Surface = dict[str, Entry]


def read_surface(root: Path, package: str = "astra") -> Surface:
    """Reads the surface of a package that lies in `root`."""
    return surface_of(griffe.load(package, search_paths=[root], allow_inspection=False, try_relative_path=False))


def surface_of(package: griffe.Object | griffe.Alias) -> Surface:
    """The surface of a package that griffe has loaded."""
    surface: Surface = {}
    waiting: list[tuple[str, griffe.Object]] = []
    for room in ROOMS:
        try:
            module = package.modules_collection[f"{package.path}{room}"]
        except KeyError:
            continue
        waiting += [(f"{module.path}.{name}", target) for name, target in _exports(module, package.path)]
    seen: set[str] = set()
    while waiting:
        path, target = waiting.pop(0)
        if target.canonical_path in seen and not target.is_class:
            surface[path] = _entry(target)
            continue
        if target.canonical_path in seen:
            continue
        seen.add(target.canonical_path)
        surface[path] = _entry(target)
        if not target.is_class:
            continue
        for name, member in _members(target):
            surface[f"{path}.{name}"] = _entry(member)
            if name == "__init__":
                continue  # users get most of these objects from others, and need not know what they are made of
            for found in _classes_in(member, package):
                if not found.canonical_path.startswith(f"{package.path}{INSIDE}"):
                    waiting.append((found.canonical_path, found))
    return dict(sorted(surface.items()))


def _exports(module: griffe.Object, package: str) -> Iterator[tuple[str, griffe.Object]]:
    """Names that a module offers, with what they stand for."""
    stated = list(module.exports or ())
    known = all(isinstance(name, str) for name in stated)  # a computed `__all__` cannot be read from the source
    listed = {name for name in stated if isinstance(name, str)} if known else set()
    for name, member in module.members.items():
        if name.startswith("_") or (listed and name not in listed):
            continue
        target = _target(member)
        if target is None or target.is_module or not target.canonical_path.startswith(f"{package}."):
            continue
        if not member.is_alias or listed or module.is_init_module:
            yield name, target


def _target(member: griffe.Object | griffe.Alias) -> griffe.Object | None:
    """What a name stands for, or None when that lies in a package that was not loaded."""
    if isinstance(member, griffe.Alias):
        try:
            return _target(member.final_target)
        except (griffe.AliasResolutionError, griffe.CyclicAliasError):
            return None
    return member


def _members(target: griffe.Object) -> Iterator[tuple[str, griffe.Object]]:
    """Public members of a class, inherited ones included, and its constructor."""
    for name, member in sorted(target.all_members.items()):
        if name == "__init__" or not name.startswith("_"):
            found = _target(member)
            if found is not None:
                yield name, found


def _entry(target: griffe.Object) -> Entry:
    if target.is_function and isinstance(target, griffe.Function):
        parameters = tuple(
            Parameter(parameter.name, parameter.kind.value if parameter.kind else "", parameter.required)
            for parameter in target.parameters
            if parameter.name not in ("self", "cls")
        )
        return Entry("function", parameters, str(target.returns or ""))
    if target.is_class:
        return Entry("class")
    return Entry("attribute", (), str(getattr(target, "annotation", None) or ""))


def _classes_in(target: griffe.Object, package: griffe.Object | griffe.Alias) -> Iterator[griffe.Object]:
    """Classes of the package that a signature names."""
    annotations = [getattr(target, "returns", None), getattr(target, "annotation", None)]
    if isinstance(target, griffe.Function):
        annotations += [parameter.annotation for parameter in target.parameters]
    parts = [part for found in annotations if isinstance(found, griffe.Expr) for part in found.iterate(flat=True)]
    for part in parts:
        if isinstance(part, griffe.ExprName) and part.canonical_path.startswith(f"{package.path}."):
            try:
                found = _target(package.modules_collection[part.canonical_path])
            except KeyError:
                continue
            if found is not None and found.is_class and not found.name.startswith("_"):
                yield found
