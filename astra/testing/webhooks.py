"""Webhooks as Astra sends them, for tests of your receiver."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

import attrs

from astra._json import is_object
from astra._public import public

if TYPE_CHECKING:
    from astra.webhooks import WebhookEvent

HEADER: Final = "Astra-Verification"


@public("astra.testing")
@attrs.frozen
class SignedWebhook:
    """A request as it arrives at your receiver.

    Attributes:
        body: the raw body.
        headers: `Astra-Verification` and the content type.
    """

    body: bytes
    headers: Mapping[str, str] = attrs.field(repr=False)

    @property
    def signature(self) -> str:
        """The value of `Astra-Verification`."""
        return self.headers[HEADER]


def webhook_event(
    webhook_type: str = "transfer_updated",
    *,
    webhook_id: str = "11111111-1111-4111-a111-111111111111",
    user_id: str | None = "usr_1",
    resource_id: str = "res_1",
    metadata: Mapping[str, Any] | None = None,
    resource_parent_id: str | None = None,
) -> WebhookEvent:
    """Returns the typed event of a webhook, as `astra.webhooks.parse` would.

    Args:
        webhook_type: Astra's `webhook_type`.
        webhook_id: the event's id; the same in every delivery.
        user_id: Astra's id of the user; None for events of the client itself.
        resource_id: Astra's id of what changed.
        metadata: the event's metadata.
        resource_parent_id: the transfer of a chargeback.

    Returns:
        The event, of the class of its type. `event.body` is what Astra would send; `sign_webhook` signs it.

    Example:
        event = webhook_event("transfer_updated", resource_id="tr_1")
        assert event.target.operation == "get_transfer"
    """
    from astra.webhooks import Webhooks

    payload: dict[str, Any] = {
        "webhook_type": webhook_type,
        "webhook_id": webhook_id,
        "user_id": user_id,
        "resource_id": resource_id,
    }
    if resource_parent_id is not None:
        payload["resource_parent_id"] = resource_parent_id
    if metadata is not None:
        payload["metadata"] = dict(metadata)
    return Webhooks("unused").parse_unverified(json.dumps(payload).encode())


def sign_webhook(webhook: WebhookEvent | Mapping[str, Any] | bytes, *, secret: str) -> SignedWebhook:
    """Signs a webhook as Astra does.

    Args:
        webhook: an event, a payload, or the raw body.
        secret: the client secret that your receiver verifies with.

    Returns:
        Body and headers, to be posted to your receiver.

    Example:
        signed = sign_webhook(webhook_event(resource_id="tr_1"), secret="client-secret")
        answer = client.post("/webhooks/astra", content=signed.body, headers=signed.headers)
    """
    from astra.webhooks import Webhooks

    if isinstance(webhook, bytes):
        body = webhook
    elif is_object(webhook) or isinstance(webhook, Mapping):
        body = json.dumps(dict(webhook)).encode()
    else:
        body = webhook.body
    headers = {HEADER: Webhooks(secret).sign(body), "Content-Type": "application/json"}
    return SignedWebhook(body, headers)
