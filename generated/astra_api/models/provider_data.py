# Generated from spec/astra.yaml by scripts/generate.py. Do not edit.
from __future__ import annotations

from typing import Any

from ..types import (
    UNSET,
    Model,
    Unset,
    to_json,
)


class ProviderData(Model):
    """What the older configuration of trusted authentication asked for."""

    __slots__ = ()
    _fields = frozenset(("customer_id",))

    def __init__(
        self,
        *,
        customer_id: str | Unset = UNSET,
    ) -> None:
        data: dict[str, Any] = {}
        if not isinstance(customer_id, Unset):
            data["customer_id"] = to_json(customer_id)
        self._data = data
        self._context = None

    @property
    def customer_id(self) -> str | None:
        """Id in the partner's own system."""
        value: str | None = self._data.get("customer_id")
        return value
