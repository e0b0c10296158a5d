"""Compare two surfaces: what breaks a caller, and whether the changelog announces it."""

from __future__ import annotations

import re

import attrs

from scripts.api_surface.read import Entry, Surface

POSITIONAL = {"positional-only", "positional or keyword"}
VARIADIC = {"variadic positional", "variadic keyword"}


@attrs.frozen
class Break:
    """A change that can break code which ran before."""

    path: str
    text: str
    announced: bool = False


def find_breaks(old: Surface, new: Surface, changelog: str = "") -> list[Break]:
    """Lists the breaking changes from one surface to another.

    Args:
        old: the last release.
        new: now.
        changelog: text of CHANGELOG.md. A break is announced if the section Unreleased has a heading "Breaking" and
            names the thing below it, as in `Routines.create`.
    """
    announced = announcements(changelog)
    found: list[Break] = []
    for path, before in old.items():
        after = new.get(path)
        if after is None:
            parent = path.rsplit(".", 1)[0]
            if parent in new or parent not in old:
                found.append(Break(path, "removed"))
        else:
            found += [Break(path, text) for text in _changes(before, after)]
    return [attrs.evolve(item, announced=_names(item.path, announced)) for item in found]


def additions(old: Surface, new: Surface) -> list[str]:
    """What is new."""
    return [path for path in new if path not in old]


def announcements(changelog: str) -> set[str]:
    """Names in code marks below "Breaking" in the section Unreleased."""
    unreleased = re.search(r"(?ms)^## \[?Unreleased\]?.*?$(.*?)(?=^## |\Z)", changelog)
    breaking = re.search(r"(?ms)^### Breaking.*?$(.*?)(?=^### |\Z)", unreleased.group(1)) if unreleased else None
    return set(re.findall(r"`([\w.]+)", breaking.group(1))) if breaking else set()


def _names(path: str, announced: set[str]) -> bool:
    """Whether an announcement means this path: by its last one or two parts, either flavour."""
    parts = [part.removeprefix("Async") for part in path.split(".")]
    means = {".".join(parts[-2:]), ".".join(parts)} | ({parts[-1]} if parts[-1][:1].isupper() else set())
    return any(".".join(part.removeprefix("Async") for part in name.split(".")) in means for name in announced)


def _changes(before: Entry, after: Entry) -> list[str]:
    if before.kind != after.kind:
        return [f"was a {before.kind}, is a {after.kind}"]
    found: list[str] = []
    if before.returns and before.returns != after.returns:
        found.append(f"gives {after.returns or 'nothing stated'} instead of {before.returns}")
    old = {parameter.name: parameter for parameter in before.parameters}
    new = {parameter.name: parameter for parameter in after.parameters}
    takes_any = any(parameter.kind == "variadic keyword" and name not in old for name, parameter in new.items())
    for name, parameter in old.items():
        twin = new.get(name)
        if twin is None:
            if not (takes_any and parameter.kind not in VARIADIC):
                found.append(f"parameter {name} removed")
        elif twin.required and not parameter.required:
            found.append(f"parameter {name} is required now")
        elif parameter.kind in POSITIONAL and twin.kind not in POSITIONAL:
            found.append(f"parameter {name} cannot be given by position any more")
        elif parameter.kind == "keyword-only" and twin.kind == "positional-only":
            found.append(f"parameter {name} cannot be given by name any more")
    for name, parameter in new.items():
        if name not in old and parameter.required and parameter.kind not in VARIADIC:
            found.append(f"required parameter {name} added")
    return found + _order(before, after)


def _order(before: Entry, after: Entry) -> list[str]:
    """Positional parameters must keep their places."""
    old = [parameter.name for parameter in before.parameters if parameter.kind in POSITIONAL]
    new = [parameter.name for parameter in after.parameters if parameter.kind in POSITIONAL]
    kept = [name for name in old if name in new]
    in_place = [name for name in new[: len(old)] if name in kept] == kept
    return [] if in_place else ["positional parameters changed places"]
