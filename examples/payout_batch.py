"""Pays a CSV of payouts, each row once, however often it is run, killed, or left without an answer.

    pip install 'astra-finance[sandbox]'
    python examples/payout_batch.py payouts.csv

The CSV has the columns `payout_id,user,source_id,destination_id,amount`; `user` is your own user key. Without
`ASTRA_CLIENT_ID` a local Astra with two users stands in, and without a file it pays an example batch.

How a row is paid once, without an idempotency key: before anything is sent, a line goes into a journal (`payouts.db`)
with the `client_correlation_id` that the payment will carry. A row that is in the journal is never sent again. If its
outcome is not known, it is looked for by that id, in this run and in the next ones; when it cannot be found, a person
has to look, and the exit status says so. A refused row stays refused: give its correction a new `payout_id`. At the
end, `requests.csv` holds the request id of every call, for Astra's support.

Exit status: 0 all is paid, 1 a row was refused or not sent yet, 3 the outcome of a row is not known.
"""

from __future__ import annotations

import argparse
import csv
import os
import sqlite3
import sys
import uuid
from collections import Counter
from decimal import Decimal
from pathlib import Path

import attrs
from local_astra import authorize_users, local_astra

from astra import (
    APIConnectionError,
    APIError,
    Astra,
    AstraError,
    AuthenticationError,
    InvalidRequestError,
    OAuthError,
    RateLimitError,
    ReauthorizationRequired,
    ServiceUnavailableError,
    TokenUnavailableError,
    UncertainOutcomeError,
)

# Once the time is right or the credentials are, the same row goes through.
NOT_THE_ROWS_FAULT = (
    APIConnectionError,
    AuthenticationError,
    OAuthError,
    RateLimitError,
    ReauthorizationRequired,
    ServiceUnavailableError,
    TokenUnavailableError,
)

TABLE = """
    CREATE TABLE IF NOT EXISTS payouts (
        payout_id TEXT PRIMARY KEY, row TEXT NOT NULL, correlation_id TEXT NOT NULL UNIQUE,
        state TEXT NOT NULL, routine_id TEXT, note TEXT
    )
"""


@attrs.frozen
class Payout:
    """One row."""

    payout_id: str
    user: str
    source_id: str
    destination_id: str
    amount: Decimal

    @property
    def row(self) -> str:
        """The row as text, to notice that somebody changed it after it was paid."""
        return f"{self.user},{self.source_id},{self.destination_id},{self.amount}"


class Journal:
    """What was sent, in a SQLite file that survives this process."""

    def __init__(self, path: Path) -> None:
        self.database = sqlite3.connect(path, isolation_level=None)
        self.database.execute("PRAGMA synchronous=FULL")
        self.database.execute(TABLE)

    def claim(self, payout: Payout) -> str | None:
        """Writes the row down before it is sent; None when it is there already, from any run."""
        correlation = uuid.uuid4().hex
        claimed = self.database.execute(
            "INSERT INTO payouts VALUES (?, ?, ?, 'sent', NULL, NULL) ON CONFLICT DO NOTHING",
            (payout.payout_id, payout.row, correlation),
        )
        return correlation if claimed.rowcount else None

    def find(self, payout: Payout) -> tuple[str, str, str] | None:
        """Returns row, correlation id and state of a payout that was claimed; None when the claim was taken back."""
        found: tuple[str, str, str] | None = self.database.execute(
            "SELECT row, correlation_id, state FROM payouts WHERE payout_id = ?", (payout.payout_id,)
        ).fetchone()
        return found

    def settle(self, payout: Payout, state: str, *, routine_id: str | None = None, note: str | None = None) -> str:
        """Writes down how it ended."""
        self.database.execute(
            "UPDATE payouts SET state = ?, routine_id = ?, note = ? WHERE payout_id = ?",
            (state, routine_id, note, payout.payout_id),
        )
        return state

    def release(self, payout: Payout) -> None:
        """Takes a claim back, for a payment that certainly was not made."""
        self.database.execute("DELETE FROM payouts WHERE payout_id = ?", (payout.payout_id,))


def pay(astra: Astra, journal: Journal, payout: Payout) -> str:
    """Pays a row, or finds out what became of it; returns its state: paid, refused, unsent or unknown."""
    correlation = journal.claim(payout)
    if correlation is None:
        return look_again(astra, journal, payout)
    try:
        routine = astra.user(payout.user).routines.create(
            type="one-time",
            name=f"Payout {payout.payout_id}",
            payment_type="ach",
            source_id=payout.source_id,
            destination_id=payout.destination_id,
            amount=payout.amount,
            client_correlation_id=correlation,
            on_uncertain="reconcile",
        )
    except UncertainOutcomeError as error:
        return journal.settle(payout, "unknown", note=str(error))
    except NOT_THE_ROWS_FAULT as error:
        if isinstance(error, APIConnectionError) and error.sent:
            return journal.settle(payout, "unknown", note=str(error))
        # Certainly not made: the next run may try again.
        journal.release(payout)
        print(f"{payout.payout_id}: not sent: {error}", file=sys.stderr)
        return "unsent"
    except (APIError, InvalidRequestError) as error:
        print(f"{payout.payout_id}: refused: {error}", file=sys.stderr)
        return journal.settle(payout, "refused", note=str(error))
    return journal.settle(payout, "paid", routine_id=routine.id)


def look_again(astra: Astra, journal: Journal, payout: Payout) -> str:
    """Looks for a payment of an earlier run by its correlation id. Never sends it."""
    found = journal.find(payout)
    if found is None:
        return "unsent"
    row, correlation, state = found
    if row != payout.row:
        print(f"{payout.payout_id}: the row was changed after it was sent; the first one counts", file=sys.stderr)
        return "changed"
    if state not in ("sent", "unknown"):
        return state
    try:
        for routine in astra.user(payout.user).routines.list(page_size=100, limit=1000):
            if routine.client_correlation_id == correlation:
                return journal.settle(payout, "paid", routine_id=routine.id)
    except AstraError as error:
        print(f"{payout.payout_id}: cannot look for it now: {error}", file=sys.stderr)
    return journal.settle(payout, "unknown", note="sent, and not found")


def read(path: Path) -> list[Payout]:
    """Reads the whole CSV before anything is paid. Amounts never become floats."""
    with path.open(newline="", encoding="utf-8") as file:
        payouts = [
            Payout(row["payout_id"], row["user"], row["source_id"], row["destination_id"], Decimal(row["amount"]))
            for row in csv.DictReader(file)
        ]
    for payout_id, count in Counter(payout.payout_id for payout in payouts).items():
        if count > 1:
            raise SystemExit(f"{path}: payout_id {payout_id} is there {count} times; nothing was paid")
    return payouts


def export_requests(astra: Astra, path: Path) -> int:
    """Writes the request id of every call, oldest first, and returns how many there are."""
    if astra.request_log is None:
        return 0
    astra.request_log.flush()
    records = astra.request_log.query(limit=None)[::-1]
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["time", "request_id", "operation", "status", "error", "user"])
        for record in records:
            writer.writerow(
                [
                    record.time.isoformat(),
                    record.request_id,
                    record.operation,
                    record.status,
                    record.error_name,
                    record.user_key,
                ]
            )
    return len(records)


def write_example(astra: Astra, path: Path) -> None:
    """Writes a batch of three payouts over the users of the local Astra."""
    lines = ["payout_id,user,source_id,destination_id,amount"]
    for number, key, amount in ((1, "customer-1", "12.50"), (2, "customer-2", "7.25"), (3, "customer-2", "1.10")):
        source, destination = astra.user(key).accounts.list(limit=2).to_list()
        lines.append(f"PO{number},{key},{source.id},{destination.id},{amount}")
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def main() -> int:
    """Runs the batch."""
    parser = argparse.ArgumentParser(description="Pays a CSV of payouts, each row once.")
    parser.add_argument("csv", type=Path, nargs="?", default=Path("payouts.csv"))
    parser.add_argument("--journal", type=Path, default=Path("payouts.db"), help="what was sent")
    parser.add_argument("--requests", type=Path, default=Path("requests.csv"), help="request ids of this batch")
    arguments = parser.parse_args()
    with (
        local_astra(state=Path("sandbox.json")) as sandbox,
        Astra.from_env(
            token_store=os.environ.get("ASTRA_TOKEN_STORE", "sqlite:///tokens.db"),
            request_log=os.environ.get("ASTRA_REQUEST_LOG", "sqlite:///requests.db"),
        ) as astra,
    ):
        if sandbox is not None:
            authorize_users(astra, sandbox, ["customer-1", "customer-2"])
            if not arguments.csv.exists():
                write_example(astra, arguments.csv)
        journal = Journal(arguments.journal)
        states: Counter[str] = Counter()
        for payout in read(arguments.csv):
            state = pay(astra, journal, payout)
            states[state] += 1
            print(f"{payout.payout_id} ${payout.amount} {state}")
        journal.database.close()
        calls = export_requests(astra, arguments.requests)
    print(f"{', '.join(f'{count} {state}' for state, count in states.items())}; {calls} calls in {arguments.requests}")
    if states["unknown"] or states["changed"]:
        return 3
    return 1 if states["refused"] or states["unsent"] else 0


if __name__ == "__main__":
    sys.exit(main())
