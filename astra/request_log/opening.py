"""From a URL to a request log."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import parse_qsl

from astra.errors import ConfigurationError
from astra.request_log.log import RequestLog


def open_request_log(log: RequestLog | str) -> RequestLog:
    """Opens a request log. Nothing is created or connected before the first record.

    Args:
        log: a log, which is returned as it is, or a URL:
            "sqlite:///requests.db" (four slashes for an absolute path),
            "jsonl:///requests.jsonl",
            "memory://", or any SQLAlchemy URL such as "postgresql://user:password@host/database".
            The first two take "?retention_days=90": older records are deleted.

    Returns:
        The log.

    Raises:
        ConfigurationError: the URL cannot be read, or its extra is not installed.

    Example:
        log = open_request_log("sqlite:///requests.db?retention_days=90")
    """
    if not isinstance(log, str):
        return log
    scheme, separator, rest = log.partition("://")
    if not separator:
        raise ConfigurationError("A request log is named by a URL, such as sqlite:///requests.db or memory://.")
    if scheme == "memory":
        from astra.request_log.memory import MemoryRequestLog

        return MemoryRequestLog()
    if scheme == "sqlite":
        from astra.request_log.sqlite import SQLiteRequestLog

        path, retention = _file(rest, scheme)
        return SQLiteRequestLog(path, retention=retention)
    if scheme == "jsonl":
        from astra.request_log.jsonl import JSONLinesRequestLog

        path, retention = _file(rest, scheme)
        return JSONLinesRequestLog(path, retention=retention)
    from astra.request_log.sql import SQLRequestLog

    return SQLRequestLog(log)


def _file(rest: str, scheme: str) -> tuple[str, timedelta | None]:
    path, _, options = rest.partition("?")
    if not path.startswith("/") or len(path) < 2:
        raise ConfigurationError(f"This URL has three slashes and a path: {scheme}:///requests.db.")
    retention = None
    for name, value in parse_qsl(options, keep_blank_values=True):
        if name != "retention_days":
            raise ConfigurationError(f"A {scheme} request log has no option {name!r}; there is retention_days.")
        try:
            retention = timedelta(days=float(value))
        except (ValueError, OverflowError):
            retention = timedelta(0)
        if retention <= timedelta(0):
            raise ConfigurationError("retention_days must be a positive number.")
    return path[1:], retention
