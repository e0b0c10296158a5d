"""Reading and writing `spec/astra.yaml` so that only what was changed looks different."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq


def _yaml() -> YAML:
    yaml = YAML()
    yaml.preserve_quotes = True
    yaml.width = 1_000_000  # lines are long there, and stay as they are
    yaml.indent(mapping=2, sequence=4, offset=2)
    yaml.brace_single_entry_mapping_in_flow_sequence = True
    yaml.representer.add_representer(type(None), lambda out, _: out.represent_scalar("tag:yaml.org,2002:null", "null"))
    return yaml


def read(text: str) -> CommentedMap:
    """Reads YAML with its comments, order, quotes and styles."""
    found = _yaml().load(text)
    assert isinstance(found, CommentedMap)
    return found


def write(document: CommentedMap) -> str:
    """Writes what `read` gave."""
    out = io.StringIO()
    _yaml().dump(document, out)
    return out.getvalue()


def save(text: str, file: Path) -> None:
    """Replaces a file in one step."""
    fresh = file.with_name(f".{file.name}.new")
    fresh.write_text(text, encoding="utf-8")
    fresh.replace(file)


def flow(value: Any) -> Any:
    """The same data in one line when it is written."""
    if isinstance(value, dict):
        inner = CommentedMap({key: flow(child) for key, child in value.items()})
        inner.fa.set_flow_style()
        return inner
    if isinstance(value, list):
        items = CommentedSeq(flow(child) for child in value)
        items.fa.set_flow_style()
        return items
    return value


def rename_key(node: dict[str, Any], old: str, new: str) -> None:
    """Renames a key where it stands, with the comment beside it."""
    if not isinstance(node, CommentedMap):
        items = [(new if key == old else key, value) for key, value in node.items()]
        node.clear()
        node.update(items)
        return
    position = list(node).index(old)
    comment = node.ca.items.pop(old, None)
    node.insert(position, new, node.pop(old))
    if comment is not None:
        node.ca.items[new] = comment
