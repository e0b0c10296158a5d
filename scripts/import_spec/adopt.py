"""Take over what an import says into our spec, and find the code that has to follow."""

from __future__ import annotations

from pathlib import Path

import attrs

from scripts.import_spec.edits import AddField, Plan, Rename
from scripts.import_spec.roundtrip import plain, read, write
from scripts.import_spec.write import carry_out
from scripts.spec_diff.facade import FacadeIndex, read_facade
from scripts.spec_diff.mentions import DOCS, SANDBOX, TESTS, mentions
from scripts.spec_diff.trace import is_telling
from scripts.spec_document.load import CannotLoadError, Document, parse
from scripts.spec_document.walk import Operation, operations
from scripts.spec_document.wellformed import check


@attrs.frozen
class Adopted:
    """Our spec as it becomes, and what was done and is left to do."""

    text: str
    changed: bool
    done: list[str]
    tasks: list[str]
    code: dict[str, list[str]]  # by renamed name, the places that have the old one
    not_listed: list[str]


def adopt(plan: Plan, ours: Document, *, text: str, label: str, root: Path) -> Adopted:
    """Writes what an import says into the text of our spec.

    Args:
        plan: what to change, and what is left to a person.
        ours: our spec.
        text: our spec as it stands in its file.
        label: what to call it in errors.
        root: the repository whose code is looked through for renamed names.
    """
    tree = read(text)
    carry_out(plan.edits, tree, ours)
    written = write(tree) if plan.edits else text
    after = parse(written, label=label)
    if plan.edits and after != plain(tree):
        raise CannotLoadError(f"{label} would read back otherwise than it was written, so nothing is written")
    check(after, label=label)
    renames = [edit for edit in plan.edits if isinstance(edit, Rename)]
    own = {operation.id: operation for operation in operations(ours)}
    index = read_facade(root) if renames else FacadeIndex([])
    return Adopted(
        text=written,
        changed=written != text,
        done=[edit.line for edit in plan.edits],
        tasks=[*plan.tasks, *_in_words(renames, written), *_of_added(plan)],
        code={f"{edit.guess.place} -> {edit.new}": _code(edit, own, index, root) for edit in renames},
        not_listed=[f"{owner}: {', '.join(names)}" for owner, names in plan.not_listed.items() if names],
    )


def _code(edit: Rename, own: dict[str, Operation], index: FacadeIndex, root: Path) -> list[str]:
    """Methods, docs, sandbox and tests that have the old name: places such as `astra/bins.py:12 AsyncBins.get`."""
    old = edit.guess.name
    callers = [own[name] for name in edit.guess.operations]
    calling = [m for one in callers for m in index.using_operation(one.node["tags"][0], one.id)]
    # Parameters that all lists share are sent by what the callers of the operations inherit.
    shared = edit.guess.kind == "parameter"
    methods = [
        method
        for method in index.mentioning(old)
        if is_telling(old) or method in calling or (shared and method.file.startswith("astra/resources/"))
    ]
    found = [f"{method.file}:{method.line} {method.name}" for method in methods]
    if is_telling(old):
        found += mentions(root, {old}, places=(*SANDBOX, *DOCS, *TESTS))
    return list(dict.fromkeys(found))


def _in_words(renames: list[Rename], text: str) -> list[str]:
    """Descriptions of the spec that speak of an old name."""
    lines = list(enumerate(text.splitlines(), start=1))
    return [
        f"line {number} of the spec still speaks of `{edit.guess.name}`"
        for edit in renames
        for number, line in lines
        if f"`{edit.guess.name}`" in line
    ]


def _of_added(plan: Plan) -> list[str]:
    names = [f"{edit.component}.{edit.name}" for edit in plan.edits if isinstance(edit, AddField)]
    if not names:
        return []
    return [f"mark what is secret (`x-secret`) or of a person (`x-personal`) among the added: {', '.join(names)}"]
