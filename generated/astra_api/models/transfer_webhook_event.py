# Generated from spec/astra.yaml by scripts/generate.py. Do not edit.
from __future__ import annotations

from typing import Any

from ..models.webhook_type import WebhookType
from ..types import (
    UNSET,
    Model,
    Unset,
    read_enum,
    to_json,
)


class TransferWebhookEvent(Model):
    """Of a transfer."""

    __slots__ = ()
    _fields = frozenset(
        (
            "webhook_type",
            "webhook_id",
            "resource_id",
            "user_id",
        )
    )

    def __init__(
        self,
        *,
        webhook_type: WebhookType,
        webhook_id: str,
        resource_id: str,
        user_id: None | str | Unset = UNSET,
    ) -> None:
        data: dict[str, Any] = {}
        data["webhook_type"] = to_json(webhook_type)
        data["webhook_id"] = to_json(webhook_id)
        data["resource_id"] = to_json(resource_id)
        if not isinstance(user_id, Unset):
            data["user_id"] = to_json(user_id)
        self._data = data
        self._context = None

    @property
    def webhook_type(self) -> WebhookType:
        """Kind of webhook event."""
        value: WebhookType = read_enum(self, "webhook_type", WebhookType)
        return value

    @property
    def webhook_id(self) -> str:
        value: str = self._data.get("webhook_id")
        return value

    @property
    def resource_id(self) -> str:
        """Id of what changed."""
        value: str = self._data.get("resource_id")
        return value

    @property
    def user_id(self) -> None | str:
        """Null for payment instruments."""
        value: None | str = self._data.get("user_id")
        return value
