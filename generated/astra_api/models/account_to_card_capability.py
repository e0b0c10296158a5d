# Generated from spec/astra.yaml by scripts/generate.py. Do not edit.
from __future__ import annotations

from typing import Any

from ..types import (
    UNSET,
    Model,
    Unset,
    read_bool,
    to_json,
)


class AccountToCardCapability(Model):
    """Limits of gross-debit payouts to cards."""

    __slots__ = ()
    _fields = frozenset(("is_eligible",))

    def __init__(
        self,
        *,
        is_eligible: bool | None | Unset = UNSET,
    ) -> None:
        data: dict[str, Any] = {}
        if not isinstance(is_eligible, Unset):
            data["is_eligible"] = to_json(is_eligible)
        self._data = data
        self._context = None

    @property
    def is_eligible(self) -> bool | None:
        """False when lowered."""
        value: bool | None = read_bool(self, "is_eligible")
        return value
