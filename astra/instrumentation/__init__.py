"""What watches calls: the record of an attempt, hooks for tracing and metrics, and captures.

`client.observers.add` takes a `CallObserver`; `capture_requests` collects the requests of one business operation.
Names are loaded when they are first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from astra.instrumentation.capture import CapturedRequests as CapturedRequests
    from astra.instrumentation.capture import capture_requests as capture_requests
    from astra.instrumentation.dispatch import ALL_CLIENTS as ALL_CLIENTS
    from astra.instrumentation.dispatch import CallObservers as CallObservers
    from astra.instrumentation.dispatch import ObserverList as ObserverList
    from astra.instrumentation.hooks import CallInfo as CallInfo
    from astra.instrumentation.hooks import CallObserver as CallObserver
    from astra.instrumentation.hooks import CallOutcome as CallOutcome
    from astra.instrumentation.record import RequestRecord as RequestRecord

_HOMES = {
    "ALL_CLIENTS": "dispatch",
    "CallInfo": "hooks",
    "CallObserver": "hooks",
    "CallObservers": "dispatch",
    "CallOutcome": "hooks",
    "CapturedRequests": "capture",
    "ObserverList": "dispatch",
    "RequestRecord": "record",
    "capture_requests": "capture",
}

__all__ = [
    "ALL_CLIENTS",
    "CallInfo",
    "CallObserver",
    "CallObservers",
    "CallOutcome",
    "CapturedRequests",
    "ObserverList",
    "RequestRecord",
    "capture_requests",
]


def __getattr__(name: str) -> object:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module 'astra.instrumentation' has no attribute {name!r}")
    return getattr(import_module(f"astra.instrumentation.{home}"), name)
