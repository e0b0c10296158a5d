# Derived from astra/resources/_async/user_ref.py by scripts/unasync.py: edit that file.
"""Whose token a call uses: a user by your key, or by Astra's id."""

from __future__ import annotations

from typing import Protocol

from astra.errors import ConfigurationError


class KeyFinder(Protocol):
    """What finds your key of a user by Astra's id."""

    def find_key(self, astra_user_id: str) -> str | None:
        """Returns your key, or None when no grant belongs to that user."""
        ...


class UserRef:
    """A user, named by exactly one of your key and Astra's id. The store is asked at the first call, not before."""

    def __init__(self, finder: KeyFinder, *, key: str | None, astra_user_id: str | None) -> None:
        self._finder = finder
        self._key = key
        self.astra_user_id = astra_user_id

    def __repr__(self) -> str:
        return f"user {self._key!r}" if self._key is not None else f"Astra user {self.astra_user_id!r}"

    def key(self) -> str:
        """Returns your key of the user.

        Raises:
            ConfigurationError: no stored grant belongs to that Astra user.
        """
        if self._key is None:
            self._key = self._finder.find_key(self.astra_user_id or "")
            if self._key is None:
                raise ConfigurationError(
                    f"No stored grant belongs to the Astra user {self.astra_user_id!r}. Authorize the user with this "
                    "token store first (oauth.exchange), or name the user by your own key."
                )
        return self._key
