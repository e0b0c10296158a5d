"""A request log that forgets: for tests."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from itertools import islice

from astra.instrumentation.record import RequestRecord
from astra.request_log.log import RequestLog
from astra.request_log.query import RequestQuery


class MemoryRequestLog(RequestLog):
    """Keeps the newest records in memory.

    Args:
        capacity: how many.
    """

    def __init__(self, *, capacity: int = 10_000) -> None:
        self._records: deque[RequestRecord] = deque(maxlen=capacity)

    def append(self, record: RequestRecord) -> None:
        """See `RequestLog.append`."""
        self._records.append(record)

    def select(self, query: RequestQuery) -> Iterator[RequestRecord]:
        """See `RequestLog.select`."""
        newest_first = sorted(self._records, key=lambda record: record.time, reverse=True)
        return islice((record for record in newest_first if query.matches(record)), query.limit)
