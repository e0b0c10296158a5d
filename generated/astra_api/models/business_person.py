# Generated from spec/astra.yaml by scripts/generate.py. Do not edit.
from __future__ import annotations

import datetime
from typing import Any

from ..types import (
    UNSET,
    Model,
    Unset,
    read_date,
    to_json,
)


class BusinessPerson(Model):
    """A person of a business: its admin, its controller or a beneficial owner."""

    __slots__ = ()
    _fields = frozenset(
        (
            "first_name",
            "last_name",
            "email",
            "title",
            "date_of_birth",
            "address1",
            "address2",
            "city",
            "state",
            "postal_code",
            "ssn",
        )
    )

    def __init__(
        self,
        *,
        first_name: str | Unset = UNSET,
        last_name: str | Unset = UNSET,
        email: str | Unset = UNSET,
        title: str | Unset = UNSET,
        date_of_birth: datetime.date | Unset = UNSET,
        address1: str | Unset = UNSET,
        address2: str | Unset = UNSET,
        city: str | Unset = UNSET,
        state: str | Unset = UNSET,
        postal_code: str | Unset = UNSET,
        ssn: str | Unset = UNSET,
    ) -> None:
        data: dict[str, Any] = {}
        if not isinstance(first_name, Unset):
            data["first_name"] = to_json(first_name)
        if not isinstance(last_name, Unset):
            data["last_name"] = to_json(last_name)
        if not isinstance(email, Unset):
            data["email"] = to_json(email)
        if not isinstance(title, Unset):
            data["title"] = to_json(title)
        if not isinstance(date_of_birth, Unset):
            data["date_of_birth"] = to_json(date_of_birth)
        if not isinstance(address1, Unset):
            data["address1"] = to_json(address1)
        if not isinstance(address2, Unset):
            data["address2"] = to_json(address2)
        if not isinstance(city, Unset):
            data["city"] = to_json(city)
        if not isinstance(state, Unset):
            data["state"] = to_json(state)
        if not isinstance(postal_code, Unset):
            data["postal_code"] = to_json(postal_code)
        if not isinstance(ssn, Unset):
            data["ssn"] = to_json(ssn)
        self._data = data
        self._context = None

    @property
    def first_name(self) -> str | None:
        value: str | None = self._data.get("first_name")
        return value

    @property
    def last_name(self) -> str | None:
        value: str | None = self._data.get("last_name")
        return value

    @property
    def email(self) -> str | None:
        value: str | None = self._data.get("email")
        return value

    @property
    def title(self) -> str | None:
        """Of a controller."""
        value: str | None = self._data.get("title")
        return value

    @property
    def date_of_birth(self) -> datetime.date | None:
        value: datetime.date | None = read_date(self, "date_of_birth")
        return value

    @property
    def address1(self) -> str | None:
        value: str | None = self._data.get("address1")
        return value

    @property
    def address2(self) -> str | None:
        value: str | None = self._data.get("address2")
        return value

    @property
    def city(self) -> str | None:
        value: str | None = self._data.get("city")
        return value

    @property
    def state(self) -> str | None:
        value: str | None = self._data.get("state")
        return value

    @property
    def postal_code(self) -> str | None:
        value: str | None = self._data.get("postal_code")
        return value

    @property
    def ssn(self) -> str | None:
        value: str | None = self._data.get("ssn")
        return value
