# Generated from spec/astra.yaml by scripts/generate.py. Do not edit.
from __future__ import annotations

import datetime
from typing import Any

from ..models.card_status import CardStatus
from ..types import (
    UNSET,
    Model,
    Unset,
    read_bool,
    read_datetime,
    read_enum,
    read_list,
    to_json,
)


class Card(Model):
    """A debit card."""

    __slots__ = ()
    _fields = frozenset(
        (
            "id",
            "status",
            "address_verified",
            "card_company",
            "card_type",
            "first_six_digits",
            "last_four_digits",
            "expiration_date",
            "first_name",
            "last_name",
            "street_line_1",
            "street_line_2",
            "city",
            "state",
            "zip_code",
            "pull_enabled",
            "push_enabled",
            "removed",
            "review_status",
            "review_reasons",
            "created",
        )
    )

    def __init__(
        self,
        *,
        id: str,
        status: CardStatus,
        address_verified: bool | None | Unset = UNSET,
        card_company: None | str | Unset = UNSET,
        card_type: None | str | Unset = UNSET,
        first_six_digits: None | str | Unset = UNSET,
        last_four_digits: None | str | Unset = UNSET,
        expiration_date: None | str | Unset = UNSET,
        first_name: None | str | Unset = UNSET,
        last_name: None | str | Unset = UNSET,
        street_line_1: None | str | Unset = UNSET,
        street_line_2: None | str | Unset = UNSET,
        city: None | str | Unset = UNSET,
        state: None | str | Unset = UNSET,
        zip_code: None | str | Unset = UNSET,
        pull_enabled: bool | None | Unset = UNSET,
        push_enabled: bool | None | Unset = UNSET,
        removed: bool | None | Unset = UNSET,
        review_status: CardStatus | None | Unset = UNSET,
        review_reasons: list[str] | None | Unset = UNSET,
        created: datetime.datetime | None | Unset = UNSET,
    ) -> None:
        data: dict[str, Any] = {}
        data["id"] = to_json(id)
        data["status"] = to_json(status)
        if not isinstance(address_verified, Unset):
            data["address_verified"] = to_json(address_verified)
        if not isinstance(card_company, Unset):
            data["card_company"] = to_json(card_company)
        if not isinstance(card_type, Unset):
            data["card_type"] = to_json(card_type)
        if not isinstance(first_six_digits, Unset):
            data["first_six_digits"] = to_json(first_six_digits)
        if not isinstance(last_four_digits, Unset):
            data["last_four_digits"] = to_json(last_four_digits)
        if not isinstance(expiration_date, Unset):
            data["expiration_date"] = to_json(expiration_date)
        if not isinstance(first_name, Unset):
            data["first_name"] = to_json(first_name)
        if not isinstance(last_name, Unset):
            data["last_name"] = to_json(last_name)
        if not isinstance(street_line_1, Unset):
            data["street_line_1"] = to_json(street_line_1)
        if not isinstance(street_line_2, Unset):
            data["street_line_2"] = to_json(street_line_2)
        if not isinstance(city, Unset):
            data["city"] = to_json(city)
        if not isinstance(state, Unset):
            data["state"] = to_json(state)
        if not isinstance(zip_code, Unset):
            data["zip_code"] = to_json(zip_code)
        if not isinstance(pull_enabled, Unset):
            data["pull_enabled"] = to_json(pull_enabled)
        if not isinstance(push_enabled, Unset):
            data["push_enabled"] = to_json(push_enabled)
        if not isinstance(removed, Unset):
            data["removed"] = to_json(removed)
        if not isinstance(review_status, Unset):
            data["review_status"] = to_json(review_status)
        if not isinstance(review_reasons, Unset):
            data["review_reasons"] = to_json(review_reasons)
        if not isinstance(created, Unset):
            data["created"] = to_json(created)
        self._data = data
        self._context = None

    @property
    def id(self) -> str:
        value: str = self._data.get("id")
        return value

    @property
    def status(self) -> CardStatus:
        """Status of a card. Only an approved card can be used."""
        value: CardStatus = read_enum(self, "status", CardStatus)
        return value

    @property
    def address_verified(self) -> bool | None:
        value: bool | None = read_bool(self, "address_verified")
        return value

    @property
    def card_company(self) -> None | str:
        """As in `Visa`."""
        value: None | str = self._data.get("card_company")
        return value

    @property
    def card_type(self) -> None | str:
        """Values not known."""
        value: None | str = self._data.get("card_type")
        return value

    @property
    def first_six_digits(self) -> None | str:
        value: None | str = self._data.get("first_six_digits")
        return value

    @property
    def last_four_digits(self) -> None | str:
        value: None | str = self._data.get("last_four_digits")
        return value

    @property
    def expiration_date(self) -> None | str:
        """`MM/YY` in requests."""
        value: None | str = self._data.get("expiration_date")
        return value

    @property
    def first_name(self) -> None | str:
        value: None | str = self._data.get("first_name")
        return value

    @property
    def last_name(self) -> None | str:
        value: None | str = self._data.get("last_name")
        return value

    @property
    def street_line_1(self) -> None | str:
        value: None | str = self._data.get("street_line_1")
        return value

    @property
    def street_line_2(self) -> None | str:
        value: None | str = self._data.get("street_line_2")
        return value

    @property
    def city(self) -> None | str:
        value: None | str = self._data.get("city")
        return value

    @property
    def state(self) -> None | str:
        value: None | str = self._data.get("state")
        return value

    @property
    def zip_code(self) -> None | str:
        value: None | str = self._data.get("zip_code")
        return value

    @property
    def pull_enabled(self) -> bool | None:
        """May be debited."""
        value: bool | None = read_bool(self, "pull_enabled")
        return value

    @property
    def push_enabled(self) -> bool | None:
        """May be credited."""
        value: bool | None = read_bool(self, "push_enabled")
        return value

    @property
    def removed(self) -> bool | None:
        value: bool | None = read_bool(self, "removed")
        return value

    @property
    def review_status(self) -> CardStatus | None:
        """Present beside `status`."""
        value: CardStatus | None = read_enum(self, "review_status", CardStatus)
        return value

    @property
    def review_reasons(self) -> list[str]:
        """Codes such as `C1001`."""
        value: list[str] = read_list(self, "review_reasons")
        return value

    @property
    def created(self) -> datetime.datetime | None:
        """May come without an offset; read as UTC."""
        value: datetime.datetime | None = read_datetime(self, "created")
        return value
