"""Reads the state that a sandbox goes on from, and tries at the start whether it can be saved."""

from __future__ import annotations

import json
import math
import os
import sqlite3
import tempfile
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import attrs

from astra._json import is_object
from astra.errors import ConfigurationError
from astra.sandbox.engine.bulk import making_many
from astra.sandbox.engine.encoding import loads
from astra.sandbox.engine.ids import Ids
from astra.sandbox.engine.state import GRANTS, KINDS, State, restored
from astra.sandbox.saving.database import MAGIC, Content, reading
from astra.sandbox.saving.history import Remembered, remembered
from astra.sandbox.saving.saver import FORMS, Last

JSON_VERSIONS: Final = (1, 2)
"""Versions of states that were JSON files; the first kept amounts as binary fractions, whose digits are the amounts."""

PAST: Final = {"event": "events", "attempt": "attempts", "abandoned": "abandoned", "request": "requests"}


@attrs.frozen
class Saved:
    """A saved sandbox.

    Attributes:
        state: what it remembered.
        now: the time on its clock, in epoch seconds.
        webhook_urls: where it sent webhooks to.
        random: the state of its streams of ids.
        history: what `History` goes on from; None in a state that was saved without.
        last: what stands in the file, to add to it; None when it has to be written anew.
    """

    state: State
    now: float
    webhook_urls: list[str]
    random: object
    history: Remembered | None = None
    last: Last | None = None


def check_writable(path: Path) -> None:
    """Makes the folder of a state if it is missing, and tries whether a file can be written into it.

    Raises:
        ConfigurationError: the state could not be saved there.
    """
    if path.is_dir():
        raise ConfigurationError(f"{path} is a folder; name a file for the sandbox's state, such as {path}/sandbox.db.")
    if path.exists() and not path.is_file():
        raise ConfigurationError(
            f"{path} is no regular file, so the sandbox's state cannot be saved to it; name another."
        )
    if path.exists() and not (path.stat().st_mode & 0o222 and os.access(path, os.W_OK)):
        # A file is replaced when it is brought up to date, which asks for rights on its folder alone.
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
        with path.open("rb") as file:
            start = file.read(len(MAGIC))
        if start == MAGIC:
            with making_many(), reading(path) as content:
                return of_database(content)
        text = path.read_bytes()
        return of_json(text) if text.strip() else None
    except FileNotFoundError:
        return None
    except OSError as error:
        raise ConfigurationError(f"The sandbox's state cannot be read from {path}: {error}.") from error
    except (AttributeError, LookupError, TypeError, ValueError, ArithmeticError, sqlite3.Error) as error:
        raise ConfigurationError(f"{path} is not a sandbox state that this version can read: {error}.") from error


def of_json(text: bytes) -> Saved:
    """Returns what a file of an older version holds."""
    saved: Any = json.loads(text)
    if not is_object(saved):
        raise ValueError("it is not a JSON object")
    if saved.get("version") not in JSON_VERSIONS:
        raise ValueError(f"its version is {saved.get('version')!r}, and of JSON those are read: {JSON_VERSIONS}")
    with making_many():
        return Saved(restored(saved), saved["now"], saved["webhook_urls"], saved["random"])


def of_database(content: Content) -> Saved:
    """Returns what a file holds."""
    facts = content.facts
    saved: dict[str, Any] = {"seq": json.loads(facts["seq"]), "schedule": []}
    for name in KINDS:
        saved[name] = {} if name in GRANTS else {"fields": json.loads(facts[f"fields/{name}"]), "rows": []}
    for kind, id, text in content.records:
        values = json.loads(text, parse_float=_number)
        if kind in GRANTS:
            saved[kind][id] = values
        else:
            (saved[kind] if kind == "schedule" else saved[kind]["rows"]).append(values)
    state = restored(saved)
    for part in state.parts().values():
        part.unsaved.clear()
    history = history_of(content)
    past = remembered(history)
    streams = {name.partition("/")[2]: json.loads(text) for name, text in facts.items() if name.startswith("stream/")}
    Ids(seed=0).setstate(streams)  # refuses what is damaged before anything is changed by it
    has_forms = all(facts.get(name) == form for name, form in FORMS.items())
    totals = {kind: history[f"{kind}_total"] for kind in PAST}
    last = Last(facts["mark"], totals=totals) if has_forms else None
    if not math.isfinite(now := float(json.loads(facts["now"]))):
        raise ValueError("it is of no time")
    return Saved(state, now, json.loads(facts["webhook_urls"]), streams, past, last)


def _number(text: str) -> float | Decimal:
    """Returns what a client may have sent as it was: not every number is one of binary fractions, or small enough."""
    number = float(text)
    return number if Decimal(text) == Decimal(repr(number)) else Decimal(text)


def history_of(content: Content) -> dict[str, Any]:
    """Returns what `History` goes on from."""
    facts = content.facts
    history: dict[str, Any] = {name: [] for name in PAST.values()}
    for kind, text in content.past:
        history[PAST[kind]].append(loads(text))
    for name in ("holding", "waiting", "kept", "counts", "forgotten"):
        history[name] = loads(facts[name])
    return history | {f"{kind}_total": json.loads(facts[f"total/{kind}"]) for kind in PAST}
