"""What can be the source or destination of money, and who may send it where."""

from __future__ import annotations

from typing import Literal

from astra.sandbox.engine.core import Engine
from astra.sandbox.engine.problems import invalid, refused
from astra.sandbox.engine.records import Client, User

Kind = Literal["account", "card", "instrument"]
NOT_P2P = "P2P transfer not allowed for this source and destination"
NOT_AUTHORIZED = "The specified user has not authorized this OAuth Client"


def kind_of(engine: Engine, client: Client, user: User, id: str) -> Kind | None:
    """Returns what an id names, as far as this user and client may use it.

    Raises:
        Problem: it names a card that cannot be used.
    """
    if engine.state.accounts.owned_by(user.id, id) is not None:
        return "account"
    if (card := engine.state.cards.owned_by(user.id, id)) is not None:
        if card.removed or card.status != "approved":
            raise refused(f"The card cannot be used: it is {card.status}.")
        return "card"
    if engine.state.instruments.owned_by(client.id, id) is not None:
        return "instrument"
    return None


def receiver(engine: Engine, client: Client, user: User, destination_user_id: str | None, *, party: bool) -> User:
    """Returns the user who gets the money: another one only when the client may move money between people."""
    if destination_user_id in (None, "", user.id):
        return user
    other = engine.state.users.owned_by(client.id, destination_user_id or "")
    if other is None:
        wrong = ["Not a valid user."]
        raise invalid({"destination": {"user_id": wrong}} if party else {"destination_user_id": wrong})
    if not client.p2p and not user.client_business:
        raise refused(NOT_P2P)
    if not other.authorized and other.kyc_type != "receive-only":
        raise refused(NOT_AUTHORIZED)
    return other


def check(
    engine: Engine,
    client: Client,
    user: User,
    *,
    source_id: str,
    destination_id: str,
    destination_user_id: str | None,
    party: bool = False,
) -> tuple[Kind, Kind]:
    """Returns what source and destination are. With `party` they were sent as objects, and errors name them so.

    Raises:
        Problem: one of them is unknown, not usable, or not reachable for this user.
    """
    source_name, destination_name = ("source", "destination") if party else ("source_id", "destination_id")
    to = receiver(engine, client, user, destination_user_id, party=party)
    source = kind_of(engine, client, user, source_id)
    destination = kind_of(engine, client, to, destination_id)
    wrong = {
        name: ["Not found."] for name, kind in ((source_name, source), (destination_name, destination)) if not kind
    }
    if source is None or destination is None:
        raise invalid(wrong)
    pulled, pushed = engine.state.cards.get(source_id), engine.state.cards.get(destination_id)
    if pulled is not None and not pulled.pull_enabled:
        raise invalid({source_name: ["The card is not enabled for pull: money cannot be taken from it."]})
    if pushed is not None and not pushed.push_enabled:
        raise invalid({destination_name: ["The card is not enabled for push: money cannot be sent to it."]})
    return source, destination
