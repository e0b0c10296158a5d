"""Authorization: links to Astra's hosted pages, the redirect that comes back, the exchange of its code.

`States` and `AsyncStates` keep states on the server. The two flavours are loaded when they are first used.
"""

from importlib import import_module
from typing import TYPE_CHECKING

from astra._public import publish
from astra.oauth.redirects import STATE_NOT_CHECKED, Redirect
from astra.oauth.states.opening import open_state_store
from astra.oauth.states.store import StateStore
from astra.oauth.states.tickets import IssuedState, Ticket, UsedState

if TYPE_CHECKING:
    from astra.oauth._async.states import AsyncStates as AsyncStates
    from astra.oauth._sync.states import States as States

_FLAVOURS = {"AsyncStates": "astra.oauth._async.states", "States": "astra.oauth._sync.states"}

__all__ = [
    "STATE_NOT_CHECKED",
    "AsyncStates",
    "IssuedState",
    "Redirect",
    "StateStore",
    "States",
    "Ticket",
    "UsedState",
    "open_state_store",
]

publish(__name__, (name for name in __all__ if name not in _FLAVOURS))


def __getattr__(name: str) -> object:
    if name not in _FLAVOURS:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_FLAVOURS[name]), name)
