"""From a URL to a request log."""

from __future__ import annotations

import os

from astra.request_log.log import REQUESTS, RequestLog
from astra.storage.url import read_days, read_url


def open_request_log(log: RequestLog | str | os.PathLike[str]) -> RequestLog:
    """Opens a request log. Nothing is created or connected before the first record.

    Args:
        log: a log, which is returned as it is, or a URL:
            "sqlite:///requests.db" (four slashes for an absolute path), or a `pathlib.Path`,
            "jsonl:///requests.jsonl",
            "memory://", or any SQLAlchemy URL such as "postgresql://user:password@host/database".
            All but memory take "?retention_days=90": older records are deleted.

    Returns:
        The log.

    Raises:
        ConfigurationError: an unknown scheme or option, a URL without what it needs, or a missing extra.

    Example:
        log = open_request_log("sqlite:///requests.db?retention_days=90")
    """
    if isinstance(log, RequestLog):
        return log
    place = read_url(log, family=REQUESTS)
    retention = read_days(place)
    if place.kind == "memory":
        from astra.request_log.memory import MemoryRequestLog

        return MemoryRequestLog()
    if place.kind == "sqlite":
        from astra.request_log.sqlite import SQLiteRequestLog

        return SQLiteRequestLog(place.path, retention=retention)
    if place.kind == "jsonl":
        from astra.request_log.jsonl import JSONLinesRequestLog

        return JSONLinesRequestLog(place.path, retention=retention)
    from astra.request_log.sql import SQLRequestLog

    return SQLRequestLog(place.address, retention=retention)
