"""The books: what one account gives another one gets, so that all of them together are zero at every moment.

A bank account or payment instrument keeps its balance in its own record. A `Book` keeps that of all others: the world
outside (opening balances, money received), Astra's clearing, cards, and accounts whose balance Astra does not know.
How holds, returns and chargebacks are booked is assumed: Astra documents that there are balances, not how they move.
"""

from __future__ import annotations

from decimal import Decimal

from astra.sandbox.engine.records import Account, Book, Routine, Transfer
from astra.sandbox.engine.state import State

OUTSIDE, CLEARING = "outside", "clearing"


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


def follow(state: State, routine: Routine, transfer: Transfer, status: str) -> None:
    """Books the new status of a transfer."""
    release(state, routine, transfer)
    source, amount = routine.source_id, transfer.amount
    if status == "processed" and transfer.status == "pending":
        if routine.settlement_mode != "net_debit":
            move(state, source=source, destination=CLEARING, amount=amount)
        move(state, source=CLEARING, destination=routine.destination_id, amount=amount)
    elif status == "failed" and transfer.status == "processed" and not transfer.given_back:
        # A credit comes back from where it went. After a debit the receiver keeps the money, and clearing has the loss.
        pushed = source in state.instruments.rows
        move(state, source=routine.destination_id if pushed else CLEARING, destination=source, amount=amount)


def dispute(state: State, routine: Routine, transfer: Transfer, *, won: bool) -> None:
    """Gives a disputed amount back to the cardholder, or takes it again when the dispute is won."""
    if transfer.status != "processed" or transfer.given_back != won:
        return
    way = (routine.source_id, CLEARING) if won else (CLEARING, routine.source_id)
    move(state, source=way[0], destination=way[1], amount=transfer.amount)
    transfer.given_back = not won
