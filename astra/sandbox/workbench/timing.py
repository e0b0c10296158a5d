"""The clock strip, and what happens next by itself. Pure."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Final

import attrs

from astra.sandbox.engine import coming
from astra.sandbox.engine.calendar import eastern, is_banking_day
from astra.sandbox.engine.core import Engine
from astra.sandbox.engine.tables import Due
from astra.sandbox.webhooks import WebhookSender
from astra.sandbox.workbench.links import PAGES, page_of
from astra.web.wording import age, number

SHOWN: Final = 20
LOOKED_AT: Final = 400
"""How many entries of the schedule are looked at: some stand for what has ended another way."""

WORDS: Final = {
    "review_intent": ("user intent", "The check of a person ends", "{count} checks of people end"),
    "review_user": ("user", "The check of a user ends", "{count} checks of users end"),
    "review_phone": ("user", "The review of a phone number ends", "{count} reviews of phone numbers end"),
    "run_routine": ("routine", "A routine runs", "{count} routines run"),
    "give_up_routine": ("routine", "A routine is given up", "{count} routines are given up"),
    "process_transfer": ("transfer", "A transfer clears", "{count} transfers clear"),
    "return_transfer": ("transfer", "A transfer is returned", "{count} transfers are returned"),
    "dispute_transfer": ("transfer", "A transfer is charged back", "{count} transfers are charged back"),
    "refund_transfer": ("transfer", "A transfer gives its money back", "{count} transfers give their money back"),
    "add_to_batch": ("transfer", "A payout joins its batch", "{count} payouts join their batches"),
    "close_batch": ("batch", "A batch closes", "{count} batches close"),
    "webhook": ("event", "A webhook is sent again", "{count} webhooks are sent"),
}


@attrs.frozen(kw_only=True)
class Planned:
    """Something that happens by itself.

    Attributes:
        time: when, in epoch seconds.
        action: what, by the name of the schedule.
        text: what, for people.
        subject: the id of what it happens to, or to the first of several.
        link: its page, or an empty text.
        count: how often it happens at this time.
    """

    time: float
    action: str
    text: str
    subject: str
    link: str
    count: int = 1

    @property
    def moment(self) -> str:
        """The time as an action takes it, a microsecond late at most: rounded down, it would not have come."""
        return datetime.fromtimestamp(self.time + 1e-6, UTC).isoformat()


@attrs.frozen(kw_only=True)
class Strip:
    """What the strip says of the clock.

    Attributes:
        epoch: the time, in epoch seconds.
        eastern: the time where banks are.
        utc: the same time in UTC.
        is_banking_day: whether banks work.
        is_frozen: whether the clock stands still.
        next: what happens next, and in how long; None when nothing is to happen.
    """

    epoch: float
    eastern: str
    utc: str
    is_banking_day: bool
    is_frozen: bool
    next: str | None


def when(time: float, now: float) -> str:
    """Returns a time for people: of today the hour alone.

    Args:
        time: in epoch seconds.
        now: the time now, in epoch seconds.
    """
    moment, today = datetime.fromtimestamp(time, UTC), datetime.fromtimestamp(now, UTC).date()
    return f"{moment:%H:%M:%S}" if moment.date() == today else f"{moment:%b} {moment.day}, {moment:%H:%M:%S}"


def planned(schedule: Iterable[Due], waiting: Sequence[tuple[float, str]]) -> list[Planned]:
    """Returns what happens next, in order.

    Args:
        schedule: the first of what happens by itself.
        waiting: webhooks: when each is due, and the event's id.
    """
    rows = [(moment, action, subject) for moment, _, action, subject in schedule]
    rows += [(moment, "webhook", event_id) for moment, event_id in heapq.nsmallest(LOOKED_AT, waiting)]
    rows.sort(key=lambda row: row[0])
    grouped: dict[tuple[float, str], list[str]] = {}
    for moment, action, subject in rows:
        grouped.setdefault((moment, action), []).append(subject)
    return [_planned(*key, subjects) for key, subjects in list(grouped.items())[:SHOWN]]


def text_of(action: str) -> str:
    """Returns what an entry of the schedule does, for people.

    Args:
        action: by the name of the schedule.
    """
    return WORDS[action][1] if action in WORDS else action.replace("_", " ")


def _planned(time: float, action: str, subjects: list[str]) -> Planned:
    kind, one, several = WORDS.get(action, ("", action.replace("_", " "), ""))
    text = one if len(subjects) == 1 or not several else several.format(count=number(len(subjects)))
    link = page_of(PAGES[kind], subjects[0]) if kind in PAGES else ""
    return Planned(time=time, action=action, text=text, subject=subjects[0], link=link, count=len(subjects))


def first_of(plans: Sequence[Planned], *, now: float) -> str | None:
    """Returns the next thing in words, and in how long: "2 transfers clear in 21 h".

    Args:
        plans: in order.
        now: the time, in epoch seconds.
    """
    if not plans:
        return None
    first, left = plans[0], plans[0].time - now
    return f"{first.text} now" if left < 1 else f"{first.text} in {age(left)}"


def strip_of(now: float, *, is_frozen: bool, plans: Sequence[Planned]) -> Strip:
    """Returns the strip.

    Args:
        now: the time, in epoch seconds.
        is_frozen: whether the clock stands still.
        plans: what happens next, in order.
    """
    there = eastern(now)
    return Strip(
        epoch=now,
        eastern=f"{there:%a} {there.day} {there:%b %Y %H:%M:%S}",
        utc=f"{datetime.fromtimestamp(now, UTC):%Y-%m-%d %H:%M:%S}",
        is_banking_day=is_banking_day(there.date()),
        is_frozen=is_frozen,
        next=first_of(plans, now=now),
    )


def plans_of(engine: Engine, webhooks: WebhookSender) -> list[Planned]:
    """Takes a snapshot of what happens next.

    Args:
        engine: the rules and their schedule.
        webhooks: what waits to be sent.
    """
    with webhooks.changed:
        waiting = [(due, delivery.event.id) for due, delivery in webhooks.waiting()]
    with engine.lock:
        first = coming.first(engine, LOOKED_AT, most=16 * LOOKED_AT)
    return planned(first, waiting)
