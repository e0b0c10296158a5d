"""Writes records out behind the callers' backs: a bounded queue, and one daemon thread that empties it in batches."""

from __future__ import annotations

import logging
import os
import sys
import threading
import time
import weakref
from collections import deque
from datetime import UTC, datetime, timedelta
from typing import Final, Generic, Protocol, TypeVar

from astra.storage.forks import FORK_GUARD

logger: Final = logging.getLogger("astra.request_log")

BATCH: Final = 2_000
"""Records of one transaction."""

PURGE_EVERY: Final = 3_600.0
"""Seconds between two looks for records that are too old."""

PATIENCE: Final = 10.0
"""Seconds that `flush` and `close` wait for a write that is under way, and that a write to a server may take."""

HURRY: Final = 0.02
"""Seconds within which the record of a write is on its way; SIGTERM and kill -9 lose no more. Half a second of reads is
cheap to lose, but whoever asks after a crash asks for the payments."""

LONGEST_PAUSE: Final = 30.0
"""Seconds between two attempts while the target refuses."""


E = TypeVar("E")


class Sink(Protocol[E]):
    """Where batches go. Called by one thread at a time."""

    def write(self, batch: list[E]) -> None:
        """Makes a batch durable, whole or not at all."""
        ...

    def purge(self, before: datetime) -> None:
        """Forgets records older than a time."""
        ...

    def close(self) -> None:
        """Gives up what is open; a later `write` opens it again."""
        ...


class BackgroundWriter(Generic[E]):
    """A bounded queue in front of a sink.

    `append` is one deque operation. The thread starts with the first record, sleeps while there is none, and writes at
    most every `interval` seconds; so a killed process loses at most about the last `interval`. The record of a write,
    which may be that of a payment, does not wait for that, but for `HURRY` at most. When the queue is full
    the oldest record gives way, and a warning counts them. A forked child starts afresh with an empty queue and its
    own thread: what was queued before the fork is the parent's to write.

    Args:
        sink: where batches go.
        capacity: how many records may wait.
        interval: seconds between two writes.
        retention: how long records are kept, or None forever.
        name: what the target is called in the log.
    """

    def __init__(
        self,
        sink: Sink[E],
        *,
        capacity: int = 50_000,
        interval: float = 0.5,
        retention: timedelta | None = None,
        name: str = "request log",
    ) -> None:
        self._sink = sink
        self._capacity = capacity
        self._interval = interval
        self._retention = retention
        self._name = name
        self.dropped = 0
        self._hurried = False
        self._start_afresh()
        FORK_GUARD.add(self)

    def append(self, record: E, *, hurry: bool = False) -> None:
        """Queues a record.

        Args:
            record: the record.
            hurry: whether it is that of a write, which waits for `HURRY` at most.
        """
        if self._pid != os.getpid():
            self.after_fork()
        queue = self._queue
        if len(queue) >= self._capacity:
            self.dropped += 1
        queue.append(record)
        if hurry and not self._hurried:
            self._hurried = True
            self._hurry.set()
        if not self._awake:
            self._wake()

    def flush(self) -> None:
        """Writes out everything that is queued, in this thread. A failure is logged, and the records stay queued."""
        if self._pid != os.getpid():
            return
        if not self._writing.acquire(timeout=PATIENCE):
            logger.warning("%s hangs; %d records are not written yet", self._name, len(self._queue))
            return
        try:
            self._write_out()
        finally:
            self._writing.release()

    def close(self) -> None:
        """Writes everything out, ends the thread, closes the sink. Records that come later wait for a `flush`."""
        if self._pid != os.getpid():
            return
        self._closing.set()
        self._hurry.set()
        self._signal.set()
        thread, give_up = self._thread, time.monotonic() + PATIENCE
        if thread is not None and thread is not threading.current_thread():
            thread.join(timeout=PATIENCE)
        if not self._writing.acquire(timeout=max(0.0, give_up - time.monotonic())):
            logger.warning("%s hangs; %d records were not written", self._name, len(self._queue))
            return
        try:
            self._write_out()
            self._sink.close()
        finally:
            self._writing.release()
        if self._queue:
            logger.warning("%s closed with %d records that could not be written", self._name, len(self._queue))

    def after_fork(self) -> None:
        """See `ForkAware.after_fork`: what is queued is the parent's to write."""
        if self._pid != os.getpid():
            self._start_afresh()

    def _start_afresh(self) -> None:
        self._pid = os.getpid()
        self._queue: deque[E] = deque(maxlen=self._capacity)
        self._awake = False
        self._hurried = False
        self._signal = threading.Event()
        self._hurry = threading.Event()
        self._closing = threading.Event()
        self._writing = threading.Lock()
        self._starting = threading.Lock()
        self._thread: threading.Thread | None = None
        self._reported = self.dropped
        self._failures = 0
        self._purge_due = 0.0

    def _wake(self) -> None:
        self._awake = True
        self._signal.set()
        if self._thread is None:
            with self._starting:
                if not self._closing.is_set():
                    thread = threading.Thread(
                        target=self._run, name=f"astra-{self._name.replace(' ', '-')}", daemon=True
                    )
                    try:
                        thread.start()
                    except RuntimeError:
                        # The interpreter is shutting down; close() or flush() still writes.
                        return
                    self._thread = thread
                    _write_out_at_the_end(self)

    def _run(self) -> None:
        while not self._closing.is_set():
            self._signal.wait()
            self._pause()
            self._signal.clear()
            self._hurry.clear()
            self._awake = self._hurried = False
            self._drain()
            if self._failures:
                self._awake = True
                self._signal.set()

    def _pause(self) -> None:
        if self._failures:
            self._closing.wait(min(self._interval * 2**self._failures, LONGEST_PAUSE))
        elif self._hurry.wait(self._interval):
            self._closing.wait(min(HURRY, self._interval))

    def _drain(self) -> None:
        with self._writing:
            self._write_out()

    def _write_out(self) -> None:
        while self._queue:
            batch = self._take()
            try:
                self._sink.write(batch)
            except Exception as error:  # noqa: BLE001  (no failure of the log may reach a call)
                self._put_back(batch, error)
                return
            self._failures = 0
        self._report_dropped()
        self._purge()

    def _take(self) -> list[E]:
        queue, batch = self._queue, list[E]()
        while len(batch) < BATCH:
            try:
                batch.append(queue.popleft())
            except IndexError:
                break
        return batch

    def _put_back(self, batch: list[E], error: Exception) -> None:
        room = self._capacity - len(self._queue)
        kept = batch[-room:] if room > 0 else []
        self.dropped += len(batch) - len(kept)
        self._queue.extendleft(reversed(kept))
        self._failures = min(self._failures + 1, 10)
        if self._failures == 1:
            logger.warning("%s cannot be written (%s: %s); will try again", self._name, type(error).__name__, error)

    def _report_dropped(self) -> None:
        lost = self.dropped - self._reported
        if lost > 0:
            self._reported += lost
            logger.warning("%s was too slow: %d of its oldest waiting records were dropped", self._name, lost)

    def _purge(self) -> None:
        now = datetime.now(UTC)
        if self._retention is None or now.timestamp() < self._purge_due:
            return
        self._purge_due = now.timestamp() + PURGE_EVERY
        try:
            self._sink.purge(now - self._retention)
        except Exception as error:  # noqa: BLE001  (the next hour tries again)
            logger.warning("%s cannot forget old records (%s: %s)", self._name, type(error).__name__, error)


def _write_out_at_the_end(writer: BackgroundWriter[E]) -> None:
    # A child that multiprocessing forked ends without what Python does at exit; it has a list of its own for that.
    process = sys.modules.get("multiprocessing.process")
    if process is None or process.parent_process() is None:
        return
    from multiprocessing.util import Finalize

    known = weakref.ref(writer)

    def write_out() -> None:
        if (left := known()) is not None:
            left.close()

    Finalize(writer, write_out, exitpriority=10)
