"""The token lifecycle: grants, when to refresh them, where to keep them.

A service that calls Astra for many users, from many processes, meets three facts: an access token lives two hours, a
new one kills the old one everywhere, and a refresh token that nobody uses for ten days is lost for good. This package
deals with them, so that no call fails because of a token. The two flavours are loaded when they are first used.
"""

from importlib import import_module
from typing import TYPE_CHECKING

from astra._public import publish
from astra._secret import Secret
from astra.errors import TokenStoreError, UnreadableGrantError
from astra.tokens.grant import Grant, TokenAnswer
from astra.tokens.identity import UNBOUND, Identity
from astra.tokens.policy import TokenSettings
from astra.tokens.stores.base import Batch, ClaimQuery, TokenStore
from astra.tokens.stores.bound import BoundStore
from astra.tokens.stores.opening import open_store

if TYPE_CHECKING:
    from astra.tokens._async.lifecycle import AsyncTokens as AsyncTokens
    from astra.tokens._sync.lifecycle import Tokens as Tokens

_FLAVOURS = {"AsyncTokens": "astra.tokens._async.lifecycle", "Tokens": "astra.tokens._sync.lifecycle"}

__all__ = [
    "UNBOUND",
    "AsyncTokens",
    "Batch",
    "BoundStore",
    "ClaimQuery",
    "Grant",
    "Identity",
    "Secret",
    "TokenAnswer",
    "TokenSettings",
    "TokenStore",
    "TokenStoreError",
    "Tokens",
    "UnreadableGrantError",
    "open_store",
]

publish(__name__, (name for name in __all__ if name not in _FLAVOURS))


def __getattr__(name: str) -> object:
    if name not in _FLAVOURS:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_FLAVOURS[name]), name)
