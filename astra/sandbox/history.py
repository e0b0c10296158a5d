"""What a sandbox was asked, told and still has to tell, as plain JSON values, so that it survives a restart."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Iterator
from typing import Any, Final, TypeVar

import attrs

from astra.sandbox.engine.core import Engine, Event
from astra.sandbox.journal import Journal, ReceivedRequest
from astra.sandbox.webhooks import Attempt, Delivery, WebhookSender

REQUEST: Final = [field.name for field in attrs.fields(ReceivedRequest)]
T = TypeVar("T", Event, Attempt, ReceivedRequest)
Planned = tuple[float | None, Delivery, int]


class History:
    """The past of a sandbox, and what waits to be sent.

    Args:
        engine: whose events.
        webhooks: what waits, and what was attempted.
        journal: the requests.
        saved: what `as_json` made of another sandbox, to go on from.
    """

    def __init__(
        self, engine: Engine, webhooks: WebhookSender, journal: Journal, *, saved: dict[str, Any] | None = None
    ) -> None:
        self.engine = engine
        self.webhooks = webhooks
        self.journal = journal
        self.planned: list[tuple[float, Delivery]] = []
        if saved is not None:
            self._restore(saved)

    def resume(self) -> None:
        """Plans what waited, as soon as its URLs are registered."""
        with self.webhooks.changed:
            for due, delivery in self.planned:
                self.webhooks.plan(delivery, due=due)
            self.planned.clear()

    def taken(self) -> dict[str, Any]:
        """Returns what `as_json` makes plain: quickly, as the caller holds the lock of the engine."""
        sender, journal = self.webhooks, self.journal
        with sender.changed:
            told: dict[str, Any] = {
                "holding": sender.holding,
                "waiting": [(due, one, one.retries) for due, one in [*self.planned, *sender.waiting()]],
                "kept": [(None, one, one.retries) for one in sender.kept],
                "abandoned": [(None, one, one.retries) for one in sender.abandoned],
                "attempts": list(sender.attempts),
                "attempt_total": sender.attempt_total,
            }
        with journal.guard:
            asked: dict[str, Any] = {
                "requests": list(journal.requests),
                "counts": dict(journal.counts),
                "total": journal.total,
                "forgotten": journal.forgotten,
            }
        return {"events": list(self.engine.events), "event_total": self.engine.event_total, **told, **asked}

    def _restore(self, saved: dict[str, Any]) -> None:
        events = list(_timed(Event(**row) for row in saved["events"]))
        known = {event.id: event for event in events}
        engine, sender, journal = self.engine, self.webhooks, self.journal
        engine.events.extend(events)
        engine.event_total = saved["event_total"]
        journal.requests.extend(_timed(request_of(row) for row in saved["requests"]))
        journal.counts.update(saved["counts"])
        journal.total, journal.forgotten = saved["total"], saved["forgotten"]
        sender.attempts.extend(_timed(attempt_of(row, known) for row in saved["attempts"]))
        sender.attempt_total = saved["attempt_total"]
        sender.abandoned.extend(delivery_of(row, known) for row in saved["abandoned"])
        sender.holding = saved["holding"]
        sender.kept.extend(delivery_of(row, known) for row in saved["kept"])
        self.planned = [(float(row["due"]), delivery_of(row, known)) for row in saved["waiting"]]


def as_json(taken: dict[str, Any]) -> dict[str, Any]:
    """Returns what `History.taken` gave as plain JSON values. An event that is no more kept goes with what needs it."""
    kept = {event.id for event in taken["events"]}
    plain = dict(taken)
    plain["events"] = [attrs.asdict(event, recurse=False) for event in taken["events"]]
    plain["requests"] = [row_of(request) for request in taken["requests"]]
    plain["attempts"] = [
        {**attrs.asdict(one, recurse=False), "event": plain_event(one.event, kept)} for one in taken["attempts"]
    ]
    for name in ("waiting", "kept", "abandoned"):
        planned: list[Planned] = taken[name]
        plain[name] = [
            {"due": due, "event": plain_event(one.event, kept), "url": one.url, "retries": retries}
            for due, one, retries in planned
        ]
    return plain


def plain_event(event: Event, kept: set[str]) -> str | dict[str, Any]:
    """Returns the id of an event that is kept beside, or the event itself."""
    return event.id if event.id in kept else attrs.asdict(event, recurse=False)


def event_of(saved: str | dict[str, Any], known: dict[str, Event]) -> Event:
    """Returns an event that `plain_event` made plain."""
    return known[saved] if isinstance(saved, str) else next(_timed([Event(**saved)]))


def attempt_of(row: dict[str, Any], known: dict[str, Event]) -> Attempt:
    """Returns an attempt that `as_json` made plain."""
    event = event_of(row["event"], known)
    return Attempt(row["time"], event, row["url"], row["number"], row["status"], row["error"])


def delivery_of(row: dict[str, Any], known: dict[str, Event]) -> Delivery:
    """Returns a delivery that `as_json` made plain."""
    return Delivery(event_of(row["event"], known), row["url"], row["retries"])


def row_of(request: ReceivedRequest) -> list[Any]:
    """Returns a request as a row of plain values."""
    row = [getattr(request, name) for name in REQUEST]
    row[REQUEST.index("body")] = base64.b64encode(request.body).decode()
    return row


def request_of(row: list[Any]) -> ReceivedRequest:
    """Returns a request that `row_of` made plain."""
    values: dict[str, Any] = dict(zip(REQUEST, row, strict=True))
    values["body"] = base64.b64decode(values["body"])
    return ReceivedRequest(**values)


def _timed(records: Iterable[T]) -> Iterator[T]:
    """Records with times as floats: JSON that was read exactly has decimals."""
    for record in records:
        yield attrs.evolve(record, time=float(record.time))
