# Generated from spec/astra.yaml by scripts/generate.py. Do not edit.
from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..models.kyc_type import KycType
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


class BusinessProfileCreate(Model):
    """A business to be verified. The spelling of nested fields follows an integration's field names."""

    __slots__ = ()
    _fields = frozenset(
        (
            "phone",
            "business_info",
            "business_admin",
            "first_name",
            "last_name",
            "email",
            "user_id",
            "kyb_type",
            "business_controller",
            "beneficial_owners",
        )
    )

    def __init__(
        self,
        *,
        phone: str,
        business_info: BusinessInfo,
        business_admin: BusinessPerson,
        first_name: str | Unset = UNSET,
        last_name: str | Unset = UNSET,
        email: str | Unset = UNSET,
        user_id: str | Unset = UNSET,
        kyb_type: KycType | Unset = UNSET,
        business_controller: BusinessPerson | Unset = UNSET,
        beneficial_owners: list[BusinessPerson] | Unset = UNSET,
    ) -> None:
        data: dict[str, Any] = {}
        data["phone"] = to_json(phone)
        data["business_info"] = to_json(business_info)
        data["business_admin"] = to_json(business_admin)
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
        if not isinstance(business_controller, Unset):
            data["business_controller"] = to_json(business_controller)
        if not isinstance(beneficial_owners, Unset):
            data["beneficial_owners"] = to_json(beneficial_owners)
        self._data = data
        self._context = None

    @property
    def phone(self) -> str:
        """Of the business user."""
        value: str = self._data.get("phone")
        return value

    @property
    def business_info(self) -> BusinessInfo:
        """A business."""
        from ..models.business_info import BusinessInfo  # noqa: PLC0415

        value: BusinessInfo = read_model(self, "business_info", BusinessInfo)
        return value

    @property
    def business_admin(self) -> BusinessPerson:
        """A person of a business: its admin, its controller or a beneficial owner."""
        from ..models.business_person import BusinessPerson  # noqa: PLC0415

        value: BusinessPerson = read_model(self, "business_admin", BusinessPerson)
        return value

    @property
    def first_name(self) -> str | None:
        """Of the business user."""
        value: str | None = self._data.get("first_name")
        return value

    @property
    def last_name(self) -> str | None:
        """Of the business user."""
        value: str | None = self._data.get("last_name")
        return value

    @property
    def email(self) -> str | None:
        """Of the business user."""
        value: str | None = self._data.get("email")
        return value

    @property
    def user_id(self) -> str | None:
        """An existing Astra user."""
        value: str | None = self._data.get("user_id")
        return value

    @property
    def kyb_type(self) -> KycType | None:
        """How far a person or business is verified."""
        value: KycType | None = read_enum(self, "kyb_type", KycType)
        return value

    @property
    def business_controller(self) -> BusinessPerson | None:
        """A person of a business: its admin, its controller or a beneficial owner."""
        from ..models.business_person import BusinessPerson  # noqa: PLC0415

        value: BusinessPerson | None = read_model(self, "business_controller", BusinessPerson)
        return value

    @property
    def beneficial_owners(self) -> list[BusinessPerson]:
        from ..models.business_person import BusinessPerson  # noqa: PLC0415

        return read_models(self, "beneficial_owners", BusinessPerson)
