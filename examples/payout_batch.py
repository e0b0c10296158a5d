"""Pays a CSV of payouts, each row once, however often it is run, killed, or left without an answer.

    pip install 'astra-finance[sandbox]'
    python examples/payout_batch.py payouts.csv

The CSV has the columns `payout_id,user,source_id,destination_id,amount`; `user` is your own user key. Without
`ASTRA_CLIENT_ID` a local Astra with two users stands in, and without a file it pays an example batch.

How a row is paid once, without an idempotency key: before anything is sent, a line goes into a journal (`payouts.db`)
with the time and the `client_correlation_id` that the payment will carry. A row that is in the journal is never sent
again. If its outcome is not known, the SDK looks for it, in this run and in the next ones; when it cannot be found, a
person has to look, and the exit status says so. A refused row stays refused: give its correction a new `payout_id`. At
the end, `requests.csv` holds the request id of every call, for Astra's support.

Exit status: 0 all is paid, 1 a row was refused or not sent yet, 3 the outcome of a row is not known.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import sqlite3
import sys
import uuid
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

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
    StorageError,
    TokenUnavailableError,
    UncertainOutcomeError,
)

# None of these leaves a payment in doubt. Once the time is right or the credentials are, the same row goes through.
NOT_THE_ROWS_FAULT = (
    APIConnectionError,
    AuthenticationError,
    OAuthError,
    RateLimitError,
    ReauthorizationRequired,
    StorageError,
    TokenUnavailableError,
)

TABLE = """
    CREATE TABLE IF NOT EXISTS payouts (
        payout_id TEXT PRIMARY KEY, user TEXT NOT NULL, payment TEXT NOT NULL, sent_at TEXT NOT NULL,
        state TEXT NOT NULL, routine_id TEXT, note TEXT
    )
"""


@attrs.frozen
class Payout:
    """One row. The amount stays the text that it is in the CSV, so it never becomes a float."""

    payout_id: str
    user: str
    payment: dict[str, Any]


class Journal:
    """What was sent, in a SQLite file that survives this process."""

    def __init__(self, path: Path) -> None:
        self.database = sqlite3.connect(path, isolation_level=None)
        self.database.execute("PRAGMA synchronous=FULL")
        self.database.execute(TABLE)

    def claim(self, payout: Payout) -> dict[str, Any] | None:
        """Writes down what is about to be sent, and returns it; None when the row is there already, from any run."""
        payment = {**payout.payment, "client_correlation_id": uuid.uuid4().hex}
        claimed = self.database.execute(
            "INSERT INTO payouts VALUES (?, ?, ?, ?, 'sent', NULL, NULL) ON CONFLICT DO NOTHING",
            (payout.payout_id, payout.user, json.dumps(payment), datetime.now(UTC).isoformat()),
        )
        return payment if claimed.rowcount else None

    def find(self, payout: Payout) -> tuple[str, str, str, str] | None:
        """Returns user, payment, time and state of a payout; None when the claim was taken back."""
        found: tuple[str, str, str, str] | None = self.database.execute(
            "SELECT user, payment, sent_at, state FROM payouts WHERE payout_id = ?", (payout.payout_id,)
        ).fetchone()
        return found

    def settle(self, payout: Payout, state: str, *, routine_id: str | None = None, note: str | None = None) -> str:
        """Writes down how it ended, unless another run has found it paid meanwhile."""
        self.database.execute(
            "UPDATE payouts SET state = ?, routine_id = ?, note = ? WHERE payout_id = ? AND state <> 'paid'",
            (state, routine_id, note, payout.payout_id),
        )
        return state

    def release(self, payout: Payout) -> None:
        """Takes a claim back, for a payment that certainly was not made."""
        self.database.execute("DELETE FROM payouts WHERE payout_id = ?", (payout.payout_id,))


def pay(astra: Astra, journal: Journal, payout: Payout) -> str:
    """Pays a row, or finds out what became of it; returns its state: paid, refused, unsent or unknown."""
    payment = journal.claim(payout)
    if payment is None:
        return look_again(astra, journal, payout)
    try:
        routine = astra.user(payout.user).routines.create(**payment, on_uncertain="reconcile")
    except UncertainOutcomeError as error:
        return journal.settle(payout, "unknown", note=str(error))
    except NOT_THE_ROWS_FAULT as error:
        journal.release(payout)  # the next run tries again
        print(f"{payout.payout_id}: not sent: {error}", file=sys.stderr)
        return "unsent"
    except (APIError, InvalidRequestError) as error:
        print(f"{payout.payout_id}: refused: {error}", file=sys.stderr)
        return journal.settle(payout, "refused", note=str(error))
    return journal.settle(payout, "paid", routine_id=routine.id)


def look_again(astra: Astra, journal: Journal, payout: Payout) -> str:
    """Looks for a payment of an earlier run, by what was written down of it. Never sends it."""
    found = journal.find(payout)
    if found is None:
        return "unsent"
    user, payment, sent_at, state = found
    sent = json.loads(payment)
    if (user, sent) != (payout.user, {**payout.payment, "client_correlation_id": sent["client_correlation_id"]}):
        print(f"{payout.payout_id}: the row was changed after it was sent; the first one counts", file=sys.stderr)
        return "changed"
    if state not in ("sent", "unknown"):
        return state
    lost = UncertainOutcomeError("", sent_at=datetime.fromisoformat(sent_at), match_fields=sent)
    try:
        routine = astra.user(user).routines.reconcile(lost)
    except AstraError as error:
        return journal.settle(payout, "unknown", note=str(error))
    if routine is None:
        return journal.settle(payout, "unknown", note="sent, and not found")
    return journal.settle(payout, "paid", routine_id=routine.id)


def read(path: Path) -> list[Payout]:
    """Reads the whole CSV before anything is paid."""
    payouts = []
    with path.open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            payment = {name: row[name] for name in ("source_id", "destination_id", "amount")}
            payment |= {"type": "one-time", "name": f"Payout {row['payout_id']}", "payment_type": "ach"}
            payouts.append(Payout(row["payout_id"], row["user"], payment))
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
    names = ("time", "request_id", "operation", "status", "error_name", "user_key", "client_correlation_id")
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(names)
        writer.writerows([getattr(record, name) for name in names] for record in records)
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
            print(f"{payout.payout_id} ${payout.payment['amount']} {state}")
        journal.database.close()
        calls = export_requests(astra, arguments.requests)
    print(f"{', '.join(f'{count} {state}' for state, count in states.items())}; {calls} calls in {arguments.requests}")
    if states["unknown"] or states["changed"]:
        return 3
    return 1 if states["refused"] or states["unsent"] else 0


if __name__ == "__main__":
    sys.exit(main())
