# Generated from spec/astra.yaml by scripts/generate.py. Do not edit.
from __future__ import annotations

from typing import Any

from ..models.user_status import UserStatus
from ..types import (
    UNSET,
    Model,
    Unset,
    read_enum,
    to_json,
)


class UserIntentCreated(Model):
    """Answer to the submission. An early document shows the whole intent here."""

    __slots__ = ()
    _fields = frozenset(
        (
            "id",
            "status",
        )
    )

    def __init__(
        self,
        *,
        id: str,
        status: None | UserStatus | Unset = UNSET,
    ) -> None:
        data: dict[str, Any] = {}
        data["id"] = to_json(id)
        if not isinstance(status, Unset):
            data["status"] = to_json(status)
        self._data = data
        self._context = None

    @property
    def id(self) -> str:
        value: str = self._data.get("id")
        return value

    @property
    def status(self) -> None | UserStatus:
        """Guides say that it is returned; newest decoders do not read it."""
        value: None | UserStatus = read_enum(self, "status", UserStatus)
        return value
