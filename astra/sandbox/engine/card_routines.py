"""Routines between accounts and cards, book transfers, and the preview of fees."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import attrs

from astra.sandbox.engine import endpoints, ledger
from astra.sandbox.engine.calendar import pacific_date
from astra.sandbox.engine.core import Answer, Call, Engine
from astra.sandbox.engine.problems import invalid, refused
from astra.sandbox.engine.reader import Reader
from astra.sandbox.engine.records import User
from astra.sandbox.engine.routines import (
    ULTIMATE,
    add,
    correlation_id,
    fee_percent,
    may_start,
    read_classic,
    show_routine,
)
from astra.sandbox.engine.transfers import process
from astra.sandbox.engine.users import capabilities
from astra.sandbox.magic import fates


@attrs.frozen
class Payment:
    """What the bodies of the two card endpoints have in common."""

    name: str
    amount: Decimal
    source_id: str
    destination_id: str
    destination_user_id: str | None
    client_correlation_id: str | None
    fee_percent: Decimal | None


def read_payment(body: Reader, *, correlation_required: bool) -> Payment:
    """Reads the fields that both card endpoints have."""
    source, destination = body.section("source"), body.section("destination")
    payment = Payment(
        name=body.text("name"),
        amount=body.amount("amount"),
        source_id=source.text("id") if source is not None else "",
        destination_id=destination.text("id") if destination is not None else "",
        destination_user_id=destination.maybe_text("user_id", null=True) if destination is not None else None,
        client_correlation_id=correlation_id(body, longest=8, exactly=True, required=correlation_required),
        fee_percent=fee_percent(body),
    )
    for name in ULTIMATE:
        body.maybe_text(name, null=True)
    return payment


def check_payment(engine: Engine, call: Call, payment: Payment) -> tuple[endpoints.Kind, endpoints.Kind]:
    """Returns what source and destination are.

    Raises:
        Problem: one of them is unknown, not usable, or not reachable for this user.
    """
    return endpoints.check(
        engine,
        call.client,
        call.person(),
        source_id=payment.source_id,
        destination_id=payment.destination_id,
        destination_user_id=payment.destination_user_id,
        party=True,
    )


def start_payment(
    engine: Engine, user: User, payment: Payment, *, route: str, start_date: str, settlement_mode: str | None = None
) -> Answer:
    """Makes and starts the routine of a checked payment, and answers with it."""
    routine = add(
        engine,
        user,
        shape="party",
        type="one-time",
        name=payment.name,
        payment_type="debit",
        source_id=payment.source_id,
        destination_id=payment.destination_id,
        destination_user_id=payment.destination_user_id or user.id,
        amount=payment.amount,
        start_date=start_date,
        speed="real-time",
        client_correlation_id=payment.client_correlation_id,
        fee_percent=payment.fee_percent,
        payment_route=route,
        settlement_mode=settlement_mode,
    )
    return Answer(201, show_routine(engine, routine))


def create_account_to_card_routine(engine: Engine, call: Call) -> Answer:
    """Serves `POST /v1/routines/account-to-card`: gross debit, net debit, or the older form with an ACH credit."""
    user = call.person()
    body = Reader(call.body)
    legacy = isinstance(body.values.get("transfer"), dict)
    if body.has("transfer") and not legacy:
        body.complain("transfer", "Invalid input type.")
    mode = body.maybe_text("settlement_mode", choices=("gross_debit", "net_debit"), required=not legacy)
    gross = mode == "gross_debit"
    payment = read_payment(body, correlation_required=gross)
    body.finish()
    may_start(user)
    if gross and not capabilities(user)["account_to_card"]["is_eligible"]:
        raise refused("The user's capabilities do not allow account-to-card with gross debit.")
    source, destination = check_payment(engine, call, payment)
    if source == "card" or destination != "card":
        raise refused("The source must be an account and the destination a card.")
    today = pacific_date(engine.now()).isoformat()
    return start_payment(engine, user, payment, route="account-to-card", start_date=today, settlement_mode=mode)


def create_card_to_account_routine(engine: Engine, call: Call) -> Answer:
    """Serves `POST /v1/routines/card-to-account`: from an external card to an account that the client issued."""
    user = call.person()
    today = pacific_date(engine.now()).isoformat()
    body = Reader(call.body)
    start = body.maybe_date("start_date") or today
    if start != today:
        body.complain(
            "start_date", "Must not be in the future for debit." if start > today else "Must not be in the past."
        )
    payment = read_payment(body, correlation_required=True)
    body.finish()
    may_start(user)
    source, destination = check_payment(engine, call, payment)
    if source != "card" or destination == "card":
        raise refused("The source must be a card and the destination an account.")
    card = engine.state.cards.rows[payment.source_id]
    account = engine.state.accounts.get(payment.destination_id)
    if not card.added_by_user:
        raise invalid({"source": ["The card must be an external card, not one issued by the client."]})
    if account is not None and not account.client_issued:
        raise invalid({"destination": ["The account must be issued by the client."]})
    return start_payment(engine, user, payment, route="card-to-account", start_date=start)


def create_book_routine(engine: Engine, call: Call) -> Answer:
    """Serves `POST /v1/routines/book`: between two payment instruments; a refusal leaves no routine behind."""
    user = call.person()
    body = Reader(call.body)
    name, amount = body.text("name"), body.amount("amount")
    source_id, destination_id = body.text("source_id"), body.text("destination_id")
    body.finish()
    if not user.client_business:
        raise refused("Book transfers need the access token of the client's own business user.")
    held = engine.state.instruments
    source, destination = held.owned_by(call.client.id, source_id), held.owned_by(call.client.id, destination_id)
    wrong = {"source_id": source, "destination_id": destination}
    if source is None or destination is None:
        raise invalid({field: ["Not a payment instrument."] for field, found in wrong.items() if found is None})
    if source is destination:
        raise refused("The source and the destination are the same.")
    fates.check_name(name, rail="book")
    if (ledger.available(engine.state, source_id) or 0) < amount:
        raise refused("The available balance is too low.")
    routine = add(
        engine,
        user,
        shape="classic",
        type="one-time",
        name=name,
        payment_type="ledger",
        source_id=source_id,
        destination_id=destination_id,
        amount=amount,
        start_date=pacific_date(engine.now()).isoformat(),
        speed="real-time",
    )
    if routine.transfer_id is not None:
        process(engine, routine.transfer_id)
    return Answer(201, show_routine(engine, routine) | {"transfer_id": routine.transfer_id})


def preview_routine(engine: Engine, call: Call) -> Answer:
    """Serves `POST /v1/routines/preview`: the fees of a debit; nothing is created."""
    user = call.person()
    body = Reader(call.body)
    values = read_classic(body, today=pacific_date(engine.now()))
    if values["payment_type"] == "ach":
        body.complain("payment_type", "Only debit can be previewed.")
    body.finish()
    endpoints.check(
        engine,
        call.client,
        user,
        source_id=values["source_id"],
        destination_id=values["destination_id"],
        destination_user_id=values["destination_user_id"],
    )
    return Answer(200, fees(engine, values["amount"], values["fee_percent"] or Decimal(0)))


def fees(engine: Engine, amount: Decimal, percent: Decimal) -> dict[str, Any]:
    """Returns what a debit costs; the fee is added on the pull."""
    fee = round(amount * percent / 100, 2)
    return {
        "amount": engine.money(amount),
        "fee_amount": engine.money(fee),
        "total_amount": engine.money(amount + fee),
        "debit_fee_percent": engine.money(percent),
    }
