# Generated from spec/astra.yaml by scripts/generate.py. Do not edit.
from __future__ import annotations

from typing import Any

from ..types import (
    Model,
    to_json,
)


class IdentityVerification(Model):
    """A verification token."""

    __slots__ = ()
    _fields = frozenset(("token",))

    def __init__(
        self,
        *,
        token: str,
    ) -> None:
        data: dict[str, Any] = {}
        data["token"] = to_json(token)
        self._data = data
        self._context = None

    @property
    def token(self) -> str:
        """Lives one minute, works once."""
        value: str = self._data.get("token")
        return value
