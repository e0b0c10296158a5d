# Generated from spec/astra.yaml by scripts/generate.py. Do not edit.
from __future__ import annotations

from typing import Any

from ..types import (
    Model,
    to_json,
)


class IdentityTokenRequest(Model):
    """Form that trades a verification token for a grant."""

    __slots__ = ()
    _fields = frozenset(
        (
            "token",
            "user_consent_captured",
        )
    )

    def __init__(
        self,
        *,
        token: str,
        user_consent_captured: str,
    ) -> None:
        data: dict[str, Any] = {}
        data["token"] = to_json(token)
        data["user_consent_captured"] = to_json(user_consent_captured)
        self._data = data
        self._context = None

    @property
    def token(self) -> str:
        """The verification token."""
        value: str = self._data.get("token")
        return value

    @property
    def user_consent_captured(self) -> str:
        """`true`: the partner collected the user's consent."""
        value: str = self._data.get("user_consent_captured")
        return value
