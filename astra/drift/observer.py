"""Looks at answers as they come in, and has what they hold written down behind the caller's back."""

from __future__ import annotations

import logging
import time
import weakref
from collections.abc import Callable
from typing import Final

from astra_api.answers import ANSWERS

from astra.drift.look import DIFFERENT, ERROR, FIELD, MISSING, STATUS, VALUE, Found, Name, Operation
from astra.drift.names import harmless_id
from astra.drift.store import LOOKED, MOST_NAMES, DriftStore, Sighting, sink_of
from astra.request_log.writer import BackgroundWriter

logger: Final = logging.getLogger("astra.drift")

ALWAYS: Final = 20
"""Answers of each operation and status that are looked at one by one; later ones by turns."""

SMALL: Final = 4_096
"""Bytes up to which an answer is small."""

TURN_OF_SMALL: Final = 8
TURN_OF_LARGE: Final = 32
"""One of so many answers is looked at then."""

_SAID: Final = {
    FIELD: "has a field that the spec does not know",
    VALUE: "has a value that the spec does not list",
    STATUS: "has a status that the spec does not list",
    MISSING: "lacks a field that the spec requires",
    ERROR: "is an error of a shape that the spec does not know",
}


class _Watch:
    """What one process knows of an operation."""

    def __init__(self, operation: str) -> None:
        self.looks = Operation(operation)
        self.answers: dict[int, int] = {}
        self.warned: set[Name] = set()


class DriftObserver:
    """Looks at answers for a client.

    Args:
        store: where names are kept.
        clock: epoch seconds.
        interval: seconds between two writes.
    """

    def __init__(self, store: DriftStore, *, clock: Callable[[], float] = time.time, interval: float = 0.5) -> None:
        self.store = store
        self._clock = clock
        self._watched: dict[str, _Watch] = {}
        self._writer: BackgroundWriter[Sighting] = BackgroundWriter(
            sink_of(store), capacity=5_000, interval=interval, name="drift store"
        )
        self._finalizer = weakref.finalize(self, BackgroundWriter[Sighting].close, self._writer)

    def look(self, operation: str, status: int, content: bytes, request_id: str | None) -> None:
        """Looks at an answer, unless it is not its turn. No I/O but the log's.

        Args:
            operation: name of the operation.
            status: HTTP status.
            content: the body, decompressed.
            request_id: of the answer.
        """
        watch = self._watched.get(operation)
        if watch is None:
            if operation not in ANSWERS:
                return
            watch = self._watched.setdefault(operation, _Watch(operation))
        number = watch.answers[status] = watch.answers.get(status, 0) + 1
        if number > ALWAYS and (number - ALWAYS) % (TURN_OF_SMALL if len(content) <= SMALL else TURN_OF_LARGE):
            return
        found = watch.looks.look(status, content)
        now, shown_id = round(self._clock() * 1_000_000), harmless_id(request_id)
        self._writer.append(Sighting(operation, Name(LOOKED, "", ""), now, shown_id))
        for name in found:
            self._writer.append(Sighting(operation, name, now, shown_id))
        if found:
            self._warn(operation, watch, found, shown_id)

    def flush(self) -> None:
        """Writes out what was seen so far. A failure is logged."""
        self._writer.flush()

    def close(self, *, store: bool) -> None:
        """Writes out what was seen.

        Args:
            store: False leaves the store open, because somebody else opened it.
        """
        if store:
            self._writer.close()
        else:
            self._writer.flush()

    def _warn(self, operation: str, watch: _Watch, found: Found, request_id: str | None) -> None:
        for name in found:
            if name.kind not in DIFFERENT or name in watch.warned or len(watch.warned) >= MOST_NAMES:
                continue
            watch.warned.add(name)
            logger.warning(
                "an answer to %s %s: %s%s (request id %s)",
                operation,
                _SAID[name.kind],
                f"{name.place}." if name.place and name.kind != VALUE else f"{name.place}=" if name.place else "",
                name.name,
                request_id or "none",
            )
