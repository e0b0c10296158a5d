# Generated from spec/astra.yaml by scripts/generate.py. Do not edit.
from __future__ import annotations

from typing import Any

from ..types import (
    Model,
    to_json,
)


class PhoneNumberUpdate(Model):
    """The new phone number."""

    __slots__ = ()
    _fields = frozenset(("phone",))

    def __init__(
        self,
        *,
        phone: str,
    ) -> None:
        data: dict[str, Any] = {}
        data["phone"] = to_json(phone)
        self._data = data
        self._context = None

    @property
    def phone(self) -> str:
        """As in `+15557771234`."""
        value: str = self._data.get("phone")
        return value
