"""Pays a CSV of payouts, each row once, however often it is run, killed, or left without an answer.

    pip install 'astra-finance[sandbox,cli]'
    python examples/payout_batch.py payouts.csv

The CSV has the columns `payout_id,user,source_id,destination_id,amount`; `user` is your own user key. Without
`ASTRA_CLIENT_ID` a local Astra with two users stands in, and without a file it pays an example batch.

The `payout_id` of a row is its idempotency key, kept in `payments.db`: run the batch again and it pays only what is not
paid yet. Correct a refused row in the CSV and run it again. A row that ends as uncertain was looked for and not found;
it is never sent again by itself, see the guide "Pay once". `report.csv` has the outcome of each row.

Exit status: 0 all is paid, 1 a row was refused, not sent or is still being sent, 3 a person has to look at a row.
"""

from __future__ import annotations

import argparse
import csv
import os
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import attrs
from local_astra import authorize_users, local_astra
from rich.console import Console
from rich.progress import track

from astra import Astra, AstraError, IdempotencyConflictError, InvalidRequestError


@attrs.frozen
class Payout:
    """One row. The amount stays the text that it is in the CSV, so it never becomes a float."""

    payout_id: str
    user: str
    payment: dict[str, Any]


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


def pay(astra: Astra, payout: Payout) -> tuple[str, str]:
    """Pays a row, unless it is paid; returns its state and what went wrong."""
    try:
        astra.user(payout.user).routines.create(
            **payout.payment, idempotency_key=payout.payout_id, on_uncertain="reconcile"
        )
    except IdempotencyConflictError as error:  # what the key has paid is not what the row says now
        return "changed", str(error)
    except InvalidRequestError as error:
        return "refused", str(error)
    except AstraError as error:
        record = astra.payments.get(payout.payout_id)
        return record.state if record else "not_sent", str(error)
    return "made", ""


def report(
    astra: Astra, payouts: Sequence[Payout], path: Path, outcomes: Mapping[str, tuple[str, str]]
) -> Counter[str]:
    """Writes one line per row, from the records of the payments, and counts the states."""
    states: Counter[str] = Counter()
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["payout_id", "amount", "state", "problem", "routine_id", "correlation_id", "request_ids"])
        for payout in payouts:
            record = astra.payments.get(payout.payout_id)
            known = (record.state, record.error or "") if record else ("waiting", "")
            state, problem = outcomes.get(payout.payout_id, known)
            states[state] += 1
            line = [payout.payout_id, payout.payment["amount"], state, problem]
            if record:
                line += [record.resource_id, record.client_correlation_id, " ".join(record.request_ids)]
            writer.writerow(line)
    return states


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
    parser.add_argument("--report", type=Path, default=Path("report.csv"), help="the outcome of each row")
    arguments = parser.parse_args()
    with (
        local_astra(state=Path("sandbox.db")) as sandbox,
        Astra.from_env(
            token_store=os.environ.get("ASTRA_TOKEN_STORE", "sqlite:///tokens.db"),
            idempotency_store=os.environ.get("ASTRA_IDEMPOTENCY_STORE", "sqlite:///payments.db"),
        ) as astra,
    ):
        if sandbox is not None:
            authorize_users(astra, sandbox, ["customer-1", "customer-2"])
            if not arguments.csv.exists():
                write_example(astra, arguments.csv)
        payouts, outcomes, screen = read(arguments.csv), {}, Console(stderr=True)
        for payout in track(payouts, "paying", console=screen, transient=True, disable=not screen.is_terminal):
            state, problem = outcomes[payout.payout_id] = pay(astra, payout)
            if problem:
                print(f"{payout.payout_id} ${payout.payment['amount']} {state}: {problem}", file=sys.stderr)
        states = report(astra, payouts, arguments.report, outcomes)
    print(f"{', '.join(f'{count} {state}' for state, count in states.items())}; details in {arguments.report}")
    if states["uncertain"] or states["changed"]:
        return 3
    return 0 if states["made"] == len(payouts) else 1


if __name__ == "__main__":
    sys.exit(main())
