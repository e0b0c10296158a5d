"""What the durable logs share: a background writer that also writes out when it is forgotten, or at exit."""

from __future__ import annotations

import weakref
from datetime import timedelta

from astra.instrumentation.record import RequestRecord
from astra.request_log.log import RequestLog
from astra.request_log.writer import BackgroundWriter, Sink


class BackgroundLog(RequestLog):
    """A log whose records are written by a thread.

    Args:
        sink: where batches go.
        retention: how long records are kept, or None forever.
        capacity: how many records may wait in memory.
        interval: seconds between two writes; the records of writes wait 0.02 seconds at most.
    """

    def __init__(
        self,
        sink: Sink[RequestRecord],
        *,
        retention: timedelta | None = None,
        capacity: int = 50_000,
        interval: float = 0.5,
    ) -> None:
        self._writer = BackgroundWriter(sink, capacity=capacity, interval=interval, retention=retention)
        # Neither the writer nor its thread knows the log, so a forgotten log is collected and written out; the same
        # finalizer runs at exit.
        self._finalizer = weakref.finalize(self, BackgroundWriter[RequestRecord].close, self._writer)

    def append(self, record: RequestRecord) -> None:
        """See `RequestLog.append`."""
        self._writer.append(record, hurry=record.method != "GET")

    @property
    def dropped(self) -> int:
        """How many records were lost because the target was too slow or refused for too long."""
        return self._writer.dropped

    def flush(self) -> None:
        """See `RequestLog.flush`."""
        self._writer.flush()

    def close(self) -> None:
        """See `RequestLog.close`."""
        self._writer.close()
