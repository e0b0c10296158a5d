# Generated from spec/astra.yaml by scripts/generate.py. Do not edit.
from __future__ import annotations

from typing import Any

from ..models.grant_type import GrantType
from ..types import (
    UNSET,
    Model,
    Unset,
    read_enum,
    to_json,
)


class TokenRequest(Model):
    """Form of the token endpoint."""

    __slots__ = ()
    _fields = frozenset(
        (
            "grant_type",
            "code",
            "refresh_token",
            "redirect_uri",
        )
    )

    def __init__(
        self,
        *,
        grant_type: GrantType,
        code: str | Unset = UNSET,
        refresh_token: str | Unset = UNSET,
        redirect_uri: str | Unset = UNSET,
    ) -> None:
        data: dict[str, Any] = {}
        data["grant_type"] = to_json(grant_type)
        if not isinstance(code, Unset):
            data["code"] = to_json(code)
        if not isinstance(refresh_token, Unset):
            data["refresh_token"] = to_json(refresh_token)
        if not isinstance(redirect_uri, Unset):
            data["redirect_uri"] = to_json(redirect_uri)
        self._data = data
        self._context = None

    @property
    def grant_type(self) -> GrantType:
        """OAuth grants that the token endpoint takes."""
        value: GrantType = read_enum(self, "grant_type", GrantType)
        return value

    @property
    def code(self) -> str | None:
        """Authorization code from the redirect. Lives several minutes and works once."""
        value: str | None = self._data.get("code")
        return value

    @property
    def refresh_token(self) -> str | None:
        """Refresh token. May be used again until it expires."""
        value: str | None = self._data.get("refresh_token")
        return value

    @property
    def redirect_uri(self) -> str | None:
        """Must equal a registered one. Documented for both grants; a refresh without it has been seen
        to work."""
        value: str | None = self._data.get("redirect_uri")
        return value
