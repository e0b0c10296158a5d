"""What a request log has to do. Subclass `RequestLog` for your own."""

from __future__ import annotations

import abc
from collections.abc import Iterable, Iterator
from datetime import datetime
from types import TracebackType
from typing import Final, Self

from astra.errors import RequestLogError
from astra.request_log.query import RequestQuery
from astra.request_log.record import RequestRecord
from astra.request_log.stats import OperationStats, summarize
from astra.storage.family import Family

REQUESTS: Final = Family(
    name="request log",
    example="sqlite:///requests.db",
    error=RequestLogError,
    kinds=frozenset({"memory", "sqlite", "jsonl", "sql"}),
    options=frozenset({"retention_days"}),
)


class RequestLog(abc.ABC):
    """Keeps request records and finds them again.

    A log says how to take and how to find records; the queries are made of that.
    """

    @abc.abstractmethod
    def append(self, record: RequestRecord) -> None:
        """Takes a record; it is durable after about a second, or after `flush`.

        Called on the way of every call: it must not wait for I/O and must not raise. The other methods may block.
        """

    @abc.abstractmethod
    def select(self, query: RequestQuery) -> Iterator[RequestRecord]:
        """Finds records, the newest first."""

    def flush(self) -> None:  # noqa: B027 - nothing to write out is a case
        """Writes out what was taken so far."""

    def close(self) -> None:  # noqa: B027 - nothing to close is a case
        """Writes out what was taken and gives up files and connections."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def query(
        self,
        *,
        request_id: str | None = None,
        call_id: str | None = None,
        user_key: str | None = None,
        operation: str | None = None,
        status: int | str | None = None,
        failed: bool | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        limit: int | None = 100,
    ) -> list[RequestRecord]:
        """Finds records.

        Args:
            request_id: see `RequestQuery`, also for the others.
            call_id: see there.
            user_key: see there.
            operation: see there.
            status: see there.
            failed: see there.
            since: see there.
            until: see there.
            limit: see there.

        Returns:
            The records, the newest first.

        Raises:
            InvalidRequestError: a filter cannot be read.

        Example:
            for record in log.query(user_key="customer-42", failed=True):
                print(record.time, record.operation, record.status, record.request_id)
        """
        wanted = RequestQuery(
            request_id=request_id,
            call_id=call_id,
            user_key=user_key,
            operation=operation,
            status=status,
            failed=failed,
            since=since,
            until=until,
            limit=limit,
        )
        return list(self.select(wanted))

    def find(self, any_id: str) -> list[RequestRecord]:
        """Finds all attempts of the call that an id names.

        Args:
            any_id: a request id of Astra, or a local call id.

        Returns:
            Its attempts, the oldest first; empty when the id is not known.
        """
        answered = self.query(request_id=any_id, limit=1)
        call_id = answered[0].call_id if answered else any_id
        return sorted(self.query(call_id=call_id, limit=None), key=lambda record: (record.time, record.attempt))

    def stats(self, query: RequestQuery | None = None) -> list[OperationStats]:
        """Sums records up by operation.

        Args:
            query: which records; all of them by default.

        Returns:
            One entry per operation, the most frequent first.
        """
        return summarize(self.measure(query or RequestQuery(limit=None)))

    def measure(self, query: RequestQuery) -> Iterable[tuple[str, bool, float]]:
        """Yields operation, failure and milliseconds of the records that match.

        Args:
            query: which records.
        """
        return ((record.operation, record.failed, record.duration_ms) for record in self.select(query))
