# Generated from spec/astra.yaml by scripts/generate.py. Do not edit.
from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..models.kyc_type import KycType
from ..models.user_status import UserStatus
from ..types import (
    UNSET,
    Model,
    Unset,
    read_bool,
    read_enum,
    read_model,
    to_json,
)

if TYPE_CHECKING:
    from ..models.metadata import Metadata


class UserIntent(Model):
    """A person submitted for verification."""

    __slots__ = ()
    _fields = frozenset(
        (
            "id",
            "status",
            "user_id",
            "email",
            "phone",
            "first_name",
            "last_name",
            "preferred_first_name",
            "preferred_last_name",
            "preferred_pronouns",
            "kyc_type",
            "metadata",
            "oauth_token_issued",
        )
    )

    def __init__(
        self,
        *,
        id: str,
        status: UserStatus,
        user_id: None | str | Unset = UNSET,
        email: None | str | Unset = UNSET,
        phone: None | str | Unset = UNSET,
        first_name: None | str | Unset = UNSET,
        last_name: None | str | Unset = UNSET,
        preferred_first_name: None | str | Unset = UNSET,
        preferred_last_name: None | str | Unset = UNSET,
        preferred_pronouns: None | str | Unset = UNSET,
        kyc_type: KycType | None | Unset = UNSET,
        metadata: Metadata | None | Unset = UNSET,
        oauth_token_issued: bool | None | Unset = UNSET,
    ) -> None:
        data: dict[str, Any] = {}
        data["id"] = to_json(id)
        data["status"] = to_json(status)
        if not isinstance(user_id, Unset):
            data["user_id"] = to_json(user_id)
        if not isinstance(email, Unset):
            data["email"] = to_json(email)
        if not isinstance(phone, Unset):
            data["phone"] = to_json(phone)
        if not isinstance(first_name, Unset):
            data["first_name"] = to_json(first_name)
        if not isinstance(last_name, Unset):
            data["last_name"] = to_json(last_name)
        if not isinstance(preferred_first_name, Unset):
            data["preferred_first_name"] = to_json(preferred_first_name)
        if not isinstance(preferred_last_name, Unset):
            data["preferred_last_name"] = to_json(preferred_last_name)
        if not isinstance(preferred_pronouns, Unset):
            data["preferred_pronouns"] = to_json(preferred_pronouns)
        if not isinstance(kyc_type, Unset):
            data["kyc_type"] = to_json(kyc_type)
        if not isinstance(metadata, Unset):
            data["metadata"] = to_json(metadata)
        if not isinstance(oauth_token_issued, Unset):
            data["oauth_token_issued"] = to_json(oauth_token_issued)
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
    def user_id(self) -> None | str:
        """Present once converted."""
        value: None | str = self._data.get("user_id")
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
    def preferred_first_name(self) -> None | str:
        value: None | str = self._data.get("preferred_first_name")
        return value

    @property
    def preferred_last_name(self) -> None | str:
        value: None | str = self._data.get("preferred_last_name")
        return value

    @property
    def preferred_pronouns(self) -> None | str:
        value: None | str = self._data.get("preferred_pronouns")
        return value

    @property
    def kyc_type(self) -> KycType | None:
        value: KycType | None = read_enum(self, "kyc_type", KycType)
        return value

    @property
    def metadata(self) -> Metadata | None:
        """Only if it was given."""
        from ..models.metadata import Metadata  # noqa: PLC0415

        value: Metadata | None = read_model(self, "metadata", Metadata)
        return value

    @property
    def oauth_token_issued(self) -> bool | None:
        """In one early document; probably gone."""
        value: bool | None = read_bool(self, "oauth_token_issued")
        return value
