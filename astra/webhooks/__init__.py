"""Webhooks: verify that Astra sent them, read them as typed events, handle each of them once.

`Webhooks` verifies and parses; `WebhookHandler` and `AsyncWebhookHandler` add de-duplication over a `DedupeStore`.
For Starlette and FastAPI, Flask and Django see `astra.integrations`.
"""

from astra._public import publish
from astra.errors import RetryLater
from astra.webhooks._async.handler import AsyncWebhookHandler
from astra.webhooks._sync.handler import WebhookHandler
from astra.webhooks.dedupe import Claim, DedupeStore, open_dedupe
from astra.webhooks.events import (
    BatchTransferEvent,
    CardEvent,
    ChargebackEvent,
    InboundPaymentEvent,
    ResourceRef,
    RoutineEvent,
    TransactionsEvent,
    TransferEvent,
    UnknownEvent,
    UserEvent,
    UserIntentEvent,
    WebhookEvent,
)
from astra.webhooks.responses import Delivery, WebhookAnswer
from astra.webhooks.retry import retry_later
from astra.webhooks.verifier import Webhooks

__all__ = [
    "AsyncWebhookHandler",
    "BatchTransferEvent",
    "CardEvent",
    "ChargebackEvent",
    "Claim",
    "DedupeStore",
    "Delivery",
    "InboundPaymentEvent",
    "ResourceRef",
    "RetryLater",
    "RoutineEvent",
    "TransactionsEvent",
    "TransferEvent",
    "UnknownEvent",
    "UserEvent",
    "UserIntentEvent",
    "WebhookAnswer",
    "WebhookEvent",
    "WebhookHandler",
    "Webhooks",
    "open_dedupe",
    "retry_later",
]

publish(__name__, __all__)
