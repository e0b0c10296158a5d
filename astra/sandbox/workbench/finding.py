"""Finds what an id, a phone number or an address names. Pure, over the tables of a sandbox."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any, Final

import attrs

from astra.sandbox.engine.core import Event
from astra.sandbox.engine.state import State
from astra.sandbox.journal import ReceivedRequest
from astra.sandbox.workbench.links import PAGES, page_of, section

MOST: Final = 20
LEAST: Final = 4
"""How many characters of an id are enough to look for what begins with them."""


@attrs.frozen(kw_only=True)
class Found:
    """One thing that was found.

    Attributes:
        kind: what it is, for people.
        id: its id.
        link: its page.
        is_whole: whether it was named exactly.
    """

    kind: str
    id: str
    link: str
    is_whole: bool = True


def find(text: str, *, state: State, requests: Iterable[ReceivedRequest], events: Iterable[Event]) -> list[Found]:
    """Returns what is named exactly, or else what begins so.

    Nobody has to stand still for it: each list is copied at one go before it is looked through.

    Args:
        text: an id, a correlation id, a phone number or an email address.
        state: of the sandbox.
        requests: those that are kept.
        events: those that are kept.
    """
    if not text:
        return []
    seen, told = list(requests), list(events)
    # An id names one thing: nothing else is looked through then.
    exact = list(islice(_by_id(text, state, seen, told), 1)) or list(islice(_by_what_is_known(text, state), MOST))
    if exact or len(text) < LEAST:
        return exact
    return list(islice(_beginning(text, state, seen, told), MOST))


def named(ids: Iterable[str], state: State) -> list[Found]:
    """Returns the things that have one of some ids; the caller holds the lock of the engine.

    Args:
        ids: their ids.
        state: of the sandbox.
    """
    return [found for id in ids for found in islice(_by_id(id, state, [], []), 1)]


def _tables(state: State) -> Iterator[tuple[str, Any]]:
    yield "user", state.users
    yield "user intent", state.intents
    yield "transfer", state.transfers
    yield "routine", state.routines
    yield "account", state.accounts
    yield "card", state.cards
    yield "payment instrument", state.instruments
    yield "batch transfer", state.batches
    yield "business profile", state.business_profiles


def _link(kind: str, record: Any, state: State) -> str:
    if kind in ("account", "card"):
        return page_of("users", record.owner, anchor=record.id)
    if kind in ("payment instrument", "batch transfer"):
        return page_of("money", "balances", anchor=record.id)
    if kind == "business profile":
        user_id = record.user_id or next(
            (one.id for one in list(state.users) if one.business_profile_id == record.id), None
        )
        return page_of("users", user_id) if user_id else section("users")
    return page_of(PAGES[kind], record.id)


def _by_id(text: str, state: State, requests: list[ReceivedRequest], events: list[Event]) -> Iterator[Found]:
    for kind, table in _tables(state):
        if (record := table.get(text)) is not None:
            yield Found(kind=kind, id=text, link=_link(kind, record, state))
    for request in reversed(requests):
        if request.request_id == text:
            yield Found(kind="request", id=text, link=page_of("requests", text))
            break
    for event in reversed(events):
        if event.id == text:
            yield Found(kind="event", id=text, link=page_of("webhooks/events", text))
            break


def _by_what_is_known(text: str, state: State) -> Iterator[Found]:
    charged = [
        one for one in list(state.transfers) if one.chargeback is not None and one.chargeback.get("cb_id") == text
    ]
    for transfer in charged:
        yield Found(kind="chargeback", id=text, link=page_of("transfers", transfer.id))
    for routine in [one for one in list(state.routines) if one.client_correlation_id == text]:
        yield Found(kind="routine with this correlation id", id=routine.id, link=page_of("routines", routine.id))
    yield from _people(text, state)


def _people(text: str, state: State) -> Iterator[Found]:
    digits = "".join(char for char in text if char.isdigit())
    wanted = text.casefold()
    people: tuple[tuple[str, list[Any]], ...] = (("user", list(state.users)), ("user intent", list(state.intents)))
    for kind, table in people:
        for person in table:
            email, phone = str(person.profile.get("email", "")), str(person.profile.get("phone", ""))
            if email.casefold() == wanted or (len(digits) >= 10 and phone.endswith(digits[-10:])):
                yield Found(kind=f"{kind} with this address or number", id=person.id, link=_link(kind, person, state))


def _beginning(text: str, state: State, requests: list[ReceivedRequest], events: list[Event]) -> Iterator[Found]:
    for kind, table in _tables(state):
        for record in [record for record in list(table) if record.id.startswith(text)]:
            yield Found(kind=kind, id=record.id, link=_link(kind, record, state), is_whole=False)
    for id in [request.request_id for request in requests if request.request_id.startswith(text)][::-1]:
        yield Found(kind="request", id=id, link=page_of("requests", id), is_whole=False)
    for event in reversed(events):
        if event.id.startswith(text):
            yield Found(kind="event", id=event.id, link=page_of("webhooks/events", event.id), is_whole=False)
