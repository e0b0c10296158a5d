# Generated from spec/astra.yaml by scripts/generate.py. Do not edit.
from __future__ import annotations

from attrs import frozen

from ..base import Model
from ..models.webhook_type import WebhookType


@frozen(kw_only=True, eq=False, repr=False)
class WebhookEvent(Model):
    """What every event has. The same `webhook_id` comes with every retry; order is not kept. How long
    the first delay is, no source says: ten delays that double within about five hours make it about
    18 seconds (inferred)."""

    webhook_type: WebhookType
    """ Kind of webhook event. """
    webhook_id: str
    resource_id: str
    """ Id of what changed. """
    user_id: str | None = None
    """ Null for payment instruments. """
