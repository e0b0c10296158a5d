"""Walks through many transfers and says what it took: `python paging.py <url> <how many>`, in a process of its own."""

from __future__ import annotations

import json
import resource
import sys
import time
from decimal import Decimal
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:] = [entry for entry in sys.path if Path(entry or ".").resolve() != HERE]


def main() -> None:
    """Pages, adds up the money, checks the sum, prints what it took."""
    from astra import Astra
    from astra.tokens import TokenAnswer
    from scripts.bench.speed.answers import amount

    url, wanted = sys.argv[1], int(sys.argv[2])
    with Astra("id", "secret", base_url=url) as client:
        answer = TokenAnswer(access_token="token", expires_in=7200, refresh_token="refresh")
        client.tokens.store_answer("customer-42", answer, astra_user_id="usr_1")
        total, seen = Decimal(), 0
        before = time.process_time()
        for transfer in client.user("customer-42").transfers.list(page_size=100, limit=wanted):
            total += transfer.amount
            seen += 1
        cpu = time.process_time() - before
    expected = sum((Decimal(amount(number)) for number in range(wanted)), Decimal())
    if seen != wanted or total != expected:
        raise SystemExit(f"read {seen} transfers of {total} dollars, not {wanted} of {expected}")
    print(json.dumps({"cpu": cpu, "peak_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}))


if __name__ == "__main__":
    main()
