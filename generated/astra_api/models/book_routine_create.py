# Generated from spec/astra.yaml by scripts/generate.py. Do not edit.
from __future__ import annotations

from decimal import Decimal
from typing import Any

from ..types import (
    Model,
    read_decimal,
    to_json,
)


class BookRoutineCreate(Model):
    """A transfer between two payment instruments."""

    __slots__ = ()
    _fields = frozenset(
        (
            "name",
            "amount",
            "source_id",
            "destination_id",
        )
    )

    def __init__(
        self,
        *,
        name: str,
        amount: Decimal | int,
        source_id: str,
        destination_id: str,
    ) -> None:
        data: dict[str, Any] = {}
        data["name"] = to_json(name)
        data["amount"] = to_json(amount)
        data["source_id"] = to_json(source_id)
        data["destination_id"] = to_json(destination_id)
        self._data = data
        self._context = None

    @property
    def name(self) -> str:
        value: str = self._data.get("name")
        return value

    @property
    def amount(self) -> Decimal:
        """US dollars."""
        value: Decimal = read_decimal(self, "amount")
        return value

    @property
    def source_id(self) -> str:
        """Originating payment instrument."""
        value: str = self._data.get("source_id")
        return value

    @property
    def destination_id(self) -> str:
        """Receiving payment instrument."""
        value: str = self._data.get("destination_id")
        return value
