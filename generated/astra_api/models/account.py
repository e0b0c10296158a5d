# Generated from spec/astra.yaml by scripts/generate.py. Do not edit.
from __future__ import annotations

import datetime
from decimal import Decimal
from typing import Any

from ..types import (
    UNSET,
    Model,
    Unset,
    read_datetime,
    read_decimal,
    to_json,
)


class Account(Model):
    """A bank account. Balances and nickname have been seen in 2021 only."""

    __slots__ = ()
    _fields = frozenset(
        (
            "id",
            "official_name",
            "name",
            "nickname",
            "mask",
            "institution_name",
            "institution_logo",
            "type",
            "subtype",
            "current_balance",
            "available_balance",
            "last_balance_update_on",
            "connection_status",
        )
    )

    def __init__(
        self,
        *,
        id: str,
        official_name: None | str | Unset = UNSET,
        name: None | str | Unset = UNSET,
        nickname: None | str | Unset = UNSET,
        mask: None | str | Unset = UNSET,
        institution_name: None | str | Unset = UNSET,
        institution_logo: None | str | Unset = UNSET,
        type_: None | str | Unset = UNSET,
        subtype: None | str | Unset = UNSET,
        current_balance: Decimal | int | None | Unset = UNSET,
        available_balance: Decimal | int | None | Unset = UNSET,
        last_balance_update_on: datetime.datetime | None | Unset = UNSET,
        connection_status: None | str | Unset = UNSET,
    ) -> None:
        data: dict[str, Any] = {}
        data["id"] = to_json(id)
        if not isinstance(official_name, Unset):
            data["official_name"] = to_json(official_name)
        if not isinstance(name, Unset):
            data["name"] = to_json(name)
        if not isinstance(nickname, Unset):
            data["nickname"] = to_json(nickname)
        if not isinstance(mask, Unset):
            data["mask"] = to_json(mask)
        if not isinstance(institution_name, Unset):
            data["institution_name"] = to_json(institution_name)
        if not isinstance(institution_logo, Unset):
            data["institution_logo"] = to_json(institution_logo)
        if not isinstance(type_, Unset):
            data["type"] = to_json(type_)
        if not isinstance(subtype, Unset):
            data["subtype"] = to_json(subtype)
        if not isinstance(current_balance, Unset):
            data["current_balance"] = to_json(current_balance)
        if not isinstance(available_balance, Unset):
            data["available_balance"] = to_json(available_balance)
        if not isinstance(last_balance_update_on, Unset):
            data["last_balance_update_on"] = to_json(last_balance_update_on)
        if not isinstance(connection_status, Unset):
            data["connection_status"] = to_json(connection_status)
        self._data = data
        self._context = None

    @property
    def id(self) -> str:
        value: str = self._data.get("id")
        return value

    @property
    def official_name(self) -> None | str:
        value: None | str = self._data.get("official_name")
        return value

    @property
    def name(self) -> None | str:
        value: None | str = self._data.get("name")
        return value

    @property
    def nickname(self) -> None | str:
        value: None | str = self._data.get("nickname")
        return value

    @property
    def mask(self) -> None | str:
        """Last digits."""
        value: None | str = self._data.get("mask")
        return value

    @property
    def institution_name(self) -> None | str:
        value: None | str = self._data.get("institution_name")
        return value

    @property
    def institution_logo(self) -> None | str:
        """A URL or the data."""
        value: None | str = self._data.get("institution_logo")
        return value

    @property
    def type_(self) -> None | str:
        """Kind, such as `depository`."""
        value: None | str = self._data.get("type")
        return value

    @property
    def subtype(self) -> None | str:
        """Plaid's words, such as `checking`, `savings`, `money market` or `credit card`."""
        value: None | str = self._data.get("subtype")
        return value

    @property
    def current_balance(self) -> Decimal | None:
        """US dollars."""
        value: Decimal | None = read_decimal(self, "current_balance")
        return value

    @property
    def available_balance(self) -> Decimal | None:
        """US dollars."""
        value: Decimal | None = read_decimal(self, "available_balance")
        return value

    @property
    def last_balance_update_on(self) -> datetime.datetime | None:
        """May come without an offset; read as UTC."""
        value: datetime.datetime | None = read_datetime(self, "last_balance_update_on")
        return value

    @property
    def connection_status(self) -> None | str:
        """Values not known."""
        value: None | str = self._data.get("connection_status")
        return value
