# Generated from spec/astra.yaml by scripts/generate.py. Do not edit.
from __future__ import annotations

from typing import Any

from ..types import (
    UNSET,
    Model,
    Unset,
    to_json,
)


class Bin(Model):
    """What is known about a BIN."""

    __slots__ = ()
    _fields = frozenset(
        (
            "bin",
            "card_brand",
            "card_type",
            "interchange_category",
            "issuer_name",
            "settlement_network",
        )
    )

    def __init__(
        self,
        *,
        bin_: str | Unset = UNSET,
        card_brand: None | str | Unset = UNSET,
        card_type: None | str | Unset = UNSET,
        interchange_category: None | str | Unset = UNSET,
        issuer_name: None | str | Unset = UNSET,
        settlement_network: None | str | Unset = UNSET,
    ) -> None:
        data: dict[str, Any] = {}
        if not isinstance(bin_, Unset):
            data["bin"] = to_json(bin_)
        if not isinstance(card_brand, Unset):
            data["card_brand"] = to_json(card_brand)
        if not isinstance(card_type, Unset):
            data["card_type"] = to_json(card_type)
        if not isinstance(interchange_category, Unset):
            data["interchange_category"] = to_json(interchange_category)
        if not isinstance(issuer_name, Unset):
            data["issuer_name"] = to_json(issuer_name)
        if not isinstance(settlement_network, Unset):
            data["settlement_network"] = to_json(settlement_network)
        self._data = data
        self._context = None

    @property
    def bin_(self) -> str | None:
        value: str | None = self._data.get("bin")
        return value

    @property
    def card_brand(self) -> None | str:
        value: None | str = self._data.get("card_brand")
        return value

    @property
    def card_type(self) -> None | str:
        value: None | str = self._data.get("card_type")
        return value

    @property
    def interchange_category(self) -> None | str:
        value: None | str = self._data.get("interchange_category")
        return value

    @property
    def issuer_name(self) -> None | str:
        value: None | str = self._data.get("issuer_name")
        return value

    @property
    def settlement_network(self) -> None | str:
        value: None | str = self._data.get("settlement_network")
        return value
