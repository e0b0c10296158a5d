# Generated from spec/astra.yaml by scripts/generate.py. Do not edit.
from __future__ import annotations

from typing import Any

from ..types import (
    UNSET,
    Model,
    Unset,
    to_json,
)


class AddressChange(Model):
    """The parts of the address that change. No empty strings, no nulls."""

    __slots__ = ()
    _fields = frozenset(
        (
            "address1",
            "address2",
            "city",
            "state",
            "postal_code",
        )
    )

    def __init__(
        self,
        *,
        address1: str | Unset = UNSET,
        address2: str | Unset = UNSET,
        city: str | Unset = UNSET,
        state: str | Unset = UNSET,
        postal_code: str | Unset = UNSET,
    ) -> None:
        data: dict[str, Any] = {}
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
        self._data = data
        self._context = None

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
        """Two letters."""
        value: str | None = self._data.get("state")
        return value

    @property
    def postal_code(self) -> str | None:
        """Five digits."""
        value: str | None = self._data.get("postal_code")
        return value
