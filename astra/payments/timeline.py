"""The story of a payment: what its record and the request log tell, in the order in which it happened.

Decisions only.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any, Final, Literal

import attrs

from astra.instrumentation.record import RequestRecord
from astra.payments.links import key_of
from astra.payments.record import HistoryEntry, PaymentRecord

EVENTS: Final = {
    "sent": "sent",
    "answered": "answered",
    "lost": "no answer",
    "looked": "looked for",
    "webhook": "settled by a webhook",
    "resolved": "resolved",
    "expired": "given up by its sender",
}
"""What people call what happened."""

BY: Final = ("sent", "resolved")
"""Of these it matters who did it."""


@attrs.frozen(kw_only=True)
class Moment:
    """One thing that happened.

    Attributes:
        time: when (UTC).
        source: "payment" for the history of a payment's record, "request" for an attempt of the request log.
        key: idempotency key of the payment that it belongs to, or None.
        text: one line for people.
        facts: the same for programs.
    """

    time: datetime
    source: Literal["payment", "request"]
    key: str | None
    text: str
    facts: dict[str, Any]

    def to_dict(self) -> dict[str, Any]:
        """The same as JSON types."""
        known = {"time": self.time.isoformat(), "source": self.source, "idempotency_key": self.key, "text": self.text}
        return known | self.facts


def tell(records: Sequence[PaymentRecord], requests: Iterable[RequestRecord]) -> list[Moment]:
    """Puts all that is known in order.

    Args:
        records: the payments.
        requests: the attempts that may belong to them.
    """
    moments = [_of_history(record.key, entry) for record in records for entry in record.history]
    moments += [_of_request(key_of(request, records), request) for request in requests]
    return sorted(moments, key=lambda one: one.time)


def _of_history(key: str, entry: HistoryEntry) -> Moment:
    text = EVENTS.get(entry.event, entry.event)
    if entry.by is not None and entry.event in BY:
        text += f" by {entry.by}"
    if entry.count > 1:
        text += f", {entry.count} times, the last time now"
    text += f" -> {entry.state}"
    if detail := entry.detail.rstrip(": "):
        text += f": {detail}"
    facts: dict[str, Any] = {
        "event": entry.event,
        "state": str(entry.state),
        "detail": entry.detail,
        "by": entry.by,
        "call_id": entry.call_id,
        "request_id": entry.request_id,
        "count": entry.count,
    }
    return Moment(time=entry.time.astimezone(UTC), source="payment", key=key, text=_with_ids(text, entry), facts=facts)


def _of_request(key: str | None, request: RequestRecord) -> Moment:
    outcome = "no answer" if request.status is None else request.status
    text = f"{request.operation}, attempt {request.attempt} -> {outcome} after {request.duration_ms:.0f} ms"
    if request.error_name is not None:
        text += f": {request.error_name}"
    return Moment(
        time=request.time.astimezone(UTC),
        source="request",
        key=key,
        text=_with_ids(text, request),
        facts=request.to_dict(),
    )


def _with_ids(text: str, of: HistoryEntry | RequestRecord) -> str:
    ids = [f"request id {of.request_id}"] if of.request_id is not None else []
    ids += [f"call {of.call_id}"] if of.call_id is not None else []
    return f"{text} ({', '.join(ids)})" if ids else text
