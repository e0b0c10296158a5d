"""What is kept of a payment under an idempotency key. Nothing secret, and nothing personal but your own user key."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

import attrs

from astra._public import public

LONGEST_KEY: Final = 255
"""Characters of an idempotency key."""

CREATIONS: Final = frozenset({
    "create_routine", "create_account_to_card_routine", "create_card_to_account_routine", "create_book_routine",
})  # fmt: skip
"""Operations that make a routine; the others change or stop what is there."""

MOST_ENTRIES: Final = 100
"""Entries of a history; the first and the latest are kept."""

WRONG_CLOCK: Final = timedelta(minutes=5)
"""How far ahead of the reader's time a sending may lie before the clock of its sender counts as wrong."""


@public("astra.payments")
class PaymentState(StrEnum):
    """What is known of a payment under a key.

    sending: a process sends it, or has died while it did; `PaymentRecord.lease_until` tells which.
    made: Astra made it. The same key returns its result and sends nothing.
    refused: Astra refused it, so it was not made. The same key sends again what it is given.
    not_sent: it certainly was not made, because nothing was sent or nobody processed it. The same key sends it again.
    uncertain: it was sent, or may have been, and no answer says whether it was made. The same key looks for it.
    """

    SENDING = "sending"
    MADE = "made"
    REFUSED = "refused"
    NOT_SENT = "not_sent"
    UNCERTAIN = "uncertain"


OPEN: Final = frozenset({PaymentState.SENDING, PaymentState.UNCERTAIN})
"""States in which nobody knows yet what has become of a payment."""

CLOSED: Final = frozenset(PaymentState) - OPEN
"""States in which that is known."""


@public("astra.payments")
@attrs.frozen(kw_only=True)
class HistoryEntry:
    """One thing that happened to a payment.

    Attributes:
        time: when (UTC).
        event: "sent", "answered", "looked", "webhook", "resolved" or "expired".
        state: the state after it.
        detail: one line without values of the payment.
        by: who did it: the process that sent it ("host:pid"), or the person of `payments.resolve`.
        call_id: local id of the call, where there was one.
        request_id: Astra's request id, where an answer came.
        count: how often in a row, for looks that found nothing.
    """

    time: datetime
    event: str
    state: PaymentState
    detail: str = ""
    by: str | None = None
    call_id: str | None = None
    request_id: str | None = None
    count: int = 1


@public("astra.payments")
@attrs.frozen(kw_only=True)
class PaymentRecord:
    """One payment under its idempotency key.

    Attributes:
        environment: where it was sent, as in `astra.tokens.Identity`.
        client_id: of the client that sent it.
        operation: name of the operation, for example "create_routine".
        key: your idempotency key.
        user_key: your key of the user who pays, or None where the client itself does.
        fingerprint: hash of what was asked for, without the correlation id.
        match_fields: fields by which it is found again: amount, currency, ids and kinds, no text of yours.
        client_correlation_id: the reference that it carries, or None where the operation knows none.
        resource_id: Astra's id of the routine or transfer: the one that was made, changed or stopped; None until known.
        transfer_id: Astra's id of a transfer of it, from a webhook or a look; None until known.
        state: see `PaymentState`.
        version: grows with every change.
        holder: who sends it, or sent it last ("host:pid:number").
        lease_until: when the call that sent it last is over for certain, and its sender counts as dead (UTC).
        created: when the key was first used (UTC).
        updated: when the record changed last (UTC).
        first_sent: before this it cannot have been made (UTC).
        sent: when it was sent last (UTC).
        attempts: how often a call sent it.
        lost: how many of these came before the last one and were never explained, as after `resend_after`. While there
            are any, a refusal of the last one proves nothing about the payment.
        call_id: local id of the call that sent it last.
        request_ids: Astra's request ids of all answers.
        status_code: status of the last answer, or None.
        result: the answer as JSON, or None; "null" where the operation answers without a body.
        error: name of the error that its last sender got, or None.
        error_detail: one line of it, or None.
        history: what happened, oldest first.

    Example:
        record = astra.payments.get("payout-17")
        print(record.state, record.resource_id, record.request_ids)
    """

    environment: str
    client_id: str
    operation: str
    key: str
    user_key: str | None
    fingerprint: str
    match_fields: Mapping[str, str] = attrs.field(factory=dict[str, str], repr=False)
    client_correlation_id: str | None = None
    resource_id: str | None = None
    transfer_id: str | None = None
    state: PaymentState
    version: int = 1
    holder: str = ""
    lease_until: datetime
    created: datetime
    updated: datetime
    first_sent: datetime
    sent: datetime
    attempts: int = 1
    lost: int = 0
    call_id: str | None = None
    request_ids: tuple[str, ...] = ()
    status_code: int | None = None
    result: str | None = attrs.field(default=None, repr=False)
    error: str | None = None
    error_detail: str | None = None
    history: tuple[HistoryEntry, ...] = attrs.field(default=(), repr=False)

    @property
    def is_open(self) -> bool:
        """Whether somebody has to find out, or is still sending it."""
        return self.state in OPEN

    @property
    def is_creation(self) -> bool:
        """Whether it makes a routine, and does not change or stop what is there."""
        return self.operation in CREATIONS

    def is_live(self, now: datetime) -> bool:
        """Whether its sender may still be at it.

        Args:
            now: an aware datetime.
        """
        # A lease of a host whose clock is days ahead would bar everybody for days. That it is over only means to look.
        return self.state is PaymentState.SENDING and now < self.lease_until and self.sent - now < WRONG_CLOCK

    def may_be_on_its_way(self, now: datetime) -> bool:
        """Whether what was sent last may not have reached Astra yet: its call may be under way, or was cut short.

        Args:
            now: an aware datetime.
        """
        return self.is_open and now < self.lease_until

    def to_dict(self) -> dict[str, Any]:
        """Returns the record as JSON types.

        Example:
            print(json.dumps(record.to_dict()))
        """
        return attrs.asdict(self, value_serializer=_plain)


def _plain(_: type | None, __: Any, value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    return str(value) if isinstance(value, PaymentState) else value
