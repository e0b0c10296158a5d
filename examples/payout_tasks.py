"""The payouts of payout_batch.py over Celery, for more of them than one machine pays in time.

    pip install 'astra-finance[celery,sql,cli]'
    export ASTRA_TOKEN_STORE=postgresql://app@db/app ASTRA_IDEMPOTENCY_STORE=postgresql://app@db/app
    export BROKER_URL=redis://cache:6379/1                           # and ASTRA_CLIENT_ID, ASTRA_CLIENT_SECRET, ...
    celery -A payout_tasks worker -Q astra-payments --loglevel INFO  # on as many machines as you like
    celery -A payout_tasks beat                                      # once; it looks for payments of unknown outcome
    python payout_tasks.py send payouts.csv                          # as often as you like
    python payout_tasks.py report payouts.csv

Unlike the other examples it needs an Astra to talk to; `astra sandbox` serves one. Each row is paid once, also when a
message comes twice, a worker is killed, or the batch is sent again.

Exit status of `report`: 0 all is paid, 1 it is not.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from celery import Celery
from payout_batch import read, report

from astra import Astra
from astra.integrations.celery import install_payments

broker = os.environ.get("BROKER_URL")
if not broker:
    raise SystemExit("Set BROKER_URL, such as redis://cache:6379/1: over it the payouts go to the workers.")
app = Celery("payouts", broker=broker)
astra = Astra.from_env()
payments = install_payments(app, client=astra, rate_limit="10/s")


def main(command: str, path: Path) -> int:
    """Sends the batch to the workers, or tells what they have done."""
    payouts = read(path)
    if command == "send":
        for payout in payouts:
            payments.delay("create_routine", payout.user, payout.payment, idempotency_key=payout.payout_id)
        print(f"{len(payouts)} sent to the workers")
        return 0
    states = report(astra, payouts, Path("report.csv"), {})
    print(", ".join(f"{count} {state}" for state, count in states.items()))
    return 0 if states["made"] == len(payouts) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], Path(sys.argv[2])))
