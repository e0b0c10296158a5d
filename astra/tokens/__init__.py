"""The token lifecycle: grants, when to refresh them, where to keep them.

A service that calls Astra for many users, from many processes, meets three facts: an access token lives two hours, a
new one kills the old one everywhere, and a refresh token that nobody uses for ten days is lost for good. This package
deals with them, so that no call fails because of a token.
"""

from astra._public import publish
from astra.errors import TokenStoreError
from astra.tokens._async.lifecycle import AsyncTokens
from astra.tokens._sync.lifecycle import Tokens
from astra.tokens.grant import Grant, Secret, TokenAnswer
from astra.tokens.policy import TokenSettings
from astra.tokens.stores.base import ClaimQuery, TokenStore
from astra.tokens.stores.opening import open_store

__all__ = [
    "AsyncTokens",
    "ClaimQuery",
    "Grant",
    "Secret",
    "TokenAnswer",
    "TokenSettings",
    "TokenStore",
    "TokenStoreError",
    "Tokens",
    "open_store",
]

publish(__name__, __all__)
