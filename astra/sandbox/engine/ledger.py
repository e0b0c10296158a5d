"""The books: what one account gives another one gets, so that all of them together are zero at every moment.

A bank account or payment instrument keeps its balance in its own record. A `Book` keeps that of all others: the world
outside (opening balances, money received), Astra's clearing, cards, and accounts whose balance Astra does not know.
How holds, returns and chargebacks are booked is assumed: Astra documents that there are balances, not how they move.
No bank account and no payment instrument goes below zero; a `Book` can.
"""

from __future__ import annotations

from decimal import Decimal

from astra.sandbox.engine.records import Account, Book, Instrument, Routine, Transfer
from astra.sandbox.engine.state import State
from astra.sandbox.engine.tables import by_seq

OUTSIDE, CLEARING, FEES = "outside", "clearing", "fees"


def balance(state: State, id: str) -> Decimal | None:
    """Returns what an account or payment instrument has; None when Astra does not know it."""
    instrument = state.instruments.get(id)
    if instrument is not None:
        return instrument.balance
    account = state.accounts.get(id)
    return None if account is None else account.current_balance


def available(state: State, id: str) -> Decimal | None:
    """Returns what can be spent: without what pending transfers hold."""
    account = state.accounts.get(id)
    found = balance(state, id) if account is None else account.available_balance
    return None if found is None else found - state.held.get(id, Decimal(0))


def move(state: State, *, source: str, destination: str, amount: Decimal) -> None:
    """Books an amount from one account to another."""
    put(state, source, -amount)
    put(state, destination, amount)


def put(state: State, id: str, amount: Decimal) -> None:
    """Changes one balance; only `move` and the opening of an account keep the books even."""
    instrument, account = state.instruments.get(id), state.accounts.get(id)
    if instrument is not None:
        instrument.balance += amount
    elif account is not None and account.current_balance is not None:
        account.current_balance += amount
        if account.available_balance is not None:
            account.available_balance += amount
    else:
        book = state.books.get(id)
        if book is None:
            book = state.books.add(Book(id=id, seq=state.next_seq()))
        book.balance += amount


def opened(state: State, amount: Decimal | None) -> None:
    """Books the opening balance of a new account as money from outside."""
    put(state, OUTSIDE, -(amount or Decimal(0)))


def closed(state: State, account: Account) -> None:
    """Books what a forgotten account still has as gone outside."""
    put(state, OUTSIDE, account.current_balance or Decimal(0))


def total(state: State) -> Decimal:
    """Returns the sum of all balances, which is zero."""
    known = sum((account.current_balance or Decimal(0) for account in state.accounts), Decimal(0))
    known += sum((instrument.balance for instrument in state.instruments), Decimal(0))
    return known + sum((book.balance for book in state.books), Decimal(0))


def set_balance(state: State, record: Account | Instrument, *, current: Decimal, available: Decimal) -> None:
    """Sets what an account has; the difference comes from outside, or goes there."""
    before = balance(state, record.id) or Decimal(0)
    put(state, OUTSIDE, before - current)
    if isinstance(record, Instrument):
        record.balance = current
    else:
        record.current_balance, record.available_balance = current, available
    let_go(state, record.id)


def let_go(state: State, id: str) -> None:
    """Ends the newest holds that an account cannot cover any more: their transfers will be short."""
    free = available(state, id)
    if free is None or free >= 0:
        return
    for transfer in sorted((held for held in state.transfers if held.held), key=by_seq, reverse=True):
        routine = state.routines.rows[transfer.routine_id]
        if free < 0 and routine.source_id == id:
            release(state, routine, transfer)
            free += transfer.amount


def take(state: State, *, source: str, destination: str, amount: Decimal) -> None:
    """Takes money back. What an account has not got any more its bank pays, from outside."""
    account, there = state.accounts.get(source), balance(state, source)
    if account is not None and there is not None and account.available_balance is not None:
        there = min(there, account.available_balance)
    lacking = Decimal(0) if there is None else max(amount - max(there, Decimal(0)), Decimal(0))
    move(state, source=source, destination=destination, amount=amount - lacking)
    move(state, source=OUTSIDE, destination=destination, amount=lacking)
    let_go(state, source)


def hold(state: State, routine: Routine, transfer: Transfer) -> None:
    """Holds what a new transfer will take; one that the source cannot cover, or a batch will pay, holds nothing."""
    free = available(state, routine.source_id)
    if routine.settlement_mode == "net_debit" or free is None or free < transfer.amount:
        return
    transfer.held = True
    state.held[routine.source_id] = state.held.get(routine.source_id, Decimal(0)) + transfer.amount


def release(state: State, routine: Routine, transfer: Transfer) -> None:
    """Lets go what a transfer held."""
    if transfer.held:
        transfer.held = False
        state.held[routine.source_id] -= transfer.amount


def is_short(state: State, routine: Routine, transfer: Transfer) -> bool:
    """Tells whether the source cannot pay a pending transfer; what other transfers hold is not there to be spent."""
    free = available(state, routine.source_id)
    if routine.settlement_mode == "net_debit" or free is None:
        return False
    return free + (transfer.amount if transfer.held else 0) < transfer.amount


def amounts(routine: Routine, transfer: Transfer) -> tuple[Decimal, Decimal]:
    """Returns what is pulled and what is pushed: a push to a card pays the fee, and so does a pull from one."""
    fee = round(transfer.amount * (routine.fee_percent or 0) / 100, 2)
    if routine.payment_route == "account-to-card":
        return transfer.amount, transfer.amount - fee
    return transfer.amount + fee, transfer.amount


def pull(state: State, routine: Routine, transfer: Transfer) -> None:
    """Debits the source, unless a batch does."""
    if routine.settlement_mode != "net_debit":
        move(state, source=routine.source_id, destination=CLEARING, amount=amounts(routine, transfer)[0])


def push(state: State, routine: Routine, transfer: Transfer) -> None:
    """Credits the destination, and takes the fee."""
    pulled, pushed = amounts(routine, transfer)
    move(state, source=CLEARING, destination=routine.destination_id, amount=pushed)
    move(state, source=CLEARING, destination=FEES, amount=pulled - pushed)


def refund(state: State, routine: Routine, transfer: Transfer) -> None:
    """Gives the source its money back, once."""
    if not transfer.given_back:
        transfer.given_back = True
        move(state, source=CLEARING, destination=routine.source_id, amount=amounts(routine, transfer)[0])


def recall(state: State, routine: Routine, transfer: Transfer) -> None:
    """Takes a credit that was returned from where it went, with its fee."""
    pulled, pushed = amounts(routine, transfer)
    take(state, source=routine.destination_id, destination=CLEARING, amount=pushed)
    move(state, source=FEES, destination=CLEARING, amount=pulled - pushed)


def dispute(state: State, routine: Routine, transfer: Transfer, *, won: bool) -> None:
    """Gives a disputed amount back to the cardholder, or takes it again when the dispute is won."""
    if transfer.status != "processed" or transfer.given_back != won:
        return
    if won:
        take(state, source=routine.source_id, destination=CLEARING, amount=transfer.amount)
    else:
        move(state, source=CLEARING, destination=routine.source_id, amount=transfer.amount)
    transfer.given_back = not won
