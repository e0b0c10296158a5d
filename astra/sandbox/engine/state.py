"""Everything one sandbox remembers, and its form as plain JSON values."""

import gc
import heapq
from collections.abc import Iterable
from typing import Any

import attrs

from astra.sandbox.engine.records import (
    Account,
    Batch,
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
from astra.sandbox.engine.tables import Table

VERSION = 1
Due = tuple[float, int, str, str]


class State:
    """The tables, the tokens and the schedule of one sandbox."""

    def __init__(self) -> None:
        self.seq = 0
        self.clients: dict[str, Client] = {}
        self.intents: Table[Intent] = Table()
        self.users: Table[User] = Table()
        self.business_profiles: Table[BusinessProfile] = Table()
        self.accounts: Table[Account] = Table()
        self.cards: Table[Card] = Table()
        self.routines: Table[Routine] = Table()
        self.transfers: Table[Transfer] = Table()
        self.instruments: Table[Instrument] = Table()
        self.batches: Table[Batch] = Table()
        self.codes: dict[str, Grant] = {}
        self.access_tokens: dict[str, Grant] = {}
        self.refresh_tokens: dict[str, Grant] = {}
        self.session_tokens: dict[str, Grant] = {}
        self.schedule: list[Due] = []
        self.by_routine: dict[str, list[Transfer]] = {}
        self.intents_by_email: dict[str, int] = {}

    def next_seq(self) -> int:
        """The place in time of a new record."""
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
        heapq.heappush(self.schedule, (moment, self.next_seq(), action, subject))


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
}
GRANTS = ("codes", "access_tokens", "refresh_tokens", "session_tokens")


def rows_of(kind: type[Any], records: Iterable[Any]) -> dict[str, Any]:
    """Records as a header and rows of values."""
    names = [field.name for field in attrs.fields(kind)]
    return {"fields": names, "rows": [[getattr(record, name) for name in names] for record in records]}


def records_of(kind: type[Any], saved: dict[str, Any]) -> Iterable[Any]:
    """Records from a header and rows; fields that this version does not know are left out."""
    known = {field.name for field in attrs.fields(kind)}
    names: list[str] = saved["fields"]
    if all(name in known for name in names) and names == [field.name for field in attrs.fields(kind)]:
        return (kind(*row) for row in saved["rows"])
    return (
        kind(**{name: value for name, value in zip(names, row, strict=True) if name in known}) for row in saved["rows"]
    )


def to_json(state: State) -> dict[str, Any]:
    """The state as JSON values."""
    saved: dict[str, Any] = {"version": VERSION, "seq": state.seq, "schedule": [list(due) for due in state.schedule]}
    saved["clients"] = rows_of(Client, state.clients.values())
    for name, kind in TABLES.items():
        saved[name] = rows_of(kind, getattr(state, name))
    for name in GRANTS:
        held: dict[str, Grant] = getattr(state, name)
        saved[name] = {token: list(attrs.astuple(grant)) for token, grant in held.items()}
    return saved


def store(state: State, table: Table[Any], record: Any) -> None:
    """Adds a loaded record, with the indexes that go with its kind."""
    if isinstance(record, Transfer):
        state.add_transfer(record)
    elif isinstance(record, Intent):
        state.add_intent(record)
    else:
        table.add(record)


def from_json(saved: dict[str, Any]) -> State:
    """A state from JSON values that `to_json` gave.

    Raises:
        ValueError: The values were saved by another version of the sandbox.
    """
    if saved.get("version") != VERSION:
        raise ValueError(f"this is not a sandbox state of version {VERSION}")
    state = State()
    # A hundred thousand live objects made at once: the collector would walk them again and again for nothing.
    collecting = gc.isenabled()
    gc.disable()
    try:
        for client in records_of(Client, saved["clients"]):
            state.clients[client.id] = client
        for name, kind in TABLES.items():
            table: Table[Any] = getattr(state, name)
            for record in records_of(kind, saved[name]):
                store(state, table, record)
                if getattr(record, "removed", False):
                    table.hide(record)
        for name in GRANTS:
            getattr(state, name).update({token: Grant(*row) for token, row in saved[name].items()})
    finally:
        if collecting:
            gc.enable()
    state.seq = saved["seq"]
    state.schedule = [(due[0], due[1], due[2], due[3]) for due in saved["schedule"]]
    return state
