"""OpenAPI Overlay 1.0: change a document by a list of actions, each with its reason."""

from __future__ import annotations

import copy
from typing import Any

import attrs
import jsonpath_rfc9535
from jsonpath_rfc9535 import JSONPathError

from scripts.spec_document.load import Document

Place = tuple[Any, Any]  # the parent, and the key or index in it


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
    changed = copy.deepcopy(document)
    for number, action in enumerate(overlay["actions"], start=1):
        target, reason = action.get("target"), action.get("description")
        if not target or not reason:
            raise BadOverlayError(f"action {number} lacks its {'target' if not target else 'reason (description)'}")
        if ("update" in action) == bool(action.get("remove")):
            raise BadOverlayError(f"action {number} ({target}) must either update or remove")
        try:
            places = find(target, changed)
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


def find(path: str, document: Document) -> list[Place]:
    """Finds the nodes that a path of RFC 9535 selects, each as its parent and the key in it. The root has no parent.

    Raises:
        JSONPathError: the path is wrong.
    """
    # A path may meet a node twice, as `$['a', 'a']` does; an action changes it once.
    nodes = {node.location: node for node in jsonpath_rfc9535.find(path, document)}
    return [
        (node.parent.value if node.parent else None, location[-1] if location else None)
        for location, node in nodes.items()
    ]


def _remove(places: list[tuple[Any, Any]], target: str) -> None:
    for parent, key in sorted(places, key=lambda place: -place[1] if isinstance(place[1], int) else 0):
        if parent is None:
            raise BadOverlayError(f"{target} would remove the whole document")
        del parent[key]


def _updated(node: Any, update: Any, target: str) -> Any:
    if isinstance(node, list):
        return [*node, copy.deepcopy(update)]
    if isinstance(node, dict) and isinstance(update, dict):
        return _merged(node, update)
    raise BadOverlayError(f"{target} selects a plain value; select the object that holds it")


def _merged(node: Any, update: Any) -> Any:
    """Objects merge key by key, lists add up, anything else is replaced."""
    if isinstance(node, dict) and isinstance(update, dict):
        merged = dict(node)
        for key, value in update.items():
            merged[key] = _merged(merged[key], value) if key in merged else copy.deepcopy(value)
        return merged
    if isinstance(node, list) and isinstance(update, list):
        return [*node, *copy.deepcopy(update)]
    return copy.deepcopy(update)
