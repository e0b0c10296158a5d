"""Plays random histories of a sandbox's money, and tells whether its books balance after every step.

    python -m scripts.bank_histories --count 2000

Each history mixes payments of every kind with their failures, returns, chargebacks, batches and moves of the clock; see
`tests/sandbox/money/bank.py`. One that goes wrong is made as short as can be and shown.
"""

from __future__ import annotations

import argparse
import time
import traceback
from collections import Counter
from typing import ClassVar

from hypothesis import HealthCheck, Verbosity, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.sandbox.money.bank import Bank


def main() -> int:
    """Plays, and returns 1 when a history went wrong."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=2000, help="histories")
    parser.add_argument("--steps", type=int, default=50, help="steps of a history, at most")
    parser.add_argument("--seed", type=int, default=int(time.time()), help="of the histories; printed at the end")
    options = parser.parse_args()

    class Counted(Bank):
        seen: ClassVar[Counter[str]] = Counter()

    many = settings(
        max_examples=options.count,
        stateful_step_count=options.steps,
        deadline=None,
        database=None,
        print_blob=False,
        verbosity=Verbosity.normal,
        suppress_health_check=list(HealthCheck),
    )
    started, wrong = time.monotonic(), 0
    try:
        run_state_machine_as_test(seed(options.seed)(Counted), settings=many)
    except Exception:  # noqa: BLE001  (whatever went wrong in a history is the finding)
        wrong = 1
        traceback.print_exc()
    seconds = time.monotonic() - started
    seen = Counted.seen
    print(f"{seen.pop('histories', 0)} histories in {seconds:.0f} s, {wrong} wrong, seed {options.seed}")
    for what, number in sorted(seen.items()):
        print(f"  {number:6} {what}")
    return wrong


if __name__ == "__main__":
    raise SystemExit(main())
