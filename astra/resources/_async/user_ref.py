"""Whose token a call uses: a user by your key, or by Astra's id."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Protocol

from astra._secret import shown
from astra.errors import AstraError, UnknownUserError

if TYPE_CHECKING:
    from astra_api.models import User

logger = logging.getLogger("astra.oauth")


class AsyncKeyFinder(Protocol):
    """What knows which of your keys belongs to which user of Astra."""

    async def find_key(self, astra_user_id: str) -> str | None:
        """Returns your key, or None when no grant belongs to that user."""
        ...

    def token_of_unnamed(self, key: str) -> str | None:
        """Returns the token of a grant without Astra's id, or None."""
        ...

    async def set_user_id(self, key: str, *, astra_user_id: str, access_token: str) -> bool:
        """Adds Astra's id to the grant that has this token."""
        ...


class AsyncUserRef:
    """A user, named by exactly one of your key and Astra's id. The store is asked at the first call, not before."""

    def __init__(self, finder: AsyncKeyFinder, *, key: str | None, astra_user_id: str | None) -> None:
        self._finder = finder
        self._key = key
        self.astra_user_id = astra_user_id

    @shown
    def __repr__(self) -> str:
        return f"user {self._key!r}" if self._key is not None else f"Astra user {self.astra_user_id!r}"

    async def key(self) -> str:
        """Returns your key of the user.

        Raises:
            UnknownUserError: no stored grant belongs to that Astra user.
        """
        if self._key is None:
            self._key = await self._finder.find_key(self.astra_user_id or "")
            if self._key is None:
                raise UnknownUserError(
                    f"No stored grant belongs to the Astra user {self.astra_user_id!r}: it was forgotten, was never "
                    "made, or is in another token store. Authorize the user with this token store (oauth.exchange). A "
                    "webhook receiver confirms what is about people whom it does not know.",
                    user_key="",
                    astra_user_id=self.astra_user_id,
                )
        return self._key

    async def learn_from(self, ask: Callable[[], Awaitable[User]]) -> User:
        """Asks Astra for the user, and keeps the id with a grant that has none, because it could not be asked before.

        Args:
            ask: asks for the user with the user's own token.
        """
        key = await self.key()
        token = self._finder.token_of_unnamed(key)
        user = await ask()
        if token is not None:
            try:
                await self._finder.set_user_id(key, astra_user_id=user.id, access_token=token)
            except AstraError as error:
                logger.warning("Astra's id of %r could not be stored: %s", key, error)
        return user
