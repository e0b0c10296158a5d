# Generated from spec/astra.yaml by scripts/generate.py. Do not edit.
from __future__ import annotations

from typing import Any

from ..models.kyc_type import KycType
from ..models.user_status import UserStatus
from ..types import (
    UNSET,
    Model,
    Unset,
    read_enum,
    to_json,
)


class User(Model):
    """A user. Which fields come beyond these is not known."""

    __slots__ = ()
    _fields = frozenset(
        (
            "id",
            "status",
            "email",
            "phone",
            "first_name",
            "last_name",
            "kyc_type",
        )
    )

    def __init__(
        self,
        *,
        id: str,
        status: UserStatus,
        email: None | str | Unset = UNSET,
        phone: None | str | Unset = UNSET,
        first_name: None | str | Unset = UNSET,
        last_name: None | str | Unset = UNSET,
        kyc_type: KycType | None | Unset = UNSET,
    ) -> None:
        data: dict[str, Any] = {}
        data["id"] = to_json(id)
        data["status"] = to_json(status)
        if not isinstance(email, Unset):
            data["email"] = to_json(email)
        if not isinstance(phone, Unset):
            data["phone"] = to_json(phone)
        if not isinstance(first_name, Unset):
            data["first_name"] = to_json(first_name)
        if not isinstance(last_name, Unset):
            data["last_name"] = to_json(last_name)
        if not isinstance(kyc_type, Unset):
            data["kyc_type"] = to_json(kyc_type)
        self._data = data
        self._context = None

    @property
    def id(self) -> str:
        value: str = self._data.get("id")
        return value

    @property
    def status(self) -> UserStatus:
        """Status of a user or user intent. `converted_to_user` is for intents alone; follow the user
        from there."""
        value: UserStatus = read_enum(self, "status", UserStatus)
        return value

    @property
    def email(self) -> None | str:
        value: None | str = self._data.get("email")
        return value

    @property
    def phone(self) -> None | str:
        value: None | str = self._data.get("phone")
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
    def kyc_type(self) -> KycType | None:
        value: KycType | None = read_enum(self, "kyc_type", KycType)
        return value
