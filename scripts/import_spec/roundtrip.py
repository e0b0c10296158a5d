"""Reading and writing `spec/astra.yaml` so that only what was changed looks different."""

from __future__ import annotations

import contextlib
import errno
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq

from astra.errors import ConfigurationError
from astra.first_contact.intents import write_whole
from astra.sandbox.saving.lock import StateLock
from scripts.spec_document.load import CannotLoadError, read_file

TEXT = "tag:yaml.org,2002:str"
_READERS = yaml.resolver.Resolver()
"""What YAML 1.1 makes of a bare word."""


def _yaml() -> YAML:
    writer = YAML()
    writer.preserve_quotes = True
    writer.width = 1_000_000  # lines are long there, and stay as they are
    writer.indent(mapping=2, sequence=4, offset=2)
    writer.brace_single_entry_mapping_in_flow_sequence = True
    writer.representer.add_representer(
        type(None), lambda out, _: out.represent_scalar("tag:yaml.org,2002:null", "null")
    )
    writer.representer.add_representer(str, _represent)
    return writer


def _represent(out: Any, value: str) -> Any:
    """A text as YAML of any version reads it back: `no`, `on` and `1_000` are none unless they are quoted."""
    kind = _READERS.resolve(yaml.ScalarNode, value, (True, False)) if value else TEXT
    style = "'" if kind != TEXT or value.lower() in ("y", "n") else None
    return out.represent_scalar(TEXT, value, style=style)


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


def plain(node: Any) -> Any:
    """What `read` gave, as `parse` reads it."""
    if isinstance(node, dict):
        keys = ((key if isinstance(key, str) else json.dumps(key), child) for key, child in node.items())
        return {str(key): plain(child) for key, child in keys}
    return [plain(child) for child in node] if isinstance(node, list) else node


def save(text: str, file: Path, *, before: str) -> None:
    """Replaces a file in one step, so that it is whole whenever this ends.

    Args:
        text: what to write.
        file: where.
        before: what the file held when the text was made of it.

    Raises:
        CannotLoadError: it cannot be written, or somebody else wrote it meanwhile, and is as it was.
    """
    try:
        file = file.resolve()
        mode = file.stat().st_mode
        if not mode & 0o222:
            raise PermissionError(errno.EACCES, "it is read-only")
        with _alone(file):
            if read_file(file) != before:
                raise CannotLoadError(f"{file.name} was changed while this ran, and is as it was then: run it again")
            write_whole(file, text)
            file.chmod(mode)
    except OSError as error:
        raise CannotLoadError(f"{file.name} cannot be written, and is as it was: {error.strerror}") from None


@contextlib.contextmanager
def _alone(file: Path) -> Iterator[None]:
    """Keeps another import from writing a file meanwhile."""
    try:
        lock = StateLock(file)
    except ConfigurationError as error:
        if isinstance(error.__cause__, OSError):
            raise error.__cause__ from None
        raise CannotLoadError(f"{file.name} is written by another import, and not by this one") from None
    try:
        yield
    finally:
        lock.release()


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
