"""Typed webhook events, one class per documented family. Unknown types are kept as `UnknownEvent`.

A webhook says that an object changed, never what it became: read the object again (`WebhookEvent.target`). That also
makes late, repeated and out-of-order events harmless.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from decimal import Decimal
from typing import Any, ClassVar

import attrs


@attrs.frozen
class ResourceRef:
    """What to read again after an event.

    Attributes:
        kind: "user_intent", "user", "routine", "transfer", "batch_transfer", "card", "payment_instrument" or "account".
        id: Astra's id of the object.
        operation: the operation that reads it, for example "get_transfer".
        needs_user: True when reading it takes the access token of the event's user, False when the client's own
            credentials do.
    """

    kind: str
    id: str
    operation: str
    needs_user: bool = attrs.field(kw_only=True)


@attrs.frozen(kw_only=True)
class WebhookEvent:
    """One webhook. See the subclasses for what a family adds.

    Events can be pickled and compared. Keep an event as its `body`: `Webhooks.parse_unverified(body)` gives it back.

    Attributes:
        type: Astra's `webhook_type`, for example "transfer_updated".
        id: Astra's `webhook_id`, the same in every delivery of the event: de-duplicate by it. When that is not
            usable, "sha256:" and the hash of the signed bytes, which are the same in every delivery too.
        user_id: Astra's id of the user, or None when the event names none.
        resource_id: Astra's id of the object that changed, or None when the event names none.
        metadata: the `metadata` object, empty when there is none. Fractions are `Decimal`.
        data: the whole payload as sent, unknown fields included. Fractions are `Decimal`.
        body: the signed bytes.
    """

    resource: ClassVar[str | None] = None
    """Kind of object to read again (see `ResourceRef.kind`), or None when it is not known."""

    needs_user: ClassVar[bool] = True

    type: str
    id: str
    user_id: str | None
    resource_id: str | None
    metadata: Mapping[str, Any] = attrs.field(hash=False, repr=False)
    data: Mapping[str, Any] = attrs.field(hash=False, repr=False)
    body: bytes = attrs.field(repr=False)

    @property
    def target(self) -> ResourceRef | None:
        """What to read again, or None when the event does not say.

        Example:
            target = event.target
            if target is not None and target.kind == "transfer":
                transfer = astra.user(astra_user_id=event.user_id).transfers.get(target.id)
        """
        target_id = self._target_id()
        if self.resource is None or target_id is None:
            return None
        return ResourceRef(self.resource, target_id, f"get_{self.resource}", needs_user=self.needs_user)

    @property
    def action(self) -> str:
        """The last word of the type: "created", "updated", "received", ..."""
        return self.type.rpartition("_")[2]

    def _target_id(self) -> str | None:
        return self.resource_id


@attrs.frozen(kw_only=True)
class UserIntentEvent(WebhookEvent):
    """`user_intent_updated`: the status of a user intent changed; read the intent with the client's credentials.

    On the wire `user_id` repeats the id of the intent. No user exists by that id, so here `user_id` is None.
    """

    resource: ClassVar[str | None] = "user_intent"
    needs_user: ClassVar[bool] = False

    @property
    def user_intent_id(self) -> str | None:
        """Astra's id of the user intent; the same as `resource_id`."""
        return self.resource_id


@attrs.frozen(kw_only=True)
class UserEvent(WebhookEvent):
    """`user_updated`: the user's status or email changed. `metadata` is what the user intent was created with."""

    resource: ClassVar[str | None] = "user"


@attrs.frozen(kw_only=True)
class RoutineEvent(WebhookEvent):
    """`routine_updated`. There is no event for a routine's creation."""

    resource: ClassVar[str | None] = "routine"


@attrs.frozen(kw_only=True)
class TransferEvent(WebhookEvent):
    """`transfer_created` or `transfer_updated`. Either may come first."""

    resource: ClassVar[str | None] = "transfer"


@attrs.frozen(kw_only=True)
class BatchTransferEvent(WebhookEvent):
    """`batch_transfer_created` or `batch_transfer_updated`; read the batch with the client's credentials."""

    resource: ClassVar[str | None] = "batch_transfer"
    needs_user: ClassVar[bool] = False


@attrs.frozen(kw_only=True)
class ChargebackEvent(WebhookEvent):
    """`chargeback_created` or `chargeback_updated`. A chargeback is read as part of its transfer.

    Attributes:
        resource_parent_id: Astra's id of the transfer that was charged back, or None if the event lacks it.
    """

    resource: ClassVar[str | None] = "transfer"

    resource_parent_id: str | None

    @property
    def transfer_id(self) -> str | None:
        """Astra's id of the transfer; the same as `resource_parent_id`."""
        return self.resource_parent_id

    @property
    def chargeback_id(self) -> str | None:
        """Astra's id of the chargeback; the same as `resource_id`."""
        return self.resource_id

    def _target_id(self) -> str | None:
        return self.resource_parent_id


@attrs.frozen(kw_only=True)
class CardEvent(WebhookEvent):
    """`card_updated`, and `card_created`, which Astra announced as in development."""

    resource: ClassVar[str | None] = "card"


@attrs.frozen(kw_only=True)
class InboundPaymentEvent(WebhookEvent):
    """`inbound_payment_received`: money came in on a payment instrument. It belongs to the client, not to a user.

    Attributes:
        amount: US dollars, exact, or None if the event lacks a readable one.
        payment_type: "Ach" or "Wires", or None.
    """

    resource: ClassVar[str | None] = "payment_instrument"
    needs_user: ClassVar[bool] = False

    amount: Decimal | None
    payment_type: str | None


@attrs.frozen(kw_only=True)
class TransactionsEvent(WebhookEvent):
    """`transactions_initial_update`, `_historical_update`, `_default_update` and `_removed`: legacy, account data.

    Attributes:
        removed_transaction_ids: ids that `transactions_removed` lists; empty for the others.
    """

    resource: ClassVar[str | None] = "account"

    removed_transaction_ids: tuple[str, ...]

    @property
    def account_id(self) -> str | None:
        """Astra's id of the account; the same as `resource_id`."""
        return self.resource_id


@attrs.frozen(kw_only=True)
class UnknownEvent(WebhookEvent):
    """An event of a type that this version of the SDK does not know. Everything it says is in `data`."""


Callback = Callable[[WebhookEvent], object]
"""A function of the user that handles an event."""

AsyncCallback = Callable[[WebhookEvent], Awaitable[object] | object]
"""A function of the user that handles an event; it may be async."""


def dollars(value: object) -> Decimal | None:
    """Reads an amount as JSON may hold it: a number or the text of one.

    Args:
        value: what stands in the payload.

    Returns:
        The exact amount with two decimals at least, or None when there is none, or what stands there is not a number as
        JSON writes it.
    """
    from astra_api.reading import amount_of  # loads msgspec, which whoever only verifies does not need

    try:
        return amount_of(value)
    except (ValueError, ArithmeticError):
        return None
