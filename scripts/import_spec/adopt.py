"""Take over what an import says into our spec, and find the text that has to follow."""

from __future__ import annotations

from pathlib import Path

import attrs

from scripts.import_spec.edits import AddField, Plan, Rename
from scripts.import_spec.hand_edits import HandEdit, hand_edits
from scripts.import_spec.roundtrip import plain, read, write
from scripts.import_spec.write import carry_out
from scripts.spec_document.load import CannotLoadError, Document, parse
from scripts.spec_document.wellformed import check

MARKED = "pytestmark = pytest.mark.guesses"


@attrs.frozen
class Adopted:
    """Our spec as it becomes, and what was done and is left to do."""

    text: str
    changed: bool
    done: list[str]
    tasks: list[str]
    hand_edits: list[HandEdit]
    not_listed: list[str]


def adopt(plan: Plan, ours: Document, *, text: str, label: str, root: Path) -> Adopted:
    """Writes what an import says into the text of our spec.

    Args:
        plan: what to change, and what is left to a person.
        ours: our spec.
        text: our spec as it stands in its file.
        label: what to call it in errors.
        root: the repository whose texts are looked through for renamed paths.
    """
    tree = read(text)
    carry_out(plan.edits, tree, ours)
    written = write(tree) if plan.edits else text
    after = parse(written, label=label)
    if plan.edits and after != plain(tree):
        raise CannotLoadError(f"{label} would read back otherwise than it was written, so nothing is written")
    check(after, label=label)
    renames = [edit for edit in plan.edits if isinstance(edit, Rename)]
    return Adopted(
        text=written,
        changed=written != text,
        done=[edit.line for edit in plan.edits],
        tasks=[*plan.tasks, *_in_words(renames, written), *_of_added(plan), *(_of_tests(root) if plan.edits else ())],
        hand_edits=hand_edits(plan.edits, root),
        not_listed=[f"{owner}: {', '.join(names)}" for owner, names in plan.not_listed.items() if names],
    )


def _in_words(renames: list[Rename], text: str) -> list[str]:
    """Descriptions of the spec that speak of an old name."""
    lines = list(enumerate(text.splitlines(), start=1))
    return [
        f"spec/astra.yaml:{number} still speaks of `{edit.guess.name}`, which may be `{edit.new}` there"
        for edit in renames
        for number, line in lines
        if f"`{edit.guess.name}`" in line
    ]


def _of_tests(root: Path) -> list[str]:
    """Tests that have no subject left when what they are about is settled."""
    return [
        f"{file.relative_to(root).as_posix()}:{number} is about what the spec guesses, which is settled now: take "
        "other guesses, or run `pytest -m 'not guesses'`"
        for file in sorted((root / "tests").rglob("test_*.py"))
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), start=1)
        if line == MARKED
    ]


def _of_added(plan: Plan) -> list[str]:
    names = [f"{edit.component}.{edit.name}" for edit in plan.edits if isinstance(edit, AddField)]
    if not names:
        return []
    return [f"mark what is secret (`x-secret`) or of a person (`x-personal`) among the added: {', '.join(names)}"]
