# Generated from spec/astra.yaml by scripts/generate.py. Do not edit.
from __future__ import annotations

from typing import Any

from ..types import (
    UNSET,
    Model,
    Unset,
    to_json,
)


class AddressChangeRequest(Model):
    """A change of address that was asked for. No source shows its fields."""

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
        id: None | str | Unset = UNSET,
        status: None | str | Unset = UNSET,
    ) -> None:
        data: dict[str, Any] = {}
        if not isinstance(id, Unset):
            data["id"] = to_json(id)
        if not isinstance(status, Unset):
            data["status"] = to_json(status)
        self._data = data
        self._context = None

    @property
    def id(self) -> None | str:
        value: None | str = self._data.get("id")
        return value

    @property
    def status(self) -> None | str:
        """Values not known."""
        value: None | str = self._data.get("status")
        return value
