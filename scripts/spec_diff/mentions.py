"""Where docs, examples, the sandbox and cassettes speak of a changed operation or field."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

DOCS = ("README.md", "docs", "examples")
SANDBOX = ("astra/sandbox",)
WEBHOOKS = ("astra/webhooks",)
TESTS = ("tests",)
CASSETTES = "tests/cassettes"
LONG_ENOUGH = 4


@cache
def _texts(root: Path, places: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    files: list[Path] = []
    for place in places:
        found = [root / place] if (root / place).is_file() else [*(root / place).rglob("*")]
        files += sorted(file for file in found if file.suffix in (".md", ".py"))
    return tuple(
        (file.relative_to(root).as_posix(), file.read_text(encoding="utf-8")) for file in files if file.is_file()
    )


def mentions(root: Path, words: set[str], *, places: tuple[str, ...] = DOCS) -> list[str]:
    """Lines that have one of the words as a name: in code marks, as attribute or argument.

    Args:
        root: the repository.
        places: files and folders to look in.
        words: names of operations, fields, models or `resource.method` calls.

    Returns:
        Places such as `docs/payments.md:12`.
    """
    patterns = []
    for word in sorted(words):
        name = re.escape(word)
        if "." in word or "_" in word:
            patterns.append(rf"(?<![\w.]){name}(?!\w)" if "." not in word else rf"(?<!\w){name}(?!\w)")
        elif len(word) >= LONG_ENOUGH:
            patterns.append(rf"\.{name}(?!\w)|\b{name}=|[`\"']{name}[`\"']")
    if not patterns:
        return []
    wanted = re.compile("|".join(patterns))
    return [
        f"{file}:{number}"
        for file, text in _texts(root, places)
        if any(word in text for word in words)
        for number, line in enumerate(text.splitlines(), start=1)
        if any(word in line for word in words) and wanted.search(line)
    ]


@cache
def _exchanges(root: Path) -> tuple[tuple[str, str, str], ...]:
    """Method and path of every recorded request, with the cassette's name."""
    found: list[tuple[str, str, str]] = []
    folder = root / CASSETTES
    for file in sorted([*folder.rglob("*.yaml"), *folder.rglob("*.yml"), *folder.rglob("*.json")]):
        text = file.read_text(encoding="utf-8", errors="replace")
        methods = re.findall(r"(?m)^\s*\"?method\"?:\s*[\"']?([A-Z]+)", text)
        addresses = re.findall(r"(?m)^\s*\"?uri\"?:\s*[\"']?([^\s\"',]+)", text)
        for method, address in zip(methods, addresses, strict=False):
            found.append((method.lower(), urlsplit(address).path, file.relative_to(root).as_posix()))
    return tuple(found)


def cassettes_of(root: Path, routes: set[tuple[str, str]]) -> list[str]:
    """Cassettes that hold a request to one of the routes.

    Args:
        root: the repository.
        routes: pairs of method and path template.
    """
    patterns = [(method, re.compile(_pattern(path))) for method, path in routes]
    return sorted(
        {
            file
            for method, path, file in _exchanges(root)
            if any(method == wanted and pattern.fullmatch(path) for wanted, pattern in patterns)
        }
    )


def _pattern(path: str) -> str:
    return "".join("[^/]+" if part.startswith("{") else re.escape(part) for part in re.split(r"(\{[^}]*\})", path))
