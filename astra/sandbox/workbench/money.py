"""Where the money is: transfers by status, balances, and the ledger that adds up. Pure, over snapshots."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Final

import attrs

from astra.sandbox.engine import ledger
from astra.sandbox.engine.records import Transfer
from astra.sandbox.engine.state import State
from astra.sandbox.magic.table import RETURN_CODES
from astra.sandbox.workbench.lists import Part, newest

LANES: Final = ("pending", "processed", "failed", "returned", "charged back", "cancelled")
LEVELS: Final = {"processed": "good", "failed": "bad", "returned": "bad", "charged back": "bad", "pending": "live"}
STATUSES: Final = {"returned": "failed", "charged back": "processed"}
"""The status of the transfers in a column that is not named after it."""

ON_BOARD: Final = 5


@attrs.frozen(kw_only=True)
class Lane:
    """One column of the board.

    Attributes:
        name: what the transfers in it have in common.
        level: its colour.
        count: how many there are.
        total: what they move together, in US dollars.
        latest: the newest of them.
    """

    name: str
    level: str
    count: int
    total: Decimal
    latest: list[Transfer]


def lane_of(transfer: Transfer) -> str:
    """Returns the column of a transfer.

    Args:
        transfer: the transfer.
    """
    if transfer.chargeback is not None and transfer.status == "processed":
        return "charged back"
    if transfer.status == "failed" and "processed" in (transfer.pull, transfer.push):
        return "returned"
    return transfer.status if transfer.status in LANES else "failed"


def level_of(transfer: Transfer) -> str:
    """Returns the colour of a transfer.

    Args:
        transfer: the transfer.
    """
    return LEVELS.get(lane_of(transfer), "")


def board(transfers: Sequence[Transfer]) -> list[Lane]:
    """Returns the board.

    Args:
        transfers: all that there are, oldest first.
    """
    held: dict[str, list[Transfer]] = {name: [] for name in LANES}
    for transfer in transfers:
        status = transfer.status
        # Nearly all are in the column of their status: to ask for each would take longer than all the rest.
        held[lane_of(transfer) if status == "failed" or transfer.chargeback is not None else status].append(transfer)
    return [
        Lane(
            name=name,
            level=LEVELS.get(name, ""),
            count=len(column),
            total=sum([transfer.amount for transfer in column], Decimal(0)),
            latest=column[-1 : -ON_BOARD - 1 : -1],
        )
        for name, column in held.items()
    ]


def lane(transfers: Sequence[Transfer], name: str, *, after: str | None) -> Part[Transfer]:
    """Returns a page of one column, or of all transfers when the name is empty.

    Args:
        transfers: all that there are, oldest first.
        name: of the column.
        after: where the page begins.
    """
    if name:
        status = STATUSES.get(name, name)
        transfers = [transfer for transfer in transfers if transfer.status == status and lane_of(transfer) == name]
    return newest(transfers, place_of=lambda transfer: transfer.seq, after=after)


@attrs.frozen(kw_only=True)
class Entry:
    """One line of the ledger.

    Attributes:
        name: whose money.
        balance: US dollars.
        count: of how many accounts, where there may be several.
    """

    name: str
    balance: Decimal
    count: int | None = None


BOOKS: Final = {
    ledger.OUTSIDE: "The world outside",
    ledger.CLEARING: "Astra's clearing: taken and not yet paid out",
    ledger.FEES: "Fees",
}


def entries(state: State) -> list[Entry]:
    """Returns the lines of the ledger, which add up to zero; the caller holds the lock of the engine.

    Args:
        state: of the sandbox.
    """
    known = [account.current_balance or Decimal(0) for account in state.accounts]
    instruments = [held.balance for held in state.instruments]
    books = [book for book in state.books if book.id not in BOOKS]
    lines = [
        Entry(name="Bank accounts of users", balance=sum(known, Decimal(0)), count=len(known)),
        Entry(name="Payment instruments of the client", balance=sum(instruments, Decimal(0)), count=len(instruments)),
        Entry(
            name="Cards, and accounts whose balance Astra does not know",
            balance=sum((book.balance for book in books), Decimal(0)),
            count=len(books),
        ),
    ]
    for id, name in BOOKS.items():
        book = state.books.get(id)
        lines.append(Entry(name=name, balance=Decimal(0) if book is None else book.balance))
    return lines


def dollars(amount: Decimal | None) -> str:
    """Returns an amount for people.

    Args:
        amount: US dollars; None is not known.
    """
    if amount is None:
        return "not known"
    return f"{'-' if amount < 0 else ''}${abs(amount):,.2f}"


def in_field(amount: Decimal | None) -> str:
    """Returns an amount as it stands in a field of a form.

    Args:
        amount: US dollars; None is not known.
    """
    return f"{amount or Decimal(0):.2f}"


def reason(text: str) -> str:
    """Returns why a transfer failed, with the meaning of a return code.

    Args:
        text: of the transfer.
    """
    meaning = RETURN_CODES.get(text)
    return f"{text}: {meaning}" if meaning else text


def added(lines: Iterable[Entry]) -> Decimal:
    """Returns the sum of a ledger.

    Args:
        lines: of the ledger.
    """
    return sum((line.balance for line in lines), Decimal(0))
