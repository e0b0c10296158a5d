"""The edits of the SDK's code that follow a renamed name, made at the places that the report lists and nowhere else."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from openapi_python_client.strings import PythonIdentifier

from scripts.import_spec.edits import Rename
from scripts.import_spec.plan import lineage
from scripts.spec_document.load import Document

SOURCES = ("astra/resources/_async", "astra/pagination")
CURSORS = "astra/pagination/cursors.py"
TUPLES = {"cursor": "_CURSORS: Final = (", "more": "_MORE: Final = ("}
Place = tuple[int, int, int]  # line, column, end


class NotListedError(Exception):
    """An edit is needed where the report does not send anybody."""


def edit(root: Path, renames: list[Rename], ours: Document, *, listed: dict[str, list[str]]) -> list[str]:
    """Makes the edits.

    Args:
        root: a copy of the repository.
        renames: what is called otherwise now.
        ours: our spec as it was.
        listed: by rename, the places that the report has for it.

    Returns:
        What was edited, as `file:line old -> new`.

    Raises:
        NotListedError: the report does not name such a place.
    """
    done: list[str] = []
    for rename in renames:
        old, new = rename.guess.name, str(PythonIdentifier(rename.new, "field_"))
        if rename.guess.kind == "path":
            continue  # the facade reads paths from the generated client
        if rename.guess.owner == "Page" and old in TUPLES:
            file = root / CURSORS
            text = file.read_text(encoding="utf-8")
            file.write_text(text.replace(TUPLES[old], f'{TUPLES[old]}"{rename.new}", '), encoding="utf-8")
            done.append(f"{CURSORS} {old} -> {rename.new}")
            continue
        if new == old:
            continue  # what changed its case alone has the same name in Python
        named = frozenset(_names(rename, ours))
        for folder in SOURCES:
            for file in sorted((root / folder).glob("*.py")):
                places = listed[f"{rename.guess.place} -> {rename.new}"]
                done += _in_file(file, rename, new, named, root=root, listed=places)
    return done


def _names(rename: Rename, ours: Document) -> Iterator[str]:
    """The models that have the field, or the operations that have the parameter: a call that names one is about it."""
    if rename.guess.kind == "property":
        for name in ours["components"]["schemas"]:
            if rename.guess.owner in lineage(ours, {"$ref": f"#/components/schemas/{name}"}):
                yield name
    else:
        yield from rename.guess.operations
        yield "endpoint"


def _in_file(
    file: Path, rename: Rename, new: str, named: frozenset[str], *, root: Path, listed: list[str]
) -> list[str]:
    text = file.read_text(encoding="utf-8")
    lines = text.splitlines(keepends=True)
    done: list[str] = []
    here = file.relative_to(root).as_posix()
    for method in _functions(ast.parse(text)):
        places = {place for call in ast.walk(method) if isinstance(call, ast.Call) and _is_about(call, named)
                  for place in _places(call, rename, named)}  # fmt: skip
        if not places:
            continue
        if not any(one.startswith(f"{here}:") and one.endswith(f".{method.name}") for one in listed):
            raise NotListedError(f"{here} {method.name} has {rename.guess.name!r}, and the report does not list it")
        for line, column, end in sorted(places, reverse=True):
            old = lines[line - 1]
            lines[line - 1] = old[:column] + old[column:end].replace(rename.guess.name, new) + old[end:]
            done.append(f"{here}:{line} {rename.guess.name} -> {new}")
    if done:
        file.write_text("".join(lines), encoding="utf-8")
    return done


def _functions(tree: ast.Module) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef):
            yield from (one for one in node.body if isinstance(one, (ast.FunctionDef, ast.AsyncFunctionDef)))


def _is_about(call: ast.Call, named: frozenset[str]) -> bool:
    mine = [call.func, *call.args]
    return any(isinstance(one, ast.Name) and one.id in named for one in mine)


def _places(call: ast.Call, rename: Rename, named: frozenset[str]) -> Iterator[Place]:
    old = rename.guess.name
    if rename.guess.kind == "property":
        if isinstance(call.func, ast.Name) and call.func.id in named:
            yield from (
                (one.lineno, one.col_offset, one.col_offset + len(old)) for one in call.keywords if one.arg == old
            )
        for inner in (node for one in call.args if isinstance(one, ast.Lambda) for node in ast.walk(one)):
            if isinstance(inner, ast.Attribute) and inner.attr == old and inner.end_col_offset is not None:
                yield inner.lineno, inner.end_col_offset - len(old), inner.end_col_offset
        return
    for query in (one.value for one in call.keywords if one.arg == "query"):
        for key in query.keys if isinstance(query, ast.Dict) else ():
            if isinstance(key, ast.Constant) and key.value == old:
                yield key.lineno, key.col_offset + 1, key.col_offset + 1 + len(old)
