# Generated from spec/astra.yaml by scripts/generate.py. Do not edit.
from __future__ import annotations

from typing import Any

from ..models.settlement_speed import SettlementSpeed
from ..types import (
    UNSET,
    Model,
    Unset,
    read_enum,
    to_json,
)


class AccountToAccountCapability(Model):
    """Limits of account-to-account payments."""

    __slots__ = ()
    _fields = frozenset(("max_settlement_speed",))

    def __init__(
        self,
        *,
        max_settlement_speed: None | SettlementSpeed | Unset = UNSET,
    ) -> None:
        data: dict[str, Any] = {}
        if not isinstance(max_settlement_speed, Unset):
            data["max_settlement_speed"] = to_json(max_settlement_speed)
        self._data = data
        self._context = None

    @property
    def max_settlement_speed(self) -> None | SettlementSpeed:
        """`T+4` when lowered."""
        value: None | SettlementSpeed = read_enum(self, "max_settlement_speed", SettlementSpeed)
        return value
