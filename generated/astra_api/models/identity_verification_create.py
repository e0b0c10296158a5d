# Generated from spec/astra.yaml by scripts/generate.py. Do not edit.
from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..types import (
    UNSET,
    Model,
    Unset,
    read_model,
    to_json,
)

if TYPE_CHECKING:
    from ..models.provider_data import ProviderData


class IdentityVerificationCreate(Model):
    """Names the user by exactly one of the three ids."""

    __slots__ = ()
    _fields = frozenset(
        (
            "user_intent_id",
            "business_profile_id",
            "user_id",
            "client_id",
            "provider",
            "provider_data",
        )
    )

    def __init__(
        self,
        *,
        user_intent_id: str | Unset = UNSET,
        business_profile_id: str | Unset = UNSET,
        user_id: str | Unset = UNSET,
        client_id: str | Unset = UNSET,
        provider: str | Unset = UNSET,
        provider_data: ProviderData | Unset = UNSET,
    ) -> None:
        data: dict[str, Any] = {}
        if not isinstance(user_intent_id, Unset):
            data["user_intent_id"] = to_json(user_intent_id)
        if not isinstance(business_profile_id, Unset):
            data["business_profile_id"] = to_json(business_profile_id)
        if not isinstance(user_id, Unset):
            data["user_id"] = to_json(user_id)
        if not isinstance(client_id, Unset):
            data["client_id"] = to_json(client_id)
        if not isinstance(provider, Unset):
            data["provider"] = to_json(provider)
        if not isinstance(provider_data, Unset):
            data["provider_data"] = to_json(provider_data)
        self._data = data
        self._context = None

    @property
    def user_intent_id(self) -> str | None:
        """Of a person who is no user yet."""
        value: str | None = self._data.get("user_intent_id")
        return value

    @property
    def business_profile_id(self) -> str | None:
        """Of a business that is no user yet."""
        value: str | None = self._data.get("business_profile_id")
        return value

    @property
    def user_id(self) -> str | None:
        """Of an existing user."""
        value: str | None = self._data.get("user_id")
        return value

    @property
    def client_id(self) -> str | None:
        """Shown by a knowledge article of 2025, absent from the newest page."""
        value: str | None = self._data.get("client_id")
        return value

    @property
    def provider(self) -> str | None:
        """Older configuration."""
        value: str | None = self._data.get("provider")
        return value

    @property
    def provider_data(self) -> ProviderData | None:
        """What the older configuration of trusted authentication asked for."""
        from ..models.provider_data import ProviderData  # noqa: PLC0415

        value: ProviderData | None = read_model(self, "provider_data", ProviderData)
        return value
