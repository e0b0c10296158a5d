"""Events about nothing that happened: one of any type, to see what a receiver makes of it.

Each type says how sure its payload is, in the marks of the spec. What Astra's documents do not show is assumed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any, Final, TypeVar

import attrs

from astra.sandbox.engine.core import Engine, Event
from astra.sandbox.engine.tables import Record

CHARGEBACK: Final = "C999999V1234567890"
"""As in the example of Astra's documents."""

R = TypeVar("R", bound=Record)


@attrs.frozen(kw_only=True)
class Kind:
    """What is known of a type of event.

    Attributes:
        about: what its `resource_id` is the id of.
        evidence: how sure its payload is: documented, documented-old, observed, inferred or assumed.
        note: what is not from Astra's documents, or "".
    """

    about: str
    evidence: str = "documented"
    note: str = ""


_BATCH: Final = Kind(about="batch transfer", evidence="assumed", note="user_id is that of the first payer")
_LEGACY: Final = Kind(about="account", evidence="documented-old", note="legacy: Astra's present pages do not name it")
KINDS: Final[Mapping[str, Kind]] = {
    "user_intent_updated": Kind(about="user intent"),
    "user_updated": Kind(about="user"),
    "routine_updated": Kind(about="routine"),
    "transfer_created": Kind(about="transfer"),
    "transfer_updated": Kind(about="transfer"),
    "batch_transfer_created": _BATCH,
    "batch_transfer_updated": _BATCH,
    "chargeback_created": Kind(about="chargeback"),
    "chargeback_updated": Kind(about="chargeback"),
    "card_created": Kind(about="card", evidence="inferred", note="documented as in development, without a payload"),
    "card_updated": Kind(about="card"),
    "inbound_payment_received": Kind(about="payment instrument"),
    "transactions_initial_update": _LEGACY,
    "transactions_historical_update": _LEGACY,
    "transactions_default_update": _LEGACY,
    "transactions_removed": Kind(about="account", evidence="observed", note="legacy: seen in one integration"),
}
"""Every type of event that the spec knows."""


def make_up(
    engine: Engine, type: str, *, client_id: str, user_id: str | None, resource_id: str | None, send: bool
) -> Event:
    """Makes an event up; the caller holds the lock of the engine.

    It is about the newest object of its kind, so that reading it again finds something; or, where there is none, about
    a made-up id.

    Args:
        engine: whose event.
        type: one of `KINDS`.
        client_id: the client that is told.
        user_id: whom it names, or None for the owner of what it is about.
        resource_id: what it is about, or None.
        send: announce it, or only make it.
    """
    owner, resource, extra = _about(engine, KINDS[type].about, client_id)
    if type == "transactions_removed":
        extra = {"removed_transactions": [engine.ids.hex("made up")]}
    named = user_id or owner
    about = resource_id or resource
    if send:
        return engine.emit(type, client_id=client_id, user_id=named, resource_id=about, **extra)
    return engine.event_of(type, client_id=client_id, user_id=named, resource_id=about, **extra)


def _about(engine: Engine, kind: str, client_id: str) -> tuple[str | None, str, dict[str, Any]]:
    """Returns user, object and what else an event of a kind says."""
    state, new = engine.state, engine.ids.hex("made up")
    user = _newest(one for one in reversed(state.users.rows.values()) if one.owner == client_id)
    person = new if user is None else user.id

    def theirs(rows: Mapping[str, R]) -> R | None:
        return _newest(one for one in reversed([*rows.values()]) if _is_of(engine, one.owner, client_id))

    match kind:
        case "user":
            return person, person, {}
        case "user intent":
            intent = _newest(one for one in reversed(state.intents.rows.values()) if one.owner == client_id)
            return (new, new, {}) if intent is None else (intent.id, intent.id, {})
        case "batch transfer":
            batch = _newest(one for one in reversed(state.batches.rows.values()) if one.owner == client_id)
            return (person, new, {}) if batch is None else (batch.user_id, batch.id, {})
        case "payment instrument":
            owned = state.instruments.of(client_id)
            metadata = {"amount": Decimal("1234.56"), "type": "Ach"}
            return None, owned[-1].id if owned else new, {"metadata": metadata}
        case "chargeback":
            found = [one for one in state.transfers.rows.values() if _is_of(engine, one.owner, client_id)]
            transfer = _newest(one for one in reversed(found) if one.chargeback) or _newest(reversed(found))
            if transfer is None:
                return person, CHARGEBACK, {"resource_parent_id": new}
            id = str((transfer.chargeback or {}).get("cb_id", CHARGEBACK))
            return transfer.owner, id, {"resource_parent_id": transfer.id}
        case _:
            tables: dict[str, Mapping[str, Record]] = {
                "routine": state.routines.rows,
                "transfer": state.transfers.rows,
                "card": state.cards.rows,
                "account": state.accounts.rows,
            }
            record = theirs(tables[kind])
            return (person, new, {}) if record is None else (record.owner, record.id, {})


def _newest(records: Iterable[R]) -> R | None:
    return next(iter(records), None)


def _is_of(engine: Engine, user_id: str, client_id: str) -> bool:
    user = engine.state.users.rows.get(user_id)
    return user is not None and user.owner == client_id
