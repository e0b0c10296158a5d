# Generated from spec/astra.yaml by scripts/generate.py. Do not edit.
from __future__ import annotations

import datetime
from typing import Any

from ..types import (
    UNSET,
    Model,
    Unset,
    read_datetime,
    to_json,
)


class PhoneNumberChangeRequest(Model):
    """A change of phone number that was asked for. No source shows its fields."""

    __slots__ = ()
    _fields = frozenset(
        (
            "id",
            "phone",
            "status",
            "created",
        )
    )

    def __init__(
        self,
        *,
        id: None | str | Unset = UNSET,
        phone: None | str | Unset = UNSET,
        status: None | str | Unset = UNSET,
        created: datetime.datetime | None | Unset = UNSET,
    ) -> None:
        data: dict[str, Any] = {}
        if not isinstance(id, Unset):
            data["id"] = to_json(id)
        if not isinstance(phone, Unset):
            data["phone"] = to_json(phone)
        if not isinstance(status, Unset):
            data["status"] = to_json(status)
        if not isinstance(created, Unset):
            data["created"] = to_json(created)
        self._data = data
        self._context = None

    @property
    def id(self) -> None | str:
        value: None | str = self._data.get("id")
        return value

    @property
    def phone(self) -> None | str:
        value: None | str = self._data.get("phone")
        return value

    @property
    def status(self) -> None | str:
        """Values not known."""
        value: None | str = self._data.get("status")
        return value

    @property
    def created(self) -> datetime.datetime | None:
        """May come without an offset; read as UTC."""
        value: datetime.datetime | None = read_datetime(self, "created")
        return value
