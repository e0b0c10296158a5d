# Generated from spec/astra.yaml by scripts/generate.py. Do not edit.
from __future__ import annotations

from typing import Any

from ..types import (
    UNSET,
    Model,
    Unset,
    to_json,
)


class AchCreditReference(Model):
    """The ACH credit that funds a payout, as earlier integrations named it."""

    __slots__ = ()
    _fields = frozenset(
        (
            "type",
            "addenda",
        )
    )

    def __init__(
        self,
        *,
        type_: str | Unset = UNSET,
        addenda: str | Unset = UNSET,
    ) -> None:
        data: dict[str, Any] = {}
        if not isinstance(type_, Unset):
            data["type"] = to_json(type_)
        if not isinstance(addenda, Unset):
            data["addenda"] = to_json(addenda)
        self._data = data
        self._context = None

    @property
    def type_(self) -> str | None:
        """`ach_credit`."""
        value: str | None = self._data.get("type")
        return value

    @property
    def addenda(self) -> str | None:
        """Text by which Astra finds the credit."""
        value: str | None = self._data.get("addenda")
        return value
