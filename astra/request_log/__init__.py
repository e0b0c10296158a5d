"""The ledger of request ids: what was called, when, how it ended, and the id that Astra's support asks for.

`open_request_log` opens one by URL; `capture_requests` collects the requests of one business operation in memory.
Names are loaded when they are first used: the command line has to start fast.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from astra.request_log.capture import CapturedRequests as CapturedRequests
    from astra.request_log.capture import capture_requests as capture_requests
    from astra.request_log.log import RequestLog as RequestLog
    from astra.request_log.observe import CallInfo as CallInfo
    from astra.request_log.observe import CallObserver as CallObserver
    from astra.request_log.observe import CallObservers as CallObservers
    from astra.request_log.observe import CallOutcome as CallOutcome
    from astra.request_log.opening import open_request_log as open_request_log
    from astra.request_log.query import RequestQuery as RequestQuery
    from astra.request_log.record import RequestRecord as RequestRecord
    from astra.request_log.stats import OperationStats as OperationStats

_HOMES = {
    "CallInfo": "observe",
    "CallObserver": "observe",
    "CallObservers": "observe",
    "CallOutcome": "observe",
    "CapturedRequests": "capture",
    "OperationStats": "stats",
    "RequestLog": "log",
    "RequestQuery": "query",
    "RequestRecord": "record",
    "capture_requests": "capture",
    "open_request_log": "opening",
}

__all__ = [
    "CallInfo",
    "CallObserver",
    "CallObservers",
    "CallOutcome",
    "CapturedRequests",
    "OperationStats",
    "RequestLog",
    "RequestQuery",
    "RequestRecord",
    "capture_requests",
    "open_request_log",
]


def __getattr__(name: str) -> object:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module 'astra.request_log' has no attribute {name!r}")
    return getattr(import_module(f"astra.request_log.{home}"), name)
