# Generated from spec/astra.yaml by scripts/generate.py. Do not edit.
from __future__ import annotations

from typing import Any

from ..types import (
    UNSET,
    Model,
    Unset,
    to_json,
)


class CardAuthDetails(Model):
    """Risk assessment and recommendation. No source shows its fields."""

    __slots__ = ()
    _fields = frozenset(
        (
            "card_id",
            "risk_level",
            "recommendation",
        )
    )

    def __init__(
        self,
        *,
        card_id: None | str | Unset = UNSET,
        risk_level: None | str | Unset = UNSET,
        recommendation: None | str | Unset = UNSET,
    ) -> None:
        data: dict[str, Any] = {}
        if not isinstance(card_id, Unset):
            data["card_id"] = to_json(card_id)
        if not isinstance(risk_level, Unset):
            data["risk_level"] = to_json(risk_level)
        if not isinstance(recommendation, Unset):
            data["recommendation"] = to_json(recommendation)
        self._data = data
        self._context = None

    @property
    def card_id(self) -> None | str:
        value: None | str = self._data.get("card_id")
        return value

    @property
    def risk_level(self) -> None | str:
        value: None | str = self._data.get("risk_level")
        return value

    @property
    def recommendation(self) -> None | str:
        value: None | str = self._data.get("recommendation")
        return value
