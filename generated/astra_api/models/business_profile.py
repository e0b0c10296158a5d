# Generated from spec/astra.yaml by scripts/generate.py. Do not edit.
from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..models.kyc_type import KycType
from ..models.user_status import UserStatus
from ..types import (
    UNSET,
    Model,
    Unset,
    read_enum,
    read_model,
    read_models,
    to_json,
)

if TYPE_CHECKING:
    from ..models.business_info import BusinessInfo
    from ..models.business_person import BusinessPerson


class BusinessProfile(Model):
    """A business profile. Beyond the id, an echo of what was sent is assumed."""

    __slots__ = ()
    _fields = frozenset(
        (
            "id",
            "phone",
            "first_name",
            "last_name",
            "email",
            "user_id",
            "kyb_type",
            "business_info",
            "business_admin",
            "business_controller",
            "beneficial_owners",
            "status",
        )
    )

    def __init__(
        self,
        *,
        id: str,
        phone: None | str | Unset = UNSET,
        first_name: None | str | Unset = UNSET,
        last_name: None | str | Unset = UNSET,
        email: None | str | Unset = UNSET,
        user_id: None | str | Unset = UNSET,
        kyb_type: KycType | None | Unset = UNSET,
        business_info: BusinessInfo | None | Unset = UNSET,
        business_admin: BusinessPerson | None | Unset = UNSET,
        business_controller: BusinessPerson | None | Unset = UNSET,
        beneficial_owners: list[BusinessPerson] | Unset = UNSET,
        status: None | UserStatus | Unset = UNSET,
    ) -> None:
        data: dict[str, Any] = {}
        data["id"] = to_json(id)
        if not isinstance(phone, Unset):
            data["phone"] = to_json(phone)
        if not isinstance(first_name, Unset):
            data["first_name"] = to_json(first_name)
        if not isinstance(last_name, Unset):
            data["last_name"] = to_json(last_name)
        if not isinstance(email, Unset):
            data["email"] = to_json(email)
        if not isinstance(user_id, Unset):
            data["user_id"] = to_json(user_id)
        if not isinstance(kyb_type, Unset):
            data["kyb_type"] = to_json(kyb_type)
        if not isinstance(business_info, Unset):
            data["business_info"] = to_json(business_info)
        if not isinstance(business_admin, Unset):
            data["business_admin"] = to_json(business_admin)
        if not isinstance(business_controller, Unset):
            data["business_controller"] = to_json(business_controller)
        if not isinstance(beneficial_owners, Unset):
            data["beneficial_owners"] = to_json(beneficial_owners)
        if not isinstance(status, Unset):
            data["status"] = to_json(status)
        self._data = data
        self._context = None

    @property
    def id(self) -> str:
        value: str = self._data.get("id")
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
    def email(self) -> None | str:
        value: None | str = self._data.get("email")
        return value

    @property
    def user_id(self) -> None | str:
        value: None | str = self._data.get("user_id")
        return value

    @property
    def kyb_type(self) -> KycType | None:
        value: KycType | None = read_enum(self, "kyb_type", KycType)
        return value

    @property
    def business_info(self) -> BusinessInfo | None:
        from ..models.business_info import BusinessInfo  # noqa: PLC0415

        value: BusinessInfo | None = read_model(self, "business_info", BusinessInfo)
        return value

    @property
    def business_admin(self) -> BusinessPerson | None:
        from ..models.business_person import BusinessPerson  # noqa: PLC0415

        value: BusinessPerson | None = read_model(self, "business_admin", BusinessPerson)
        return value

    @property
    def business_controller(self) -> BusinessPerson | None:
        from ..models.business_person import BusinessPerson  # noqa: PLC0415

        value: BusinessPerson | None = read_model(self, "business_controller", BusinessPerson)
        return value

    @property
    def beneficial_owners(self) -> list[BusinessPerson]:
        from ..models.business_person import BusinessPerson  # noqa: PLC0415

        return read_models(self, "beneficial_owners", BusinessPerson)

    @property
    def status(self) -> None | UserStatus:
        value: None | UserStatus = read_enum(self, "status", UserStatus)
        return value
