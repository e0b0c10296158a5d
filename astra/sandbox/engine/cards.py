"""Debit cards of a user, and BIN information."""

from __future__ import annotations

import re
from typing import Any

from astra.sandbox.engine.calendar import pacific_date
from astra.sandbox.engine.core import Answer, Call, Engine
from astra.sandbox.engine.options import SANDBOX_BINS
from astra.sandbox.engine.paging import page
from astra.sandbox.engine.problems import invalid, missing, refused
from astra.sandbox.engine.reader import Reader
from astra.sandbox.engine.records import Card, User
from astra.sandbox.magic.table import rows

OPEN_ROUTINES = ("active", "requires_user_verification", "pending_account_authorization")
ADDRESS = ("street_line_1", "street_line_2", "city", "state", "zip_code")


def show_card(engine: Engine, card: Card) -> dict[str, Any]:
    """Returns a card as Astra sends it; only an approved card can be used."""
    usable = card.status == "approved" and not card.removed
    return {
        "id": card.id,
        "address_verified": card.address_verified,
        "card_company": card.card_company,
        "card_type": card.card_type,
        "first_six_digits": card.number_start,
        "last_four_digits": card.number_end,
        "expiration_date": spelled_expiry(engine, card.expiration_date),
        "first_name": card.first_name,
        "last_name": card.last_name,
        **{name: card.address.get(name) for name in ADDRESS},
        "pull_enabled": usable and card.pull_enabled,
        "push_enabled": usable and card.push_enabled,
        "removed": card.removed,
        "review_status": card.status,
        "review_reasons": list(card.reasons),
        "status": card.status,
        "created": engine.stamp(card.created),
    }


def spelled_expiry(engine: Engine, expires: str) -> str:
    """Returns the month that a card expires in, which is kept as MM/YY, as this sandbox spells it."""
    return expires if engine.quirks.card_expiry == "MM/YY" else f"20{expires[3:]}/{expires[:2]}"


def read_expiry(engine: Engine, body: Reader) -> str:
    """Reads the month that a card expires in, in the spelling of this sandbox; returns it as MM/YY."""
    spelling = engine.quirks.card_expiry
    pattern = r"(0[1-9]|1[0-2])/\d{2}" if spelling == "MM/YY" else r"20\d{2}/(0[1-9]|1[0-2])"
    text = body.text("expiration_date", pattern=pattern, message=f"Must be {spelling}.")
    return text if spelling == "MM/YY" else f"{text[5:]}/{text[2:4]}"


def list_cards(engine: Engine, call: Call) -> Answer:
    """Serves `GET /v1/cards`."""
    records = engine.state.cards.of(call.person().id)
    return page(engine, call.query, plural="cards", records=records, show=show_card)


def owned_card(engine: Engine, call: Call) -> Card:
    """Returns the card that the path names, when it is the user's."""
    card = engine.state.cards.owned_by(call.person().id, call.path["id"])
    if card is None:
        raise missing()
    return card


def get_card(engine: Engine, call: Call) -> Answer:
    """Serves `GET /v1/cards/{id}`."""
    return Answer(200, show_card(engine, owned_card(engine, call)))


def delete_card(engine: Engine, call: Call) -> Answer:
    """Serves `DELETE /v1/cards/{id}`: only a card that this client added, and only when nothing is using it."""
    card = owned_card(engine, call)
    if card.removed:
        raise missing()
    if not card.added_by_client:
        raise refused("Only cards added by this client can be deleted.")
    user = call.person()
    for routine in engine.state.routines.of(user.id):
        if card.id in (routine.source_id, routine.destination_id):
            if routine.status in OPEN_ROUTINES:
                raise refused("The card has active routines.")
            if any(transfer.status == "pending" for transfer in engine.state.by_routine.get(routine.id, ())):
                raise refused("The card has pending transfers.")
    card.removed = True
    engine.state.cards.hide(card)
    set_card_status(engine, card, "removed")
    return engine.done()


def create_card(engine: Engine, call: Call) -> Answer:
    """Serves `POST /v1/cards`, on the secure host."""
    user = call.person()
    body = Reader(call.body)
    number = body.text("card_number", pattern=r"\d{12,19}", message="Not a valid card number.")
    body.text("card_security_code", pattern=r"\d{3,4}", message="Must be three or four digits.")
    expires = read_expiry(engine, body)
    first, last = body.text("first_name"), body.text("last_name")
    address: dict[str, str | None] = {
        "street_line_1": body.text("street_line_1"),
        "street_line_2": body.maybe_text("street_line_2", null=True, blank=True),
        "city": body.text("city"),
        "state": body.text("state", pattern=r"[A-Za-z]{2}", message="Must be a two-letter state."),
        "zip_code": body.text("zip_code", pattern=r"\d{5}", message="Must be five digits."),
    }
    external = body.flag("added_by_user")
    body.finish()
    today = pacific_date(engine.now())
    if (2000 + int(expires[3:]), int(expires[:2])) < (today.year, today.month):
        raise invalid({"expiration_date": ["The card has expired."]})
    if not external and number[:6] not in call.client.bins:
        raise refused("The card's BIN does not match a BIN registered for this client.")
    card = add_card(
        engine, user, number=number, expires=expires, first=first, last=last, address=address, external=external
    )
    return Answer(201, show_card(engine, card))


def add_card(
    engine: Engine,
    user: User,
    *,
    number: str,
    expires: str,
    first: str,
    last: str,
    address: dict[str, str | None],
    external: bool,
    by_client: bool = True,
) -> Card:
    """Stores a reviewed card: name and zip are compared with the user's; a card that fails both is flagged."""
    same_name = plain(first + last) == plain(f"{user.profile.get('first_name')}{user.profile.get('last_name')}")
    same_zip = user.profile.get("postal_code") in (None, address["zip_code"])
    reviewed = next((row for row in rows("card_number") if row.then == "review" and row.value == number), None)
    one_way = next((row.result for row in rows("card_number") if row.then == "one_way" and row.value == number), None)
    card = Card(
        id=engine.ids.uuid("card"),
        owner=user.id,
        seq=engine.state.next_seq(),
        created=engine.now(),
        number_start=number[:6],
        number_end=number[-4:],
        expiration_date=expires,
        first_name=first,
        last_name=last,
        address=address,
        card_company=company(number),
        status=reviewed.result if reviewed else "approved" if same_name or same_zip else "flagged",
        reasons=["C1010" if same_name else "C1011", "C1020" if same_zip else "C1021", "C2000"],
        added_by_user=external,
        added_by_client=by_client,
        pull_enabled=one_way != "push only",
        push_enabled=one_way != "pull only",
    )
    engine.state.cards.add(card)
    engine.emit("card_created", client_id=user.owner, user_id=user.id, resource_id=card.id)
    return card


def plain(name: str) -> str:
    """Returns a name reduced to what a fuzzy comparison looks at."""
    return re.sub(r"[^a-z]", "", name.casefold())


def company(number: str) -> str:
    """Returns the network of a card number."""
    return {"4": "Visa", "5": "Mastercard", "2": "Mastercard"}.get(number[:1], "Discover")


def set_card_status(engine: Engine, card: Card, status: str) -> None:
    """Gives a card a status and announces it."""
    card.status = status
    client_id = engine.state.users.rows[card.owner].owner
    engine.emit("card_updated", client_id=client_id, user_id=card.owner, resource_id=card.id)


def get_card_auth_details(engine: Engine, call: Call) -> Answer:
    """Serves `GET /v1/cards/{id}/auth_details`: smart card authorization."""
    card = owned_card(engine, call)
    low = card.status == "approved" and not {"C1011", "C1021"} & set(card.reasons)
    approve = card.status == "approved"
    details = {
        "card_id": card.id,
        "risk_level": "low" if low else "medium" if approve else "high",
        "recommendation": "approve" if approve else "decline",
    }
    return Answer(200, details)


def get_bin(_: Engine, call: Call) -> Answer:
    """Serves `GET /v1/bins/{bin}`: the documented sandbox BINs answer, any other is not found."""
    bin = call.path["bin"]
    if bin not in SANDBOX_BINS:
        raise missing()
    brand = company(bin)
    return Answer(
        200,
        {
            "bin": bin,
            "card_brand": brand,
            "card_type": "Debit",
            "interchange_category": "Regulated" if int(bin) % 2 else "Unregulated",
            "issuer_name": f"Sandbox Bank {bin[-2:]}",
            "settlement_network": brand,
        },
    )
