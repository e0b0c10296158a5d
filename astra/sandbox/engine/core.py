"""The engine: state, clock, ids and schedule. The rules are functions in the files beside this one."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final

import attrs

from astra.sandbox.engine.clock import SandboxClock
from astra.sandbox.engine.ids import Ids
from astra.sandbox.engine.options import Options
from astra.sandbox.engine.records import Client, User
from astra.sandbox.engine.state import State

Action = Callable[["Engine", str], None]


@attrs.frozen
class Event:
    """Something that Astra tells its clients by webhook, in `sandbox.webhooks.events`.

    Attributes:
        id: the `webhook_id`.
        type: the `webhook_type`, such as `transfer_updated`.
        time: when, in epoch seconds of the sandbox's clock.
        client_id: the client that is told.
        body: what goes over the wire, before signing; amounts are `Decimal` or int.
    """

    id: str
    type: str
    time: float
    client_id: str
    body: dict[str, Any]


@attrs.define
class Call:
    """One request to an operation, already authenticated. `user` is set for bearer operations only."""

    client: Client
    user: User | None = None
    path: dict[str, str] = attrs.field(factory=dict[str, str])
    query: dict[str, str] = attrs.field(factory=dict[str, str])
    body: Any = None

    def person(self) -> User:
        """Returns the user of the access token."""
        if self.user is None:
            raise RuntimeError("this operation needs a bearer token")
        return self.user


@attrs.frozen
class Answer:
    """What an operation answers. A body of None sends nothing."""

    status: int
    body: Any = None


NULL: Final = object()
"""The body of an answer that is the JSON value null."""

Handler = Callable[["Engine", Call], Answer]


class Engine:
    """One local Astra. Every use from outside holds `lock`, so that requests and test code take turns.

    Args:
        clock: the sandbox's clock.
        ids: where ids and tokens come from.
        options: the rules.
        actions: what the schedule can do, by name.
        state: a state to continue from.
        keep_events: how many events are remembered.

    Attributes:
        resets: how often it has begun again.
    """

    def __init__(
        self,
        *,
        clock: SandboxClock,
        ids: Ids,
        options: Options,
        actions: Mapping[str, Action],
        state: State | None = None,
        keep_events: int = 10_000,
    ) -> None:
        self.clock = clock
        self.options = options
        self.actions = actions
        self.keep_events = keep_events
        self.lock = threading.RLock()
        self.resets = 0
        self.begin(ids, State() if state is None else state)

    def begin(self, ids: Ids, state: State) -> None:
        """Makes all that changes with time, at the start and at a reset; the caller holds the lock."""
        self.ids = ids
        self.quirks = self.options.quirks
        self.state = state
        self.events: deque[Event] = deque(maxlen=self.keep_events)
        self.event_total = 0
        self.on_event: Callable[[Event], None] | None = None
        self.moment: float | None = None

    def now(self) -> float:
        """Returns the time, in epoch seconds; while the schedule catches up it is the time of the due action."""
        return self.clock() if self.moment is None else self.moment

    def settle(self) -> None:
        """Does everything that is due by now, in order of time."""
        schedule = self.state.schedule
        if not schedule or self.moment is not None:
            return
        now = self.clock()
        try:
            while schedule.is_due(now):
                due, _, action, subject = schedule.take()
                self.moment = due
                self.actions[action](self, subject)
        finally:
            self.moment = None

    def next_due(self) -> float | None:
        """Returns when the next scheduled action is due (epoch seconds)."""
        return self.state.schedule.due()

    def after(self, seconds: float, action: str, subject: str) -> None:
        """Schedules an action; one that takes no time is done at once."""
        if seconds <= 0:
            self.actions[action](self, subject)
        else:
            self.state.at(self.now() + seconds, action, subject)

    def emit(self, type: str, *, client_id: str, user_id: str | None, resource_id: str, **extra: object) -> Event:
        """Announces a change to the client's webhook."""
        event = self.event_of(type, client_id=client_id, user_id=user_id, resource_id=resource_id, **extra)
        self.events.append(event)
        self.event_total += 1
        if self.on_event is not None:
            self.on_event(event)
        return event

    def event_of(self, type: str, *, client_id: str, user_id: str | None, resource_id: str, **extra: object) -> Event:
        """Makes an event, and tells nobody."""
        body: dict[str, Any] = {
            "webhook_type": type,
            "webhook_id": self.ids.uuid("event"),
            "user_id": user_id,
            "resource_id": resource_id,
        }
        body.update({name: value for name, value in extra.items() if value is not None})
        return Event(id=body["webhook_id"], type=type, time=self.now(), client_id=client_id, body=body)

    def done(self) -> Answer:
        """Returns the answer of a DELETE, a response code alone, as this sandbox spells it."""
        return {"empty": Answer(200), "null": Answer(200, NULL), "no_content": Answer(204)}[self.quirks.deleted]

    def stamp(self, epoch: float) -> str:
        """Returns a timestamp as this sandbox spells it."""
        text = datetime.fromtimestamp(epoch, UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")
        return text if self.quirks.naive_timestamps else text + "Z"

    def money(self, amount: Decimal | None) -> Decimal | int | None:
        """Returns an amount in dollars as the number to send."""
        if amount is not None and self.quirks.number_amounts_as_integers and amount == amount.to_integral_value():
            return int(amount)
        return amount
