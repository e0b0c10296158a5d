# Generated from spec/astra.yaml by scripts/generate.py. Do not edit.
from typing import TYPE_CHECKING

from ..open_enum import OpenEnum


class WebhookType(OpenEnum):
    BATCH_TRANSFER_CREATED = "batch_transfer_created"
    BATCH_TRANSFER_UPDATED = "batch_transfer_updated"
    CARD_CREATED = "card_created"
    CARD_UPDATED = "card_updated"
    CHARGEBACK_CREATED = "chargeback_created"
    CHARGEBACK_UPDATED = "chargeback_updated"
    INBOUND_PAYMENT_RECEIVED = "inbound_payment_received"
    ROUTINE_UPDATED = "routine_updated"
    TRANSACTIONS_DEFAULT_UPDATE = "transactions_default_update"
    TRANSACTIONS_HISTORICAL_UPDATE = "transactions_historical_update"
    TRANSACTIONS_INITIAL_UPDATE = "transactions_initial_update"
    TRANSACTIONS_REMOVED = "transactions_removed"
    TRANSFER_CREATED = "transfer_created"
    TRANSFER_UPDATED = "transfer_updated"
    USER_INTENT_UPDATED = "user_intent_updated"
    USER_UPDATED = "user_updated"
    if TYPE_CHECKING:
        _OTHER = "any other value"
