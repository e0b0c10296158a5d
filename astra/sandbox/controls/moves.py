"""What the controls of money check before money moves: amounts, legs, and the days on which a bank may still act."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from astra.errors import InvalidRequestError
from astra.money import Amount, to_amount
from astra.sandbox.engine import ledger
from astra.sandbox.engine.calendar import eastern
from astra.sandbox.engine.card_networks import DISPUTE_DAYS
from astra.sandbox.engine.core import Engine
from astra.sandbox.engine.nacha import last_day
from astra.sandbox.engine.records import Transfer
from astra.sandbox.engine.transfers import card_of

ZEROS = ("0", "0.0", "0.00")


def check_balance(value: Amount, *, argument: str) -> Decimal:
    """Returns an amount of US dollars that may be zero.

    Raises:
        InvalidRequestError: it is a float, below zero, or no amount.
    """
    nothing = value in ZEROS if isinstance(value, str) else type(value) in (int, Decimal) and value == 0
    return Decimal("0.00") if nothing else to_amount(value, argument=argument)


def check_half(engine: Engine, transfer: Transfer, leg: str) -> None:
    """Refuses to fail one leg after the other one was done, where only one is the transfer's own.

    Raises:
        InvalidRequestError: a batch debits the source, money moves inside one ledger, or the source is short.
    """
    routine = engine.state.routines.rows[transfer.routine_id]
    if routine.settlement_mode == "net_debit" or routine.source_id in engine.state.instruments.rows:
        raise InvalidRequestError(
            f"{leg!r} is not a leg that fails by itself here: the transfer debits no account or card of a user. "
            "Leave `leg` out.",
            argument="leg",
        )
    if leg == "push" and ledger.is_short(engine.state, routine, transfer):
        raise InvalidRequestError("The source is short and cannot be debited. Use `set_balance`, or leave `leg` out.")


def check_returnable(engine: Engine, transfer: Transfer, leg: str) -> None:
    """Refuses to return what is no ACH payment.

    Raises:
        InvalidRequestError: the leg is a card's, a batch's, or moves inside one ledger.
    """
    state = engine.state
    routine = state.routines.rows[transfer.routine_id]
    if routine.payment_type == "ledger":
        raise InvalidRequestError("A book transfer is no ACH payment: it cannot be returned.")
    if leg == "pull" and routine.settlement_mode == "net_debit":
        raise InvalidRequestError("A batch debits the source. Use `transfers.return_batch`.", argument="leg")
    if leg == "pull" and routine.source_id in state.instruments.rows:
        raise InvalidRequestError("A payment instrument is not debited by ACH. Return the push.", argument="leg")
    if (routine.source_id if leg == "pull" else routine.destination_id) in state.cards.rows:
        raise InvalidRequestError(
            f"The {leg} goes over a card, which has no ACH returns. Use `transfers.charge_back`.", argument="leg"
        )


def check_return_day(engine: Engine, settled: float, code: str) -> None:
    """Refuses a return after the last day that its code allows.

    Raises:
        InvalidRequestError: it is too late, with the day on which that began.
    """
    end = last_day(eastern(settled).date(), code=code)
    too_late(engine, end, f"A payment that settled on {eastern(settled):%Y-%m-%d} can be returned as {code}")


def check_disputable(engine: Engine, transfer: Transfer) -> str:
    """Returns the network of the card that a chargeback goes through.

    Raises:
        InvalidRequestError: no card is part of the transfer, or it was disputed before.
    """
    card = card_of(engine, transfer)
    if card is None:
        raise InvalidRequestError(
            "No card is part of the transfer, so it cannot be charged back. Use `transfers.return_`."
        )
    if transfer.chargeback is not None:
        raise InvalidRequestError("The transfer has a chargeback already. Use `transfers.update_chargeback`.")
    return card.card_company


def check_dispute_day(engine: Engine, transfer: Transfer) -> None:
    """Refuses a dispute after the days that a cardholder has.

    Raises:
        InvalidRequestError: it is too late, with the day on which that began.
    """
    settled = eastern(transfer.updated).date()
    too_late(engine, settled + timedelta(days=DISPUTE_DAYS), f"A payment of {settled} can be charged back")


def too_late(engine: Engine, end: date | None, what: str) -> None:
    """Refuses what is done after its last day.

    Raises:
        InvalidRequestError: it is.
    """
    today = eastern(engine.now()).date()
    if end is not None and today > end:
        raise InvalidRequestError(f"{what} until {end}, and it is {today}. Give insist=True to do it all the same.")
