"""Saves what has changed, a little at a time, so that nobody waits long for the lock of the engine."""

from __future__ import annotations

import contextlib
import json
import logging
import secrets
import sqlite3
import threading
from collections.abc import Callable, Generator
from decimal import Decimal
from typing import Any, Final

import attrs
import msgspec

from astra.sandbox.engine.core import Engine
from astra.sandbox.engine.state import KINDS, State, fields_of, writer_of
from astra.sandbox.saving.database import NotOurs, Row, StateFile, replacing
from astra.sandbox.saving.history import History, Taken
from astra.sandbox.saving.lock import StateLock

logger: Final = logging.getLogger("astra.sandbox")

AT_ONCE: Final = 100
"""Records that are written down while the engine waits, which takes a millisecond."""

NOTED_AT_ONCE: Final = 10_000
"""Records that are noted to be written while the engine waits, which takes as long."""

WRITERS: Final[dict[str, Callable[[Any], list[Any]]]] = {name: writer_of(kind) for name, kind in KINDS.items()}
FORMS: Final = {f"fields/{name}": json.dumps(fields_of(kind)) for name, kind in KINDS.items()}
"""Which values the records in a file have, in their order."""

ENCODER: Final = msgspec.json.Encoder(decimal_format="number")


class _ForgottenError(Exception):
    """The state was replaced while it was being saved."""


@attrs.frozen
class Rest:
    """What is saved beside the records, taken at the moment at which none of them was left to be saved."""

    seq: int
    now: float
    webhook_urls: list[str]
    streams: dict[str, object]
    history: Taken


@attrs.frozen
class Last:
    """What stands in the file, to write no more than what is new.

    Attributes:
        mark: by which the file is known.
        generation: of the state that was saved.
        facts: the single values, as text.
        streams: the states of the streams of ids.
        totals: how much has happened, by kind.
    """

    mark: str
    generation: int = 0
    facts: dict[str, str] = attrs.field(factory=dict[str, str])
    streams: dict[str, object] = attrs.field(factory=dict[str, object])
    totals: dict[str, int] = attrs.field(factory=dict[str, int])


class Saver:
    """Saves a sandbox to its file.

    Args:
        lock: the right to the file.
        engine: whose state.
        history: the past, and what waits to be sent.
        urls: returns where webhooks are sent to.
        last: what stands in the file that the sandbox goes on from; None writes the file anew.
    """

    def __init__(
        self,
        lock: StateLock,
        engine: Engine,
        *,
        history: History,
        urls: Callable[[], list[str]],
        last: Last | None = None,
    ) -> None:
        self.path = lock.path
        self._lock = lock
        self._engine = engine
        self._history = history
        self._urls = urls
        self._last = last
        self._generation = 0
        self._saving = threading.Lock()

    def is_behind(self) -> bool:
        """Whether a record has changed since the last saving."""
        return any(part.unsaved for part in self._engine.state.parts().values())

    @property
    def is_ours(self) -> bool:
        """Whether this process may write the file; a forked child may not."""
        return self._lock.held

    @contextlib.contextmanager
    def still(self) -> Generator[None]:
        """Saves nothing meanwhile, as somebody else takes the notes of what has changed; then everything once more."""
        with self._saving:
            try:
                yield
            finally:
                self._forget()

    def go_on_with(self, history: History, urls: Callable[[], list[str]]) -> None:
        """Takes nothing for saved any more, as the state is another one now; the caller holds the lock of the engine.

        Args:
            history: its past.
            urls: returns where its webhooks are sent to.
        """
        self._history, self._urls = history, urls
        self._forget()

    def _forget(self) -> None:
        """Has the next saving write everything."""
        self._generation += 1

    def save(self) -> None:
        """Brings the file up to date; a crash leaves what was saved before.

        Raises:
            OSError: it cannot be written.
        """
        with self._saving:
            while True:
                try:
                    self._last = self._saved()
                except _ForgottenError:
                    continue
                except NotOurs:
                    logger.warning("the sandbox's state %s was moved or replaced; it is written anew", self.path)
                    self._forget()
                except OSError:
                    raise  # it could not be opened, and nothing was taken out of the notes
                except BaseException as error:
                    self._forget()  # what was taken out of the notes is not in the file
                    if isinstance(error, sqlite3.Error):
                        raise OSError(str(error)) from error
                    raise
                else:
                    return

    def _saved(self) -> Last:
        last, generation = self._last, self._generation
        if last is not None and last.generation == generation:
            with StateFile.change(self.path, mark=last.mark) as file:
                return self._write(file, last)
        for part in self._engine.state.parts().values():
            with self._engine.lock:
                keys = list(part.rows)
            for start in range(0, len(keys), NOTED_AT_ONCE):
                with self._engine.lock:
                    part.unsaved.update(keys[start : start + NOTED_AT_ONCE])
        with replacing(self.path) as file:
            return self._write(file, Last(mark="", generation=generation))

    def _write(self, file: StateFile, last: Last) -> Last:
        """Writes in turns, until no record has changed since the turn before: so the file shows a single moment."""
        while True:
            with self._engine.lock:
                if last.generation != self._generation:
                    raise _ForgottenError
                rows, gone = take(self._engine.state, AT_ONCE)
                is_all = len(rows) + len(gone) < AT_ONCE
                rest = self._rest(last) if is_all else None
            file.put(rows, gone)
            if rest is not None:
                return put_rest(file, rest, last)

    def _rest(self, last: Last) -> Rest:
        return Rest(
            seq=self._engine.state.seq,
            now=self._engine.clock(),
            webhook_urls=self._urls(),
            streams=self._engine.ids.getstate(),
            history=self._history.taken(last.totals),
        )


def take(state: State, most: int) -> tuple[list[Row], list[tuple[str, str]]]:
    """Takes records out of the notes of what has changed; the caller holds the lock of the engine.

    Returns:
        What they are, and kind and id of those that are no more.
    """
    rows: list[Row] = []
    gone: list[tuple[str, str]] = []
    for kind, part in state.parts().items():
        write = WRITERS.get(kind, list)
        while part.unsaved and most:
            most -= 1
            key = part.unsaved.pop()
            held = part.rows.get(key)
            if held is None:
                gone.append((kind, str(key)))
            else:
                rows.append((kind, str(key), getattr(held, "seq", 0), text_of(write(held))))
    return rows, gone


def put_rest(file: StateFile, rest: Rest, last: Last) -> Last:
    """Writes what is saved beside the records, as far as it is new."""
    history = rest.history
    texts = {
        **FORMS,
        **history.texts(),
        "seq": json.dumps(rest.seq),
        "now": json.dumps(rest.now),
        "webhook_urls": json.dumps(rest.webhook_urls),
        "mark": secrets.token_hex(8),
    }
    moved = {kind: state for kind, state in rest.streams.items() if last.streams.get(kind) != state}
    texts.update({f"stream/{kind}": json.dumps(state) for kind, state in moved.items()})
    file.put_facts({name: text for name, text in texts.items() if last.facts.get(name) != text})
    for past in history.past:
        file.put_past(past.kind, first=past.first, texts=past.texts(), oldest=past.oldest)
    totals = {past.kind: past.total for past in history.past}
    return Last(texts["mark"], last.generation, {**last.facts, **texts}, {**last.streams, **moved}, totals)


def text_of(values: list[Any]) -> str:
    """Returns the values of a record as JSON."""
    try:
        return ENCODER.encode(values).decode()
    except (UnicodeEncodeError, OverflowError):
        return json.dumps(values, default=_number)  # half of a surrogate pair, or an integer that fills no 64 bits


def _number(value: object) -> float:
    """Returns an amount inside of what a client sent, where a restart always made it a float."""
    if isinstance(value, Decimal):
        return float(value)
    raise TypeError(f"{type(value).__name__} cannot be saved")
