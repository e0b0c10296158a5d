"""llms.txt: the site for language models, as https://llmstxt.org describes it."""

from __future__ import annotations

import re

from scripts.docs_site.contents import PARTS
from scripts.docs_site.stage import FENCE

SUMMARY = (
    "Python SDK for Astra (astra.finance): OAuth tokens kept alive, payments that are never sent twice, request ids, "
    "webhooks, and a local sandbox. Import name `astra`, distribution name `astra-finance`."
)
NO_PROSE = re.compile(r"\s*(Written (from|by)|`AsyncAstra` has the same|[`|#<:-]|\d|!\[|Bases:|$)")
"""How a block begins that says nothing about its page."""


def llms(pages: dict[str, str]) -> dict[str, str]:
    """Returns `llms.txt`, which lists the pages, and `llms-full.txt`, which holds them.

    Args:
        pages: the Markdown of each page by its path.
    """
    listed = [f"# astra-finance\n\n> {SUMMARY}"]
    whole = [listed[0]]
    for title, entries in PARTS:
        lines: list[str] = []
        for entry in entries:
            for page in sorted(pages):
                name = page.removesuffix(".md")
                if name == entry or (entry.endswith("/*") and name.startswith(entry[:-1])):
                    said = f"- [{heading(pages[page])}](_sources/{page}): {first_sentence(pages[page])}"
                    lines.append(said.rstrip(": "))
                    if title in ("Start", "Guides", "Recipes"):
                        whole.append(pages[page])
        if lines:
            listed.append(f"## {title}\n\n" + "\n".join(lines))
    return {"llms.txt": "\n\n".join(listed) + "\n", "llms-full.txt": "\n\n".join(whole) + "\n"}


def heading(text: str) -> str:
    """Returns the title of a page."""
    return text.partition("\n")[0].removeprefix("# ").strip()


def first_sentence(text: str) -> str:
    """Returns what a page says first, without links and marks; empty when it begins with code or a table."""
    for block in FENCE.sub("", text).split("\n\n")[1:]:
        if NO_PROSE.match(block):
            continue
        plain = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", " ".join(block.split()))
        return plain.partition(". ")[0].rstrip(".:") + "."
    return ""
