"""What Sphinx reads: the pages of docs/, with links that stay on the site, tabs, diagrams and tables of contents.

The pages in the repository are plain Markdown, which reads well on any host of repositories. What is added here is what
such a host cannot do. Nothing here reads or writes a file.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable

from scripts.docs_site.contents import place_of
from scripts.docs_site.diagrams import draw

FENCE = re.compile(r"^( *)(```+)([^\n`]*)\n(.*?)^ *\2 *$\n?", re.DOTALL | re.MULTILINE)
LINK = re.compile(r"(!?)\[((?:[^\[\]]|\[[^\]]*\])*)\]\(([^)\s]+)\)")
PLAIN = {"crontab": "text"}
"""Languages that the highlighter does not know."""


def staged(text: str, *, source: str, page: str) -> str:
    """Returns a page as the site has it.

    Args:
        text: the page as it is in the repository.
        source: where it is there, as in "docs/guides/tokens.md".
        page: where it is on the site, as in "guides/tokens.md".
    """
    text = outside_fences(text, lambda prose: LINK.sub(lambda link: moved(link, source=source, page=page), prose))
    return FENCE.sub(diagram, tabs(text))


def outside_fences(text: str, change: Callable[[str], str]) -> str:
    """Returns a page whose prose is changed, and its blocks of code are not."""
    parts: list[str] = []
    end = 0
    for fence in FENCE.finditer(text):
        parts += [change(text[end : fence.start()]), fence.group()]
        end = fence.end()
    return "".join([*parts, change(text[end:])])


def moved(link: re.Match[str], *, source: str, page: str) -> str:
    """Returns a link to where its target is on the site.

    Raises:
        ValueError: the target is on no page.
    """
    picture, label, target = link.groups()
    if "://" in target or target.startswith(("#", "mailto:")):
        return link.group()
    path, mark, anchor = target.partition("#")
    path = posixpath.normpath(posixpath.join(posixpath.dirname(source), path))
    place = place_of(path)
    if place is None:
        raise ValueError(f"{source}: {target} is on no page of the site")
    there = posixpath.relpath(place, posixpath.dirname(page) or ".")
    return f"{picture}[{label}]({there}{mark}{anchor})"


def tabs(text: str) -> str:
    """Returns a page on which a program and the same with asyncio, which follows at once, are two tabs."""
    pair = re.compile(
        r"^```python( run)?\n((?:(?!^```).*\n)*?)^```\n\n^```python( run)? async\n((?:(?!^```).*\n)*?)^```$",
        re.MULTILINE,
    )
    return pair.sub(
        lambda found: (
            "`````{tab-set}\n:sync-group: flavor\n\n"
            f"````{{tab-item}} Sync\n:sync: sync\n\n```python\n{found.group(2)}```\n````\n\n"
            f"````{{tab-item}} Async\n:sync: async\n\n```python\n{found.group(4)}```\n````\n`````"
        ),
        text,
    )


def diagram(fence: re.Match[str]) -> str:
    """Returns a diagram as HTML, and any other block with its language alone."""
    indent, marks, info, body = fence.groups()
    words = info.split()
    if words == ["mermaid"]:
        return f"```{{raw}} html\n{draw(body)}\n```\n"
    if info.startswith("{") or not words:
        return fence.group()
    return f"{indent}{marks}{PLAIN.get(words[0], words[0])}\n{body}{indent}{marks}\n"
