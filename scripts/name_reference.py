"""docs/reference/names.md: everything that may be imported, and where it is described.

`scripts/reference.py` writes and checks it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import Enum
from importlib import import_module
from typing import Any, get_args, get_origin

INTRO = "Written by `make docs` from the `__all__` of each module. [All pages](index.md)."
ABOUT = """What is public, and stays within the rules of [versioning](../versioning.md). `Async` names have the same
methods and arguments as the name without it, with `await`, and `async for` where the other has `for`."""
MODULES = (
    "astra",
    "astra.types",
    "astra.oauth",
    "astra.tokens",
    "astra.payments",
    "astra.webhooks",
    "astra.request_log",
    "astra.instrumentation",
    "astra.drift",
    "astra.sandbox",
    "astra.testing",
    "astra.conformance",
    "astra.integrations.celery",
)
CONSTANTS = {
    "ALL_CLIENTS": "add an observer here to watch every client of the process",
    "CHECKS": "every conformance check",
    "CLIENT_ID": "client id of the local sandbox",
    "CLIENT_SECRET": "client secret of the local sandbox",
    "REDIRECT_URI": "redirect URI that the local sandbox knows",
    "STATE_NOT_CHECKED": "the argument of `parse_redirect` that skips the check of the state",
    "UNBOUND": "the identity of a grant that belongs to no client yet",
    "__version__": "version of this SDK",
}
"""What a module exports and no docstring describes."""


def build_names_page(pages: dict[str, str]) -> dict[str, str]:
    """Returns the page by its name.

    Args:
        pages: the other pages of the reference, to which its entries lead.

    Raises:
        ValueError: a public name is described nowhere.
    """
    places = {of_models: dict(headings(pages, of_models=of_models)) for of_models in (True, False)}
    parts = ["# Everything that you can import", INTRO, ABOUT]
    lost: list[str] = []
    for module in MODULES:
        rows: list[str] = []
        for name in sorted(import_module(module).__all__, key=str.lower):
            told = describe(name, getattr(import_module(module), name), places[module == "astra.types"])
            lost += [] if told else [f"{module}.{name}"]
            rows.append(f"| `{name}` | {told} |")
        parts += [f"## {module}", "\n".join(["| name | |", "|---|---|", *rows])]
    if lost:
        raise ValueError(f"No page of the reference describes {', '.join(lost)}: add it to PAGES of reference.py")
    return {"names.md": "\n\n".join(parts) + "\n"}


def headings(pages: dict[str, str], *, of_models: bool) -> Iterator[tuple[str, str]]:
    """Yields each name that has a heading of its own, and a link to it; a model may be called as another class is."""
    for page, text in pages.items():
        if (page in ("models.md", "statuses.md")) is not of_models and not page.startswith("errors/"):
            continue
        for marks, heading in re.findall(r"^(#{1,2}) (\w+)$", text, re.MULTILINE):
            yield heading, page if marks == "#" else f"{page}#{heading.lower()}"


def describe(name: str, value: Any, places: dict[str, str]) -> str:
    """Returns what the page says of a name; empty when it is described nowhere."""
    if name in places:
        return f"[{kind_of(value)}]({places[name]})"
    twin = name.removeprefix("Async")
    if twin in places:
        return f"the asynchronous [{twin}]({places[twin]})"
    if get_origin(value) is not None:
        return "one of " + ", ".join(f"`{word}`" for word in get_args(value))
    return CONSTANTS.get(name, "")


def kind_of(value: Any) -> str:
    """Returns what something is, in a word."""
    if not isinstance(value, type):
        return "function"
    for base, word in ((Warning, "warning"), (Exception, "error"), (Enum, "enum")):
        if issubclass(value, base):
            return word
    return "class"
