"""What happened to one thing, in order: requests, changes, webhooks, and what is still to come. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Final

import attrs

from astra.sandbox.engine.core import Event
from astra.sandbox.journal import ReceivedRequest
from astra.sandbox.webhooks import Attempt
from astra.sandbox.workbench.links import page_of

MOST: Final = 200


@attrs.frozen(kw_only=True)
class Moment:
    """One line of a story.

    Attributes:
        time: when, in epoch seconds.
        kind: "request", "change", "event", "attempt" or "plan".
        text: what happened.
        more: what else there is to say.
        level: good, bad, warn or nothing.
        link: where more is said.
    """

    time: float
    kind: str
    text: str
    more: str = ""
    level: str = ""
    link: str = ""


def status_level(status: int | None) -> str:
    """Returns the colour of a status.

    Args:
        status: of an answer; None when there was none.
    """
    if status is None or status >= 500:
        return "bad"
    return "warn" if status >= 400 else "good"


def of_request(request: ReceivedRequest) -> Moment:
    """Tells of a request.

    Args:
        request: the request.
    """
    name = request.operation or f"{request.method} {request.path[:80]}"
    told = "no answer" if request.status is None else str(request.status)
    return Moment(
        time=request.time,
        kind="request",
        text=f"{name}: {told}",
        more=request.request_id,
        level=status_level(request.status),
        link=page_of("requests", request.request_id),
    )


def of_event(event: Event, tried: Sequence[Attempt] = ()) -> Moment:
    """Tells of an event.

    Args:
        event: the event.
        tried: attempts that are told with it.
    """
    latest: dict[str, bool] = {}
    for attempt in tried:
        latest[attempt.url] = latest.get(attempt.url, False) or attempt.delivered
    good, again = sum(latest.values()), len(tried) - len(latest)
    level = "" if not tried else "good" if good == len(latest) else "warn" if good else "bad"
    text = event.type + (_confirmed(good, len(latest)) if tried else "")
    if again:
        text += f", {again} retr{'ies' if again > 1 else 'y'}"
    about = event.body.get("resource_parent_id") or event.body.get("resource_id")
    link = page_of("webhooks/events", event.id)
    return Moment(time=event.time, kind="event", text=text, more=str(about or "")[:80], level=level, link=link)


def of_retries(attempts: Sequence[Attempt]) -> Moment:
    """Tells in one line of retries at the same time to the same URL that went the same way.

    Args:
        attempts: one or more.
    """
    told = of_attempt(attempts[-1])
    if len(attempts) == 1:
        return told
    return attrs.evolve(told, text=f"{len(attempts)} webhooks again: {told.text.rpartition(': ')[2]}")


def _together(attempts: Iterable[Attempt]) -> list[list[Attempt]]:
    groups: dict[tuple[float, str, int | None, str | None], list[Attempt]] = {}
    for one in attempts:
        groups.setdefault((one.time, one.url, one.status, one.error), []).append(one)
    return list(groups.values())


def _confirmed(good: int, tried: int) -> str:
    if tried == 1:
        return ", confirmed" if good else ", not confirmed"
    return f", confirmed by {good} of {tried}"


def of_attempt(attempt: Attempt) -> Moment:
    """Tells of an attempt to deliver an event.

    Args:
        attempt: the attempt.
    """
    kind, _, why = (attempt.error or "").partition(":")
    told = f"answered {attempt.status}" if attempt.status is not None else "no answer"
    return Moment(
        time=attempt.time,
        kind="attempt",
        text=f"{attempt.event.type}, attempt {attempt.number}: {'confirmed' if attempt.delivered else told}",
        more=f"{attempt.url[:120]} {kind[:60]} {why.strip()[:120]}".strip(),
        level="good" if attempt.delivered else "bad",
        link=page_of("webhooks/events", attempt.event.id),
    )


def of_delivery(attempt: Attempt) -> Moment:
    """Tells of an attempt on the page of its event.

    Args:
        attempt: the attempt.
    """
    told = "no answer" if attempt.status is None else f"answered {attempt.status}"
    text = f"attempt {attempt.number}: {'confirmed' if attempt.delivered else told}"
    return attrs.evolve(of_attempt(attempt), text=text, link="")


def stream(
    requests: Sequence[ReceivedRequest],
    events: Sequence[Event],
    attempts: Sequence[Attempt],
    *,
    caused: Mapping[str, Sequence[str]],
    size: int,
) -> list[Moment]:
    """Returns the latest of everything in one stream, newest first; first attempts are told with their events.

    Args:
        requests: oldest first.
        events: oldest first.
        attempts: oldest first.
        caused: the ids of the events that each request caused, by its id.
        size: how many moments.
    """
    first = [one for one in attempts if one.number == 1]
    tried: dict[str, list[Attempt]] = {}
    for attempt in first[-4 * size :]:
        tried.setdefault(attempt.event.id, []).append(attempt)
    latest = {event.id: of_event(event, tried.get(event.id, ())) for event in events[-size:]}
    told: list[Moment] = []
    # The clock may stand still: then what a request caused stands right after it.
    for request in requests[-size:]:
        told.append(of_request(request))
        told += [latest.pop(id) for id in caused.get(request.request_id, ()) if id in latest]
    later = list(map(of_retries, _together(one for one in attempts[-4 * size :] if one.number > 1)))
    moments = sorted([*latest.values(), *told, *later], key=lambda moment: moment.time)
    return moments[: -size - 1 : -1]


def told(events: Iterable[Event], attempts: Sequence[Attempt]) -> list[Moment]:
    """Tells of events, with how the attempts to deliver them went: each by itself is on the page of its event.

    Args:
        events: the events.
        attempts: those that were to deliver them, oldest first.
    """
    tried: dict[str, list[Attempt]] = {}
    for attempt in attempts:
        tried.setdefault(attempt.event.id, []).append(attempt)
    return [of_event(event, tried.get(event.id, ())) for event in events]


def is_about(event: Event, ids: Collection[str]) -> bool:
    """Whether an event is about one of some things.

    Args:
        event: the event.
        ids: of the things.
    """
    return event.body.get("resource_id") in ids or event.body.get("resource_parent_id") in ids


def naming(
    requests: Sequence[ReceivedRequest], *, ids: Collection[str], makers: Collection[str]
) -> list[ReceivedRequest]:
    """Returns the requests that were about one of some things: by their path, or that made it.

    Args:
        requests: those that are kept, oldest first.
        ids: of the things.
        makers: ids of the requests that made them.
    """
    # A pass for each id is faster than one with a loop within: there may be very many requests, and few ids.
    found = {request.request_id for id in ids for request in requests if id in request.path}
    found.update(makers)
    return [request for request in requests if request.request_id in found]


def story(moments: Iterable[Moment]) -> list[Moment]:
    """Puts moments in order, and keeps the latest of very many.

    Args:
        moments: in any order.
    """
    return sorted(moments, key=lambda moment: moment.time)[-MOST:]
