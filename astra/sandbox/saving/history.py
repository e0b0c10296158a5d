"""What a sandbox was asked, told and still has to tell, as plain JSON values, so that it survives a restart."""

from __future__ import annotations

import base64
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, Final, TypeVar

import attrs

from astra.sandbox.engine.core import Engine, Event
from astra.sandbox.engine.encoding import dumps
from astra.sandbox.journal import Journal, ReceivedRequest
from astra.sandbox.webhooks import Attempt, Delivery, WebhookSender

T = TypeVar("T", bound=Event | Attempt | ReceivedRequest)
Planned = tuple[float | None, Delivery, int]


@attrs.frozen
class Past:
    """What of one kind has happened since it was last saved.

    Attributes:
        kind: `event`, `attempt`, `abandoned` or `request`.
        total: how many there have been.
        oldest: the number of the oldest that is remembered; the first of all has number 1.
        items: the new ones that are remembered, oldest first.
    """

    kind: str
    total: int
    oldest: int
    items: Sequence[Any]

    @property
    def first(self) -> int:
        """The number of the first new one."""
        return self.total - len(self.items) + 1

    def texts(self) -> list[str]:
        """Returns the new ones as JSON."""
        return [dumps(PLAIN[self.kind](item)) for item in self.items]


@attrs.frozen
class Taken:
    """What was taken of a history, quickly, to be written down after the lock of the engine was given back.

    Attributes:
        past: what has happened.
        event_ids: the ids of events that are remembered.
        planned: deliveries that wait or are kept back.
        facts: the rest.
    """

    past: list[Past]
    event_ids: set[str]
    planned: dict[str, list[Planned]]
    facts: dict[str, Any]

    def texts(self) -> dict[str, str]:
        """Returns what is saved as single values, as JSON. An event that is forgotten goes with what needs it."""
        rows = {name: [self._row(one) for one in planned] for name, planned in self.planned.items()}
        return {name: dumps(value) for name, value in {**rows, **self.facts}.items()}

    def _row(self, planned: Planned) -> dict[str, Any]:
        due, one, retries = planned
        known = one.event.id in self.event_ids
        event = one.event.id if known else row_of_event(one.event)
        return {"due": due, "event": event, "url": one.url, "retries": retries}


@attrs.frozen(kw_only=True)
class Remembered:
    """What a saved state was asked, told and still has to tell: `History` goes on from it."""

    events: list[Event]
    event_total: int
    requests: list[ReceivedRequest]
    counts: dict[str, int]
    request_total: int
    forgotten: int
    attempts: list[Attempt]
    attempt_total: int
    abandoned: list[Delivery]
    abandoned_total: int
    holding: bool
    kept: list[Delivery]
    planned: list[tuple[float, Delivery]]


class History:
    """The past of a sandbox, and what waits to be sent.

    Args:
        engine: whose events.
        webhooks: what waits, and what was attempted.
        journal: the requests.
        saved: the past of another sandbox, to go on from: what `reading.load` returns.
    """

    def __init__(
        self, engine: Engine, webhooks: WebhookSender, journal: Journal, *, saved: Remembered | None = None
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

    def taken(self, totals: Mapping[str, int]) -> Taken:
        """Returns what has happened since there was so much of each kind; the caller holds the lock of the engine."""
        sender, journal, engine = self.webhooks, self.journal, self.engine
        with sender.changed:
            planned: dict[str, list[Planned]] = {
                "waiting": [(due, one, one.retries) for due, one in [*self.planned, *sender.waiting()]],
                "kept": [(None, one, one.retries) for one in sender.kept],
            }
            facts: dict[str, Any] = {"holding": sender.holding}
            past = [
                latest("attempt", sender.attempts, sender.attempt_total, totals),
                latest("abandoned", sender.abandoned, sender.abandoned_total, totals),
            ]
        with journal.guard:
            past.append(latest("request", journal.requests, journal.total, totals))
            facts.update(counts=dict(journal.counts), forgotten=journal.forgotten)
        past.append(latest("event", engine.events, engine.event_total, totals))
        facts.update({f"total/{one.kind}": one.total for one in past})
        return Taken(past, {event.id for event in engine.events} if any(planned.values()) else set(), planned, facts)

    def mark(self) -> tuple[object, ...]:
        """Returns what is another value when there is something new to save."""
        sender, journal = self.webhooks, self.journal
        plans = (sender.attempt_total, sender.plan_total, sender.holding)
        return (self.engine.event_total, journal.total, journal.forgotten, *plans)

    def _restore(self, saved: Remembered) -> None:
        engine, sender, journal = self.engine, self.webhooks, self.journal
        engine.events.extend(saved.events)
        engine.event_total = saved.event_total
        journal.requests.extend(saved.requests)
        journal.counts.update(saved.counts)
        journal.total, journal.forgotten = saved.request_total, saved.forgotten
        sender.attempts.extend(saved.attempts)
        sender.attempt_total = saved.attempt_total
        sender.abandoned.extend(saved.abandoned)
        sender.abandoned_total = saved.abandoned_total
        sender.holding = saved.holding
        sender.kept.extend(saved.kept)
        self.planned = list(saved.planned)


def remembered(saved: dict[str, Any]) -> Remembered:
    """Returns what was saved of a past, before anything is changed by it.

    Raises:
        KeyError, TypeError, ValueError: it is damaged.
    """
    events = list(_timed(Event(**row) for row in saved["events"]))
    known = {event.id: event for event in events}
    return Remembered(
        events=events,
        event_total=int(saved["event_total"]),
        requests=list(_timed(request_of(row) for row in saved["requests"])),
        counts={str(name): int(count) for name, count in saved["counts"].items()},
        request_total=int(saved["request_total"]),
        forgotten=int(saved["forgotten"]),
        attempts=list(_timed(attempt_of(row, known) for row in saved["attempts"])),
        attempt_total=int(saved["attempt_total"]),
        abandoned=[delivery_of(row, known) for row in saved["abandoned"]],
        abandoned_total=int(saved["abandoned_total"]),
        holding=bool(saved["holding"]),
        kept=[delivery_of(row, known) for row in saved["kept"]],
        planned=[(float(row["due"]), delivery_of(row, known)) for row in saved["waiting"]],
    )


def latest(kind: str, items: deque[Any], total: int, totals: Mapping[str, int]) -> Past:
    """Returns what is new since there were so many."""
    new = min(total - totals.get(kind, 0), len(items))
    return Past(kind, total, total - len(items) + 1, list(islice(reversed(items), new))[::-1])


def event_of(saved: str | dict[str, Any], known: dict[str, Event]) -> Event:
    """Returns an event that was saved whole or by its id."""
    return known[saved] if isinstance(saved, str) else next(_timed([Event(**saved)]))


def attempt_of(row: dict[str, Any], known: dict[str, Event]) -> Attempt:
    """Returns an attempt that `row_of_attempt` made plain."""
    event = event_of(row["event"], known)
    return Attempt(row["time"], event, row["url"], row["number"], row["status"], row["error"])


def delivery_of(row: dict[str, Any], known: dict[str, Event]) -> Delivery:
    """Returns a delivery that was saved."""
    return Delivery(event_of(row["event"], known), row["url"], row["retries"])


def row_of_request(request: ReceivedRequest) -> dict[str, Any]:
    """Returns a request as plain values."""
    return {**attrs.asdict(request, recurse=False), "body": base64.b64encode(request.body).decode()}


def request_of(row: dict[str, Any]) -> ReceivedRequest:
    """Returns a request that `row_of_request` made plain."""
    values: dict[str, Any] = {**row, "body": base64.b64decode(row["body"])}
    return ReceivedRequest(**values)


def row_of_attempt(attempt: Attempt) -> dict[str, Any]:
    """Returns an attempt as plain values, with its event, which may be forgotten before it."""
    return {**attrs.asdict(attempt, recurse=False), "event": row_of_event(attempt.event)}


def row_of_abandoned(one: Delivery) -> dict[str, Any]:
    """Returns a delivery as plain values, with its event, which may be forgotten before it."""
    return {"event": row_of_event(one.event), "url": one.url, "retries": one.retries}


def row_of_event(event: Event) -> dict[str, Any]:
    """Returns an event as plain values."""
    return attrs.asdict(event, recurse=False)


PLAIN: Final[dict[str, Callable[[Any], Any]]] = {
    "event": row_of_event,
    "attempt": row_of_attempt,
    "abandoned": row_of_abandoned,
    "request": row_of_request,
}


def _timed(records: Iterable[T]) -> Iterator[T]:
    """Records with times as floats: JSON that was read exactly has decimals."""
    for record in records:
        yield attrs.evolve(record, time=float(record.time))
