"""Load an OpenAPI document from a file, or from a git revision of this repository."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import yaml

Document = dict[str, Any]

DEFAULT_PATH = "spec/astra.yaml"
MAX_LEVELS = 90
MAX_NODES = 3_000_000
_TOO_DEEP = f"is nested more than {MAX_LEVELS} levels deep"


class CannotLoadError(Exception):
    """The document cannot be read; the text says why."""


_FAST_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _PlainLoader(_FAST_LOADER):  # type: ignore[misc]
    """YAML as JSON sees it: dates stay texts, so that examples keep their form. No key may stand twice."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        """See PyYAML, which takes the last of two and says nothing."""
        _refuse_twice([key.value for key, _ in node.value if isinstance(key, yaml.ScalarNode) and key.value != "<<"])
        found: dict[Any, Any] = super().construct_mapping(node, deep)
        return found


_PlainLoader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def parse(text: str, *, label: str) -> Document:
    """Parses JSON or YAML.

    Args:
        text: the document's text.
        label: what to call it in errors.

    Raises:
        CannotLoadError: it is neither, or not an object, or nested or repeated beyond what a document needs.
    """
    try:
        document = _decode(text)
        _measure(document, 0, {})
    except (yaml.YAMLError, ValueError) as error:
        raise CannotLoadError(f"{label} is not YAML or JSON: {' '.join(str(error).split())}") from error
    except (_UnreasonableError, RecursionError) as error:
        reason = str(error) if isinstance(error, _UnreasonableError) else _TOO_DEEP
        raise CannotLoadError(f"{label} {reason}") from error
    if not isinstance(document, dict):
        raise CannotLoadError(f"{label} is not an OpenAPI document: it holds no object at its top")
    return document


def _decode(text: str) -> Any:
    """JSON is YAML, too, but reading it as JSON is twenty times faster."""
    if text.lstrip()[:1] in ("{", "["):
        try:
            found = json.loads(text, object_pairs_hook=_once)
            if "\\u" in text:
                json.dumps(found, ensure_ascii=False).encode()
        except UnicodeEncodeError:
            raise _UnreasonableError("holds half of a character, which is no text") from None
        except ValueError:
            pass
        else:
            return found
    return yaml.load(text, Loader=_PlainLoader)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        _refuse_twice([key for key, _ in pairs])
    return found


def _refuse_twice(keys: list[str]) -> None:
    if len(set(keys)) != len(keys):
        twice = next(key for key in keys if keys.count(key) > 1)
        raise _UnreasonableError(f"has {twice!r} twice in one object, and only one of them can be meant")


class _UnreasonableError(Exception):
    """The document would cost more than any real one; the text says why."""


def _measure(node: Any, depth: int, known: dict[int, tuple[int, int]]) -> tuple[int, int]:
    """Counts the nodes below one and its levels, each alias as often as it stands for something.

    Raises:
        _UnreasonableError: there are too many of either. A node that holds itself has too many levels.
    """
    if not isinstance(node, (dict, list)):
        return 1, 0
    found = known.get(id(node))
    if found is None:
        if depth > MAX_LEVELS:
            raise _UnreasonableError(_TOO_DEEP)
        if isinstance(node, dict) and not all(type(key) is str for key in node):
            _name_keys(node)
        count, levels = 1, 0
        for child in node.values() if isinstance(node, dict) else node:
            if isinstance(child, (dict, list)):
                inner = _measure(child, depth + 1, known)
                count, levels = count + inner[0], max(levels, inner[1] + 1)
            else:
                count += 1
        known[id(node)] = found = (count, levels)
    if depth + found[1] > MAX_LEVELS:
        raise _UnreasonableError(_TOO_DEEP)
    if found[0] > MAX_NODES:
        raise _UnreasonableError(f"holds more than {MAX_NODES:,} values once its aliases are expanded")
    return found


def _name_keys(node: dict[Any, Any]) -> None:
    """Makes texts of the keys, as they are in JSON: `200` of a response, or `true`."""
    items = list(node.items())
    node.clear()
    node.update((key if isinstance(key, str) else json.dumps(key, default=str), value) for key, value in items)


def load(source: str, *, root: Path) -> Document:
    """Loads a document.

    Args:
        source: a file; `REVISION:path`; or a revision alone, which means its `spec/astra.yaml`.
        root: the repository, for revisions and relative paths.

    Raises:
        CannotLoadError: there is no such file or revision, or it is no document.
    """
    return parse(read_text(source, root=root), label=source)


def read_text(source: str, *, root: Path) -> str:
    """Reads the text of a file or git revision; see `load`."""
    file = Path(source) if Path(source).is_absolute() else root / source
    if file.is_file():
        return read_file(file)
    revision, _, path = source.partition(":")
    wanted = f"{revision}:{path or DEFAULT_PATH}"
    if source.startswith("-"):
        raise CannotLoadError(f"{source!r} is neither a file nor a git revision")
    shown = subprocess.run(["git", "-C", str(root), "show", wanted], capture_output=True, check=False)
    if shown.returncode != 0:
        reason = " ".join(shown.stderr.decode("utf-8", "replace").split())
        raise CannotLoadError(f"{source!r} is neither a file nor a git revision: {reason}")
    return _as_text(shown.stdout, wanted)


def read_file(file: Path) -> str:
    """Reads a file's text.

    Raises:
        CannotLoadError: it cannot be opened, or is no UTF-8.
    """
    try:
        return _as_text(file.read_bytes(), file.name)
    except OSError as error:
        raise CannotLoadError(f"{file.name} cannot be read: {error.strerror}") from error


def _as_text(content: bytes, label: str) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise CannotLoadError(f"{label} is not UTF-8: byte {error.start} cannot be decoded") from error
