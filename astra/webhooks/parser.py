"""From signed bytes to a typed event. Pure functions."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final

from astra._json import is_array, is_object
from astra.webhooks.events import (
    BatchTransferEvent,
    CardEvent,
    ChargebackEvent,
    InboundPaymentEvent,
    RoutineEvent,
    TransactionsEvent,
    TransferEvent,
    UnknownEvent,
    UserEvent,
    UserIntentEvent,
    WebhookEvent,
    dollars,
)
from astra.webhooks.strict_json import PayloadError, load_payload

ID_LIMIT: Final = 200
"""Characters of the longest `webhook_id` that is used as it is; every store can hold it as a key."""


def read_event(body: bytes) -> WebhookEvent:
    """Reads the event in a body that is trusted already.

    Args:
        body: the signed bytes.

    Raises:
        PayloadError: the body is not a webhook payload.
    """
    payload = load_payload(body, exact=True)
    kind = payload.get("webhook_type")
    if not isinstance(kind, str) or not kind:
        raise PayloadError("The body has no webhook_type.")
    metadata = payload.get("metadata")
    common: dict[str, Any] = {
        "type": kind,
        "id": event_id(payload, body),
        "user_id": _text(payload, "user_id"),
        "resource_id": _text(payload, "resource_id"),
        "metadata": metadata if is_object(metadata) else {},
        "data": payload,
        "body": body,
    }
    return _READERS.get(kind, _unknown)(common)


def event_id(payload: Mapping[str, Any], body: bytes) -> str:
    """Returns the id to de-duplicate by: `webhook_id`, or the hash of the signed bytes when that cannot serve as a key.

    Args:
        payload: the decoded body.
        body: the signed bytes.
    """
    given = payload.get("webhook_id")
    if isinstance(given, str) and 0 < len(given) <= ID_LIMIT and given.isascii() and given.isprintable():
        return given
    return f"sha256:{hashlib.sha256(body).hexdigest()}"


def _text(payload: Mapping[str, Any], name: str) -> str | None:
    value = payload.get(name)
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return value if isinstance(value, str) and value else None


def _user_intent(common: dict[str, Any]) -> WebhookEvent:
    common["user_id"] = None
    return UserIntentEvent(**common)


def _chargeback(common: dict[str, Any]) -> WebhookEvent:
    return ChargebackEvent(**common, resource_parent_id=_text(common["data"], "resource_parent_id"))


def _inbound_payment(common: dict[str, Any]) -> WebhookEvent:
    metadata: Mapping[str, Any] = common["metadata"]
    return InboundPaymentEvent(**common, amount=dollars(metadata.get("amount")), payment_type=_text(metadata, "type"))


def _transactions(common: dict[str, Any]) -> WebhookEvent:
    removed = common["data"].get("removed_transactions")
    ids = tuple(item for item in removed if isinstance(item, str)) if is_array(removed) else ()
    return TransactionsEvent(**common, removed_transaction_ids=ids)


def _unknown(common: dict[str, Any]) -> WebhookEvent:
    return UnknownEvent(**common)


def _plain(event_class: type[WebhookEvent]) -> Callable[[dict[str, Any]], WebhookEvent]:
    def read(common: dict[str, Any]) -> WebhookEvent:
        return event_class(**common)

    return read


_READERS: Final[Mapping[str, Callable[[dict[str, Any]], WebhookEvent]]] = MappingProxyType(
    {
        "user_intent_updated": _user_intent,
        "user_updated": _plain(UserEvent),
        "routine_updated": _plain(RoutineEvent),
        "transfer_created": _plain(TransferEvent),
        "transfer_updated": _plain(TransferEvent),
        "batch_transfer_created": _plain(BatchTransferEvent),
        "batch_transfer_updated": _plain(BatchTransferEvent),
        "chargeback_created": _chargeback,
        "chargeback_updated": _chargeback,
        "card_created": _plain(CardEvent),
        "card_updated": _plain(CardEvent),
        "inbound_payment_received": _inbound_payment,
        "transactions_initial_update": _transactions,
        "transactions_historical_update": _transactions,
        "transactions_default_update": _transactions,
        "transactions_removed": _transactions,
    }
)

KNOWN_TYPES: Final = frozenset(_READERS)
"""Every documented `webhook_type`."""
