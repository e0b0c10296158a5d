"""What a person has to edit after an import, by file and line. It is exact enough for a program to do it.

Fields and parameters keep their names in the SDK, in the sandbox and in the tests, whatever they travel under
(`x-sdk-name`). A field that is new is masked in cassettes unless it is put on a list. A path stands written out where
HTTP is spoken by hand: in tests, examples, documents and the conformance suite.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import zip_longest
from pathlib import Path
from textwrap import wrap

import attrs

from scripts.import_spec.edits import AddField, Edit, Rename
from scripts.import_spec.write import with_our_parameters

PLACES = ("astra", "docs", "examples", "tests", "scripts", "README.md")
KEPT = "astra/testing/kept.py"
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
        return f"{self.file}:{self.number} {self.old} -> {' '.join(self.new.split())}"


def hand_edits(edits: Sequence[Edit], root: Path) -> list[HandEdit]:
    """Lists them.

    Args:
        edits: what an import changes in our spec.
        root: the repository.
    """
    added = sorted({one.name for one in edits if isinstance(one, AddField)})
    found = _kept(added, root) if added else []
    paths = [
        (one.guess.name, with_our_parameters(one.new, one.guess.name))
        for one in edits
        if isinstance(one, Rename) and one.guess.kind == "path"
    ]
    for file in _files(root) if paths else ():
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


def _kept(added: list[str], root: Path) -> list[HandEdit]:
    """Cassettes mask a field until somebody says of it that it says nothing about anybody."""
    lines = (root / KEPT).read_text(encoding="utf-8").splitlines() if (root / KEPT).exists() else []
    start = next((number for number, line in enumerate(lines) if line.startswith("_SPEC: ")), None)
    if start is None:
        return []
    end = lines.index('"""', start)
    known = set(" ".join(lines[start + 1 : end]).split())
    new = [name for name in added if name not in known]
    last = lines[end - 1]
    return [HandEdit(KEPT, end, last, "\n".join([last, *wrap(" ".join(new), 110)]))] if new else []


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
