"""The part of JSONPath (RFC 9535) that overlays need: names, wildcards, descent, indexes and simple filters.

Anything else is refused rather than misread.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

Place = tuple[Any, Any]  # the parent, and the key or index in it
Filter = Callable[[Any], bool]

_NAME = re.compile(r"[A-Za-z_$][\w$-]*")
_QUOTED = re.compile(r"'((?:[^'\\]|\\.)*)'|\"((?:[^\"\\]|\\.)*)\"")
_INDEX = re.compile(r"-?\d+")
_TERM = re.compile(
    r"\s*(!)?\s*@((?:\.[A-Za-z_$][\w$-]*|\['[^']*'\]|\[\"[^\"]*\"\])+)\s*"
    r"(?:(==|!=)\s*('[^']*'|\"[^\"]*\"|true|false|null|-?\d+(?:\.\d+)?))?\s*"
)


class UnsupportedPathError(ValueError):
    """The path uses what this module does not know."""


def find(path: str, document: Any) -> list[Place]:
    """Finds the nodes that a path selects.

    Args:
        path: such as `$.paths['/v1/user'].get` or `$..properties[?@.type == 'number']`.
        document: JSON data.

    Returns:
        Each node as its parent and the key in it. The root is `(None, None)`.

    Raises:
        UnsupportedPathError: the path is wrong or beyond this subset.
    """
    path = path.strip()
    if not path.startswith("$"):
        raise UnsupportedPathError(f"{path!r} does not start with $")
    places: list[Place] = [(None, None)]
    rest = path[1:]
    while rest:
        step, rest = _step(rest, path)
        places = list(_unique(place for parent in places for place in step(_value(document, parent))))
    return places


def _value(document: Any, place: Place) -> Any:
    parent, key = place
    return document if parent is None else parent[key]


def _unique(places: Iterator[Place]) -> Iterator[Place]:
    seen: set[tuple[int, Any]] = set()
    for parent, key in places:
        if (id(parent), key) not in seen:
            seen.add((id(parent), key))
            yield parent, key


Step = Callable[[Any], Iterator[Place]]


def _step(rest: str, path: str) -> tuple[Step, str]:
    """Reads one segment off the front of what is left of a path."""
    if rest.startswith(".."):
        inner, rest = _step(rest[1:] if rest[2:3] not in ("[",) else rest[2:], path)
        return _descend(inner), rest
    if rest.startswith(".*"):
        return _children(lambda _: True), rest[2:]
    if rest.startswith("."):
        name = _NAME.match(rest, 1)
        if name is None:
            raise UnsupportedPathError(f"{path!r}: a name must follow the dot at {rest!r}")
        return _member(name.group()), rest[name.end() :]
    if rest.startswith("["):
        return _bracket(rest, path)
    raise UnsupportedPathError(f"{path!r}: cannot read {rest!r}")


def _bracket(rest: str, path: str) -> tuple[Step, str]:
    if rest.startswith("[*]"):
        return _children(lambda _: True), rest[3:]
    if rest.startswith("[?"):
        end = _closing(rest, path)
        return _children(_filter(rest[2:end], path)), rest[end + 1 :]
    quoted = _QUOTED.match(rest, 1)
    if quoted is not None and rest[quoted.end() : quoted.end() + 1] == "]":
        text = quoted.group(1) if quoted.group(1) is not None else quoted.group(2)
        return _member(re.sub(r"\\(.)", r"\1", text)), rest[quoted.end() + 1 :]
    index = _INDEX.match(rest, 1)
    if index is not None and rest[index.end() : index.end() + 1] == "]":
        return _member(int(index.group())), rest[index.end() + 1 :]
    raise UnsupportedPathError(f"{path!r}: cannot read {rest!r}")


def _closing(rest: str, path: str) -> int:
    """Where the bracket that `rest` starts with closes, not looking into quoted texts."""
    depth, quote = 0, ""
    for position, letter in enumerate(rest):
        if quote:
            quote = "" if letter == quote else quote
        elif letter in "'\"":
            quote = letter
        elif letter == "[":
            depth += 1
        elif letter == "]":
            depth -= 1
            if depth == 0:
                return position
    raise UnsupportedPathError(f"{path!r}: a bracket is not closed")


def _member(key: str | int) -> Step:
    def step(node: Any) -> Iterator[Place]:
        if isinstance(node, dict) and isinstance(key, str) and key in node:
            yield node, key
        elif isinstance(node, list) and isinstance(key, int) and -len(node) <= key < len(node):
            yield node, key % len(node)

    return step


def _children(keep: Filter) -> Step:
    def step(node: Any) -> Iterator[Place]:
        keys = list(node) if isinstance(node, dict) else range(len(node)) if isinstance(node, list) else ()
        for key in keys:
            if keep(node[key]):
                yield node, key

    return step


def _descend(inner: Step) -> Step:
    def step(node: Any) -> Iterator[Place]:
        yield from inner(node)
        values = node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
        for value in values:
            yield from step(value)

    return step


def _filter(text: str, path: str) -> Filter:
    """A filter of terms joined by `&&`: `@.a`, `!@.a`, `@.a == 'x'`, `@.a != 1`."""
    text = text.strip()
    if text.startswith("(") and text.endswith(")"):
        text = text[1:-1]
    terms: list[Filter] = []
    position = 0
    while True:
        term = _TERM.match(text, position)
        if term is None:
            raise UnsupportedPathError(f"{path!r}: cannot read the filter {text!r}")
        terms.append(_term(term))
        position = term.end()
        if position == len(text):
            return lambda node: all(test(node) for test in terms)
        if text[position : position + 2] != "&&":
            raise UnsupportedPathError(f"{path!r}: cannot read the filter {text!r}")
        position += 2


def _term(term: re.Match[str]) -> Filter:
    negated, keys, operator, literal = term.groups()
    steps = [a or b or c for a, b, c in re.findall(r"\.([A-Za-z_$][\w$-]*)|\['([^']*)'\]|\[\"([^\"]*)\"\]", keys)]

    def test(node: Any) -> bool:
        for step in steps:
            if not isinstance(node, dict) or step not in node:
                return bool(negated) or operator == "!="
            node = node[step]
        if operator is None:
            return not negated
        return bool((node == _literal(literal)) == (operator == "=="))

    return test


def _literal(text: str) -> Any:
    if text[0] in "'\"":
        return text[1:-1]
    known = {"true": True, "false": False, "null": None}
    return known[text] if text in known else float(text) if "." in text else int(text)
