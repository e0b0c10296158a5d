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


class CardCreate(Model):
    """A card by its number. In 2022 no address was needed."""

    __slots__ = ()
    _fields = frozenset(
        (
            "card_number",
            "card_security_code",
            "expiration_date",
            "first_name",
            "last_name",
            "street_line_1",
            "city",
            "state",
            "zip_code",
            "street_line_2",
            "added_by_user",
        )
    )

    def __init__(
        self,
        *,
        card_number: str,
        card_security_code: str,
        expiration_date: str,
        first_name: str,
        last_name: str,
        street_line_1: str,
        city: str,
        state: str,
        zip_code: str,
        street_line_2: str | Unset = UNSET,
        added_by_user: bool | Unset = UNSET,
    ) -> None:
        data: dict[str, Any] = {}
        data["card_number"] = to_json(card_number)
        data["card_security_code"] = to_json(card_security_code)
        data["expiration_date"] = to_json(expiration_date)
        data["first_name"] = to_json(first_name)
        data["last_name"] = to_json(last_name)
        data["street_line_1"] = to_json(street_line_1)
        data["city"] = to_json(city)
        data["state"] = to_json(state)
        data["zip_code"] = to_json(zip_code)
        if not isinstance(street_line_2, Unset):
            data["street_line_2"] = to_json(street_line_2)
        if not isinstance(added_by_user, Unset):
            data["added_by_user"] = to_json(added_by_user)
        self._data = data
        self._context = None

    @property
    def card_number(self) -> str:
        value: str = self._data.get("card_number")
        return value

    @property
    def card_security_code(self) -> str:
        value: str = self._data.get("card_security_code")
        return value

    @property
    def expiration_date(self) -> str:
        """`MM/YY`."""
        value: str = self._data.get("expiration_date")
        return value

    @property
    def first_name(self) -> str:
        value: str = self._data.get("first_name")
        return value

    @property
    def last_name(self) -> str:
        value: str = self._data.get("last_name")
        return value

    @property
    def street_line_1(self) -> str:
        """Of the billing address."""
        value: str = self._data.get("street_line_1")
        return value

    @property
    def city(self) -> str:
        value: str = self._data.get("city")
        return value

    @property
    def state(self) -> str:
        """US state."""
        value: str = self._data.get("state")
        return value

    @property
    def zip_code(self) -> str:
        value: str = self._data.get("zip_code")
        return value

    @property
    def street_line_2(self) -> str | None:
        value: str | None = self._data.get("street_line_2")
        return value

    @property
    def added_by_user(self) -> bool | None:
        """True for an external card, false (when left out) for one that the client issued."""
        value: bool | None = read_bool(self, "added_by_user")
        return value
