"""Load an OpenAPI document from a file, or from a git revision of this repository."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import yaml

Document = dict[str, Any]

DEFAULT_PATH = "spec/astra.yaml"


class CannotLoadError(Exception):
    """The document cannot be read; the text says why."""


class _PlainLoader(yaml.SafeLoader):
    """YAML as JSON sees it: dates stay texts, so that examples keep their form."""


_PlainLoader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def parse(text: str, *, label: str) -> Document:
    """Parses YAML or JSON.

    Args:
        text: the document's text.
        label: what to call it in errors.

    Raises:
        CannotLoadError: it is neither, or not an object.
    """
    try:
        document = yaml.load(text, Loader=_PlainLoader)
    except yaml.YAMLError as error:
        raise CannotLoadError(f"{label} is not YAML or JSON: {error}") from error
    if not isinstance(document, dict):
        raise CannotLoadError(f"{label} is not an OpenAPI document: it holds no object at its top")
    return document


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
        return file.read_text(encoding="utf-8")
    revision, _, path = source.partition(":")
    wanted = f"{revision}:{path or DEFAULT_PATH}"
    if source.startswith("-"):
        raise CannotLoadError(f"{source!r} is neither a file nor a git revision")
    shown = subprocess.run(
        ["git", "-C", str(root), "show", wanted], capture_output=True, text=True, encoding="utf-8", check=False
    )
    if shown.returncode != 0:
        raise CannotLoadError(f"{source!r} is neither a file nor a git revision: {shown.stderr.strip()}")
    return shown.stdout
