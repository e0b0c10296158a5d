"""Keeps a sandbox's state in a JSON file, replaced whole and never half-written."""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path
from typing import Any

import attrs

from astra._json import is_object
from astra.errors import ConfigurationError
from astra.sandbox.engine.core import Engine
from astra.sandbox.engine.encoding import dumps, loads
from astra.sandbox.engine.state import State, from_json, to_json
from astra.sandbox.history import History, as_json


@attrs.frozen
class Saved:
    """A saved sandbox.

    Attributes:
        state: what it remembered.
        now: the time on its clock, in epoch seconds.
        webhook_urls: where it sent webhooks to.
        random: the state of its streams of ids.
        history: what `History` goes on from; None in a state that was saved without.
    """

    state: State
    now: float
    webhook_urls: list[str]
    random: object
    history: dict[str, Any] | None = None


def check_writable(path: Path) -> None:
    """Makes the folder of a state if it is missing, and tries whether a file can be written into it.

    Raises:
        ConfigurationError: the state could not be saved there.
    """
    if path.is_dir():
        raise ConfigurationError(
            f"{path} is a folder; name a file for the sandbox's state, such as {path}/sandbox.json."
        )
    if path.exists() and not (path.stat().st_mode & 0o222 and os.access(path, os.W_OK)):
        # Replacing a file asks for rights on its folder alone, and would not heed that it is read-only.
        raise ConfigurationError(
            f"{path} is read-only, and the sandbox's state could not be kept; make it writable or name another file."
        )
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=path.parent) as file:
            file.write(b"tried")
    except OSError as error:
        raise ConfigurationError(
            f"The sandbox's state cannot be saved to {path} ({error}); name a file in a folder that can be written to."
        ) from error


def load(path: Path) -> Saved | None:
    """Returns what was saved, or None when there is no file yet.

    Raises:
        ConfigurationError: the file is not a state that this version can read.
    """
    try:
        text = path.read_bytes()
    except FileNotFoundError:
        return None
    if not text.strip():
        return None
    try:
        saved: Any = json.loads(text)
        if not is_object(saved):
            raise ValueError("it is not a JSON object")
        # Beside the rest as text: amounts in events are exact, and moments in the state are floats.
        history = loads(saved["history"]) if "history" in saved else None
        return Saved(from_json(saved), saved["now"], saved["webhook_urls"], saved["random"], history)
    except (KeyError, TypeError, ValueError) as error:
        raise ConfigurationError(f"{path} is not a sandbox state that this version can read: {error}.") from error


def save(engine: Engine, path: Path, *, webhook_urls: list[str], history: History) -> None:
    """Writes the state; a crash leaves the former file."""
    with engine.lock:
        saved = to_json(engine.state)
        saved["now"] = engine.clock()
        saved["webhook_urls"] = webhook_urls
        saved["random"] = engine.ids.getstate()
        taken = history.taken()
        text = dumps(saved)
    # Appended, as encoding ten thousand requests is too long for the engine's lock.
    text = f'{text[:-1]}, "history": {dumps(dumps(as_json(taken)))}}}'
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=path.name + ".")
    try:
        with os.fdopen(descriptor, "w") as file:
            file.write(text)
        os.replace(name, path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
