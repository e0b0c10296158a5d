"""The end of a request log in JSON lines: what can be read of it in the time that a page has."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Final

from astra.errors import ConfigurationError
from astra.instrumentation.record import RequestRecord
from astra.request_log.jsonl import JSONLinesSink
from astra.request_log.log import REQUESTS, RequestLog
from astra.request_log.query import RequestQuery

MOST: Final = 4 * 2**20
"""Bytes that are read, the last."""


class TailLog(RequestLog):
    """The newest records of a log in JSON lines. It is never written.

    Args:
        records: the records.
        read_from: the time of the first of them, when there are older ones; else None.
    """

    def __init__(self, records: list[RequestRecord], *, read_from: datetime | None) -> None:
        self.records = records
        self.read_from = read_from

    def append(self, record: RequestRecord) -> None:
        """See `RequestLog.append`; nothing is kept."""

    def select(self, query: RequestQuery) -> Iterator[RequestRecord]:
        """See `RequestLog.select`."""
        newest_first = sorted(self.records, key=lambda record: record.time, reverse=True)
        return islice((record for record in newest_first if query.matches(record)), query.limit)


def read_tail(path: str, *, most: int = MOST) -> TailLog:
    """Reads the end of a log, whose files may be one for each day.

    Args:
        path: its file.
        most: bytes that are read, the last.

    Raises:
        ConfigurationError: there is none.
        RequestLogError: it cannot be read.
    """
    file = Path(path).absolute()
    records: list[RequestRecord] = []
    left, is_whole = most, True
    with REQUESTS.translating():
        files = JSONLinesSink(file, daily=True).files()
        if not files:
            raise ConfigurationError(f"There is no {REQUESTS.name} at {file}, and none was made.")
        for one in reversed(files):
            if left <= 0:
                is_whole = False
                break
            with one.open("rb") as lines:
                size = lines.seek(0, os.SEEK_END)
                lines.seek(max(0, size - left))
                if size > left:
                    is_whole = False
                    lines.readline()  # the rest of a line that began before
                records += _read(lines.read(left))
            left -= size
    first = min((record.time for record in records), default=None)
    return TailLog(records, read_from=None if is_whole else first)


def _read(content: bytes) -> Iterator[RequestRecord]:
    for line in content.splitlines():
        try:
            yield RequestRecord.from_dict(json.loads(line))
        except (ValueError, KeyError, TypeError):
            continue  # a killed process left half a line
