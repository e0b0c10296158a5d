"""OpenAPI Overlay 1.0: change a document by a list of actions, each with its reason."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, Final

import attrs
import jsonpath_rfc9535
from jsonpath_rfc9535 import JSONPathError
from jsonpath_rfc9535.selectors import JSONPathSelector, NameSelector

from scripts.spec_document.load import Document

Place = tuple[Any, Any]  # the parent, and the key or index in it
Word = str | tuple[str, str]


class BadOverlayError(Exception):
    """The overlay is not valid; the text says which action and why."""


@attrs.frozen
class Applied:
    """What one action did."""

    target: str
    reason: str
    count: int


def apply(overlay: Document, document: Document) -> tuple[Document, list[Applied]]:
    """Applies an overlay to a copy of a document, action by action.

    Args:
        overlay: an Overlay 1.0 document. Every action of ours must have a description: its reason.
        document: what to change; it stays as it is.

    Returns:
        The changed copy, and how many nodes each action met. An action may meet none.

    Raises:
        BadOverlayError: the overlay is not valid.
    """
    version = str(overlay.get("overlay", ""))
    if not version.startswith("1.0") or not isinstance(overlay.get("actions"), list):
        raise BadOverlayError("not an Overlay 1.0 document: it needs `overlay: 1.0.0` and `actions`")
    applied: list[Applied] = []
    changed = _copied(document)
    words = words_of([document, overlay])
    for number, action in enumerate(overlay["actions"], start=1):
        target, reason = action.get("target"), action.get("description")
        if not target or not reason:
            raise BadOverlayError(f"action {number} lacks its {'target' if not target else 'reason (description)'}")
        if ("update" in action) == bool(action.get("remove")):
            raise BadOverlayError(f"action {number} ({target}) must either update or remove")
        try:
            places = find(target, changed, words=words)
        except JSONPathError as error:
            reason = str(error).splitlines()[0]
            raise BadOverlayError(f"action {number}: {target!r} is no JSONPath: {reason}") from error
        if action.get("remove"):
            _remove(places, target)
        else:
            for parent, key in places:
                if parent is None:
                    changed = _merged(changed, action["update"])
                else:
                    parent[key] = _updated(parent[key], action["update"], target)
        applied.append(Applied(target, reason, len(places)))
    return changed, applied


def find(path: str, document: Document, *, words: frozenset[Word] | None = None) -> list[Place]:
    """Finds the nodes that a path of RFC 9535 selects, each as its parent and the key in it. The root has no parent.

    Args:
        path: the path.
        document: where to look.
        words: from `words_of`, to pass by a document that lacks one without which the path selects nothing: to walk
            through 10 MB takes most of a second.

    Raises:
        JSONPathError: the path is wrong.
    """
    query = jsonpath_rfc9535.compile(path)
    if words is not None and not all(words & one_of for one_of in _needed(query)):
        return []
    # A path may meet a node twice, as `$['a', 'a']` does; an action changes it once.
    nodes = {node.location: node for node in query.find(document)}
    return [
        (node.parent.value if node.parent else None, location[-1] if location else None)
        for location, node in nodes.items()
    ]


def words_of(values: Iterable[Any]) -> frozenset[Word]:
    """Returns every name in JSON values, and every name with its text."""
    words: set[Word] = set()
    waiting = [*values]
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            words.update(value)
            words.update([pair for pair in value.items() if isinstance(pair[1], str)])
            waiting.extend(value.values())
        elif isinstance(value, list):
            waiting.extend(value)
    return frozenset(words)


_EQUALS: Final = re.compile(r"""\?@\['([^'\\]+)'\] == (?:'([^'\\]+)'|true|false)""")


def _needed(query: jsonpath_rfc9535.JSONPathQuery) -> list[set[Word]]:
    """Names, alone or with their texts: without one of each set a path selects nothing."""
    found = [{_needed_by(selector) for selector in segment.selectors} for segment in query.segments]
    return [{word for word in words if word is not None} for words in found if None not in words]


def _needed_by(selector: JSONPathSelector) -> Word | None:
    if isinstance(selector, NameSelector):
        return selector.name
    equals = _EQUALS.fullmatch(str(selector))
    if equals is None:
        return None
    return (equals[1], equals[2]) if equals[2] else equals[1]


def _copied(value: Any) -> Any:
    """As `copy.deepcopy`, many times as fast: JSON holds nothing else."""
    if isinstance(value, dict):
        return {name: _copied(inner) for name, inner in value.items()}
    return [_copied(inner) for inner in value] if isinstance(value, list) else value


def _remove(places: list[tuple[Any, Any]], target: str) -> None:
    for parent, key in sorted(places, key=lambda place: -place[1] if isinstance(place[1], int) else 0):
        if parent is None:
            raise BadOverlayError(f"{target} would remove the whole document")
        del parent[key]


def _updated(node: Any, update: Any, target: str) -> Any:
    if isinstance(node, list):
        return [*node, _copied(update)]
    if isinstance(node, dict) and isinstance(update, dict):
        return _merged(node, update)
    raise BadOverlayError(f"{target} selects a plain value; select the object that holds it")


def _merged(node: Any, update: Any) -> Any:
    """Objects merge key by key, lists add up, anything else is replaced."""
    if isinstance(node, dict) and isinstance(update, dict):
        merged = dict(node)
        for key, value in update.items():
            merged[key] = _merged(merged[key], value) if key in merged else _copied(value)
        return merged
    if isinstance(node, list) and isinstance(update, list):
        return [*node, *_copied(update)]
    return _copied(update)
