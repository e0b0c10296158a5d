# Generated from spec/astra.yaml by scripts/generate.py. Do not edit.
from __future__ import annotations

from typing import Any

from ..models.business_type import BusinessType
from ..types import (
    UNSET,
    Model,
    Unset,
    read_enum,
    to_json,
)


class BusinessInfo(Model):
    """A business."""

    __slots__ = ()
    _fields = frozenset(
        (
            "business_type",
            "business_name",
            "ein",
            "doing_business_as",
            "phone",
            "address1",
            "address2",
            "city",
            "state",
            "postal_code",
            "website",
        )
    )

    def __init__(
        self,
        *,
        business_type: BusinessType | Unset = UNSET,
        business_name: str | Unset = UNSET,
        ein: str | Unset = UNSET,
        doing_business_as: str | Unset = UNSET,
        phone: str | Unset = UNSET,
        address1: str | Unset = UNSET,
        address2: str | Unset = UNSET,
        city: str | Unset = UNSET,
        state: str | Unset = UNSET,
        postal_code: str | Unset = UNSET,
        website: str | Unset = UNSET,
    ) -> None:
        data: dict[str, Any] = {}
        if not isinstance(business_type, Unset):
            data["business_type"] = to_json(business_type)
        if not isinstance(business_name, Unset):
            data["business_name"] = to_json(business_name)
        if not isinstance(ein, Unset):
            data["ein"] = to_json(ein)
        if not isinstance(doing_business_as, Unset):
            data["doing_business_as"] = to_json(doing_business_as)
        if not isinstance(phone, Unset):
            data["phone"] = to_json(phone)
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
        if not isinstance(website, Unset):
            data["website"] = to_json(website)
        self._data = data
        self._context = None

    @property
    def business_type(self) -> BusinessType | None:
        """Legal form of a business. Only two of the values are known."""
        value: BusinessType | None = read_enum(self, "business_type", BusinessType)
        return value

    @property
    def business_name(self) -> str | None:
        value: str | None = self._data.get("business_name")
        return value

    @property
    def ein(self) -> str | None:
        """Tax id, seen as `12-3456789`."""
        value: str | None = self._data.get("ein")
        return value

    @property
    def doing_business_as(self) -> str | None:
        value: str | None = self._data.get("doing_business_as")
        return value

    @property
    def phone(self) -> str | None:
        value: str | None = self._data.get("phone")
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
    def website(self) -> str | None:
        value: str | None = self._data.get("website")
        return value
