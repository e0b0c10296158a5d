"""Read what Astra publishes: a whole document, or one fragment for each endpoint, also inside Markdown pages."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from scripts.spec_document.load import CannotLoadError, Document, parse, read_file
from scripts.spec_document.walk import METHODS
from scripts.spec_document.wellformed import check, check_outline

SUFFIXES = {".yaml", ".yml", ".json", ".md"}
_FENCE = re.compile(r"^(`{3,})[ \t]*(?:json|yaml|yml)?[^\n]*\n(.*?)^\1[ \t]*$", re.MULTILINE | re.DOTALL)


def read_sources(paths: list[Path]) -> Document:
    """Reads files and folders into one document.

    Args:
        paths: documents, fragments, Markdown pages that hold one, or folders of these.

    Raises:
        CannotLoadError: a file holds no OpenAPI or a broken one, or two of them describe the same operation
            differently. The text names the file.
    """
    files: list[Path] = []
    for path in paths:
        if path.is_dir():
            files += sorted(file for file in path.rglob("*") if file.suffix in SUFFIXES)
        elif path.is_file():
            files.append(path)
        else:
            why = f"{path} is neither a file nor a folder" if path.exists() else f"there is no {path}"
            raise CannotLoadError(why)
    if not files:
        raise CannotLoadError("there is nothing to import: no .yaml, .json or .md file")
    fragments = [(file.name, fragment) for file in files for fragment in _fragments(file)]
    for label, fragment in fragments:
        check_outline(fragment, label=label)
    whole = merge(fragments)
    for label, fragment in fragments:
        check(fragment, label=label, elsewhere=whole)
    return whole


def _fragments(file: Path) -> list[Document]:
    text = read_file(file)
    if file.suffix != ".md":
        return [_as_document(parse(text, label=file.name), file.name)]
    found = []
    for _, block in _FENCE.findall(text):
        try:
            found.append(_as_document(parse(block, label=file.name), file.name))
        except CannotLoadError:
            continue
    if not found:
        raise CannotLoadError(f"{file.name} has no code block that holds OpenAPI")
    return found


def _as_document(content: Document, label: str) -> Document:
    """A document, or what can be made one: a bare map of paths, or one path with its item."""
    if "paths" in content or "swagger" in content:
        return content
    if content and all(key.startswith("/") for key in content):
        return {"openapi": "3.1.0", "info": {"title": label, "version": "0"}, "paths": content}
    raise CannotLoadError(f"{label} is not OpenAPI: it has neither `paths` nor paths as its keys")


def merge(fragments: list[tuple[str, Document]]) -> Document:
    """Joins fragments. Components of one name and different content get a number, with their references.

    Raises:
        CannotLoadError: two fragments describe the same operation differently.
    """
    whole: Document = {"openapi": "3.1.0", "info": {"title": "imported", "version": "0"}, "paths": {}, "components": {}}
    for label, fragment in fragments:
        whole["info"] = fragment.get("info", whole["info"])
        renamed: dict[str, str] = {}
        for section, entries in (fragment.get("components") or {}).items():
            taken = whole["components"].setdefault(section, {})
            for name, value in entries.items():
                free = _free_name(name, value, taken)
                if free != name:
                    renamed[f"#/components/{section}/{name}"] = f"#/components/{section}/{free}"
        fragment = _rename(fragment, renamed)
        for section, entries in (fragment.get("components") or {}).items():
            for name, value in entries.items():
                target = renamed.get(f"#/components/{section}/{name}", f"#/{name}").rsplit("/", 1)[-1]
                whole["components"][section][target] = value
        for path, item in fragment["paths"].items():
            known = whole["paths"].setdefault(path, {})
            for key, value in item.items():
                if key in METHODS and key in known and _plain(known[key]) != _plain(value):
                    raise CannotLoadError(f"{label} describes {key.upper()} {path} unlike an earlier file")
                known[key] = value
        for key in ("webhooks", "tags", "servers", "security", "x-observed"):
            if key in fragment:
                whole.setdefault(key, fragment[key])
    return whole


def _free_name(name: str, value: Any, taken: dict[str, Any]) -> str:
    free, number = name, 2
    while free in taken and _plain(taken[free]) != _plain(value):
        free, number = f"{name}{number}", number + 1
    return free


def _plain(value: Any) -> str:
    return json.dumps(value, sort_keys=True, default=str)


def _rename(node: Any, renamed: dict[str, str]) -> Any:
    """A copy of a fragment in which references lead to the new names."""
    if isinstance(node, dict):
        return {
            key: renamed.get(value, value) if key == "$ref" and isinstance(value, str) else _rename(value, renamed)
            for key, value in node.items()
        }
    return [_rename(value, renamed) for value in node] if isinstance(node, list) else node
