# Generated from spec/astra.yaml by scripts/generate.py. Do not edit.
from __future__ import annotations

from typing import Any

from ..types import (
    Model,
    to_json,
)


class UserUpdate(Model):
    """The change of a user."""

    __slots__ = ()
    _fields = frozenset(("email",))

    def __init__(
        self,
        *,
        email: str,
    ) -> None:
        data: dict[str, Any] = {}
        data["email"] = to_json(email)
        self._data = data
        self._context = None

    @property
    def email(self) -> str:
        """The new address."""
        value: str = self._data.get("email")
        return value
