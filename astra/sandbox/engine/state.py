"""Everything one sandbox remembers, and how its parts are written down."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal
from operator import attrgetter
from typing import Any

import attrs

from astra.sandbox.engine.records import (
    Account,
    Batch,
    Book,
    BusinessProfile,
    Card,
    Client,
    Grant,
    Instrument,
    Intent,
    Routine,
    Transfer,
    User,
)
from astra.sandbox.engine.tables import Named, Schedule, Table
from astra.sandbox.engine.unsaved import Kept


class State:
    """The tables, the tokens and the schedule of one sandbox."""

    def __init__(self) -> None:
        self.seq = 0
        self.clients: Named[Client] = Named()
        self.intents: Table[Intent] = Table()
        self.users: Table[User] = Table()
        self.business_profiles: Table[BusinessProfile] = Table()
        self.accounts: Table[Account] = Table()
        self.cards: Table[Card] = Table()
        self.routines: Table[Routine] = Table()
        self.transfers: Table[Transfer] = Table()
        self.instruments: Table[Instrument] = Table()
        self.batches: Table[Batch] = Table()
        self.books: Table[Book] = Table()
        self.held: dict[str, Decimal] = {}
        self.codes: Named[Grant] = Named()
        self.access_tokens: Named[Grant] = Named()
        self.refresh_tokens: Named[Grant] = Named()
        self.session_tokens: Named[Grant] = Named()
        self.schedule = Schedule()
        self.by_routine: dict[str, list[Transfer]] = {}
        self.intents_by_email: dict[str, int] = {}

    def next_seq(self) -> int:
        """Returns the place in time of a new record."""
        self.seq += 1
        return self.seq

    def add_transfer(self, transfer: Transfer) -> None:
        """Stores a transfer under its user and under its routine."""
        self.transfers.add(transfer)
        held = self.by_routine.get(transfer.routine_id)
        if held is None:
            self.by_routine[transfer.routine_id] = [transfer]
        else:
            held.append(transfer)

    def add_intent(self, intent: Intent) -> None:
        """Stores an intent and counts it for its email."""
        self.intents.add(intent)
        email = str(intent.profile.get("email", "")).casefold()
        self.intents_by_email[email] = self.intents_by_email.get(email, 0) + 1

    def at(self, moment: float, action: str, subject: str) -> None:
        """Schedules an action on a record for a moment (epoch seconds)."""
        self.schedule.add((moment, self.next_seq(), action, subject))

    def parts(self) -> dict[str, Kept]:
        """Returns what is saved bit by bit, by name."""
        return {name: getattr(self, name) for name in PARTS}


TABLES: dict[str, type[Any]] = {
    "intents": Intent,
    "users": User,
    "business_profiles": BusinessProfile,
    "accounts": Account,
    "cards": Card,
    "routines": Routine,
    "transfers": Transfer,
    "instruments": Instrument,
    "batches": Batch,
    "books": Book,
}
NO_ROWS: dict[str, Any] = {"fields": [], "rows": []}  # of a table that an older version did not have
GRANTS = ("codes", "access_tokens", "refresh_tokens", "session_tokens")
KINDS: dict[str, type[Any]] = {"clients": Client, **TABLES, **dict.fromkeys(GRANTS, Grant)}
PARTS = (*KINDS, "schedule")


def fields_of(kind: type[Any]) -> list[str]:
    """Returns the names of the values that `writer_of` writes, in their order."""
    return [field.name for field in attrs.fields(kind)]


def writer_of(kind: type[Any]) -> Callable[[Any], list[Any]]:
    """Returns what makes a record a row of values; amounts become text, which is exact."""
    values_of = attrgetter(*fields_of(kind))
    money = money_fields(kind)

    def row_of(record: Any) -> list[Any]:
        row = list(values_of(record))
        for index in money:
            row[index] = None if row[index] is None else str(row[index])
        return row

    return row_of


def money_fields(kind: type[Any]) -> list[int]:
    """Returns which fields of a record are amounts, by their place."""
    return [index for index, field in enumerate(attrs.fields(kind)) if "Decimal" in str(field.type)]


def records_of(kind: type[Any], saved: dict[str, Any]) -> Iterator[Any]:
    """Records from a header and rows; fields that this version does not know are left out."""
    known = fields_of(kind)
    money = {known[index] for index in money_fields(kind)}
    names: list[str] = saved["fields"]
    amounts = [index for index, name in enumerate(names) if name in money]
    for row in saved["rows"]:
        for index in amounts:
            row[index] = None if row[index] is None else Decimal(str(row[index]))
        if names == known:
            yield kind(*row)
        else:
            yield kind(**{name: value for name, value in zip(names, row, strict=True) if name in known})


def store(state: State, table: Table[Any], record: Any) -> None:
    """Adds a loaded record, with the indexes that go with its kind."""
    if isinstance(record, Transfer):
        state.add_transfer(record)
        if record.held:
            source = state.routines.rows[record.routine_id].source_id
            state.held[source] = state.held.get(source, Decimal(0)) + record.amount
    elif isinstance(record, Intent):
        state.add_intent(record)
    else:
        table.add(record)


def restored(saved: dict[str, Any]) -> State:
    """Returns a state from plain values: of each kind the names of its fields, and a row for each record."""
    state = State()
    for client in records_of(Client, saved["clients"]):
        state.clients[client.id] = client
    for name, kind in TABLES.items():
        table: Table[Any] = getattr(state, name)
        for record in records_of(kind, saved.get(name, NO_ROWS)):
            store(state, table, record)
            if getattr(record, "removed", False):
                table.hide(record)
    for name in GRANTS:
        getattr(state, name).update({token: Grant(*row) for token, row in saved[name].items()})
    state.seq = saved["seq"]
    if "books" not in saved:
        opened = sum((a.current_balance or Decimal(0) for a in state.accounts), Decimal(0))
        opened += sum((held.balance for held in state.instruments), Decimal(0))
        state.books.add(Book(id="outside", seq=state.next_seq(), balance=-opened))
    for moment, seq, action, subject in saved["schedule"]:
        state.schedule.add((moment, seq, action, subject))
    return state
