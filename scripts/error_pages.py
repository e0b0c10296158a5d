"""The pages of docs/reference/errors/: one for each error and warning, with its cause and its cure.

What an error is comes from its docstring, what usually causes it and what to do from `error_pages.toml`.
`scripts/reference.py` writes and checks the pages.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path

import griffe

CAUSES = Path(__file__).with_suffix(".toml")
FOLDER = "errors"
INTRO = "Written by `make docs` from the docstring and from `scripts/error_pages.toml`. [All errors](index.md)."
NO_ERRORS = ("UnexpectedStatus",)
"""What the generator writes and nothing raises."""


def slug(name: str) -> str:
    """Returns the name of an error's page: `api-timeout-error` for `APITimeoutError`."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "-", name.replace("OAuth", "Oauth")).lower()


def build_error_pages(
    modules: list[griffe.Object], *, describe: Callable[[griffe.Class], list[str]], tree: list[str]
) -> dict[str, str]:
    """Returns the text of each page by its path in docs/reference/.

    Args:
        modules: where the errors are.
        describe: writes signature, docstring and members of a class.
        tree: the text above the list of all errors.

    Raises:
        ValueError: an error has no cause and cure, or the file names one that is not there.
    """
    about = tomllib.loads(CAUSES.read_text(encoding="utf-8"))
    kinds = {kind.name: kind for module in modules for kind in exceptions(module)}
    if odd := sorted(kinds.keys() ^ about.keys()):
        raise ValueError(f"{CAUSES.name} does not fit astra.errors: {', '.join(odd)}")
    pages: dict[str, str] = {}
    rows: list[str] = []
    for name, kind in kinds.items():
        entry = about[name]
        parts = [f"# {name}", INTRO, lineage(kind, kinds)]
        parts += ["**Was anything sent?** " + entry["sent"]]
        parts += ["## Causes", "\n".join(f"- {cause}" for cause in entry["causes"])]
        parts += ["## What to do", "\n".join(f"{number}. {cure}" for number, cure in enumerate(entry["cure"], 1))]
        parts += ["## The class", *describe(kind)]
        pages[f"{FOLDER}/{slug(name)}.md"] = "\n\n".join(parts) + "\n"
        rows.append(f"| [{name}]({slug(name)}.md) | {first_sentence(kind)} |")
    table = "\n".join(["| error | what happened |", "|---|---|", *rows])
    pages[f"{FOLDER}/index.md"] = "\n\n".join([*tree, "## A page for each", table]) + "\n"
    return pages


def exceptions(module: griffe.Object) -> Iterator[griffe.Class]:
    """Yields the public exceptions and warnings of a module."""
    for name, member in module.members.items():
        if name.startswith("_") or name in NO_ERRORS:
            continue
        if isinstance(member, griffe.Alias):
            if not member.target_path.startswith(module.path):
                continue
            member = member.final_target
        if isinstance(member, griffe.Class):
            yield member


def lineage(kind: griffe.Class, kinds: dict[str, griffe.Class]) -> str:
    """Returns the classes above, from the top, each with its page, and the ones below."""
    line: list[str] = []
    at: griffe.Class | None = kind
    while at is not None:
        first = str(at.bases[0]) if at.bases else "Exception"
        at = kinds.get(first)
        line.insert(0, f"[{first}]({slug(first)}.md)" if at else f"`{first}`")
    below = [name for name, other in kinds.items() if kind.name in map(str, other.bases)]
    told = f"{' > '.join(line)} > **{kind.name}**"
    if below:
        told += ", with the subclasses " + ", ".join(f"[{name}]({slug(name)}.md)" for name in below)
    return told


def first_sentence(kind: griffe.Class) -> str:
    """Returns what the docstring says first."""
    text = " ".join(kind.docstring.value.partition("\n\n")[0].split()) if kind.docstring else ""
    return re.sub(r"(?<=\.) [A-Z`].*", "", text).replace("|", "\\|")
