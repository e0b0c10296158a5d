# Generated from spec/astra.yaml by scripts/generate.py. Do not edit.
from __future__ import annotations

from decimal import Decimal
from typing import Any

from ..types import (
    UNSET,
    Model,
    Unset,
    read_decimal,
    to_json,
)


class PaymentInstrument(Model):
    """A settlement account of the client."""

    __slots__ = ()
    _fields = frozenset(
        (
            "id",
            "name",
            "account_id",
            "account_number",
            "routing_number",
            "available_balance",
        )
    )

    def __init__(
        self,
        *,
        id: str | Unset = UNSET,
        name: None | str | Unset = UNSET,
        account_id: None | str | Unset = UNSET,
        account_number: None | str | Unset = UNSET,
        routing_number: None | str | Unset = UNSET,
        available_balance: Decimal | int | None | Unset = UNSET,
    ) -> None:
        data: dict[str, Any] = {}
        if not isinstance(id, Unset):
            data["id"] = to_json(id)
        if not isinstance(name, Unset):
            data["name"] = to_json(name)
        if not isinstance(account_id, Unset):
            data["account_id"] = to_json(account_id)
        if not isinstance(account_number, Unset):
            data["account_number"] = to_json(account_number)
        if not isinstance(routing_number, Unset):
            data["routing_number"] = to_json(routing_number)
        if not isinstance(available_balance, Unset):
            data["available_balance"] = to_json(available_balance)
        self._data = data
        self._context = None

    @property
    def id(self) -> str | None:
        value: str | None = self._data.get("id")
        return value

    @property
    def name(self) -> None | str:
        value: None | str = self._data.get("name")
        return value

    @property
    def account_id(self) -> None | str:
        value: None | str = self._data.get("account_id")
        return value

    @property
    def account_number(self) -> None | str:
        value: None | str = self._data.get("account_number")
        return value

    @property
    def routing_number(self) -> None | str:
        value: None | str = self._data.get("routing_number")
        return value

    @property
    def available_balance(self) -> Decimal | None:
        """May lag by up to five minutes."""
        value: Decimal | None = read_decimal(self, "available_balance")
        return value
