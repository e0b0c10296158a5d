# Generated from spec/astra.yaml by scripts/generate.py. Do not edit.
from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Any

from ..models.kyc_type import KycType
from ..types import (
    UNSET,
    Model,
    Unset,
    read_date,
    read_enum,
    read_model,
    to_json,
)

if TYPE_CHECKING:
    from ..models.metadata import Metadata


class UserIntentCreate(Model):
    """A person to be verified."""

    __slots__ = ()
    _fields = frozenset(
        (
            "email",
            "phone",
            "first_name",
            "last_name",
            "address1",
            "city",
            "state",
            "postal_code",
            "address2",
            "date_of_birth",
            "ssn",
            "ip_address",
            "kyc_type",
            "preferred_first_name",
            "preferred_last_name",
            "preferred_pronouns",
            "metadata",
        )
    )

    def __init__(
        self,
        *,
        email: str,
        phone: str,
        first_name: str,
        last_name: str,
        address1: str,
        city: str,
        state: str,
        postal_code: str,
        address2: str | Unset = UNSET,
        date_of_birth: datetime.date | Unset = UNSET,
        ssn: str | Unset = UNSET,
        ip_address: str | Unset = UNSET,
        kyc_type: KycType | Unset = UNSET,
        preferred_first_name: str | Unset = UNSET,
        preferred_last_name: str | Unset = UNSET,
        preferred_pronouns: str | Unset = UNSET,
        metadata: Metadata | Unset = UNSET,
    ) -> None:
        data: dict[str, Any] = {}
        data["email"] = to_json(email)
        data["phone"] = to_json(phone)
        data["first_name"] = to_json(first_name)
        data["last_name"] = to_json(last_name)
        data["address1"] = to_json(address1)
        data["city"] = to_json(city)
        data["state"] = to_json(state)
        data["postal_code"] = to_json(postal_code)
        if not isinstance(address2, Unset):
            data["address2"] = to_json(address2)
        if not isinstance(date_of_birth, Unset):
            data["date_of_birth"] = to_json(date_of_birth)
        if not isinstance(ssn, Unset):
            data["ssn"] = to_json(ssn)
        if not isinstance(ip_address, Unset):
            data["ip_address"] = to_json(ip_address)
        if not isinstance(kyc_type, Unset):
            data["kyc_type"] = to_json(kyc_type)
        if not isinstance(preferred_first_name, Unset):
            data["preferred_first_name"] = to_json(preferred_first_name)
        if not isinstance(preferred_last_name, Unset):
            data["preferred_last_name"] = to_json(preferred_last_name)
        if not isinstance(preferred_pronouns, Unset):
            data["preferred_pronouns"] = to_json(preferred_pronouns)
        if not isinstance(metadata, Unset):
            data["metadata"] = to_json(metadata)
        self._data = data
        self._context = None

    @property
    def email(self) -> str:
        """At most three intents for one address."""
        value: str = self._data.get("email")
        return value

    @property
    def phone(self) -> str:
        """As in `+15557771234`."""
        value: str = self._data.get("phone")
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
    def address1(self) -> str:
        value: str = self._data.get("address1")
        return value

    @property
    def city(self) -> str:
        value: str = self._data.get("city")
        return value

    @property
    def state(self) -> str:
        """Two letters."""
        value: str = self._data.get("state")
        return value

    @property
    def postal_code(self) -> str:
        """Five digits."""
        value: str = self._data.get("postal_code")
        return value

    @property
    def address2(self) -> str | None:
        """May be empty. Null is refused with 400."""
        value: str | None = self._data.get("address2")
        return value

    @property
    def date_of_birth(self) -> datetime.date | None:
        """Needed unless receive-only."""
        value: datetime.date | None = read_date(self, "date_of_birth")
        return value

    @property
    def ssn(self) -> str | None:
        """Last four digits; nine without dashes have been seen. Needed for verified."""
        value: str | None = self._data.get("ssn")
        return value

    @property
    def ip_address(self) -> str | None:
        """The person's public address. Integrations always send it; private ranges can lead to
        rejection."""
        value: str | None = self._data.get("ip_address")
        return value

    @property
    def kyc_type(self) -> KycType | None:
        """How far a person or business is verified."""
        value: KycType | None = read_enum(self, "kyc_type", KycType)
        return value

    @property
    def preferred_first_name(self) -> str | None:
        value: str | None = self._data.get("preferred_first_name")
        return value

    @property
    def preferred_last_name(self) -> str | None:
        value: str | None = self._data.get("preferred_last_name")
        return value

    @property
    def preferred_pronouns(self) -> str | None:
        value: str | None = self._data.get("preferred_pronouns")
        return value

    @property
    def metadata(self) -> Metadata | None:
        """Up to 25 pairs. Keys of 1 to 64 characters from `a-zA-Z0-9_.-`, values of 1 to 256. No
        personal data."""
        from ..models.metadata import Metadata  # noqa: PLC0415

        value: Metadata | None = read_model(self, "metadata", Metadata)
        return value
