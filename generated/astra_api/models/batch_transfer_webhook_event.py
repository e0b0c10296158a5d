# Generated from spec/astra.yaml by scripts/generate.py. Do not edit.
from __future__ import annotations

from attrs import frozen

from ..base import Model
from ..models.webhook_type import WebhookType


@frozen(kw_only=True, eq=False, repr=False)
class BatchTransferWebhookEvent(Model):
    """Of a batch transfer."""

    webhook_type: WebhookType
    """ Kind of webhook event. """
    webhook_id: str
    resource_id: str
    """ Id of what changed. """
    user_id: str | None = None
    """ Of whom is open: a batch is of many payments. The sandbox sends that of the first payer. """
