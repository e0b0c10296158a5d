"""The ledger of request ids: what was called, when, how it ended, and the id that Astra's support asks for.

`open_request_log` opens one by URL. The records themselves come from `astra.instrumentation`.
Names are loaded when they are first used: the command line has to start fast.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from astra.instrumentation.record import RequestRecord as RequestRecord
    from astra.request_log.log import RequestLog as RequestLog
    from astra.request_log.opening import open_request_log as open_request_log
    from astra.request_log.query import RequestQuery as RequestQuery
    from astra.request_log.stats import OperationStats as OperationStats

_HOMES = {
    "OperationStats": "astra.request_log.stats",
    "RequestLog": "astra.request_log.log",
    "RequestQuery": "astra.request_log.query",
    "RequestRecord": "astra.instrumentation.record",
    "open_request_log": "astra.request_log.opening",
}

__all__ = [
    "OperationStats",
    "RequestLog",
    "RequestQuery",
    "RequestRecord",
    "open_request_log",
]


def __getattr__(name: str) -> object:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module 'astra.request_log' has no attribute {name!r}")
    return getattr(import_module(home), name)
