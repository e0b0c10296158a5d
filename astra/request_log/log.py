"""What a request log has to do. Subclass `RequestLog` for your own."""

from __future__ import annotations

import abc
import logging
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Final

from astra._closing import Closing
from astra._public import public
from astra.errors import RequestLogError
from astra.instrumentation.record import RequestRecord
from astra.request_log.query import RequestQuery
from astra.request_log.stats import OperationStats, summarize
from astra.storage.family import Family

logger: Final = logging.getLogger("astra.request_log")

REQUESTS: Final = Family(
    name="request log",
    example="sqlite:///requests.db",
    error=RequestLogError,
    kinds=frozenset({"memory", "sqlite", "jsonl", "sql"}),
    options=frozenset({"retention_days"}),
)


@public("astra.request_log")
class RequestLog(Closing, abc.ABC):
    """Keeps request records and finds them again. A log of your own defines `append` and `select`.

    `append` runs inside every call: it must not wait for I/O and must not raise. The other methods may block.
    """

    @abc.abstractmethod
    def append(self, record: RequestRecord) -> None:
        """Takes a record; it is durable after about a second, or after `flush`.

        Args:
            record: the record.
        """

    @abc.abstractmethod
    def select(self, query: RequestQuery) -> Iterator[RequestRecord]:
        """Finds records, the newest first.

        Args:
            query: which records.
        """

    def flush(self) -> None:
        """Writes out what was taken so far."""

    def close(self) -> None:
        """Writes out what was taken and gives up files and connections."""

    def query(
        self,
        *,
        request_id: str | None = None,
        call_id: str | None = None,
        user_key: str | None = None,
        operation: str | None = None,
        resource_id: str | None = None,
        client_correlation_id: str | None = None,
        status: int | str | None = None,
        failed: bool | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        limit: int | None = 100,
    ) -> list[RequestRecord]:
        """Finds records.

        Args:
            request_id: Astra's request id.
            call_id: local id of a call.
            user_key: your key of a user.
            operation: name of an operation, for example "get_transfer".
            resource_id: Astra's id of an object, for example of a routine.
            client_correlation_id: your reference of a payment.
            status: an HTTP status, or a class of them such as "5xx"; see `RequestQuery`.
            failed: True for failures only, False for successes only.
            since: the earliest time.
            until: the latest time, itself excluded.
            limit: at most how many; None for all.

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
            resource_id=resource_id,
            client_correlation_id=client_correlation_id,
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


def finish(log: RequestLog, *, close: bool) -> None:
    """Writes a log out, and closes it, at the end of a client. What that raises is logged: a log of the user's own that
    fails must not look like a failure of what the client was used for.

    Args:
        log: the log.
        close: False leaves it open, because somebody else opened it.
    """
    try:
        if close:
            log.close()
        else:
            log.flush()
    except Exception as error:
        what = "closed" if close else "written out"
        logger.warning("request log could not be %s: %s", what, type(error).__name__, exc_info=error)
