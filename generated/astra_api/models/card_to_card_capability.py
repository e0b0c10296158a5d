# Generated from spec/astra.yaml by scripts/generate.py. Do not edit.
from __future__ import annotations

from typing import Any

from ..types import (
    UNSET,
    Model,
    Unset,
    to_json,
)


class CardToCardCapability(Model):
    """Limits of card-to-card payments."""

    __slots__ = ()
    _fields = frozenset(("transfer_count_limit",))

    def __init__(
        self,
        *,
        transfer_count_limit: int | None | Unset = UNSET,
    ) -> None:
        data: dict[str, Any] = {}
        if not isinstance(transfer_count_limit, Unset):
            data["transfer_count_limit"] = to_json(transfer_count_limit)
        self._data = data
        self._context = None

    @property
    def transfer_count_limit(self) -> int | None:
        """Transfers a day; 1 when lowered. How no limit is written is not known."""
        value: int | None = self._data.get("transfer_count_limit")
        return value
