"""What a person has to edit after an import, by file and line. It is exact enough for a program to do it.

Fields and parameters keep their names in the SDK, in the sandbox and in the tests, whatever they travel under
(`x-sdk-name`). A path stands written out wherever HTTP is spoken by hand: in tests, examples, documents and the
conformance suite.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import zip_longest
from pathlib import Path

import attrs

from scripts.import_spec.edits import Edit, Rename
from scripts.import_spec.write import with_our_parameters

PLACES = ("astra", "docs", "examples", "tests", "scripts", "README.md")
RECORDED = ("tests/cassettes/data", "docs/reference")  # `make record` and `make docs` write these
DERIVED = "/_sync/"  # `make generate` writes these
SUFFIXES = (".py", ".md", ".html", ".js")
PARAMETER = r"(\{[^{}]*\}|[^\s\"'`/{}]+)"
STEP = re.compile(r"\{\w+\}")


@attrs.frozen
class HandEdit:
    """One line in which a text becomes another one."""

    file: str
    number: int
    old: str
    new: str

    @property
    def line(self) -> str:
        """As reported."""
        return f"{self.file}:{self.number} {self.old} -> {self.new}"


def hand_edits(edits: Iterable[Edit], root: Path) -> list[HandEdit]:
    """Lists them.

    Args:
        edits: what an import changes in our spec.
        root: the repository.
    """
    paths = [
        (one.guess.name, with_our_parameters(one.new, one.guess.name))
        for one in edits
        if isinstance(one, Rename) and one.guess.kind == "path"
    ]
    if not paths:
        return []
    found: list[HandEdit] = []
    for file in _files(root):
        name, text = file.relative_to(root).as_posix(), file.read_text(encoding="utf-8")
        here = [pair for pair in paths if all(part in text for part in STEP.split(pair[0]))]
        for number, line in enumerate(text.splitlines() if here else (), start=1):
            found += [HandEdit(name, number, *pair) for old, new in here for pair in _in_line(line, old, new)]
    return found


def make(edit: HandEdit, root: Path) -> None:
    """Makes an edit.

    Args:
        edit: to make.
        root: a copy of the repository.

    Raises:
        ValueError: the line does not have the old text.
    """
    file = root / edit.file
    lines = file.read_text(encoding="utf-8").splitlines(keepends=True)
    if edit.old not in lines[edit.number - 1]:
        raise ValueError(f"{edit.file}:{edit.number} has no {edit.old}")
    lines[edit.number - 1] = lines[edit.number - 1].replace(edit.old, edit.new)
    file.write_text("".join(lines), encoding="utf-8")


def _in_line(line: str, old: str, new: str) -> list[tuple[str, str]]:
    """The path as it stands in a line, with whatever stands for its parameters, and as it has to be."""
    pattern = PARAMETER.join(map(re.escape, STEP.split(old))) + r"(?![\w/-])"
    found: list[tuple[str, str]] = []
    for match in re.finditer(pattern, line):
        between = zip_longest(STEP.split(new), match.groups(), fillvalue="")
        pair = (match.group(), "".join(text + value for text, value in between))
        if pair not in found:
            found.append(pair)
    return found


def _files(root: Path) -> list[Path]:
    found: list[Path] = []
    for place in PLACES:
        start = root / place
        found += [start] if start.is_file() else sorted(start.rglob("*")) if start.is_dir() else []
    return [
        file
        for file in found
        if file.suffix in SUFFIXES
        and file.is_file()
        and "__pycache__" not in file.parts
        and not file.relative_to(root).as_posix().startswith(RECORDED)
        and DERIVED not in file.as_posix()
    ]
