# Generated from spec/astra.yaml by scripts/generate.py. Do not edit.
from __future__ import annotations

from typing import Any

from ..types import (
    UNSET,
    Model,
    Unset,
    to_json,
)


class RoutineParty(Model):
    """One end of a routine."""

    __slots__ = ()
    _fields = frozenset(
        (
            "id",
            "user_id",
        )
    )

    def __init__(
        self,
        *,
        id: str,
        user_id: None | str | Unset = UNSET,
    ) -> None:
        data: dict[str, Any] = {}
        data["id"] = to_json(id)
        if not isinstance(user_id, Unset):
            data["user_id"] = to_json(user_id)
        self._data = data
        self._context = None

    @property
    def id(self) -> str:
        """Account, card or payment instrument."""
        value: str = self._data.get("id")
        return value

    @property
    def user_id(self) -> None | str:
        """Owner of the destination."""
        value: None | str = self._data.get("user_id")
        return value
