# Generated from spec/astra.yaml by scripts/generate.py. Do not edit.
from __future__ import annotations

from typing import Any

from ..types import (
    UNSET,
    Model,
    Unset,
    to_json,
)


class TokenResponse(Model):
    """Tokens of one user. There is no lifetime of the refresh token in it; that is ten days."""

    __slots__ = ()
    _fields = frozenset(
        (
            "access_token",
            "refresh_token",
            "expires_in",
            "token_type",
        )
    )

    def __init__(
        self,
        *,
        access_token: str,
        refresh_token: str,
        expires_in: int | Unset = UNSET,
        token_type: str | Unset = UNSET,
    ) -> None:
        data: dict[str, Any] = {}
        data["access_token"] = to_json(access_token)
        data["refresh_token"] = to_json(refresh_token)
        if not isinstance(expires_in, Unset):
            data["expires_in"] = to_json(expires_in)
        if not isinstance(token_type, Unset):
            data["token_type"] = to_json(token_type)
        self._data = data
        self._context = None

    @property
    def access_token(self) -> str:
        value: str = self._data.get("access_token")
        return value

    @property
    def refresh_token(self) -> str:
        """A new one on every call."""
        value: str = self._data.get("refresh_token")
        return value

    @property
    def expires_in(self) -> int | None:
        """Lifetime of the access token in seconds. An old sample says 864000, the text two hours."""
        value: int | None = self._data.get("expires_in")
        return value

    @property
    def token_type(self) -> str | None:
        """`Bearer`."""
        value: str | None = self._data.get("token_type")
        return value
