"""Keeps a sandbox's state in a JSON file, replaced whole and never half-written."""

import json
import os
import tempfile
from pathlib import Path
from typing import Any

from astra.sandbox.engine.core import Engine
from astra.sandbox.engine.plain import as_object
from astra.sandbox.engine.state import State, from_json, to_json


def load(path: Path) -> tuple[State, dict[str, Any]] | None:
    """The saved state and what else was saved, or None when there is no file yet.

    Raises:
        ValueError: The file is not a state of this version.
    """
    try:
        text = path.read_bytes()
    except FileNotFoundError:
        return None
    if not text.strip():
        return None
    saved: Any = json.loads(text)
    state = as_object(saved)
    if state is None:
        raise ValueError(f"{path} is not a sandbox state")
    return from_json(state), state


def save(engine: Engine, path: Path, *, webhook_urls: list[str]) -> None:
    """Writes the state; a crash leaves the former file."""
    with engine.lock:
        saved = to_json(engine.state)
        saved["now"] = engine.clock()
        saved["webhook_urls"] = webhook_urls
        saved["random"] = engine.ids.getstate()
        text = json.dumps(saved)
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=path.name + ".")
    try:
        with os.fdopen(descriptor, "w") as file:
            file.write(text)
        os.replace(name, path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
